import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  answerCharacters,
  type CoverProblem,
  isExactAnswer,
} from '../../../../lambda/core/fit/cover/cover-problem.ts';
import { candidatesFor } from '../../../../lambda/core/fit/cover/candidates.ts';
import { coverByPatterns } from '../../../../lambda/core/fit/cover/pattern-cover.ts';
import { coverByPrefixes } from '../../../../lambda/core/fit/cover/prefix-cover.ts';
import { isIncluded } from '../../../laws/oracle/language.ts';
import { naiveMatch } from '../../../laws/oracle/matcher.ts';

const WORDS = ['Get', 'Put', 'List', 'Object', 'Bucket', 'Tagging', 'Acl', 'Policy', 'V2', 'a'];
const name = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(''));
const names = fc.uniqueArray(name, { minLength: 2, maxLength: 14, selector: (one) => one.toLowerCase() });

const problem: fc.Arbitrary<CoverProblem> = fc
  .record({
    names,
    share: fc.integer({ min: 1, max: 3 }),
    enclosing: fc.constantFrom('*', 'get*', '*tagging', 'get*acl', '*object*', 'g?t*'),
  })
  .map(({ names: all, share, enclosing }) => {
    const within = all.filter((one) => naiveMatch(enclosing, one.toLowerCase()));
    return {
      service: 's3',
      needed: within.filter((_, index) => index % (share + 1) !== 0),
      forbidden: within.filter((_, index) => index % (share + 1) === 0).map((one) => one.toLowerCase()),
      enclosing: [enclosing],
    };
  });

describe('covering by patterns with stars anywhere', () => {
  test('names with a common suffix are covered by it', () => {
    const asked: CoverProblem = {
      service: 's3',
      needed: ['GetObjectTagging', 'PutObjectTagging', 'DeleteBucketTagging'],
      forbidden: ['getobject', 'putobject', 'deletebucket', 'taggingstatus'],
      enclosing: ['*'],
    };
    expect(coverByPatterns(asked, 'word')).toEqual(['*Tagging']);
    expect(coverByPatterns(asked, 'character')).toEqual(['*g']);
  });

  test('names with a common middle are covered by it', () => {
    const asked: CoverProblem = {
      service: 's3',
      needed: ['GetBucketPolicyStatus', 'PutBucketPolicy', 'DeleteBucketPolicy'],
      forbidden: ['getbucketstatus', 'putbucketacl', 'deletebucket', 'putobject'],
      enclosing: ['*'],
    };
    expect(coverByPatterns(asked, 'word')).toEqual(['*Policy*']);
  });

  test('both ends of an enclosing pattern are kept', () => {
    const asked: CoverProblem = {
      service: 'iam',
      needed: ['GetRolePolicy', 'GetGroupRolePolicy'],
      forbidden: ['getuserpolicy', 'getgrouppolicy'],
      enclosing: ['get*policy'],
    };
    expect(coverByPatterns(asked, 'word')).toEqual(['Get*RolePolicy']);
  });

  test('a pattern with several wildcards is kept behind a longer beginning', () => {
    const asked: CoverProblem = {
      service: 's3',
      needed: ['GetObjectAcl', 'GetObjectTagging'],
      forbidden: ['getbucket'],
      enclosing: ['g?t*'],
    };
    expect(coverByPatterns(asked, 'character')).toEqual(['GetO*']);
  });

  test('an answer is exact if each of its patterns lies in one of the enclosing ones', () => {
    const asked: CoverProblem = {
      service: 's3',
      needed: ['GetObject', 'PutObject'],
      forbidden: ['getbucket'],
      enclosing: ['get*', 'put*'],
    };
    expect(isExactAnswer(asked, ['GetO*', 'PutO*'])).toBe(true);
    expect(isExactAnswer(asked, ['GetO*'])).toBe(false);
    expect(isExactAnswer(asked, ['Get*', 'PutO*'])).toBe(false);
    expect(isExactAnswer(asked, ['*Object'])).toBe(false);
  });

  test('every candidate is exact, and matches what it is said to cover', () => {
    fc.assert(
      fc.property(problem, fc.constantFrom('word' as const, 'character' as const), (asked, grain) => {
        for (const { text, covered } of candidatesFor(asked, grain)) {
          const pattern = text.toLowerCase();
          expect(asked.forbidden.filter((one) => naiveMatch(pattern, one))).toEqual([]);
          expect(asked.enclosing.some((wide) => isIncluded(pattern, wide))).toBe(true);
          for (const at of covered)
            expect(naiveMatch(pattern, (asked.needed[at] ?? '').toLowerCase())).toBe(true);
        }
      }),
      { numRuns: 400, seed: 11 },
    );
  });

  test('the answer is exact and never longer than the shortest answer by prefixes', () => {
    fc.assert(
      fc.property(problem, fc.constantFrom('word' as const, 'character' as const), (asked, grain) => {
        const answer = coverByPatterns(asked, grain);
        expect(isExactAnswer(asked, answer)).toBe(true);
        const prefixes = coverByPrefixes(asked, { abbreviate: true });
        if (prefixes) {
          expect(answerCharacters('s3', answer)).toBeLessThanOrEqual(answerCharacters('s3', prefixes));
        }
      }),
      { numRuns: 400, seed: 12 },
    );
  });
});
