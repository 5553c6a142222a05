import { expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { Subject } from '../../../lambda/core/model/subject.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import { planPermissions } from '../../../lambda/core/plan/plan-permissions.ts';

const IAM = 'arn:aws:iam::123456789012';
const GROUP: Subject = {
  type: 'group',
  arn: `${IAM}:group/team/devs`,
  name: 'devs',
  path: '/team/',
  accountId: '123456789012',
};

function allow(...actions: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

test('an inline policy of a group takes its members and its policies, and nothing of managed policies', () => {
  const plan = makePlan({
    proposalId: '0123456789abcdef0123456789abcdef',
    subject: GROUP,
    holders: { roles: [], users: [], groups: [{ name: 'devs', members: [`${IAM}:user/ana`] }] },
    policies: [
      {
        source: 'group-inline',
        name: 'Files',
        disposition: 'update',
        reason: '',
        before: allow('s3:GetObject', 's3:PutObject'),
        after: [{ name: 'Files', document: allow('s3:GetObject') }],
        removed: ['s3:PutObject'],
        changes: [],
      },
    ],
    grants: [],
    digest: sha256,
  });
  const run = { direction: 'apply', subject: GROUP, plan, charactersOf: () => 0 } as const;
  expect(planPermissions(run)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['iam:GetGroup', 'iam:GetGroupPolicy', 'iam:ListAttachedGroupPolicies', 'iam:PutGroupPolicy'],
        Resource: [GROUP.arn],
      },
    ],
  });
});
