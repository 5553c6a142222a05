import { hasWildcard, quickMatch } from './matcher.ts';

/** A character that stands in no action pattern: what a wildcard can produce and no literal can match. */
const FRESH = '\u00a4';

/**
 * A string that `narrow` matches and none of `wide` does, or undefined when there is none: an exact answer over all
 * strings.
 *
 * Why a few strings are enough. (1) If `narrow` matches a string that no pattern of `wide` matches, replace each
 * character that a wildcard of `narrow` produced by FRESH: had a pattern of `wide` matched the new string, its
 * wildcards would have taken every FRESH, and would have taken the old characters as well. So strings whose runs are
 * FRESH only are enough. (2) A pattern reads a run of FRESH with `*` and `?` alone; each further FRESH moves it over
 * one more `?` at the most, so once a run is longer than all `?` of a pattern together, one more FRESH changes nothing.
 */
export function escapes(narrow: string, wide: readonly string[]): string | undefined {
  const longest = Math.max(0, ...wide.map((pattern) => pattern.split('?').length - 1)) + 2;
  for (const sample of samples(narrow, longest)) {
    if (!wide.some((pattern) => quickMatch(pattern, sample))) return sample;
  }
  return undefined;
}

/** Every string of `pattern` whose wildcards produce FRESH, runs up to `longest`. */
function* samples(pattern: string, longest: number): Generator<string> {
  if (!hasWildcard(pattern)) {
    yield pattern;
    return;
  }
  const at = pattern.search(/[*?]/);
  const head = pattern.slice(0, at);
  const runs = pattern.charAt(at) === '?' ? [1] : Array.from({ length: longest + 1 }, (_, n) => n);
  for (const run of runs) {
    for (const tail of samples(pattern.slice(at + 1), longest)) yield head + FRESH.repeat(run) + tail;
  }
}

/** Whether every string of `narrow` is one of `wide`'s. Both case-folded. */
export function isIncluded(narrow: string, wide: string): boolean {
  return escapes(narrow, [wide]) === undefined;
}
