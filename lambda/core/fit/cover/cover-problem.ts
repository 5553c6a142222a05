import { covers } from '../../pattern/covers.ts';
import { foldCase, matchesPattern } from '../../pattern/matches.ts';

/**
 * One service of one statement: find short patterns that grant exactly the same.
 *
 * An answer is **exact** if one of its patterns matches each name of `needed`, none matches a name of `forbidden`, and
 * each is contained, over all strings, in one pattern of `enclosing`. The last condition keeps an answer within what
 * the author wrote, for today's and for later catalogues.
 */
export interface CoverProblem {
  /** Service prefix in the answer's spelling. */
  readonly service: string;
  /** Names in the answer's spelling, without the service; distinct regardless of case. */
  readonly needed: readonly string[];
  /** Case-folded names. */
  readonly forbidden: readonly string[];
  /** Case-folded wildcard patterns. */
  readonly enclosing: readonly string[];
}

/** One exact pattern that an answer may use, and the names that it covers. */
export interface Candidate {
  /** Without the service, in the answer's spelling. */
  readonly text: string;
  /** Positions in `needed` that it matches, ascending, without repetition. */
  readonly covered: readonly number[];
}

/** Characters that one entry of an action list takes: quotes, service, colon, pattern, comma. */
export function entryCharacters(service: string, text: string): number {
  return service.length + text.length + 4;
}

/** Characters of a whole answer, with a comma for each entry. */
export function answerCharacters(service: string, texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + entryCharacters(service, text), 0);
}

/** Whether an answer is exact by the definition above, independent of how it was found. */
export function isExactAnswer(problem: CoverProblem, texts: readonly string[]): boolean {
  const patterns = texts.map(foldCase);
  const literals = new Set(patterns);
  return (
    problem.needed.every((name) => {
      const folded = foldCase(name);
      return literals.has(folded) || patterns.some((pattern) => matchesPattern(pattern, folded));
    }) &&
    problem.forbidden.every((name) => !patterns.some((pattern) => matchesPattern(pattern, name))) &&
    patterns.every((pattern) => problem.enclosing.some((wide) => covers(wide, pattern)))
  );
}

/**
 * An enclosing pattern with one star and no question mark, `head*tail`. The part of a name that the star matches is its
 * **middle**. Any pattern over middles, placed between head and tail, is contained in the enclosing pattern. So the
 * search for short patterns within `Get*Policy` becomes a search within `*` over shorter names.
 */
export interface Skeleton {
  readonly head: string;
  readonly tail: string;
}

/** The pattern's skeleton; undefined if it has no star, several stars or a question mark. */
export function skeletonOf(pattern: string): Skeleton | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return undefined;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  return /[*?]/.test(head + tail) ? undefined : { head, tail };
}

/** The middle of a name, in the name's own spelling; undefined if the skeleton does not match it. */
export function middleOf(skeleton: Skeleton, name: string): string | undefined {
  const { head, tail } = skeleton;
  if (name.length < head.length + tail.length) return undefined;
  const folded = foldCase(name);
  return folded.startsWith(head) && folded.endsWith(tail)
    ? name.slice(head.length, name.length - tail.length)
    : undefined;
}

/** A name that a skeleton matches: its middle, and the characters around it in the name's own spelling. */
export interface NameInSkeleton {
  readonly middle: string;
  readonly head: string;
  readonly tail: string;
}

export function nameInSkeleton(skeleton: Skeleton, name: string): NameInSkeleton | undefined {
  const middle = middleOf(skeleton, name);
  if (middle === undefined) return undefined;
  const head = name.slice(0, skeleton.head.length);
  return { middle, head, tail: name.slice(name.length - skeleton.tail.length) };
}
