import type { CatalogueService } from '../catalogue/catalogue.ts';
import { firstAtOrAfter } from '../catalogue/lookup.ts';
import { byCodeUnit } from '../model/order.ts';
import { covers } from '../pattern/covers.ts';
import { literalPrefix, matchesPattern } from '../pattern/matches.ts';
import type { Generalize } from '../proposal/schema.ts';
import { wordEnds } from './words.ts';

/** One pattern that takes part of a wildcard's place, in the catalogue's spelling and without the service prefix. */
export interface SplitPart {
  readonly text: string;
  /** Positions of the kept actions that it covers. */
  readonly covers: readonly number[];
}

export interface SplitRequest {
  readonly service: CatalogueService;
  /** The wildcard without the service prefix: case-folded, and as the author wrote it. */
  readonly pattern: string;
  readonly written: string;
  /** Positions of the actions that must stay, ascending; not empty. */
  readonly kept: readonly number[];
  /** Positions of the matched actions that must go, ascending; not empty. */
  readonly doomed: readonly number[];
  readonly generalize: Generalize;
}

/**
 * Replaces a wildcard by patterns that match every kept action and no doomed one.
 *
 * The trie's nodes are the prefixes of the kept names that end at a word boundary, below the wildcard's literal
 * prefix. A node is safe when no doomed action matches the pattern it stands for (node, star, rest of the wildcard).
 * Each kept action takes its shortest safe node; the parent of that node is unsafe by construction.
 *
 * Safety is judged by strings and not by the tree: `DescribeVpc` is a node above `DescribeVpcAttribute`, and a
 * doomed `DescribeVpcs`, which hangs under another node, still makes it unsafe.
 *
 * Guarantees: every kept action is matched, no doomed one is, each part is contained in the wildcard, no part
 * contains another, the order is by code unit. Not guaranteed: the smallest number of parts (a shorter cover may
 * exist across words; finding that is the business of fitting). Time O(names × words × log names).
 */
export function splitWildcard(request: SplitRequest): readonly SplitPart[] {
  const parts =
    request.generalize === 'enumerate'
      ? request.kept.map((action) => literalPart(request.service, action))
      : splitByPrefixes(request);
  return [...parts].sort((a, b) => byCodeUnit(a.text, b.text));
}

function splitByPrefixes(request: SplitRequest): readonly SplitPart[] {
  const { service, kept } = request;
  const shape = new WildcardShape(request);
  const nodes = new Set<string>();
  const loners: number[] = [];
  for (const action of kept) {
    const node = shape.shortestSafeNode(action);
    if (node === undefined) loners.push(action);
    else nodes.add(node);
  }
  const chosen = withoutExtensions(nodes);
  const parts: SplitPart[] = [];
  for (const node of chosen) {
    const covered = shape.keptUnder(node);
    const [only] = covered;
    if (covered.length === 1 && only !== undefined) {
      parts.push(literalPart(service, only));
      continue;
    }
    const final = request.generalize === 'least' ? shape.longestSharedNode(node, covered) : node;
    const [spelling] = covered;
    const spelled = service.actions[spelling ?? 0]?.slice(0, final.length) ?? final;
    parts.push({ text: `${spelled}*${shape.tailAsWritten}`, covers: covered });
  }
  for (const action of loners) {
    const name = service.folded[action] ?? '';
    if (!chosen.some((node) => matchesPattern(shape.patternOf(node), name))) {
      parts.push(literalPart(service, action));
    }
  }
  return parts;
}

function literalPart(service: CatalogueService, action: number): SplitPart {
  return { text: service.actions[action] ?? '', covers: [action] };
}

/** Drops every node that begins with another one: the other's pattern contains its own. */
function withoutExtensions(nodes: ReadonlySet<string>): readonly string[] {
  const result: string[] = [];
  for (const node of [...nodes].sort(byCodeUnit)) {
    const last = result.at(-1);
    if (last === undefined || !node.startsWith(last)) result.push(node);
  }
  return result;
}

/** A wildcard taken apart at its first star, and the trie's questions about it. */
class WildcardShape {
  readonly tailAsWritten: string;
  readonly #tail: string;
  readonly #request: SplitRequest;
  readonly #rootLength: number;
  readonly #hasStar: boolean;
  /** Patterns `prefix*` need neither the tail nor containment looked at. */
  readonly #isPlain: boolean;
  readonly #questionFirst: boolean;
  readonly #doomedNames: readonly string[];
  readonly #keptNames: readonly string[];
  readonly #safe = new Map<string, boolean>();

  constructor(request: SplitRequest) {
    const { pattern, service } = request;
    const star = pattern.indexOf('*');
    const question = pattern.indexOf('?');
    this.#request = request;
    this.#rootLength = literalPrefix(pattern).length;
    this.#hasStar = star >= 0;
    this.#questionFirst = question >= 0 && question < star;
    this.#tail = star < 0 ? '' : pattern.slice(star + 1).replace(/^\*+/, '');
    this.tailAsWritten = request.written.slice(request.written.length - this.#tail.length);
    this.#isPlain = this.#hasStar && this.#tail === '' && !this.#questionFirst;
    this.#doomedNames = request.doomed.map((action) => service.folded[action] ?? '');
    this.#keptNames = request.kept.map((action) => service.folded[action] ?? '');
  }

  patternOf(node: string): string {
    return `${node}*${this.#tail}`;
  }

  shortestSafeNode(action: number): string | undefined {
    if (!this.#hasStar) return undefined;
    const { service } = this.#request;
    const name = service.folded[action] ?? '';
    for (const end of wordEndsOf(service, action)) {
      if (end <= this.#rootLength) continue;
      const node = name.slice(0, end);
      if (!this.#isPlain && !matchesPattern(this.patternOf(node), name)) return undefined;
      if (this.#isSafe(node)) return node;
    }
    return undefined;
  }

  keptUnder(node: string): readonly number[] {
    const pattern = this.patternOf(node);
    const covered: number[] = [];
    for (let i = firstAtOrAfter(this.#keptNames, node); i < this.#keptNames.length; i += 1) {
      const name = this.#keptNames[i] ?? '';
      if (!name.startsWith(node)) break;
      const action = this.#request.kept[i];
      if (action !== undefined && (this.#isPlain || matchesPattern(pattern, name))) covered.push(action);
    }
    return covered;
  }

  /** The longest word prefix that all of `covered` share, at least as long as `node`, that still covers them. */
  longestSharedNode(node: string, covered: readonly number[]): string {
    const { service } = this.#request;
    let longest = node;
    const [first, ...others] = covered;
    if (first === undefined) return node;
    for (const end of wordEndsOf(service, first)) {
      if (end <= node.length) continue;
      const candidate = (service.folded[first] ?? '').slice(0, end);
      const isShared = others.every(
        (action) =>
          (service.folded[action] ?? '').startsWith(candidate) && wordEndsOf(service, action).includes(end),
      );
      if (!isShared) break;
      const pattern = this.patternOf(candidate);
      if (!this.#isPlain && !covered.every((a) => matchesPattern(pattern, service.folded[a] ?? ''))) break;
      longest = candidate;
    }
    return longest;
  }

  #isSafe(node: string): boolean {
    let safe = this.#safe.get(node);
    if (safe === undefined) {
      safe = this.#judge(node);
      this.#safe.set(node, safe);
    }
    return safe;
  }

  #judge(node: string): boolean {
    const pattern = this.patternOf(node);
    // With a `?` before the star a node may reach further than the wildcard did.
    if (this.#questionFirst && !covers(this.#request.pattern, pattern)) return false;
    for (let i = firstAtOrAfter(this.#doomedNames, node); i < this.#doomedNames.length; i += 1) {
      const name = this.#doomedNames[i] ?? '';
      if (!name.startsWith(node)) break;
      if (this.#isPlain || matchesPattern(pattern, name)) return false;
    }
    return true;
  }
}

const wordEndsByService = new WeakMap<CatalogueService, (readonly number[])[]>();

/** Word ends of one action, remembered as long as the service is: every split of a run asks for the same names. */
function wordEndsOf(service: CatalogueService, action: number): readonly number[] {
  let known = wordEndsByService.get(service);
  if (!known) {
    known = [];
    wordEndsByService.set(service, known);
  }
  const before = known[action];
  if (before) return before;
  const ends = wordEnds(service.actions[action] ?? '');
  known[action] = ends;
  return ends;
}
