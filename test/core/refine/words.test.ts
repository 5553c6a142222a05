import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordEnds } from '../../../lambda/core/refine/words.ts';
import { awsCatalogue } from '../../laws/oracle/catalogues.ts';
import { wordPrefixes } from '../../laws/oracle/words.ts';

function wordsOf(name: string): string[] {
  const ends = wordEnds(name);
  return ends.map((end, index) => name.slice(ends[index - 1] ?? 0, end));
}

describe('the words of an action name', () => {
  test.each([
    ['GetBucketPolicyStatus', ['Get', 'Bucket', 'Policy', 'Status']],
    ['GetBucketCORS', ['Get', 'Bucket', 'CORS']],
    ['DescribeDBInstances', ['Describe', 'DB', 'Instances']],
    ['DescribeVPCs', ['Describe', 'VPCs']],
    ['DescribeVpcs', ['Describe', 'Vpcs']],
    ['GetCORSConfiguration', ['Get', 'CORS', 'Configuration']],
    ['ListIDsByName', ['List', 'IDs', 'By', 'Name']],
    ['CreateRoute53Zone', ['Create', 'Route53', 'Zone']],
    ['ListObjectsV2', ['List', 'Objects', 'V2']],
    ['invokeFunction', ['invoke', 'Function']],
    ['lowercase', ['lowercase']],
    ['get-thing_now', ['get', '-thing', '_now']],
    ['GET', ['GET']],
    ['A', ['A']],
  ])('%s has the words %j', (name, words) => {
    expect(wordsOf(name)).toEqual(words);
  });

  test('agree with an independent implementation of the rule, for every action of AWS', async () => {
    const names = (await awsCatalogue()).flatMap(([, actions]) => actions);
    expect(names.length).toBeGreaterThan(20_000);
    const wrong = names.filter(
      (name) =>
        wordEnds(name)
          .map((end) => name.slice(0, end))
          .join() !== wordPrefixes(name).join(),
    );
    expect(wrong).toEqual([]);
  });

  test('concatenated give the name, and no word is empty', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', 'B', 'a', 's', '1', '-', '_', '.'), minLength: 1 }),
        (name) => {
          expect(wordsOf(name).join('')).toBe(name);
          expect(wordsOf(name).every((word) => word !== '')).toBe(true);
          expect(wordEnds(name).map((end) => name.slice(0, end))).toEqual(wordPrefixes(name));
        },
      ),
      { numRuns: 5000, seed: 3 },
    );
  });
});
