import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerCharacters,
  type CoverProblem,
  isExactAnswer,
} from '../../../../lambda/core/fit/cover/cover-problem.ts';
import { coverByPrefixes } from '../../../../lambda/core/fit/cover/prefix-cover.ts';
import { naiveMatch } from '../../../laws/oracle/matcher.ts';

function problem(needed: readonly string[], forbidden: readonly string[], enclosing = ['*']): CoverProblem {
  return { service: 's3', needed, forbidden: forbidden.map((name) => name.toLowerCase()), enclosing };
}

const NAMES = ['GetBucketAcl', 'GetBucketPolicy', 'GetObject', 'GetObjectAcl', 'PutBucketAcl', 'PutObject'];

describe('covering by prefixes', () => {
  test('a wildcard ends at the first character that distinguishes its actions', () => {
    expect(
      coverByPrefixes(problem(['GetBucketAcl', 'GetBucketPolicy'], ['GetObject']), { abbreviate: false }),
    ).toEqual(['GetB*']);
  });

  test('a single action stays literal, or is abbreviated if requested', () => {
    const one = problem(['GetBucketAcl', 'PutObject'], ['GetObject']);
    expect(coverByPrefixes(one, { abbreviate: false })).toEqual(['GetBucketAcl', 'PutObject']);
    expect(coverByPrefixes(one, { abbreviate: true })).toEqual(['GetB*', 'P*']);
  });

  test('an action that is a prefix of a forbidden one stays literal, and a forbidden prefix is skipped', () => {
    expect(coverByPrefixes(problem(['GetObject'], ['GetObjectAcl']), { abbreviate: true })).toEqual([
      'GetObject',
    ]);
    expect(
      coverByPrefixes(problem(['GetObjectAcl', 'GetObjectTagging'], ['GetObject']), { abbreviate: true }),
    ).toEqual(['GetObjectA*', 'GetObjectT*']);
  });

  test('a literal is used if the abbreviation is not shorter', () => {
    expect(coverByPrefixes(problem(['GetA'], ['GetB']), { abbreviate: true })).toEqual(['GetA']);
  });

  test('the rest of an enclosing pattern stays after the star', () => {
    const tagging = problem(['GetObjectTagging', 'GetBucketTagging'], ['PutObjectTagging'], ['*tagging']);
    expect(coverByPrefixes(tagging, { abbreviate: false })).toEqual(['G*Tagging']);
  });

  test('there is no answer if an action is matched only by a pattern with two stars', () => {
    expect(
      coverByPrefixes(problem(['GetObjectAcl'], ['PutObjectAcl'], ['*object*']), { abbreviate: true }),
    ).toBeUndefined();
  });

  test('no answer of prefixes and literals is shorter, by exhaustive search', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }), fc.nat(63), (names, mask) => {
        const needed = names.filter((_, index) => (mask >> index) % 2 === 1);
        const asked = problem(
          needed,
          names.filter((name) => !needed.includes(name)),
        );
        const answer = coverByPrefixes(asked, { abbreviate: true }) ?? [];
        expect(isExactAnswer(asked, answer)).toBe(true);
        expect(answerCharacters('s3', answer)).toBe(shortestByTrying(asked));
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

/** The fewest characters over all sets of safe prefixes and literals: dynamic programming over what is covered. */
function shortestByTrying({ needed, forbidden }: CoverProblem): number {
  const offers = new Map<string, number>();
  for (const [place, name] of needed.entries()) {
    offers.set(name, 1 << place);
    for (let length = 0; length < name.length; length += 1) {
      const pattern = `${name.slice(0, length)}*`;
      if (forbidden.some((other) => naiveMatch(pattern.toLowerCase(), other))) continue;
      const covered = needed.map((other, at) =>
        naiveMatch(pattern.toLowerCase(), other.toLowerCase()) ? 1 << at : 0,
      );
      offers.set(
        pattern,
        covered.reduce((all, bit) => all | bit, 0),
      );
    }
  }
  const best = new Map([[0, 0]]);
  for (const [pattern, covered] of offers) {
    for (const [state, cost] of [...best]) {
      const next = state | covered;
      const total = cost + 's3'.length + pattern.length + 4;
      if (total < (best.get(next) ?? Number.POSITIVE_INFINITY)) best.set(next, total);
    }
  }
  return best.get((1 << needed.length) - 1) ?? 0;
}
