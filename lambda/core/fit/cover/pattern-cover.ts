import { byCodeUnit } from '../../model/order.ts';
import { candidatesFor } from './candidates.ts';
import { answerCharacters, type Candidate, type CoverProblem, entryCharacters } from './cover-problem.ts';
import { coverByPrefixes } from './prefix-cover.ts';
import { coverCheaply } from './weighted-cover.ts';

/**
 * A short exact answer made of patterns with stars anywhere (`s3:*Tagging`), by weighted set cover over
 * {@link candidatesFor}. Never longer than the shortest answer by prefixes; the smallest number of characters is not
 * guaranteed (the problem is NP-hard, and three and more inner stars are not tried).
 */
export function coverByPatterns(problem: CoverProblem, grain: 'character' | 'word'): readonly string[] {
  const candidates = cheapestOfEqual(candidatesFor(problem, grain));
  const chosen = coverCheaply(
    problem.needed.length,
    candidates.map(({ text, covered }) => ({ cost: entryCharacters(problem.service, text), covered })),
  );
  const answer = chosen.flatMap((index) => candidates[index]?.text ?? []);
  const charactersOf = (texts: readonly string[]): number => answerCharacters(problem.service, texts);
  const byPrefixes = coverByPrefixes(problem, { abbreviate: true });
  return byPrefixes && charactersOf(byPrefixes) <= charactersOf(answer) ? byPrefixes : answer;
}

/** The shortest of the candidates that match the same needed names; sorted by text. */
function cheapestOfEqual(candidates: readonly Candidate[]): readonly Candidate[] {
  const best = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = candidate.covered.join();
    const rival = best.get(key);
    if (!rival || isBetter(candidate, rival)) best.set(key, candidate);
  }
  return [...best.values()].sort((a, b) => byCodeUnit(a.text, b.text));
}

function isBetter(a: Candidate, b: Candidate): boolean {
  return a.text.length < b.text.length || (a.text.length === b.text.length && a.text < b.text);
}
