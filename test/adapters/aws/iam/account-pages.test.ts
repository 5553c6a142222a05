import { GetAccountAuthorizationDetailsCommand, GetPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { IamAccountPages } from '../../../../lambda/adapters/aws/iam/account-pages.ts';
import { IamClients } from '../../../../lambda/adapters/aws/iam/iam-clients.ts';
import { IamPolicyTags } from '../../../../lambda/adapters/aws/iam/managed-policies.ts';
import { ALLOW_S3, encoded, rejection, serviceError } from '../support.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Orders`;
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/Shared`;
const mock = mockClient(IAMClient);
const clients = new IamClients(new IAMClient({ region: 'eu-west-1' }), ACCOUNT, undefined);
const pages = new IamAccountPages(clients);

beforeEach(() => mock.reset());

describe('an account that is read as a whole', () => {
  test('is requested in full pages of everything that gives permissions', async () => {
    mock.on(GetAccountAuthorizationDetailsCommand).resolves({ IsTruncated: true, Marker: 'next' });
    expect((await pages.read(ACCOUNT, null)).nextMarker).toBe('next');
    mock.on(GetAccountAuthorizationDetailsCommand).resolves({ IsTruncated: false, Marker: 'ignored' });
    expect((await pages.read(ACCOUNT, 'next')).nextMarker).toBeNull();
    const asked = mock.commandCalls(GetAccountAuthorizationDetailsCommand).map(({ args }) => args[0].input);
    const Filter = ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'];
    expect(asked).toEqual([
      { Filter, MaxItems: 1000 },
      { Filter, MaxItems: 1000, Marker: 'next' },
    ]);
  });

  test('keeps documents as they arrived, and of each policy only the version in force', async () => {
    const document = encoded(ALLOW_S3);
    mock.on(GetAccountAuthorizationDetailsCommand).resolves({
      RoleDetailList: [
        {
          Arn: ROLE,
          AssumeRolePolicyDocument: 'not kept',
          RolePolicyList: [{ PolicyName: 'Own', PolicyDocument: document }],
          AttachedManagedPolicies: [{ PolicyName: 'Shared', PolicyArn: POLICY }],
          PermissionsBoundary: { PermissionsBoundaryArn: POLICY },
          Tags: [{ Key: 'team', Value: 'orders' }],
        },
      ],
      UserDetailList: [{ Arn: `arn:aws:iam::${ACCOUNT}:user/ana`, GroupList: ['Developers'] }],
      GroupDetailList: [
        { GroupName: 'Developers', GroupPolicyList: [{ PolicyName: 'G', PolicyDocument: document }] },
      ],
      Policies: [
        {
          Arn: POLICY,
          Path: '/',
          DefaultVersionId: 'v2',
          AttachmentCount: 3,
          PermissionsBoundaryUsageCount: 1,
          PolicyVersionList: [
            { VersionId: 'v3', Document: 'a draft' },
            { VersionId: 'v2', Document: document, IsDefaultVersion: true },
          ],
        },
      ],
    });
    expect(await pages.read(ACCOUNT, null)).toEqual({
      roles: [
        {
          arn: ROLE,
          tags: [{ key: 'team', value: 'orders' }],
          boundaryArn: POLICY,
          inline: [{ name: 'Own', document }],
          attached: [{ arn: POLICY, name: 'Shared' }],
        },
      ],
      users: [
        {
          arn: `arn:aws:iam::${ACCOUNT}:user/ana`,
          tags: [],
          boundaryArn: null,
          inline: [],
          attached: [],
          groups: ['Developers'],
        },
      ],
      groups: [{ name: 'Developers', inline: [{ name: 'G', document }], attached: [] }],
      policies: [{ arn: POLICY, path: '/', versionId: 'v2', attachments: 3, boundaryUses: 1, document }],
      nextMarker: null,
    });
  });

  test.each([
    ['no default version', { AttachmentCount: 1, PolicyVersionList: [{ VersionId: 'v1', Document: '{}' }] }],
    ['no document', { DefaultVersionId: 'v1', AttachmentCount: 1, PolicyVersionList: [{ VersionId: 'v1' }] }],
    ['no count', { DefaultVersionId: 'v1', PolicyVersionList: [{ VersionId: 'v1', Document: '{}' }] }],
  ])('leaves out a policy with %s, so that it is read with its own call', async (_, policy) => {
    mock.on(GetAccountAuthorizationDetailsCommand).resolves({ Policies: [{ Arn: POLICY, ...policy }] });
    expect((await pages.read(ACCOUNT, null)).policies).toEqual([]);
  });

  test.each([
    [
      'a role without ARN',
      { RoleDetailList: [{ RoleName: 'x' }] },
      { type: 'role', problem: "a role of IAM's answer has no ARN" },
    ],
    [
      'a user without ARN',
      { UserDetailList: [{ UserName: 'x' }] },
      { type: 'user', problem: "a user of IAM's answer has no ARN" },
    ],
    [
      'a group without name',
      { GroupDetailList: [{ GroupId: 'AGPA' }] },
      { type: 'group', problem: "a group of IAM's answer has no name" },
    ],
    [
      'a policy without ARN',
      { Policies: [{ PolicyName: 'x' }] },
      { type: 'policy', problem: "a policy of IAM's answer has no ARN" },
    ],
    [
      'a role with a policy without ARN',
      { RoleDetailList: [{ Arn: ROLE, AttachedManagedPolicies: [{ PolicyName: 'x' }] }] },
      { type: 'role', arn: ROLE, problem: `a policy that is attached to the role ${ROLE} has no ARN` },
    ],
    [
      'a group with a policy without ARN',
      { GroupDetailList: [{ GroupName: 'G', AttachedManagedPolicies: [{ PolicyName: 'x' }] }] },
      { type: 'group', problem: 'a policy that is attached to the group G has no ARN' },
    ],
  ])('reports %s as unreadable', async (_, answer, fault) => {
    mock.on(GetAccountAuthorizationDetailsCommand).resolves(answer);
    expect(await pages.read(ACCOUNT, null)).toEqual({
      roles: [],
      users: [],
      groups: [],
      policies: [],
      faults: [fault],
      nextMarker: null,
    });
  });

  test.each([
    [undefined, 'm'],
    ['m', 'm'],
  ])('whose next marker is %j after %j is an error to retry', async (Marker, marker) => {
    mock
      .on(GetAccountAuthorizationDetailsCommand)
      .resolves({ IsTruncated: true, ...(Marker === undefined ? {} : { Marker }) });
    expect(await rejection(pages.read(ACCOUNT, marker))).toMatchObject({
      decision: 'retry',
      code: 'malformed',
      message: `cannot read account ${ACCOUNT} in bulk: a page says that more follows but does not say where`,
    });
  });

  test.each([
    ['Throttling', 400, 'retry', 'throttled'],
    ['ServiceFailureException', 500, 'retry', 'unavailable'],
    ['AccessDenied', 403, 'permanent', 'access-denied'],
  ])('answered with %s leads to the decision %s', async (name, status, decision, code) => {
    mock.on(GetAccountAuthorizationDetailsCommand).rejects(serviceError(name, status));
    expect(await rejection(pages.read(ACCOUNT, null))).toMatchObject({ decision, code });
  });
});

describe('the tags of a policy', () => {
  const tags = new IamPolicyTags(clients);

  test('are read with a call of their own', async () => {
    mock
      .on(GetPolicyCommand, { PolicyArn: POLICY })
      .resolves({ Policy: { Tags: [{ Key: 'a', Value: 'b' }] } });
    expect(await tags.tagsOf(ACCOUNT, POLICY)).toEqual([{ key: 'a', value: 'b' }]);
  });

  test('of a policy that was deleted meanwhile are an error to retry', async () => {
    mock.on(GetPolicyCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await rejection(tags.tagsOf(ACCOUNT, POLICY))).toMatchObject({ decision: 'retry' });
  });
});
