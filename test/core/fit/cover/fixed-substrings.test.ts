import { expect, test } from 'vitest';
import { fixedPrefixes } from '../../../../lambda/core/fit/cover/fixed-substrings.ts';

test('prefixes that stand before a star are the shortest of each set of three needed names and a forbidden one', () => {
  const needed = ['getobject', 'getobjectacl', 'getobjecttagging', 'putobject', 'putobjectacl'];
  const forbidden = ['getbucket', 'getobjectlock', 'putbucket'];
  const found = fixedPrefixes([...needed, ...forbidden], needed.length);
  expect(found.map(({ length, members }) => [length, members.map(({ name, from }) => [name, from])])).toEqual(
    [
      // g*
      [1, [5, 0, 1, 6, 2].map((name) => [name, 1])],
      // geto*
      [4, [0, 1, 6, 2].map((name) => [name, 4])],
    ],
  );
});
