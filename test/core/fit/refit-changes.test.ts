import { expect, test } from 'vitest';
import { parsePolicy } from '../../../lambda/core/model/policy.ts';
import type { PatternChange } from '../../../lambda/core/model/proposed-policy.ts';
import { refitChanges } from '../../../lambda/core/fit/refit-changes.ts';

const source = {
  Statement: [{ Effect: 'Allow', Action: ['s3:Get*', 's3:GetObjectAcl', 'sqs:SendMessage'], Resource: '*' }],
};
const parsed = parsePolicy(source);
if (!parsed.ok) throw new Error(parsed.problem);
const policy = parsed.value;

function change(
  pattern: string,
  outcome: PatternChange['outcome'],
  to: readonly string[] = [],
): PatternChange {
  return { statement: 0, element: 'Action', pattern, outcome, to, reason: 'because' };
}

function written(...lists: readonly (readonly string[])[]): Parameters<typeof refitChanges>[2] {
  return lists.map((Action) => ({
    document: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
    origins: [0],
    characters: 0,
  }));
}

test('changes that fitting did not touch are reported as before', () => {
  const changes = [change('s3:Get*', 'narrowed', ['s3:GetObject']), change('sqs:SendMessage', 'kept')];
  expect(refitChanges(policy, changes, written(['s3:GetObject'], ['sqs:SendMessage']))).toEqual(changes);
});

test("a wildcard's change lists what remains of it in all documents, and a merged literal's what encloses it", () => {
  const changes = [
    change('s3:Get*', 'narrowed', ['s3:GetObject', 's3:GetBucketTagging']),
    change('s3:GetObjectAcl', 'kept'),
  ];
  expect(refitChanges(policy, changes, written(['s3:Get*g'], ['s3:GetO*', 'sqs:SendMessage']))).toEqual([
    {
      ...change('s3:Get*', 'narrowed', ['s3:Get*g', 's3:GetO*']),
      reason: 'because; written shorter to fit the size limit',
    },
    { ...change('s3:GetObjectAcl', 'removed'), reason: 'because; other patterns of the statement grant it' },
  ]);
});

test('a statement written as NotAction lists what it removes', () => {
  const documents = [
    {
      document: { Statement: { Effect: 'Allow', NotAction: 'sns:*', Resource: '*' } },
      origins: [0],
      characters: 0,
    },
  ];
  expect(
    refitChanges(policy, [change('*', 'narrowed', ['s3:*']), change('s3:GetObjectAcl', 'kept')], documents),
  ).toEqual([
    {
      ...change('*', 'narrowed', ['sns:*']),
      reason: 'because; written as NotAction, which lists what is removed, to fit the size limit',
    },
    { ...change('s3:GetObjectAcl', 'removed'), reason: "because; the statement's NotAction grants it" },
  ]);
});

test('an entry added to NotAction is reported with the shorter one that includes it', () => {
  const added: PatternChange = { ...change('s3:GetObject', 'added'), element: 'NotAction' };
  const documents = [
    {
      document: { Statement: [{ Effect: 'Allow', NotAction: ['iam:*', 's3:GetO*'], Resource: '*' }] },
      origins: [0],
      characters: 0,
    },
  ];
  expect(refitChanges(policy, [added], documents)).toEqual([
    { ...added, to: ['s3:GetO*'], reason: 'because; written shorter to fit the size limit' },
  ]);
  const asRefined = { ...added, pattern: 'iam:*' };
  expect(refitChanges(policy, [asRefined], documents)).toEqual([asRefined]);
});
