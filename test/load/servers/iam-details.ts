import type { World, WorldPrincipal } from '../world/principals.ts';
import { GROUP } from '../world/principals.ts';
import type { Account } from '../world/organisation.ts';
import {
  attachedFields,
  CREATED,
  encodeDocument,
  GROUP_DOCUMENT,
  groupFields,
  policyFields,
  policyOf,
  roleFields,
  userFields,
} from './iam.ts';
import type { XmlValue } from './xml.ts';

/**
 * GetAccountAuthorizationDetails: users, groups, roles and policies in one row, cut into pages. With AWS a page may hold
 * fewer than were asked for; only `IsTruncated` counts.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export function accountDetails(
  world: World,
  account: Account,
  parameters: ReadonlyMap<string, string>,
): XmlValue {
  const filters = [...parameters]
    .filter(([name]) => name.startsWith('Filter.member.'))
    .map(([, value]) => value);
  const wants = (filter: string): boolean => filters.length === 0 || filters.includes(filter);
  const start = Number(parameters.get('Marker') ?? 0);
  const size = Number(parameters.get('MaxItems') ?? 100);
  const lists: Record<string, XmlValue[]> = {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: [],
    Policies: [],
  };
  // What is skipped is counted without being made: a page costs what it holds.
  let place = 0;
  const put = (list: string, make: () => XmlValue): void => {
    if (place >= start && place < start + size) lists[list]?.push(make());
    place += 1;
  };
  const { users, roles, awsPolicies } = world.roster(account);
  if (wants('User')) {
    for (const index of users) put('UserDetailList', () => userDetail(world.principal(index)));
  }
  if (wants('Role')) {
    for (const index of roles) put('RoleDetailList', () => roleDetail(world.principal(index)));
  }
  if (wants('Group')) put('GroupDetailList', () => groupDetail(account));
  const arns = [
    ...(wants('LocalManagedPolicy') ? world.customerPolicies(account) : []),
    ...(wants('AWSManagedPolicy') ? awsPolicies : []),
  ];
  for (const arn of arns) put('Policies', () => policyDetail(world, arn));
  const truncated = start + size < place;
  return { ...lists, IsTruncated: truncated, Marker: truncated ? String(start + size) : undefined };
}

function inlineList({ inline }: WorldPrincipal): XmlValue {
  return inline.map(({ name, document }) => ({ PolicyName: name, PolicyDocument: encodeDocument(document) }));
}

function userDetail(user: WorldPrincipal): XmlValue {
  return {
    ...userFields(user),
    UserPolicyList: inlineList(user),
    GroupList: [...user.groups],
    AttachedManagedPolicies: user.attached.map(attachedFields),
  };
}

function roleDetail(role: WorldPrincipal): XmlValue {
  return {
    ...roleFields(role),
    AssumeRolePolicyDocument: encodeDocument({ Version: '2012-10-17', Statement: [] }),
    InstanceProfileList: [],
    RolePolicyList: inlineList(role),
    AttachedManagedPolicies: role.attached.map(attachedFields),
  };
}

function groupDetail(account: Account): XmlValue {
  return {
    ...groupFields(account, GROUP),
    GroupPolicyList: [{ PolicyName: 'Read', PolicyDocument: encodeDocument(GROUP_DOCUMENT) }],
    AttachedManagedPolicies: [],
  };
}

function policyDetail(world: World, arn: string): XmlValue {
  return {
    ...policyFields(world, arn),
    PolicyVersionList: [
      {
        Document: encodeDocument(policyOf(world, arn).document),
        VersionId: 'v1',
        IsDefaultVersion: true,
        CreateDate: CREATED,
      },
    ],
  };
}
