import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MENDINGS } from './mendings.ts';

test('the passage of every mending occurs once in the code', () => {
  const lost = MENDINGS.filter(
    ({ file, passage }) => readFileSync(file, 'utf8').split(passage).length !== 2,
  ).map(({ file, passage }) => [file, passage]);
  expect(lost).toEqual([]);
});
