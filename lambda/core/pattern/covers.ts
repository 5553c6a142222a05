import { isWildcard, literalPrefix, matchesPattern } from './matches.ts';

/**
 * Whether every string that `narrow` matches is matched by `wide`: an exact answer over all strings, not only over
 * catalogued actions. Both arguments are case-folded.
 *
 * `wide` is matched against the symbols of `narrow`. A star in `narrow` can match nothing, or a long text of a letter
 * that `wide` lacks; so only a star in `wide` matches it, and it never fills a question mark. A question mark in
 * `narrow` is a letter that `wide` lacks. So the first match of each run of `wide` is the best, as in plain text.
 * Time O(|wide| × |narrow|).
 */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*') return true;
  if (!isWildcard(narrow)) return matchesPattern(wide, narrow);
  const prefix = literalPrefix(wide);
  if (!narrow.startsWith(prefix)) return false;
  // `Get*` ⊇ `GetObject*`, by far the most common case, is answered at once.
  if (wide.length === prefix.length + 1 && wide.endsWith('*')) return true;
  return coversRuns(wide, narrow);
}

/** The stars of a pattern, and the runs of letters and question marks between them. */
const PARTS = /\?*\*[*?]*|(?:[^*?]|\?+(?![*?]))+/g;

function coversRuns(wide: string, narrow: string): boolean {
  const parts = wide.match(PARTS) ?? [];
  let at: number | undefined = 0;
  let isOpen = false;
  for (const [index, part] of parts.entries()) {
    if (part.includes('*')) {
      at = afterLetters(narrow, at, part.split('?').length - 1);
      isOpen = true;
    } else {
      // After the last star, the run has to reach the end.
      const first: number =
        isOpen && index === parts.length - 1 ? Math.max(at, narrow.length - part.length) : at;
      at = isOpen ? afterRun(narrow, first, part) : fits(narrow, at, part) ? at + part.length : undefined;
      isOpen = false;
    }
    if (at === undefined) return false;
  }
  return isOpen || at === narrow.length;
}

/** The first place after `count` symbols other than stars; undefined if there are fewer. */
function afterLetters(narrow: string, from: number, count: number): number | undefined {
  let at = from;
  for (let left = count; left > 0; at += 1) {
    if (at >= narrow.length) return undefined;
    if (narrow[at] !== '*') left -= 1;
  }
  return at;
}

/** The end of the first run that fits at `from` or later. */
function afterRun(narrow: string, from: number, run: string): number | undefined {
  for (let at = from; at + run.length <= narrow.length; at += 1) {
    if (fits(narrow, at, run)) return at + run.length;
  }
  return undefined;
}

function fits(narrow: string, at: number, run: string): boolean {
  if (at + run.length > narrow.length) return false;
  for (let i = 0; i < run.length; i += 1) {
    const symbol = narrow[at + i];
    if (symbol === '*' || (run[i] !== '?' && run[i] !== symbol)) return false;
  }
  return true;
}
