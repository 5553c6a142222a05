/** A wildcard pattern, split into the runs between its stars; one run if it has no star. */
export interface Runs {
  readonly between: readonly string[];
  /** For a pattern of these letters and one star, as most are; otherwise undefined. */
  readonly prefix: string | undefined;
  /** The letters before the first wildcard. */
  readonly head: string;
  /** A bit for each letter: a pattern that contains another has no letter that the other lacks. */
  readonly letters: number;
}

/** Splits a case-folded pattern, once for the many texts that it is compared with. */
export function runsOf(pattern: string): Runs {
  const star = pattern.indexOf('*');
  if (star === pattern.length - 1 && star >= 0 && !pattern.includes('?')) {
    const prefix = pattern.slice(0, star);
    return { between: [prefix, ''], prefix, head: prefix, letters: lettersOf(prefix) };
  }
  const head = /^[^*?]*/.exec(pattern)?.[0] ?? '';
  return { between: pattern.split('*'), prefix: undefined, head, letters: lettersOf(pattern) };
}

const lettersByList = new WeakMap<readonly string[], Int32Array>();

/** The letters of each text: a pattern does not match a text that lacks one of its letters. */
export function lettersOfEach(texts: readonly string[]): Int32Array {
  let letters = lettersByList.get(texts);
  if (!letters) lettersByList.set(texts, (letters = Int32Array.from(texts, lettersOf)));
  return letters;
}

/** Several letters may share a bit; the test is then less selective, but never wrong. */
function lettersOf(pattern: string): number {
  let letters = 0;
  for (let i = 0; i < pattern.length; i += 1) {
    const symbol = pattern[i];
    if (symbol !== '*' && symbol !== '?') letters |= 1 << (pattern.charCodeAt(i) & 31);
  }
  return letters;
}

/**
 * The verifier's own matching of wildcard patterns, deliberately by another method than the engine's: it searches for
 * the runs between the stars from left to right. The text is case-folded too.
 */
export function doesMatch({ between, prefix }: Runs, text: string): boolean {
  if (prefix !== undefined) {
    // The first letter decides most cases.
    return prefix === '' || (text.charCodeAt(0) === prefix.charCodeAt(0) && text.startsWith(prefix));
  }
  const first = between[0] ?? '';
  if (!runFits(first, text, 0)) return false;
  if (between.length === 1) return first.length === text.length;
  const last = between[between.length - 1] ?? '';
  const end = text.length - last.length;
  if (end < first.length || !runFits(last, text, end)) return false;
  let at = first.length;
  for (let i = 1; i < between.length - 1; i += 1) {
    const run = between[i] ?? '';
    while (at + run.length <= end && !runFits(run, text, at)) at += 1;
    if (at + run.length > end) return false;
    at += run.length;
  }
  return true;
}

function runFits(run: string, text: string, at: number): boolean {
  if (!run.includes('?')) return text.startsWith(run, at);
  if (at + run.length > text.length) return false;
  for (let i = 0; i < run.length; i += 1) {
    if (run[i] !== '?' && run[i] !== text[at + i]) return false;
  }
  return true;
}

/**
 * Whether every text that `narrow` matches is matched by `wide`.
 *
 * `narrow` is read as a sequence of symbols. Its stars can match any text, such as a long one of a letter that `wide`
 * lacks, so only a star in `wide` can match them. A group of adjacent wildcards in `wide` with k question marks
 * matches, without a star, exactly k symbols and no star; with a star, any sequence with at least k symbols other than
 * stars. All other symbols must be the same letter. One pass over the sequence for each symbol of `wide`.
 */
export function isContained(narrow: string, wide: string): boolean {
  /** 1 at each position up to which the part of `wide` read so far can match the sequence. */
  let ends = new Uint8Array(narrow.length + 1);
  ends[0] = 1;
  for (const group of wide.match(/[*?]+|[^*?]/g) ?? []) {
    if (group.includes('*')) ends = endsOfOpen(narrow, ends, group.split('?').length - 1);
    else for (const symbol of group) ends = endsOfOne(narrow, ends, symbol);
  }
  return ends[narrow.length] === 1;
}

function endsOfOne(narrow: string, before: Uint8Array, symbol: string): Uint8Array<ArrayBuffer> {
  const ends = new Uint8Array(before.length);
  for (let at = 0; at < narrow.length; at += 1) {
    const isTaken = symbol === '?' ? narrow[at] !== '*' : narrow[at] === symbol;
    if (before[at] === 1 && isTaken) ends[at + 1] = 1;
  }
  return ends;
}

function endsOfOpen(narrow: string, before: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const ends = new Uint8Array(before.length);
  let end = before.indexOf(1);
  for (let left = least; left > 0 && end >= 0; end += 1) {
    if (end >= narrow.length) return ends;
    if (narrow[end] !== '*') left -= 1;
  }
  return end < 0 ? ends : ends.fill(1, end);
}
