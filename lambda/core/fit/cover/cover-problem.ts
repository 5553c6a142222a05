import { covers } from '../../pattern/covers.ts';
import { foldCase, matchesPattern } from '../../pattern/matches.ts';

/**
 * One service of one statement: find patterns that are short and say exactly the same.
 *
 * An answer is **exact** when every name of `needed` is matched by one of its patterns, no name of `forbidden` is
 * matched by any, and each of its patterns is contained, over all strings, in one pattern of `enclosing`. The last is
 * what keeps an answer from being wider than what the author wrote, on the catalogue of today and of tomorrow.
 */
export interface CoverProblem {
  /** Service prefix as it is written in the answer. */
  readonly service: string;
  /** Names in the spelling that the answer takes, without the service; case-insensitively distinct. */
  readonly needed: readonly string[];
  /** Case-folded names. */
  readonly forbidden: readonly string[];
  /** Case-folded wildcard patterns. */
  readonly enclosing: readonly string[];
}

/** One pattern that an answer may use: exact by itself, and what it is good for. */
export interface Candidate {
  /** Without the service, in the spelling that the answer takes. */
  readonly text: string;
  /** Positions in `needed` that it matches, ascending, without repetition. */
  readonly covered: readonly number[];
}

/** Characters that one entry of an action list takes: quotes, service, colon, pattern, comma. */
export function entryCharacters(service: string, text: string): number {
  return service.length + text.length + 4;
}

/** Characters of a whole answer, a comma for each entry. */
export function answerCharacters(service: string, texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + entryCharacters(service, text), 0);
}

/** Whether an answer is exact, by the definition above and nothing of how the answer was found. */
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
