import { byCodeUnit } from '../model/order.ts';
import { foldCase } from '../pattern/fold.ts';
import { wordEnds } from '../trie/words.ts';
import type { Member } from './absent-words.ts';
import { type Grain, snapEnd } from './grain.ts';

/** The beginning of a pattern that some forbidden name shares: `''` (nothing), `p` (a prefix) or `*w` (a word). */
export interface Anchor {
  /** Every name that the beginning matches, and where what it matches ends, as early as possible. */
  readonly members: readonly Member[];
  /** The beginning in the spelling of a needed name that it matches, cut as `grain` asks, and where in the name it ends. */
  before(name: string, grain: Grain): { readonly text: string; readonly end: number };
}

/** Nothing before the run: `*t*`. */
export function openAnchor(names: readonly string[]): Anchor {
  return { members: names.map((_, name) => ({ name, from: 0 })), before: () => ({ text: '', end: 0 }) };
}

/**
 * Prefixes: of each set of names that share one, the shortest that they share and no other name has, where the set
 * holds a forbidden name and at least two needed ones. `names` are case-folded, the needed ones first.
 */
export function* prefixAnchors(names: readonly string[], neededCount: number): Generator<Anchor> {
  const order = names.map((_, name) => name).sort((a, b) => byCodeUnit(names[a] ?? '', names[b] ?? ''));
  yield* anchorsBelow(order, names, neededCount, 0);
}

function* anchorsBelow(
  sorted: readonly number[],
  names: readonly string[],
  neededCount: number,
  shared: number,
): Generator<Anchor> {
  let at = 0;
  while (at < sorted.length) {
    const letter = letterAt(names, sorted[at], shared);
    let end = at + 1;
    while (end < sorted.length && letterAt(names, sorted[end], shared) === letter) end += 1;
    const group = sorted.slice(at, end);
    at = end;
    if (letter === '' || !isWorthIt(group, neededCount)) continue;
    const depth = shared + 1;
    yield {
      members: group.map((name) => ({ name, from: depth })),
      before: (name, grain) => {
        const end = snapEnd(name, depth, grain);
        return { text: name.slice(0, end), end };
      },
    };
    yield* anchorsBelow(group, names, neededCount, sharedLength(names, group, depth));
  }
}

function letterAt(names: readonly string[], name: number | undefined, at: number): string {
  return names[name ?? 0]?.charAt(at) ?? '';
}

function sharedLength(names: readonly string[], sorted: readonly number[], from: number): number {
  const first = names[sorted[0] ?? 0] ?? '';
  const last = names[sorted[sorted.length - 1] ?? 0] ?? '';
  let length = from;
  while (length < first.length && length < last.length && first.charAt(length) === last.charAt(length)) length += 1;
  return length;
}

function isWorthIt(group: readonly number[], neededCount: number): boolean {
  let needed = 0;
  for (const name of group) if (name < neededCount) needed += 1;
  return needed > 1 && needed < group.length;
}

/**
 * Words that occur in two needed names or more and in a forbidden one: `*w`. `needed` spells the needed names, which
 * come first among the case-folded `names`.
 */
export function* wordAnchors(needed: readonly string[], names: readonly string[]): Generator<Anchor> {
  const words = new Map<string, number>();
  for (const name of needed) {
    const distinct = new Set<string>();
    let start = 0;
    for (const end of wordEnds(name)) {
      distinct.add(foldCase(name.slice(start, end)));
      start = end;
    }
    for (const word of distinct) words.set(word, (words.get(word) ?? 0) + 1);
  }
  for (const [word, count] of words) {
    if (count < 2) continue;
    const members: Member[] = [];
    for (const [index, name] of names.entries()) {
      const at = name.indexOf(word);
      if (at >= 0) members.push({ name: index, from: at + word.length });
    }
    if (members.every(({ name }) => name < needed.length)) continue;
    yield {
      members,
      before: (name) => {
        const at = foldCase(name).indexOf(word);
        return { text: `*${name.slice(at, at + word.length)}`, end: at + word.length };
      },
    };
  }
}
