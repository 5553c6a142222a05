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
