import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covers } from '../../../lambda/core/pattern/covers.ts';
import { escapes } from '../../laws/oracle/language.ts';
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

describe('inclusion of one pattern in another, over all strings', () => {
  // Two named letters and one that no pattern names; strings long enough to fill every hole of a short pattern.
  const strings = textsOver('abx', 6);
  const patterns = textsOver('ab*?', 3);

  test('agrees with brute force for every pair of patterns up to three characters', () => {
    const matched = new Map(patterns.map((p) => [p, strings.map((text) => naiveMatch(p, text))]));
    const wrong: string[] = [];
    let compared = 0;
    for (const wide of patterns) {
      for (const narrow of patterns) {
        const [w, n] = [matched.get(wide) ?? [], matched.get(narrow) ?? []];
        const expected = n.every((isIn, index) => !isIn || w[index] === true);
        compared += 1;
        if (covers(wide, narrow) !== expected)
          wrong.push(`${wide} ⊇ ${narrow} should be ${String(expected)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBe(85 * 85);
  });

  test('the oracle’s own inclusion agrees with the same brute force', () => {
    const wrong: string[] = [];
    for (const wide of patterns) {
      for (const narrow of patterns) {
        const expected = strings.every((text) => !naiveMatch(narrow, text) || naiveMatch(wide, text));
        if ((escapes(narrow, [wide]) === undefined) !== expected) wrong.push(`${wide} ⊇ ${narrow}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('agrees with the oracle on longer patterns, one made from the other', () => {
    const letters = fc.constantFrom('a', 'b', 'c', '*', '?');
    const related = fc
      .tuple(fc.array(letters, { maxLength: 8 }), fc.array(fc.tuple(fc.nat(8), letters), { maxLength: 3 }))
      .map(([wide, edits]) => {
        const narrow = [...wide];
        for (const [at, letter] of edits) narrow.splice(at, at % 2, letter);
        return [wide.join(''), narrow.join('')] as const;
      });
    let included = 0;
    fc.assert(
      fc.property(related, ([wide, narrow]) => {
        fc.pre(narrow.split('*').length <= 5);
        const expected = escapes(narrow, [wide]) === undefined;
        included += expected ? 1 : 0;
        expect(covers(wide, narrow)).toBe(expected);
      }),
      { numRuns: 10_000, seed: 2 },
    );
    expect(included).toBeGreaterThan(1500);
  });

  test('handles patterns as long as a policy can be, in one pass for each symbol', () => {
    // By the sets of places that a text can reach, each of these would outlive the machine.
    const questions = '?*'.repeat(1500);
    const letters = '*a'.repeat(1500);
    const mixed = '*a?b'.repeat(750);
    expect(covers(questions, `${questions}?`)).toBe(true);
    expect(covers(`${questions}?`, questions)).toBe(false);
    expect(covers(letters, `${letters}*`)).toBe(false);
    expect(covers(`${letters}*`, `${letters}a*`)).toBe(true);
    expect(covers(mixed, `${mixed}*`)).toBe(false);
    expect(covers(`${mixed}*`, `${mixed}${mixed}*`)).toBe(true);
  });

  test.each([
    ['get*', 'getobject*', true],
    ['getobject*', 'get*', false],
    ['get?bject*', 'getobject*', true],
    ['getobject*', 'get?bject*', false],
    ['*tagging', 'get*tagging', true],
    ['*tagging', 'get*', false],
    ['*', '', true],
    ['?*', '*', false],
    ['*?', '?*', true],
    ['?*', '*?', true],
    ['**', '*', true],
    ['*a*', '*aa*', true],
    ['*aa*', '*a*', false],
    ['describevpc*', 'describevpcs', true],
    ['describevpcs', 'describevpc*', false],
  ])('%j covers %j: %j', (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });
});
