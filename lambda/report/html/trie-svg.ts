import { counted } from '../text/format.ts';
import { html, joinHtml, type Html } from './html.ts';
import type { SplitTrie, TrieNode } from './trie-model.ts';

/** How deep to draw: `folded` stops at a prefix whose actions share one decision; `whole` shows every action. */
type Depth = 'folded' | 'whole';

/** One node of the drawing, or a line for nodes that were left out. */
interface Row {
  readonly depth: number;
  /** Row of the parent; -1 for the root. */
  readonly parent: number;
  readonly label: string;
  readonly note: string;
  readonly looks: 'unsafe' | 'gone' | 'safe' | 'retained' | 'more';
  readonly isChosen: boolean;
}

/** Rows that a drawing may have before branches are left out and counted. */
const MOST_ROWS = 90;
/** With more rows, neighbouring prefixes that are wholly removed are drawn as one row. */
const MANY_ROWS = 40;
const ROW = 26;
const PILL = 20;
/** Width of one character of the drawing's 12 px fixed-width type, with room for the widest such face. */
const CHAR = 7.3;
const NOTE_CHAR = 6.6;
const STEP = 36;
const EDGE = 2;

/**
 * The trie under a wildcard as inline SVG: a row for each node, children to the right of their parent. Unsafe prefixes are
 * orange, safe ones green. Chosen patterns are outlined and end with their star, and removed actions are struck through, so
 * that colour is never the only sign.
 */
export function trieSvg(trie: SplitTrie, depth: Depth, id: string): Html {
  const rows = rowsOf(trie, depth);
  const width = Math.ceil(Math.max(...rows.map((row) => endOf(row))) + 8);
  const height = rows.length * ROW + 6;
  const { removed, kept } = trie.root;
  const summary = `${trie.pattern}: ${counted(removed, 'action')} removed, ${counted(kept, 'action')} kept by ${counted(trie.to.length, 'pattern')}.`;
  return html`<svg
    class="trie"
    role="img"
    aria-labelledby="${id}-t"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
  >
    <title id="${id}-t">${summary}</title>
    ${joinHtml(links(rows))}${joinHtml(rows.map((row, i) => pill(row, i)))}
  </svg>`;
}

function rowsOf(trie: SplitTrie, depth: Depth): readonly Row[] {
  const each = layOut(trie, depth, false);
  return depth === 'folded' && each.length > MANY_ROWS ? layOut(trie, depth, true) : each;
}

/** @param mergesRuns neighbours that are wholly removed share one row, so that the others are found in a large drawing */
function layOut(trie: SplitTrie, depth: Depth, mergesRuns: boolean): readonly Row[] {
  const rows: Row[] = [];
  let left = 0;
  const visit = (node: TrieNode, parent: number, level: number): void => {
    if (rows.length >= MOST_ROWS) {
      left += 1;
      return;
    }
    const isLeaf = depth === 'folded' ? isOneDecision(node) : node.children.length === 0;
    const at = rows.length;
    rows.push(rowOf(node, parent, level, isLeaf));
    if (isLeaf) return;
    if (node.action) rows.push(ownRow(node, at, level + 1));
    for (const run of mergesRuns ? runsOfRemoved(node.children) : node.children.map((child) => [child])) {
      const [first] = run;
      if (run.length > 1) rows.push(runRow(run, at, level + 1));
      else if (first) visit(first, at, level + 1);
    }
  };
  visit(trie.root, -1, 0);
  if (left > 0) {
    const note = `${counted(left, 'branch', 'branches')} more, all of them in the list below`;
    rows.push({ depth: 1, parent: 0, label: '…', note, looks: 'more', isChosen: false });
  }
  return rows;
}

/** Neighbours of which everything goes, in runs of three and more; every other node alone. */
function runsOfRemoved(nodes: readonly TrieNode[]): readonly (readonly TrieNode[])[] {
  const runs: TrieNode[][] = [];
  for (const node of nodes) {
    const last = runs.at(-1);
    if (node.kept === 0 && last?.[0]?.kept === 0) last.push(node);
    else runs.push([node]);
  }
  return runs.flatMap((run) => (run.length > 2 ? [run] : run.map((node) => [node])));
}

function runRow(run: readonly TrieNode[], parent: number, depth: number): Row {
  const removed = run.reduce((sum, node) => sum + node.removed, 0);
  const label = `${run[0]?.label ?? ''} … ${run.at(-1)?.label ?? ''}`;
  const note = `${String(run.length)} prefixes, ${String(removed)} removed`;
  return { depth, parent, label, note, looks: 'gone', isChosen: false };
}

/** True if all actions below have the same decision: all are removed, or one chosen pattern grants all. */
function isOneDecision(node: TrieNode): boolean {
  if (node.children.length === 0) return true;
  return node.kept === 0 || (node.removed === 0 && node.chosen !== undefined);
}

function rowOf(node: TrieNode, parent: number, depth: number, isLeaf: boolean): Row {
  const isRoot = parent < 0;
  const isWildcard = node.chosen !== undefined && /[*?]/.test(node.chosen);
  const tail = isWildcard ? afterPrefix(node.chosen ?? '') : isRoot || node.children.length > 0 ? '*' : '';
  const size = node.removed + node.kept;
  const retained = node.action?.decision === 'retained' && node.children.length === 0;
  return {
    depth,
    parent,
    label: `${node.label}${tail}`,
    note: isLeaf && !isRoot ? leafNote(node, size, retained) : mixedNote(node),
    looks: retained ? 'retained' : node.kept === 0 ? 'gone' : node.isSafe ? 'safe' : 'unsafe',
    isChosen: node.chosen !== undefined,
  };
}

/** The wildcard and the text after it; several patterns with the same prefix are shown as one. */
function afterPrefix(pattern: string): string {
  return pattern.includes(', ') ? '*…' : pattern.slice(pattern.search(/[*?]/));
}

function leafNote(node: TrieNode, size: number, retained: boolean): string {
  if (retained) return 'unused, kept on purpose';
  if (node.kept === 0) return size === 1 ? 'removed' : `${String(size)} removed`;
  return size === 1 ? 'kept' : `${String(size)} kept`;
}

function mixedNote(node: TrieNode): string {
  if (node.removed === 0) return `${String(node.kept)} kept`;
  return `${String(node.removed)} removed, ${String(node.kept)} kept`;
}

/** An action that ends at an inner node gets its own row below it. */
function ownRow(node: TrieNode, parent: number, depth: number): Row {
  const decision = node.action?.decision;
  const chosen = node.action?.grantedBy;
  return {
    depth,
    parent,
    label: node.action?.name ?? '',
    note: decision === 'removed' ? 'removed' : decision === 'retained' ? 'unused, kept on purpose' : 'kept',
    looks: decision === 'removed' ? 'gone' : decision === 'retained' ? 'retained' : 'safe',
    isChosen: chosen !== undefined && !/[*?]/.test(chosen),
  };
}

/** Each level is indented by a constant step, so that long names do not move their children off a small screen. */
function startOf(row: Row): number {
  return EDGE + row.depth * STEP;
}

function pillWidth(row: Row): number {
  return Math.ceil(row.label.length * CHAR) + 14;
}

function endOf(row: Row): number {
  return startOf(row) + pillWidth(row) + 8 + row.note.length * NOTE_CHAR;
}

function middle(row: number): number {
  return 3 + row * ROW + ROW / 2;
}

function links(rows: readonly Row[]): readonly Html[] {
  return rows.flatMap((row, i) => {
    const parent = rows[row.parent];
    if (!parent) return [];
    const x1 = startOf(parent) + 16;
    const y1 = middle(row.parent) + PILL / 2;
    const x2 = startOf(row);
    const y2 = middle(i);
    return [html`<path class="l" d="M${x1} ${y1}V${y2 - 8}q0 8 8 8H${x2}" />`];
  });
}

function pill(row: Row, at: number): Html {
  const x = startOf(row);
  const y = middle(at);
  const width = pillWidth(row);
  const look = `${row.looks}${row.isChosen ? ' chosen' : ''}`;
  return html`<g class="${look}"
    ><rect x="${x}" y="${y - PILL / 2}" width="${width}" height="${PILL}" rx="5" /><text
      x="${x + 7}"
      y="${y + 4}"
      >${row.label}</text
    ><text class="n" x="${x + width + 8}" y="${y + 4}">${row.note}</text></g
  >`;
}
