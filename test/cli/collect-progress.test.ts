import { expect, test } from 'vitest';
import { CollectProgress } from '../../bin/output/collect-output.ts';

let now = 0;
function progress(): { readonly line: CollectProgress; readonly shown: string[] } {
  const shown: string[] = [];
  now = 1_000_000;
  return {
    line: new CollectProgress(
      (text) => shown.push(text),
      () => now,
    ),
    shown,
  };
}

test('the progress counts each part, and estimates the time of the slowest from what this run has read', () => {
  const { line } = progress();
  line.begin('123456789012');
  line.observe('accountDetails', 1, undefined);
  // An earlier run had read 400.
  line.observe('findings', 400, 1_200);
  now += 10_000;
  line.observe('accountDetails', 2, undefined);
  line.observe('findings', 500, 1_200);
  expect(line.line()).toBe(
    'account 123456789012: 2 pages of the account, 500 of 1,200 findings; about 2 min left',
  );
  now += 10_000;
  line.observe('accountDetails', 1_500, 1_500);
  line.observe('findings', 1_000, 1_200);
  expect(line.line()).toBe(
    'account 123456789012: 1,500 roles, users, groups and policies, 1,000 of 1,200 findings; about 7 s left',
  );
  line.observe('findings', 1_200, 1_200);
  expect(line.line()).toBe('account 123456789012: 1,500 roles, users, groups and policies, 1,200 findings');
});

test('the progress names which of several accounts it is, and has at most five lines a second', () => {
  const { line, shown } = progress();
  line.begin('210987654321', 1, 9);
  line.observe('credentials', 0, 3);
  line.observe('credentials', 1, 3);
  now += 199;
  line.observe('credentials', 2, 3);
  now += 1;
  line.observe('credentials', 3, 3);
  line.clear();
  expect(shown).toEqual([
    '\r\u001b[Kaccount 210987654321 (2 of 9): 0 of 3 users',
    '\r\u001b[Kaccount 210987654321 (2 of 9): 3 users',
    '\r\u001b[K',
  ]);
});
