import { describe, expect, test } from 'vitest';
import { doesMatch, isContained, runsOf } from '../../../lambda/core/verify/matching.ts';
import { naiveMatch } from '../../laws/oracle/matcher.ts';

function textsOver(alphabet: string, longest: number): string[] {
  let level = [''];
  const texts = [''];
  for (let length = 1; length <= longest; length += 1) {
    level = level.flatMap((text) => [...alphabet].map((letter) => text + letter));
    texts.push(...level);
  }
  return texts;
}

describe('the verifier’s own matcher', () => {
  test('agrees with the naive matcher on every pattern and text up to four characters', () => {
    const wrong: string[] = [];
    for (const pattern of textsOver('ab*?', 4)) {
      const runs = runsOf(pattern);
      for (const text of textsOver('abc', 4)) {
        if (doesMatch(runs, text) !== naiveMatch(pattern, text)) wrong.push(`${pattern} on ${text}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('agrees with brute force on the inclusion of every pair of patterns up to three characters', () => {
    const patterns = textsOver('ab*?', 3);
    const texts = textsOver('abx', 6);
    const matched = new Map(patterns.map((p) => [p, texts.map((text) => naiveMatch(p, text))]));
    const wrong: string[] = [];
    for (const wide of patterns) {
      for (const narrow of patterns) {
        const w = matched.get(wide) ?? [];
        const expected = (matched.get(narrow) ?? []).every((isIn, index) => !isIn || w[index] === true);
        if (isContained(narrow, wide) !== expected)
          wrong.push(`${wide} ⊇ ${narrow} should be ${String(expected)}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
