import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { Grant, PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { Subject } from '../../../lambda/core/model/subject.ts';
import { makePlan } from '../../../lambda/core/plan/make-plan.ts';
import { makeRemovalPlan } from '../../../lambda/core/plan/plan-removal.ts';
import type { PlanStep } from '../../../lambda/core/plan/schema.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';

const ROLE: PrincipalRef = {
  arn: 'arn:aws-us-gov:iam::123456789012:role/team/app',
  type: 'role',
  name: 'app',
  path: '/team/',
  accountId: '123456789012',
};
const PROPOSAL_ID = '0123456789abcdef0123456789abcdef';

function document(...actions: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] };
}

function policy(
  overrides: Partial<ProposedPolicy> & Pick<ProposedPolicy, 'name' | 'disposition'>,
): ProposedPolicy {
  return {
    source: 'role-inline',
    reason: '',
    before: document('s3:Get*', 's3:PutObject'),
    after: [],
    removed: ['s3:PutObject'],
    changes: [],
    ...overrides,
  };
}

const ARN = 'arn:aws-us-gov:iam::123456789012:policy/team/Shared';
const SHARED = policy({
  name: 'Shared',
  source: 'customer-managed',
  arn: ARN,
  versionId: 'v7',
  disposition: 'replace',
  after: [{ name: 'Shared-app-1', document: document('s3:Get*') }],
});

function grant(arn: string, overrides: Partial<NonNullable<Grant['managed']>> = {}): Grant {
  return {
    source: 'customer-managed',
    name: 'Shared',
    document: { readable: true, value: document('s3:Get*') },
    managed: { arn, path: '/team/', versionId: 'v7', attachments: 2, boundaryUses: 0, ...overrides },
  };
}

function plan(policies: readonly ProposedPolicy[], grants: readonly Grant[] = [], principal = ROLE) {
  return makePlan({ proposalId: PROPOSAL_ID, subject: principal, policies, grants, digest: sha256 });
}

function calls(steps: readonly PlanStep[]): readonly string[] {
  return steps.flatMap((step) =>
    step.calls.map(({ call, parameters }) => {
      const { PolicyName, PolicyArn, PolicyDocument, VersionId } = parameters;
      return [call, PolicyName, PolicyArn, VersionId, PolicyDocument]
        .filter((part) => part !== undefined)
        .join(' ');
    }),
  );
}

test('an inline policy is put in place under its name, and put back', () => {
  const made = plan([
    policy({
      name: 'Orders',
      disposition: 'update',
      after: [{ name: 'Orders', document: document('s3:Get*') }],
    }),
  ]);
  expect(made.apply).toEqual([
    {
      op: 'put-inline-policy',
      policyName: 'Orders',
      document: {
        file: 'policies/0-Orders.after.json',
        digest: '126db36c8d34c54d475add0fdb3e02aac0c833d9640f89262210e3c07db2aa1a',
      },
      why: 'no longer grants 1 unused action',
      calls: [
        {
          call: 'PutRolePolicy',
          parameters: {
            RoleName: 'app',
            PolicyName: 'Orders',
            PolicyDocument: 'file://policies/0-Orders.after.json',
          },
        },
      ],
    },
  ]);
  expect(calls(made.rollback)).toEqual(['PutRolePolicy Orders file://policies/0-Orders.before.json']);
});

test('a policy that others have too is replaced by a copy with its path and tags, and is never changed itself', () => {
  const tags = [
    { key: 'team', value: 'orders' },
    { key: 'aws:cloudformation:stack-name', value: 'x' },
  ];
  const made = plan([SHARED], [grant(ARN, { tags })]);
  expect(calls(made.apply)).toEqual([
    'CreatePolicy Shared-app-1 file://policies/0-Shared.after.json',
    'AttachRolePolicy arn:aws-us-gov:iam::123456789012:policy/team/Shared-app-1',
    `DetachRolePolicy ${ARN}`,
  ]);
  expect(calls(made.rollback)).toEqual([
    `AttachRolePolicy ${ARN}`,
    'DetachRolePolicy arn:aws-us-gov:iam::123456789012:policy/team/Shared-app-1',
    'DeletePolicy arn:aws-us-gov:iam::123456789012:policy/team/Shared-app-1',
  ]);
  // Tags of AWS's own cannot be set by anybody else.
  expect(made.apply[0]?.calls[0]?.parameters).toEqual({
    PolicyName: 'Shared-app-1',
    Path: '/team/',
    Description: `unused-access-refiner proposal ${PROPOSAL_ID}: takes the place of ${ARN} for ${ROLE.arn}`,
    PolicyDocument: 'file://policies/0-Shared.after.json',
    Tags: [{ key: 'team', value: 'orders' }],
  });
  expect(made.checks.slice(1)).toMatchObject([
    { check: 'copy', policyArn: 'arn:aws-us-gov:iam::123456789012:policy/team/Shared-app-1' },
    {
      check: 'attached-policy',
      policyArn: ARN,
      versionId: 'v7',
      needs: ['arn:aws-us-gov:iam::123456789012:policy/team/Shared-app-1'],
    },
  ]);
});

test('a copy of an AWS managed policy has the path /', () => {
  const arn = 'arn:aws-us-gov:iam::aws:policy/job-function/ViewOnlyAccess';
  const made = plan([{ ...SHARED, source: 'aws-managed', arn }], [grant(arn, { path: '/job-function/' })]);
  expect(made.apply[0]).toMatchObject({
    path: '/',
    policyArn: 'arn:aws-us-gov:iam::123456789012:policy/Shared-app-1',
  });
});

test('a policy that only this principal has gets a new default version, with room for it', () => {
  const made = plan([
    { ...SHARED, disposition: 'new-version', after: [{ name: 'Shared', document: document('s3:Get*') }] },
  ]);
  expect(calls(made.apply)).toEqual([
    `DeletePolicyVersion ${ARN} OLDEST`,
    `CreatePolicyVersion ${ARN} file://policies/0-Shared.after.json`,
  ]);
  expect(calls(made.rollback)).toEqual([
    `SetDefaultPolicyVersion ${ARN} v7`,
    `CreatePolicyVersion ${ARN} file://policies/0-Shared.before.json`,
    `DeletePolicyVersion ${ARN} ADDED`,
  ]);
  expect(made.apply[0]?.calls[0]?.when).toMatch(/five versions/);
});

test('a divided policy keeps its first part, and the other parts are created before it is narrowed', () => {
  const made = plan([
    policy({
      name: 'Big',
      disposition: 'update',
      after: [
        { name: 'Big', document: document('s3:Get*') },
        { name: 'Big-app-2', document: document('sqs:SendMessage') },
      ],
    }),
  ]);
  expect(calls(made.apply)).toEqual([
    'CreatePolicy Big-app-2 file://policies/0-Big.after.2.json',
    'AttachRolePolicy arn:aws-us-gov:iam::123456789012:policy/Big-app-2',
    'PutRolePolicy Big file://policies/0-Big.after.1.json',
  ]);
});

test('wholly unused inline policies are deleted, and managed ones only detached', () => {
  const made = plan([
    policy({ name: 'Gone', disposition: 'remove' }),
    { ...SHARED, disposition: 'remove', after: [] },
  ]);
  expect(calls(made.apply)).toEqual(['DeleteRolePolicy Gone', `DetachRolePolicy ${ARN}`]);
  expect(calls(made.rollback)).toEqual([
    `AttachRolePolicy ${ARN}`,
    'PutRolePolicy Gone file://policies/0-Gone.before.json',
  ]);
});

test('a user has user calls', () => {
  const user: PrincipalRef = {
    ...ROLE,
    arn: 'arn:aws:iam::123456789012:user/ana',
    type: 'user',
    name: 'ana',
    path: '/',
  };
  const made = plan(
    [policy({ name: 'Gone', source: 'user-inline', disposition: 'remove' }), SHARED],
    [],
    user,
  );
  expect(made.apply.flatMap((step) => step.calls.map(({ call }) => call))).toEqual([
    'CreatePolicy',
    'AttachUserPolicy',
    'DeleteUserPolicy',
    'DetachUserPolicy',
  ]);
  expect(made.apply[1]?.calls[0]?.parameters).toEqual({
    UserName: 'ana',
    PolicyArn: 'arn:aws:iam::123456789012:policy/team/Shared-app-1',
  });
});

test('unchanged, refused and inherited policies, and changes without effect, have no step', () => {
  const made = plan([
    policy({ name: 'A', disposition: 'unchanged', after: [{ name: 'A', document: document('s3:Get*') }] }),
    policy({ name: 'B', disposition: 'refused', before: 'not JSON' }),
    policy({ name: 'C', disposition: 'inherited', source: 'group-inline', group: 'dev' }),
    policy({
      name: 'D',
      disposition: 'update',
      after: [{ name: 'D', document: document('s3:Get*', 's3:PutObject') }],
    }),
  ]);
  expect(made).toEqual({
    checks: [],
    apply: [],
    rollback: [],
    documents: [],
    irreversible: null,
    freeFirst: [],
    afterwards: [],
  });
});

describe('the order', () => {
  const replace = (name: string): ProposedPolicy => ({
    ...SHARED,
    name,
    arn: `arn:aws:iam::123456789012:policy/${name}`,
    after: [{ name: `${name}-copy`, document: document('s3:Get*') }],
  });
  const attached = (count: number): readonly Grant[] =>
    Array.from({ length: count }, (_, index) => grant(`arn:aws:iam::123456789012:policy/p${String(index)}`));
  const unused: ProposedPolicy = {
    ...SHARED,
    name: 'Idle',
    arn: 'arn:aws:iam::123456789012:policy/Idle',
    disposition: 'remove',
    after: [],
  };
  const ops = (grants: readonly Grant[]): readonly string[] =>
    plan([replace('A'), replace('B'), unused], grants).apply.map(({ op }) => op);

  test('has everything that grants before everything that removes', () => {
    expect(ops(attached(18))).toEqual([
      'create-policy',
      'attach-policy',
      'create-policy',
      'attach-policy',
      'detach-policy',
      'detach-policy',
      'detach-policy',
    ]);
  });

  test('goes policy by policy, unused ones first, if the copies do not fit beside the originals', () => {
    expect(ops(attached(19))).toEqual([
      'detach-policy',
      'create-policy',
      'attach-policy',
      'detach-policy',
      'create-policy',
      'attach-policy',
      'detach-policy',
    ]);
  });

  test('says what has to be freed first if a copy never fits beside its original', () => {
    const made = plan(
      [replace('A'), replace('B')],
      [...attached(18), grant(replace('A').arn ?? ''), grant(replace('B').arn ?? '')],
    );
    expect(made.freeFirst).toEqual([
      'the role app has 20 managed policies attached and would have 21 for a moment, with a quota of 20: first detach one that is not needed, or have AWS raise the quota (to 25 at most)',
    ]);
    expect(
      plan(
        [replace('A'), replace('B'), unused],
        [...attached(17), ...[replace('A'), replace('B'), unused].map(({ arn }) => grant(arn ?? ''))],
      ).freeFirst,
    ).toEqual([]);
  });

  test('begins, policy by policy, with those that leave no more attached than before', () => {
    const split: ProposedPolicy = {
      ...policy({ name: 'Big', disposition: 'update', before: document('s3:*', 'sqs:*') }),
      after: [
        { name: 'Big', document: document('s3:Get*') },
        { name: 'Big-app-2', document: document('sqs:SendMessage') },
      ],
    };
    const { apply, freeFirst } = plan(
      [split, replace('A')],
      [...attached(18), grant(`${replace('A').arn ?? ''}`)],
    );
    expect(apply.map(({ op }) => op)).toEqual([
      'create-policy',
      'attach-policy',
      'detach-policy',
      'create-policy',
      'attach-policy',
      'put-inline-policy',
    ]);
    expect(freeFirst).toEqual([]);
  });

  test('uses the room of a raised quota', () => {
    const input = {
      proposalId: PROPOSAL_ID,
      subject: ROLE,
      policies: [replace('A')],
      grants: attached(20),
      digest: sha256,
    };
    expect(makePlan(input).freeFirst).toHaveLength(1);
    expect(makePlan({ ...input, attachmentQuota: 21 }).freeFirst).toEqual([]);
  });

  test('begins with the inline policies that shrink most, since they share one limit', () => {
    const shrink = (name: string, before: JsonValue, after: JsonValue): ProposedPolicy =>
      policy({ name, disposition: 'update', before, after: [{ name, document: after }] });
    const made = plan([
      shrink('grows', document('s3:*'), document('s3:GetObject', 's3:PutObject')),
      shrink('shrinks', document('s3:GetObject', 's3:PutObject'), document('s3:*')),
    ]);
    expect(made.apply.map((step) => 'policyName' in step && step.policyName)).toEqual(['shrinks', 'grows']);
    expect(made.rollback.map((step) => 'policyName' in step && step.policyName)).toEqual([
      'grows',
      'shrinks',
    ]);
  });
});

describe('a plan about something shared', () => {
  const shared: Subject = {
    type: 'policy',
    arn: ARN,
    name: 'Shared',
    path: '/team/',
    accountId: '123456789012',
  };
  const holders = {
    roles: ['arn:aws-us-gov:iam::123456789012:role/team/a'],
    users: ['arn:aws-us-gov:iam::123456789012:user/ana'],
    groups: [{ name: 'devs', members: ['arn:aws-us-gov:iam::123456789012:user/bea'] }],
  };
  const of = (subject: Subject, policies: readonly ProposedPolicy[], grants: readonly Grant[] = []) =>
    makePlan({ proposalId: PROPOSAL_ID, subject, holders, policies, grants, digest: sha256 });

  test('adds one new version to a shared policy, and checks whom it affects', () => {
    const made = of(shared, [
      { ...SHARED, disposition: 'new-version', after: [{ name: 'Shared', document: document('s3:Get*') }] },
    ]);
    expect(calls(made.apply)).toEqual([
      `DeletePolicyVersion ${ARN} OLDEST`,
      `CreatePolicyVersion ${ARN} file://policies/0-Shared.after.json`,
    ]);
    expect(made.checks).toMatchObject([
      { check: 'holders', ...holders },
      { check: 'default-version', policyArn: ARN, versionId: 'v7', needs: [] },
    ]);
  });

  test('detaches a shared policy of which nothing is left from all holders, and attaches it again on rollback', () => {
    const made = of(shared, [{ ...SHARED, disposition: 'remove', after: [] }]);
    expect(made.apply.flatMap((step) => step.calls)).toEqual([
      { call: 'DetachRolePolicy', parameters: { RoleName: 'a', PolicyArn: ARN } },
      { call: 'DetachUserPolicy', parameters: { UserName: 'ana', PolicyArn: ARN } },
      { call: 'DetachGroupPolicy', parameters: { GroupName: 'devs', PolicyArn: ARN } },
    ]);
    expect(made.rollback.flatMap((step) => step.calls.map(({ call }) => call))).toEqual([
      'AttachGroupPolicy',
      'AttachUserPolicy',
      'AttachRolePolicy',
    ]);
    expect(made.checks.slice(1)).toMatchObject([
      { check: 'attached-policy', holder: { type: 'role', name: 'a' } },
      { check: 'attached-policy', holder: { type: 'user', name: 'ana' } },
      { check: 'attached-policy', holder: { type: 'group', name: 'devs' } },
    ]);
  });

  test("gives a group's copy description and tags, and makes room for it with what is removed entirely", () => {
    const group: Subject = {
      ...shared,
      type: 'group',
      arn: 'arn:aws-us-gov:iam::123456789012:group/devs',
      name: 'devs',
      path: '/',
    };
    const tags = [{ key: 'team', value: 'orders' }];
    const idle = 'arn:aws-us-gov:iam::123456789012:policy/Idle';
    const full = [ARN, idle, ...Array.from({ length: 8 }, (_, index) => `${ARN}${String(index)}`)];
    const made = of(
      group,
      [
        { ...SHARED, source: 'group-customer-managed', group: 'devs' },
        {
          ...SHARED,
          source: 'group-customer-managed',
          name: 'Idle',
          arn: idle,
          disposition: 'remove',
          after: [],
        },
      ],
      full.map((arn) => ({ ...grant(arn, { tags }), group: { name: 'devs', members: 1 } })),
    );
    expect(calls(made.apply)).toEqual([
      `DetachGroupPolicy ${idle}`,
      'CreatePolicy Shared-app-1 file://policies/0-Shared.after.json',
      'AttachGroupPolicy arn:aws-us-gov:iam::123456789012:policy/team/Shared-app-1',
      `DetachGroupPolicy ${ARN}`,
    ]);
    expect(made.freeFirst).toEqual([]);
    expect(made.apply[1]?.calls[0]?.parameters).toMatchObject({
      Description: `unused-access-refiner proposal ${PROPOSAL_ID}: takes the place of ${ARN} for ${group.arn}`,
      Tags: tags,
    });
  });
});

describe('a plan to remove something', () => {
  const removal = (kind: 'remove-role' | 'remove-access-key' | 'remove-password') =>
    makeRemovalPlan({
      kind,
      principal: kind === 'remove-role' ? ROLE : { ...ROLE, type: 'user' },
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      digest: sha256,
    });

  test('denies an unused role everything, and deletes nothing', () => {
    const made = removal('remove-role');
    expect(calls(made.apply)).toEqual([
      'PutRolePolicy unused-access-refiner-quarantine file://policies/unused-access-refiner-quarantine.json',
    ]);
    expect(calls(made.rollback)).toEqual(['DeleteRolePolicy unused-access-refiner-quarantine']);
    expect(made.documents).toEqual([
      {
        file: 'policies/unused-access-refiner-quarantine.json',
        document: { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
      },
    ]);
    expect(made.irreversible).toBeNull();
  });

  test('deactivates an unused key, and does not delete it', () => {
    const made = removal('remove-access-key');
    expect(made.apply[0]?.calls).toEqual([
      {
        call: 'UpdateAccessKey',
        parameters: { UserName: 'app', AccessKeyId: 'AKIAIOSFODNN7EXAMPLE', Status: 'Inactive' },
      },
    ]);
    expect(made.rollback[0]?.calls[0]?.parameters['Status']).toBe('Active');
  });

  test('deletes an unused password, and says that this cannot be undone', () => {
    const made = removal('remove-password');
    expect(calls(made.apply)).toEqual(['DeleteLoginProfile']);
    expect(made.rollback).toEqual([]);
    expect(made.irreversible).toMatch(/^a deleted password cannot be put back/);
  });
});
