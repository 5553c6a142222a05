import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SuffixTable } from '../../../../lambda/core/fit/cover/absent-words.ts';
import { shortestEnds } from '../../../../lambda/core/fit/cover/candidates.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });

test('exactly the minimal substrings that occur in no forbidden name are reported', () => {
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 4 }),
      fc.array(text, { maxLength: 4 }),
      fc.nat(2),
      (needed, forbidden, from) => {
        const names = [...needed, ...forbidden];
        const members = names.map((_, name) => ({ name, from }));
        const found = new SuffixTable(names, needed.length)
          .absentWords(members)
          .map(
            ({ name, start, length }) =>
              `${String(name)}@${String(start)}:${(needed[name] ?? '').slice(start, start + length)}`,
          );
        const isAbsent = (run: string): boolean => forbidden.every((name) => !name.slice(from).includes(run));
        const expected: string[] = [];
        for (const [name, one] of needed.entries()) {
          for (let start = from; start < one.length; start += 1) {
            for (let end = start + 1; end <= one.length; end += 1) {
              const run = one.slice(start, end);
              const isMinimal =
                (run.length === 1 || !isAbsent(run.slice(1))) &&
                (run.length === 1 || !isAbsent(run.slice(0, -1)));
              if (isAbsent(run) && isMinimal) expected.push(`${String(name)}@${String(start)}:${run}`);
            }
          }
        }
        expect(found.sort()).toEqual(expected.sort());
      },
    ),
    { numRuns: 1000, seed: 3 },
  );
});

test('the ends are the shortest that no forbidden name has without overlap', () => {
  const isSafe = (prefix: string, suffix: string, forbidden: readonly string[]): boolean =>
    !forbidden.some(
      (name) =>
        name.startsWith(prefix) && name.endsWith(suffix) && name.length >= prefix.length + suffix.length,
    );
  fc.assert(
    fc.property(text, fc.array(text, { maxLength: 5 }), (name, forbidden) => {
      const expected: { prefix: number; suffix: number }[] = [];
      let shortest = Number.POSITIVE_INFINITY;
      for (let prefix = 0; prefix <= name.length; prefix += 1) {
        for (let suffix = 0; prefix + suffix <= name.length; suffix += 1) {
          if (!isSafe(name.slice(0, prefix), name.slice(name.length - suffix), forbidden)) continue;
          if (suffix < shortest) expected.push({ prefix, suffix });
          shortest = Math.min(shortest, suffix);
          break;
        }
      }
      expect(shortestEnds(name, forbidden)).toEqual(expected);
    }),
    { numRuns: 1000, seed: 4 },
  );
});
