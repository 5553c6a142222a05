import { isWildcard, literalPrefix, matchesPattern } from './matches.ts';

/**
 * Whether every string that `narrow` matches is matched by `wide`: an exact answer over all strings, not only over
 * catalogued actions. Both arguments are case-folded.
 *
 * `narrow` is read as a sentence whose letters are characters, "any one character" and "any run". The set of places
 * in `wide` that a prefix of it can reach is followed letter by letter; a run is followed until the set no longer
 * changes. A character that neither pattern names stands for all such characters.
 * Time O(|narrow| × |wide| × distinct characters) for patterns with a few stars.
 */
export function covers(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '*') return true;
  if (!isWildcard(narrow)) return matchesPattern(wide, narrow);
  // The commonest question by far, `Get*` ⊇ `GetObject*`, needs no search.
  const prefix = literalPrefix(wide);
  if (wide === `${prefix}*`) return literalPrefix(narrow).startsWith(prefix);
  if (!literalPrefix(narrow).startsWith(prefix) && !prefix.startsWith(literalPrefix(narrow))) return false;
  return searchCovers(wide, narrow);
}

function searchCovers(wide: string, narrow: string): boolean {
  const alphabet = [...new Set([...wide, ...narrow].filter((c) => c !== '*' && c !== '?')), OTHER];
  const seen = new Set<string>();
  const queue: { at: number; places: readonly number[] }[] = [{ at: 0, places: closure(wide, [0]) }];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const key = `${String(next.at)}|${next.places.join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const { at, places } = next;
    if (at === narrow.length) {
      if (!places.includes(wide.length)) return false;
      continue;
    }
    const letter = narrow.charAt(at);
    if (letter === '*') {
      queue.push({ at: at + 1, places });
      for (const c of alphabet) queue.push({ at, places: step(wide, places, c) });
    } else {
      for (const c of letter === '?' ? alphabet : [letter]) {
        queue.push({ at: at + 1, places: step(wide, places, c) });
      }
    }
  }
  return true;
}

/** A letter that stands for every character that neither pattern names. */
const OTHER = '\u{10FFFF}';

function step(wide: string, places: readonly number[], letter: string): readonly number[] {
  const reached = new Set<number>();
  for (const place of places) {
    const expected = wide.charAt(place);
    if (expected === '*') reached.add(place);
    else if (place < wide.length && (expected === '?' || expected === letter)) reached.add(place + 1);
  }
  return closure(wide, [...reached]);
}

function closure(wide: string, places: readonly number[]): readonly number[] {
  const reached = new Set<number>();
  for (let place of places) {
    reached.add(place);
    while (wide.charAt(place) === '*') {
      place += 1;
      reached.add(place);
    }
  }
  return [...reached].sort((a, b) => a - b);
}
