import { diffArrays } from 'diff';

/** One line of a comparison. Line numbers count from 1; each side keeps its own text. */
export type DiffLine =
  | { readonly kind: 'same'; readonly old: number; readonly new: number; readonly text: string }
  | { readonly kind: 'removed'; readonly old: number; readonly text: string }
  | { readonly kind: 'added'; readonly new: number; readonly text: string };

/** Changed lines with their context, after `skipped` unchanged lines. */
export interface DiffHunk {
  readonly skipped: number;
  readonly lines: readonly DiffLine[];
}

export interface LineDiff {
  readonly hunks: readonly DiffHunk[];
  /** Unchanged lines after the last hunk. */
  readonly skippedAtEnd: number;
}

/** Unchanged lines that are shown around a change. */
const CONTEXT = 3;
/** Two texts of up to so many lines together are shown whole. */
const WHOLE = 240;
/** With more edits, the search for the shortest difference stops: all old lines are removed and all new ones added. */
const MOST_EDITS = 4000;

/**
 * Compares two JSON texts line by line. Lines that differ only in the comma at their end count as the same, because the
 * comma depends on the next line and would mark lines in which nothing changed.
 */
export function diffLinesOf(before: string, after: string): LineDiff {
  const oldLines = before.split('\n');
  const newLines = after.split('\n');
  const isShort = oldLines.length + newLines.length <= WHOLE;
  return intoHunks(compare(oldLines, newLines), isShort ? WHOLE : CONTEXT);
}

function compare(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  const parts = diffArrays([...before], [...after], {
    comparator: (a, b) => withoutComma(a) === withoutComma(b),
    maxEditLength: MOST_EDITS,
  });
  if (!parts) {
    return [
      ...before.map((text, i) => ({ kind: 'removed' as const, old: i + 1, text })),
      ...after.map((text, i) => ({ kind: 'added' as const, new: i + 1, text })),
    ];
  }
  const lines: DiffLine[] = [];
  let oldLine = 0;
  let newLine = 0;
  for (const part of parts) {
    for (let i = 0; i < part.count; i += 1) {
      if (part.removed) {
        lines.push({ kind: 'removed', old: oldLine + 1, text: before[oldLine] ?? '' });
        oldLine += 1;
      } else if (part.added) {
        lines.push({ kind: 'added', new: newLine + 1, text: after[newLine] ?? '' });
        newLine += 1;
      } else {
        lines.push({ kind: 'same', old: oldLine + 1, new: newLine + 1, text: after[newLine] ?? '' });
        oldLine += 1;
        newLine += 1;
      }
    }
  }
  return lines;
}

function withoutComma(line: string): string {
  return line.endsWith(',') ? line.slice(0, -1) : line;
}

function intoHunks(lines: readonly DiffLine[], context: number): LineDiff {
  const near = new Uint8Array(lines.length);
  for (const [i, line] of lines.entries()) {
    if (line.kind !== 'same') near.fill(1, Math.max(0, i - context), i + context + 1);
  }
  const hunks: { skipped: number; lines: DiffLine[] }[] = [];
  let skipped = 0;
  let isOpen = false;
  for (const [i, line] of lines.entries()) {
    if (near[i] !== 1) {
      skipped += 1;
      isOpen = false;
      continue;
    }
    if (!isOpen) hunks.push({ skipped, lines: [] });
    hunks.at(-1)?.lines.push(line);
    skipped = 0;
    isOpen = true;
  }
  return { hunks, skippedAtEnd: skipped };
}
