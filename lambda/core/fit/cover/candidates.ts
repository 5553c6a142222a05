import { foldCase, matchesPattern, sharedPrefixLength } from '../../pattern/matches.ts';
import { covers } from '../../pattern/covers.ts';
import { wordEnds } from '../../refine/words.ts';
import { type FixedSubstring, openSubstring, fixedPrefixes } from './fixed-substrings.ts';
import { SuffixTable } from './absent-words.ts';
import { NamesByPairs } from './names-by-pairs.ts';
import {
  type Candidate,
  type CoverProblem,
  type NameInSkeleton,
  nameInSkeleton,
  skeletonOf,
  middleOf,
} from './cover-problem.ts';

/**
 * Where a new pattern may cut a name: at any character, or only between words, which reads better and is less likely
 * to match something unrelated that AWS adds later. In both, a plain prefix may end at any character.
 */
type Grain = 'word' | 'character';

/**
 * The exact patterns to choose from, with stars anywhere: each needed name itself; `p*`, `*s`, `p*s` and `*t*`; and, if
 * cut at any character, `p*t*` and `*t*s` for the prefixes and suffixes that matter.
 *
 * Of every family only the shortest exact patterns are made (a longer one matches less and costs more), lengthened to
 * whole words if `grain` is `word`. Not tried: question marks, and several inner runs (`*t*u*`, which saved less than
 * 2 % and took half of the time when measured).
 */
export function candidatesFor(problem: CoverProblem, grain: Grain): readonly Candidate[] {
  const found = new Candidates();
  for (const name of problem.needed) found.add(name);
  for (const pattern of problem.enclosing) {
    const skeleton = skeletonOf(pattern);
    if (!skeleton) {
      addPrefixesWithin(pattern, problem, found);
      continue;
    }
    const inSkeleton: InSkeleton[] = [];
    for (const name of problem.needed) {
      const nameParts = nameInSkeleton(skeleton, name);
      if (nameParts) inSkeleton.push({ ...nameParts, folded: foldCase(nameParts.middle) });
    }
    const forbidden = problem.forbidden.flatMap((name) => middleOf(skeleton, name) ?? []);
    if (inSkeleton.length === 0) continue;
    if (grain === 'word') addWords(inSkeleton, forbidden, found);
    else addRuns(inSkeleton, forbidden, found);
  }
  return found.list(problem.needed);
}

interface InSkeleton extends NameInSkeleton {
  /** The middle, case-folded. */
  readonly folded: string;
}

/** Candidates by their folded text; the first spelling stays. */
class Candidates {
  readonly #texts = new Map<string, string>();

  add(text: string): void {
    const key = foldCase(text);
    if (!this.#texts.has(key)) this.#texts.set(key, text);
  }

  /** Each with all needed names that it matches, not only those that it was made from. */
  list(needed: readonly string[]): readonly Candidate[] {
    const names = new NamesByPairs(needed.map(foldCase));
    return [...this.#texts].map(([pattern, text]) => ({ text, covered: names.matching(pattern) }));
  }
}

/** `p*`, `*s`, `p*s` and `*t*`, lengthened to whole words. */
function addWords(needed: readonly InSkeleton[], forbidden: readonly string[], found: Candidates): void {
  const cuts = needed.map(({ middle }) => [0, ...wordEnds(middle)]);
  const cutAfter = (name: number, at: number): number => cuts[name]?.find((cut) => cut >= at) ?? at;
  const cutBefore = (name: number, at: number): number => cuts[name]?.findLast((cut) => cut <= at) ?? at;
  for (const [name, { head, middle, folded, tail }] of needed.entries()) {
    for (const { prefix, suffix } of shortestEnds(folded, forbidden)) {
      const end = prefix === 0 ? 0 : cutAfter(name, prefix);
      const start = suffix === 0 ? middle.length : cutBefore(name, middle.length - suffix);
      if (end <= start) found.add(`${head}${middle.slice(0, end)}*${middle.slice(start)}${tail}`);
      if (suffix === 0) found.add(`${head}${middle.slice(0, prefix)}*${tail}`);
    }
  }
  const { table, names } = tableOf(needed, forbidden);
  for (const { name, start, length } of table.absentWords(openSubstring(names).members)) {
    const inSkeleton = needed[name];
    if (!inSkeleton) continue;
    const { head, middle, tail } = inSkeleton;
    const run = middle.slice(cutBefore(name, start), cutAfter(name, start + length));
    found.add(`${head}*${run}*${tail}`);
  }
}

/** Every family, cut at any character. */
function addRuns(needed: readonly InSkeleton[], forbidden: readonly string[], found: Candidates): void {
  for (const { head, middle, folded, tail } of needed) {
    for (const { prefix, suffix } of shortestEnds(folded, forbidden)) {
      found.add(`${head}${middle.slice(0, prefix)}*${middle.slice(middle.length - suffix)}${tail}`);
    }
  }
  const { table, names } = tableOf(needed, forbidden);
  const fixedSubstrings = [openSubstring(names), ...fixedPrefixes(names, needed.length)];
  addRunsFrom(fixedSubstrings, needed, table, found, forwards);
  const mirrored = needed.map((inSkeleton) => ({ ...inSkeleton, folded: mirror(inSkeleton.folded) }));
  const reversed = tableOf(mirrored, forbidden.map(mirror));
  addRunsFrom(fixedPrefixes(reversed.names, needed.length), needed, reversed.table, found, backwards);
}

function tableOf(
  needed: readonly InSkeleton[],
  forbidden: readonly string[],
): { readonly table: SuffixTable; readonly names: readonly string[] } {
  const names = [...needed.map(({ folded }) => folded), ...forbidden];
  return { table: new SuffixTable(names, needed.length), names };
}

/** A run within a name, and the length of the fixed prefix (or suffix, if read backwards). */
interface FixedRun {
  readonly fixedLength: number;
  readonly start: number;
  readonly length: number;
}

function addRunsFrom(
  fixedSubstrings: Iterable<FixedSubstring>,
  needed: readonly InSkeleton[],
  table: SuffixTable,
  found: Candidates,
  write: (middle: string, run: FixedRun) => string,
): void {
  for (const { members, length: fixedLength } of fixedSubstrings) {
    for (const { name, start, length } of table.absentWords(members)) {
      const inSkeleton = needed[name];
      if (!inSkeleton) continue;
      const { head, middle, tail } = inSkeleton;
      found.add(`${head}${write(middle, { fixedLength, start, length })}${tail}`);
    }
  }
}

/** `s*t*` */
function forwards(middle: string, { fixedLength, start, length }: FixedRun): string {
  return `${middle.slice(0, fixedLength)}*${middle.slice(start, start + length)}*`;
}

/** `*t*s`: the run was found in the name read backwards. */
function backwards(middle: string, { fixedLength, start, length }: FixedRun): string {
  const end = middle.length - start;
  return `*${middle.slice(end - length, end)}*${middle.slice(middle.length - fixedLength)}`;
}

function mirror(text: string): string {
  let mirrored = '';
  for (let at = text.length - 1; at >= 0; at -= 1) mirrored += text.charAt(at);
  return mirrored;
}

/** For an enclosing pattern with several stars or question marks: a longer prefix, then the rest of the pattern. */
function addPrefixesWithin(pattern: string, problem: CoverProblem, found: Candidates): void {
  const star = pattern.indexOf('*');
  if (star < 0) return;
  const rest = pattern.slice(star);
  const under = problem.forbidden.filter((name) => matchesPattern(pattern, name));
  for (const name of problem.needed) {
    const folded = foldCase(name);
    if (!matchesPattern(pattern, folded)) continue;
    for (let length = star; length < name.length; length += 1) {
      const text = name.slice(0, length) + rest;
      const candidate = foldCase(text);
      if (!matchesPattern(candidate, folded)) continue;
      if (under.some((other) => matchesPattern(candidate, other)) || !covers(pattern, candidate)) continue;
      found.add(text);
      break;
    }
  }
}

/** Lengths of a prefix and a suffix of one name. */
interface Ends {
  readonly prefix: number;
  readonly suffix: number;
}

/**
 * The shortest exact patterns `p*s` of one name, including `p*` and `*s`: for each prefix, the shortest suffix such
 * that no forbidden name has both without overlap, unless a shorter prefix allows one as short.
 *
 * Whether a pattern is exact depends on the pattern alone. So two names that share `p` and `s` agree on whether `p*s`
 * is among the shortest, and equal patterns collected over all names give every needed name that each one matches.
 * Both arguments are case-folded. Time O(|forbidden| × |name|).
 */
export function shortestEnds(name: string, forbidden: readonly string[]): readonly Ends[] {
  // longest[i]: the longest suffix of the name with which some forbidden name matches a prefix of i characters.
  const longest = new Int32Array(name.length + 1).fill(-1);
  for (const other of forbidden) {
    const before = sharedPrefixLength(name, other);
    const after = sharedSuffix(name, other);
    for (let i = 0; i <= before; i += 1) {
      longest[i] = Math.max(longest[i] ?? -1, Math.min(after, other.length - i));
    }
  }
  const ends: Ends[] = [];
  let shortest = Number.POSITIVE_INFINITY;
  for (let prefix = 0; prefix <= name.length; prefix += 1) {
    const suffix = (longest[prefix] ?? -1) + 1;
    if (suffix < shortest && prefix + suffix <= name.length) {
      ends.push({ prefix, suffix });
      shortest = suffix;
    }
  }
  return ends;
}

function sharedSuffix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(a.length - 1 - length) === b.charCodeAt(b.length - 1 - length))
    length += 1;
  return length;
}
