import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { literalPrefix, matchesPattern } from '../../../lambda/core/pattern/matches.ts';
import { naiveMatch } from '../../laws/oracle/matcher.ts';

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '\n'), maxLength: 9 });

/** A string made from the pattern, so that most of them match; then perhaps one letter is spoilt. */
function stringFrom(text: string): fc.Arbitrary<string> {
  const run = fc.string({ unit: fc.constantFrom('a', 'b', '.', '\n'), maxLength: 4 });
  const parts = [...text].map((letter) =>
    letter === '*' ? run : letter === '?' ? fc.constantFrom('a', 'b', '\n') : fc.constant(letter),
  );
  return fc
    .tuple(fc.tuple(...parts), fc.nat(20), fc.constantFrom('', '', 'a', 'x'))
    .map(([letters, at, spoil]) => {
      const made = letters.join('');
      return spoil === '' ? made : made.slice(0, at) + spoil + made.slice(at + 1);
    });
}

const pair = pattern.chain((p) => stringFrom(p).map((value): [string, string] => [p, value]));

describe('the matcher', () => {
  test('agrees with the naive matcher on strings generated from the pattern', () => {
    let matched = 0;
    let total = 0;
    fc.assert(
      fc.property(pair, ([p, value]) => {
        const expected = naiveMatch(p, value);
        matched += expected ? 1 : 0;
        total += 1;
        expect(matchesPattern(p, value)).toBe(expected);
      }),
      { numRuns: 20_000, seed: 1 },
    );
    // A generator whose strings nearly all match, or nearly none, would prove little.
    expect(matched / total).toBeGreaterThan(0.4);
    expect(matched / total).toBeLessThan(0.95);
  });

  test('agrees with the naive matcher on every pattern and string up to four characters', () => {
    const all = (alphabet: string): string[] => {
      let level = [''];
      const texts = [''];
      for (let length = 1; length <= 4; length += 1) {
        level = level.flatMap((text) => [...alphabet].map((letter) => text + letter));
        texts.push(...level);
      }
      return texts;
    };
    const wrong: string[] = [];
    let compared = 0;
    for (const p of all('ab*?')) {
      for (const value of all('abc')) {
        compared += 1;
        if (matchesPattern(p, value) !== naiveMatch(p, value)) wrong.push(`${p} on ${value}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBe(341 * 121);
  });

  test.each([
    ['get*', 'getobject', true],
    ['get*', 'get', true],
    ['get?', 'get', false],
    ['get?', 'geta', true],
    ['colou?r', 'color', false],
    ['g.t', 'get', false],
    ['g.t', 'g.t', true],
    ['a*z', 'a\n\nz', true],
    ['*a*b*c', 'xaxbxbxc', true],
    ['*a*b*c', 'xaxbxbx', false],
    ['', '', true],
    ['', 'a', false],
    ['**', '', true],
    ['*', '', true],
    ['[a]', 'a', false],
    ['(get|list)', 'get', false],
    ['a+', 'aa', false],
  ])('pattern %j on %j gives %j', (p, value, expected) => {
    expect(matchesPattern(p, value)).toBe(expected);
  });

  test('handles a pattern of thirty stars without exponential time', () => {
    expect(matchesPattern('*a'.repeat(30) + 'b', 'a'.repeat(2000))).toBe(false);
  });

  test('has the literal prefix up to the first wildcard of either kind', () => {
    expect(['get*x', 'g?t*', '*', 'getobject', ''].map(literalPrefix)).toEqual([
      'get',
      'g',
      '',
      'getobject',
      '',
    ]);
  });
});
