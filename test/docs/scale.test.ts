import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withScaleTables } from '../load/scale-tables.ts';

const TEXT = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');

test('the tables of docs/scale.md equal the output of the cost model', () => {
  expect(withScaleTables(TEXT), 'run: npm run generate -- scale').toBe(TEXT);
});

test('a missing marker of a table is an error', () => {
  expect(() => withScaleTables('# Nothing')).toThrow(
    'docs/scale.md has no place for the table counts; put <!-- counts:begin --> and <!-- counts:end --> on lines of their own',
  );
});
