import {
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  type Role,
} from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { IamClients } from '../../../../lambda/adapters/aws/iam/iam-clients.ts';
import { ManagedPolicies } from '../../../../lambda/adapters/aws/iam/managed-policies.ts';
import { IamPolicies } from '../../../../lambda/adapters/aws/iam/policies.ts';
import type { PrincipalRef } from '../../../../lambda/core/model/principal.ts';
import { equalJson } from '../../../../lambda/core/model/json.ts';
import { ALLOW_S3, encoded, rejection, serviceError } from '../support.ts';

const ACCOUNT = '123456789012';
const mock = mockClient(IAMClient);
const home = new IAMClient({ region: 'eu-west-1' });
const role: PrincipalRef = {
  arn: `arn:aws:iam::${ACCOUNT}:role/app/Orders`,
  type: 'role',
  name: 'Orders',
  path: '/app/',
  accountId: ACCOUNT,
};
const user: PrincipalRef = {
  arn: `arn:aws:iam::${ACCOUNT}:user/ana`,
  type: 'user',
  name: 'ana',
  path: '/',
  accountId: ACCOUNT,
};

function source(now?: () => number): IamPolicies {
  return new IamPolicies(new IamClients(home, ACCOUNT, undefined), new ManagedPolicies(now));
}

/** A role with two inline policies and these managed ones. */
function roleWith(arns: readonly string[], part: Partial<Role> = {}): void {
  mock.on(GetRoleCommand, { RoleName: 'Orders' }).resolves({
    Role: {
      Arn: role.arn,
      Path: '/app/',
      RoleName: 'Orders',
      RoleId: 'AROAEXAMPLE',
      CreateDate: new Date(0),
      ...part,
    },
  });
  mock.on(ListAttachedRolePoliciesCommand).resolves({
    AttachedPolicies: arns.map((PolicyArn) => ({
      PolicyArn,
      PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
    })),
    IsTruncated: false,
  });
  mock.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['Write', 'Read'], IsTruncated: false });
  mock
    .on(GetRolePolicyCommand)
    .resolves({ RoleName: 'Orders', PolicyName: 'x', PolicyDocument: encoded(ALLOW_S3) });
  mock.on(GetPolicyCommand).callsFake(({ PolicyArn }: { PolicyArn: string }) => ({
    Policy: {
      Arn: PolicyArn,
      Path: '/team/',
      DefaultVersionId: 'v3',
      AttachmentCount: 2,
      PermissionsBoundaryUsageCount: 1,
      Tags: [{ Key: 'owner', Value: 'orders' }],
    },
  }));
  mock
    .on(GetPolicyVersionCommand)
    .resolves({ PolicyVersion: { VersionId: 'v3', Document: encoded(ALLOW_S3), IsDefaultVersion: true } });
}

const CUSTOMER = ['A', 'B', 'C'].map((name) => `arn:aws:iam::${ACCOUNT}:policy/team/${name}`);
const AWS = ['ReadOnlyAccess', 'job-function/Billing', 'service-role/AWSLambdaRole'].map(
  (name) => `arn:aws:iam::aws:policy/${name}`,
);

beforeEach(() => {
  mock.reset();
});

describe('a role', () => {
  test('has its tags, its boundary and every policy in a fixed order', async () => {
    roleWith([AWS[1]!, CUSTOMER[0]!], {
      Tags: [{ Key: 'team', Value: 'orders' }],
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/Limit`,
      },
    });
    const answer = await source().getPrincipal(role);
    if (answer.kind !== 'found') throw new Error('expected the role');
    const { principal } = answer;
    expect(principal.ref).toEqual(role);
    expect(principal.tags).toEqual([{ key: 'team', value: 'orders' }]);
    expect(principal.boundaryArn).toBe(`arn:aws:iam::${ACCOUNT}:policy/Limit`);
    expect(principal.grants.map(({ source: kind, name }) => `${kind} ${name}`)).toEqual([
      'role-inline Read',
      'role-inline Write',
      'customer-managed A',
      'aws-managed Billing',
    ]);
    expect(principal.grants[2]?.managed).toEqual({
      arn: CUSTOMER[0],
      path: '/team/',
      versionId: 'v3',
      attachments: 2,
      boundaryUses: 1,
      tags: [{ key: 'owner', value: 'orders' }],
    });
    for (const { document } of principal.grants) {
      expect(document.readable && equalJson(document.value, ALLOW_S3)).toBe(true);
    }
  });

  test.each([
    [
      'if it is asked for',
      true,
      { createdAt: '2024-01-01T00:00:00.000Z', lastUsedAt: '2026-11-20T10:00:00.000Z' },
    ],
    ['only if it is asked for', false, {}],
  ])('has its age and its last use %s', async (_, includesAges, expected) => {
    roleWith([], {
      CreateDate: new Date('2024-01-01T00:00:00Z'),
      RoleLastUsed: { LastUsedDate: new Date('2026-11-20T10:00:00Z') },
    });
    const clients = new IamClients(home, ACCOUNT, undefined);
    const answer = await new IamPolicies(clients, new ManagedPolicies(), includesAges).getPrincipal(role);
    if (answer.kind !== 'found') throw new Error('expected the role');
    const { createdAt, lastUsedAt } = answer.principal;
    expect({ createdAt, lastUsedAt }).toEqual(expected);
  });

  test('with three managed and two inline policies takes 11 calls, one for each listing', async () => {
    roleWith(CUSTOMER);
    await source().getPrincipal(role);
    const names = mock.calls().map(({ args }) => args[0].constructor.name);
    expect(names.sort()).toEqual([
      'GetPolicyCommand',
      'GetPolicyCommand',
      'GetPolicyCommand',
      'GetPolicyVersionCommand',
      'GetPolicyVersionCommand',
      'GetPolicyVersionCommand',
      'GetRoleCommand',
      'GetRolePolicyCommand',
      'GetRolePolicyCommand',
      'ListAttachedRolePoliciesCommand',
      'ListRolePoliciesCommand',
    ]);
    expect(mock.commandCalls(ListRolePoliciesCommand)[0]?.args[0].input.MaxItems).toBe(1000);
    expect(mock.commandCalls(ListAttachedRolePoliciesCommand)[0]?.args[0].input.MaxItems).toBe(1000);
  });

  test('whose customer managed policies are cached takes 8 calls, which read the attachments again', async () => {
    roleWith(CUSTOMER);
    const policies = source();
    await policies.getPrincipal(role);
    mock.resetHistory();
    mock.on(GetPolicyCommand).resolves({ Policy: { DefaultVersionId: 'v3', AttachmentCount: 7 } });
    const answer = await policies.getPrincipal(role);
    expect(mock.calls()).toHaveLength(8);
    expect(answer.kind === 'found' && answer.principal.grants[2]?.managed?.attachments).toBe(7);
  });

  test('whose policy was deleted and created again under its ARN has the new document, although both are v1', async () => {
    roleWith([CUSTOMER[0]!]);
    const policies = source();
    const is = (PolicyId: string, document: unknown): void => {
      mock
        .on(GetPolicyCommand)
        .resolves({ Policy: { DefaultVersionId: 'v1', AttachmentCount: 1, PolicyId } })
        .on(GetPolicyVersionCommand)
        .resolves({
          PolicyVersion: { VersionId: 'v1', Document: encodeURIComponent(JSON.stringify(document)) },
        });
    };
    const read = async () => {
      const answer = await policies.getPrincipal(role);
      const document = answer.kind === 'found' ? answer.principal.grants[2]?.document : undefined;
      return document?.readable === true ? JSON.stringify(document.value) : undefined;
    };
    is('ANPAOLD', { Version: '2012-10-17', Statement: [] });
    expect(await read()).toBe('{"Version":"2012-10-17","Statement":[]}');
    is('ANPANEW', { Version: '2008-10-17', Statement: [] });
    expect(await read()).toBe('{"Version":"2008-10-17","Statement":[]}');
  });

  test('whose policies are all cached and owned by AWS takes 5 calls', async () => {
    roleWith(AWS);
    const policies = source();
    await policies.getPrincipal(role);
    mock.resetHistory();
    await policies.getPrincipal(role);
    expect(mock.calls()).toHaveLength(5);
  });

  test('has the new default version of an AWS managed policy after a quarter of an hour', async () => {
    roleWith(AWS);
    let now = 0;
    const policies = source(() => now);
    await policies.getPrincipal(role);
    mock.on(GetPolicyCommand).resolves({ Policy: { DefaultVersionId: 'v4', AttachmentCount: 1 } });
    now = 899_999;
    const before = await policies.getPrincipal(role);
    now = 900_000;
    const after = await policies.getPrincipal(role);
    expect(before.kind === 'found' && before.principal.grants[2]?.managed?.versionId).toBe('v3');
    expect(after.kind === 'found' && after.principal.grants[2]?.managed?.versionId).toBe('v4');
  });

  test('with more policies than fit on one page is read with all pages', async () => {
    roleWith([]);
    mock
      .on(ListRolePoliciesCommand, { Marker: 'm' })
      .resolves({ PolicyNames: ['Second'], IsTruncated: false })
      .on(ListRolePoliciesCommand, { Marker: undefined })
      .resolves({ PolicyNames: ['First'], IsTruncated: true, Marker: 'm' });
    const answer = await source().getPrincipal(role);
    expect(answer.kind === 'found' && answer.principal.grants.map(({ name }) => name)).toEqual([
      'First',
      'Second',
    ]);
  });

  test('whose listing says that more follows but has no marker is an error', async () => {
    roleWith([]);
    mock.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['First'], IsTruncated: true });
    expect(await rejection(source().getPrincipal(role))).toMatchObject({ code: 'malformed' });
  });

  test('that does not exist is gone', async () => {
    mock.on(GetRoleCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await source().getPrincipal(role)).toEqual({ kind: 'gone' });
  });

  test('that was created again under another path is gone', async () => {
    roleWith([]);
    expect(
      await source().getPrincipal({ ...role, arn: `arn:aws:iam::${ACCOUNT}:role/Orders`, path: '/' }),
    ).toEqual({
      kind: 'gone',
    });
  });

  test('that is deleted while its policies are listed is gone', async () => {
    roleWith([]);
    mock.on(ListRolePoliciesCommand).rejects(serviceError('NoSuchEntity', 404));
    expect(await source().getPrincipal(role)).toEqual({ kind: 'gone' });
  });

  test.each([
    ['an inline policy', GetRolePolicyCommand],
    ['a managed policy', GetPolicyCommand],
    ['a version of a managed policy', GetPolicyVersionCommand],
  ])('is read again if %s disappeared after it was listed', async (_, command) => {
    roleWith(CUSTOMER);
    mock.on(command as typeof GetPolicyCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await rejection(source().getPrincipal(role))).toMatchObject({
      decision: 'retry',
      code: 'unavailable',
    });
  });

  test('that may not be read is a permanent error', async () => {
    mock.on(GetRoleCommand).rejects(serviceError('AccessDenied', 403));
    expect(await rejection(source().getPrincipal(role))).toMatchObject({
      decision: 'permanent',
      code: 'access-denied',
    });
  });

  test('is read completely on the next attempt if one of its policies was throttled', async () => {
    roleWith(AWS.slice(0, 1));
    const policies = source();
    mock
      .on(GetPolicyVersionCommand)
      .rejectsOnce(serviceError('Throttling', 400))
      .resolves({
        PolicyVersion: { Document: encoded(ALLOW_S3) },
      });
    expect(await rejection(policies.getPrincipal(role))).toMatchObject({ code: 'throttled' });
    const answer = await policies.getPrincipal(role);
    expect(answer.kind === 'found' && answer.principal.grants[2]?.document.readable).toBe(true);
  });

  test('of a member account is an error if no member role is configured', async () => {
    expect(await rejection(source().getPrincipal({ ...role, accountId: '999999999999' }))).toMatchObject({
      decision: 'permanent',
      code: 'access-denied',
    });
    expect(mock.calls()).toHaveLength(0);
  });

  test('with a managed policy without a count of attachments is an error, since others might lose access', async () => {
    roleWith(CUSTOMER);
    mock.on(GetPolicyCommand).resolves({ Policy: { DefaultVersionId: 'v1' } });
    expect(await rejection(source().getPrincipal(role))).toMatchObject({
      code: 'malformed',
      decision: 'permanent',
    });
  });
});

describe('a document', () => {
  async function documentOf(text: string | undefined) {
    roleWith([]);
    mock.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['One'] });
    mock.on(GetRolePolicyCommand).resolves({ RoleName: 'x', PolicyName: 'x', PolicyDocument: text });
    const answer = await source().getPrincipal(role);
    if (answer.kind !== 'found') throw new Error('expected the role');
    return answer.principal.grants[0]!.document;
  }

  test('that is not encoded keeps its percent signs', async () => {
    expect(await documentOf('\n{"Id":"100%25 + a"}')).toMatchObject({
      readable: true,
      value: { Id: '100%25 + a' },
    });
  });

  test('that is encoded keeps its plus signs', async () => {
    expect(await documentOf('%7B%22Id%22%3A%22a+b%2Bc%22%7D')).toMatchObject({ value: { Id: 'a+b+c' } });
  });

  test('that is neither is unreadable, and the others are read', async () => {
    expect(await documentOf('%7B%GG')).toEqual({
      readable: false,
      text: '%7B%GG',
      problem: 'the policy document is not percent-encoded as IAM documents it',
    });
  });

  test('that is not JSON is unreadable with the reason', async () => {
    expect(await documentOf('%7B%22Id%22')).toMatchObject({ readable: false, text: '{"Id"' });
  });

  test('that is missing is unreadable', async () => {
    expect(await documentOf(undefined)).toMatchObject({ readable: false, text: '' });
  });
});

describe('a user', () => {
  beforeEach(() => {
    mock.on(GetUserCommand).resolves({
      User: { Arn: user.arn, Path: '/', UserName: 'ana', UserId: 'AIDAEXAMPLE', CreateDate: new Date(0) },
    });
    mock.on(ListAttachedUserPoliciesCommand).resolves({ AttachedPolicies: [] });
    mock.on(ListUserPoliciesCommand).resolves({ PolicyNames: [] });
    mock.on(ListGroupsForUserCommand, { Marker: undefined }).resolves({
      Groups: [{ GroupName: 'Developers', Path: '/', GroupId: 'g', Arn: 'a', CreateDate: new Date(0) }],
      IsTruncated: true,
      Marker: 'm',
    });
    mock.on(ListGroupsForUserCommand, { Marker: 'm' }).resolves({
      Groups: [{ GroupName: 'Auditors', Path: '/', GroupId: 'g', Arn: 'a', CreateDate: new Date(0) }],
    });
    mock.on(ListAttachedGroupPoliciesCommand).resolves({ AttachedPolicies: [] });
    mock
      .on(ListAttachedGroupPoliciesCommand, { GroupName: 'Developers' })
      .resolves({ AttachedPolicies: [{ PolicyArn: AWS[0], PolicyName: 'ReadOnlyAccess' }] });
    mock.on(ListGroupPoliciesCommand).resolves({ PolicyNames: [] });
    mock.on(ListGroupPoliciesCommand, { GroupName: 'Developers' }).resolves({ PolicyNames: ['Build'] });
    mock
      .on(GetGroupPolicyCommand)
      .resolves({ GroupName: 'Developers', PolicyName: 'Build', PolicyDocument: encoded(ALLOW_S3) });
    mock.on(GetPolicyCommand).resolves({ Policy: { DefaultVersionId: 'v9', AttachmentCount: 4 } });
    mock.on(GetPolicyVersionCommand).resolves({ PolicyVersion: { Document: encoded(ALLOW_S3) } });
    const member = { Path: '/', UserName: 'u', UserId: 'u', Arn: 'a', CreateDate: new Date(0) };
    mock
      .on(GetGroupCommand, { Marker: undefined })
      .resolves({ Group: undefined, Users: [member, member], IsTruncated: true, Marker: 'm' })
      .on(GetGroupCommand, { Marker: 'm' })
      .resolves({ Group: undefined, Users: [member] });
  });

  test('has the policies of each group, with the number of its members over all pages', async () => {
    const answer = await source().getPrincipal(user);
    if (answer.kind !== 'found') throw new Error('expected the user');
    expect(answer.principal.grants.map(({ source: kind, name, group }) => ({ kind, name, group }))).toEqual([
      { kind: 'group-inline', name: 'Build', group: { name: 'Developers', members: 3 } },
      { kind: 'group-aws-managed', name: 'ReadOnlyAccess', group: { name: 'Developers', members: 3 } },
    ]);
  });

  test('in a group without policies does not pay for counting its members', async () => {
    await source().getPrincipal(user);
    const groups = mock.commandCalls(GetGroupCommand).map(({ args }) => args[0].input.GroupName);
    expect(groups).toEqual(['Developers', 'Developers']);
  });

  test('whose group vanished after it was listed is read again', async () => {
    mock.on(ListGroupPoliciesCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await rejection(source().getPrincipal(user))).toMatchObject({ decision: 'retry' });
  });

  test('that does not exist is gone', async () => {
    mock.on(GetUserCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await source().getPrincipal(user)).toEqual({ kind: 'gone' });
  });
});
