import { byCodeUnit } from '../../model/order.ts';
import type { Member } from './absent-words.ts';

/** The prefix of a pattern before its first star; it may be empty. */
export interface FixedSubstring {
  /** Characters of the prefix. */
  readonly length: number;
  /** Every name with this prefix, and the index after it. */
  readonly members: readonly Member[];
}

/** The empty prefix, for `*t*`. */
export function openSubstring(names: readonly string[]): FixedSubstring {
  return { length: 0, members: names.map((_, name) => ({ name, from: 0 })) };
}

/**
 * For each set of names that share a prefix: the shortest prefix that they share and no other name has. Only sets with
 * a forbidden name and at least three needed ones count. `names` are case-folded, the needed ones first.
 */
export function fixedPrefixes(names: readonly string[], neededCount: number): readonly FixedSubstring[] {
  const order = names.map((_, name) => name).sort((a, b) => byCodeUnit(names[a] ?? '', names[b] ?? ''));
  const found: FixedSubstring[] = [];
  collect(order, names, neededCount, 0, found);
  return found;
}

function collect(
  sorted: readonly number[],
  names: readonly string[],
  neededCount: number,
  shared: number,
  found: FixedSubstring[],
): void {
  let at = 0;
  while (at < sorted.length) {
    const letter = letterAt(names, sorted[at], shared);
    let end = at + 1;
    while (end < sorted.length && letterAt(names, sorted[end], shared) === letter) end += 1;
    const group = sorted.slice(at, end);
    at = end;
    if (letter === '' || !isWorthIt(group, neededCount)) continue;
    const length = shared + 1;
    found.push({ length, members: group.map((name) => ({ name, from: length })) });
    collect(group, names, neededCount, sharedLength(names, group, length), found);
  }
}

function letterAt(names: readonly string[], name: number | undefined, at: number): string {
  return names[name ?? 0]?.charAt(at) ?? '';
}

function sharedLength(names: readonly string[], sorted: readonly number[], from: number): number {
  const first = names[sorted[0] ?? 0] ?? '';
  const last = names[sorted[sorted.length - 1] ?? 0] ?? '';
  let length = from;
  while (length < first.length && length < last.length && first.charAt(length) === last.charAt(length))
    length += 1;
  return length;
}

function isWorthIt(group: readonly number[], neededCount: number): boolean {
  let needed = 0;
  for (const name of group) if (name < neededCount) needed += 1;
  return needed > 2 && needed < group.length;
}
