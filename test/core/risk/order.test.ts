import { expect, test } from 'vitest';
import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import { grantedActions } from '../../../lambda/core/catalogue/granted-actions.ts';
import { makeUniverse } from '../../../lambda/core/catalogue/universe.ts';
import { byRisk, rankOfRisk, riskOf } from '../../../lambda/core/risk/risk.ts';

/*
 * The order by risk against two lists that others publish, neither of which it was made from alone. Each is written down
 * here by its actions, as far as they exist.
 */

/**
 * Actions by which privileges are gained, as Rhino Security Labs describes the methods.
 * Source: https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/
 */
const ESCALATION = [
  'iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:PassRole ec2:RunInstances iam:CreateAccessKey',
  'iam:CreateLoginProfile iam:UpdateLoginProfile iam:AttachUserPolicy iam:AttachGroupPolicy iam:AttachRolePolicy',
  'iam:PutUserPolicy iam:PutGroupPolicy iam:PutRolePolicy iam:AddUserToGroup iam:UpdateAssumeRolePolicy',
  'lambda:CreateFunction lambda:InvokeFunction lambda:CreateEventSourceMapping lambda:UpdateFunctionCode',
  'glue:CreateDevEndpoint glue:UpdateDevEndpoint cloudformation:CreateStack datapipeline:CreatePipeline sts:AssumeRole',
].flatMap((line) => line.split(' '));

/**
 * Actions that change who may use a resource, as AWS's own managed policies for administrators single them out by denying
 * or by leaving out: AWS calls them "permissions management" in its reference.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const universe = makeUniverse(embeddedCatalogue(), { services: new Map(), actions: new Map() });
const PERMISSIONS_MANAGEMENT = [...universe.services].flatMap(([key, { folded }]) =>
  folded.flatMap((action) => (universe.levelOf(key, action) === 'permissions' ? [`${key}:${action}`] : [])),
);

/** Deterministic numbers in [0, 1). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const SETS = [
  ['s3:Get*', 's3:List*'],
  ['ec2:Describe*'],
  ['dynamodb:*'],
  ['logs:*', 'cloudwatch:Get*'],
  ['sqs:SendMessage', 'sqs:ReceiveMessage'],
  ['iam:Get*', 'iam:List*'],
  ['lambda:*'],
  ['kms:Decrypt', 'kms:GenerateDataKey'],
  ['iam:PassRole', 'ec2:RunInstances'],
  ['cloudformation:*'],
  ['athena:*', 'glue:Get*'],
  ['rds:Describe*', 'rds:ListTagsForResource'],
];

/** What each of two hundred roles would lose: mostly a few services, of one in twenty nearly everything. */
function account(): readonly (readonly string[])[] {
  const next = numbersFrom(20261129);
  return Array.from({ length: 200 }, (_, i) => {
    if (i % 20 === 7) return i % 40 === 7 ? ['*'] : ['iam:*', 's3:*', 'lambda:*', 'ec2:*', 'kms:*', 'sts:*'];
    const some = 1 + Math.floor(next() * 3);
    return Array.from({ length: some }, () => SETS[Math.floor(next() * SETS.length)] ?? []).flat();
  });
}

test('two public lists do not contradict the first ten of two hundred roles', () => {
  const roles = account().map((Action) => {
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: [...Action], Resource: '*' }],
    };
    const marks = grantedActions([document], universe);
    const granted = new Map(
      [...marks].map(([key, has]) => [key, { actions: universe.services.get(key)?.folded ?? [], has }]),
    );
    const holds = (action: string): boolean => {
      const [key = '', name = ''] = action.toLowerCase().split(':');
      const place = universe.services.get(key)?.position.get(name);
      return place !== undefined && marks.get(key)?.[place] === 1;
    };
    return {
      rank: rankOfRisk(riskOf(granted, universe)),
      escalation: ESCALATION.filter(holds).length,
      permissions: PERMISSIONS_MANAGEMENT.filter(holds).length,
    };
  });
  const sorted = [...roles].sort((a, b) => byRisk(a.rank, b.rank));
  const [first, rest] = [sorted.slice(0, 10), sorted.slice(10)];
  for (const list of ['escalation', 'permissions'] as const) {
    const least = Math.min(...first.map((role) => role[list]));
    const most = Math.max(...rest.map((role) => role[list]));
    expect(least, list).toBeGreaterThanOrEqual(most);
    // Nor is any of the ten before one that the list has more of.
    expect(first.map((role) => role[list])).toEqual(
      first.map((role) => role[list]).toSorted((a, b) => b - a),
    );
  }
});
