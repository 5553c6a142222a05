import { expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { JsonNumber, canonicalDocument } from '../../../lambda/core/model/json.ts';
import { copyName, type CopyNameInput, afterFile, beforeFile } from '../../../lambda/core/plan/names.ts';

const INPUT: CopyNameInput = {
  principalArn: 'arn:aws:iam::123456789012:role/app',
  principalName: 'app',
  original: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
  originalName: 'ReadOnlyAccess',
  part: 0,
  document: { Version: '2012-10-17', Statement: [] },
};

test('a copy is named after the original and the principal, with digits that distinguish copies', () => {
  expect(copyName(INPUT, () => 'abcdef0123456789')).toBe('ReadOnlyAccess-app-abcdef0123');
  const names = [
    INPUT,
    { ...INPUT, part: 1 },
    { ...INPUT, principalArn: 'arn:aws:iam::123456789012:role/team/app' },
    { ...INPUT, original: 'arn:aws:iam::aws:policy/job-function/ReadOnlyAccess' },
    { ...INPUT, document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow' }] } },
  ].map((input) => copyName(input, sha256).toLowerCase());
  expect(new Set(names).size).toBe(5);
});

test('the same copy has the same name, however its document is formatted', () => {
  const other = { ...INPUT, document: { Statement: [], Version: '2012-10-17' } };
  expect(copyName(other, sha256)).toBe(copyName(INPUT, sha256));
});

test("names stay within IAM's limits", () => {
  const long = copyName({ ...INPUT, originalName: 'x'.repeat(128), principalName: 'y'.repeat(64) }, sha256);
  expect(long).toMatch(/^x{117}-[0-9a-f]{10}$/);
  expect(copyName({ ...INPUT, originalName: 'a b/é+=,.@-_' }, sha256)).toMatch(
    /^a-b--\+=,\.@-_-app-[0-9a-f]{10}$/,
  );
});

test('documents are compared by meaning', () => {
  expect(
    canonicalDocument({
      Version: '2012-10-17',
      Statement: [{ Resource: ['*'], Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'] }],
    }),
  ).toBe(
    '{"Statement":{"Action":["s3:PutObject","s3:GetObject"],"Effect":"Allow","Resource":"*"},"Version":"2012-10-17"}',
  );
  expect(canonicalDocument({ a: new JsonNumber('1.50') })).toBe('{"a":1.50}');
});

test('files are named after the index and name of their policy, and parts are counted from 1', () => {
  expect(beforeFile(0, 'Orders')).toBe('policies/0-Orders.before.json');
  expect(afterFile(3, 'a+b=c,d.e@f-_', 0, 1)).toBe('policies/3-a+b=c,d.e@f-_.after.json');
  expect(afterFile(3, 'Orders', 1, 2)).toBe('policies/3-Orders.after.2.json');
});
