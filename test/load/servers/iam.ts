import { HOME_ACCOUNT } from '../../integration/harness/accounts.ts';
import { GROUP, type World, type WorldPrincipal } from '../world/principals.ts';
import type { Account } from '../world/organisation.ts';
import { type Answer, type Request, type Service, ServiceError, unknownOperation } from './answer.ts';
import { accountDetails } from './iam-details.ts';
import { memberAccountOf } from './sts.ts';
import { queryAnswer, type XmlValue } from './xml.ts';

type Parameters = ReadonlyMap<string, string>;

/**
 * IAM's reading calls over the generated organisation. Whose account is asked stands in the access key, as with AWS.
 * Wire format: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
 */
export function iamService(world: World): Service {
  const principal = (account: Account, parameters: Parameters, type: 'role' | 'user'): WorldPrincipal => {
    const name = parameters.get(type === 'role' ? 'RoleName' : 'UserName') ?? '';
    const found = world.named(account, type, name);
    if (!found) throw noSuch(`The ${type} with name ${name} cannot be found.`);
    return found;
  };
  const inline = (found: WorldPrincipal, parameters: Parameters): XmlValue => {
    const name = parameters.get('PolicyName') ?? '';
    const policy = found.inline.find((one) => one.name === name);
    if (!policy) throw noSuch(`The policy with name ${name} cannot be found.`);
    return { PolicyName: name, PolicyDocument: encodeDocument(policy.document) };
  };
  const operations: Readonly<Record<string, (account: Account, parameters: Parameters) => XmlValue>> = {
    GetRole: (account, parameters) => ({ Role: roleFields(principal(account, parameters, 'role')) }),
    GetUser: (account, parameters) => ({ User: userFields(principal(account, parameters, 'user')) }),
    ListRolePolicies: (account, parameters) =>
      inlineNames(principal(account, parameters, 'role'), parameters),
    ListUserPolicies: (account, parameters) =>
      inlineNames(principal(account, parameters, 'user'), parameters),
    ListAttachedRolePolicies: (account, parameters) =>
      attached(principal(account, parameters, 'role'), parameters),
    ListAttachedUserPolicies: (account, parameters) =>
      attached(principal(account, parameters, 'user'), parameters),
    GetRolePolicy: (account, parameters) => ({
      RoleName: parameters.get('RoleName'),
      ...(inline(principal(account, parameters, 'role'), parameters) as object),
    }),
    GetUserPolicy: (account, parameters) => ({
      UserName: parameters.get('UserName'),
      ...(inline(principal(account, parameters, 'user'), parameters) as object),
    }),
    ListGroupsForUser: (account, parameters) =>
      page(
        'Groups',
        principal(account, parameters, 'user').groups.map((name) => groupFields(account, name)),
        parameters,
      ),
    ListGroupPolicies: (_, parameters) => page('PolicyNames', ['Read'], parameters),
    ListAttachedGroupPolicies: (_, parameters) => page('AttachedPolicies', [], parameters),
    GetGroupPolicy: (_, parameters) => ({
      GroupName: parameters.get('GroupName'),
      PolicyName: 'Read',
      PolicyDocument: encodeDocument(GROUP_DOCUMENT),
    }),
    GetGroup: (account, parameters) => ({
      Group: groupFields(account, GROUP),
      ...(page(
        'Users',
        world.roster(account).users.map((index) => userFields(world.principal(index))),
        parameters,
      ) as object),
    }),
    GetPolicy: (_, parameters) => ({ Policy: policyFields(world, parameters.get('PolicyArn') ?? '') }),
    GetPolicyVersion: (_, parameters) => ({
      PolicyVersion: {
        Document: encodeDocument(policyOf(world, parameters.get('PolicyArn') ?? '').document),
        VersionId: 'v1',
        IsDefaultVersion: true,
        CreateDate: CREATED,
      },
    }),
    GetAccountAuthorizationDetails: (account, parameters) => accountDetails(world, account, parameters),
  };
  return (request: Request): Answer => {
    const { call } = request;
    const operation = operations[call.operation];
    if (!operation) throw unknownOperation(request);
    const account = world.organisation.byId(memberAccountOf(call.accessKeyId) ?? HOME_ACCOUNT);
    if (!account) throw new ServiceError(403, 'InvalidClientTokenId', 'The security token is invalid.');
    return { status: 200, body: queryAnswer(call.operation, operation(account, call.parameters)) };
  };
}

export const CREATED = '2024-03-11T10:20:30Z';
export const GROUP_DOCUMENT = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['iam:Get*', 'iam:List*'], Resource: '*' }],
};

/** IAM encodes documents after RFC 3986. */
export function encodeDocument(document: unknown): string {
  return encodeURIComponent(JSON.stringify(document)).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function roleFields({ name, path, arn, index }: WorldPrincipal): {
  readonly [name: string]: XmlValue;
} {
  return {
    Path: path,
    RoleName: name,
    RoleId: `AROA${String(index).padStart(17, '0')}`,
    Arn: arn,
    CreateDate: CREATED,
    Tags: [{ Key: 'team', Value: `team-${String(index % 17)}` }],
  };
}

export function userFields({ name, path, arn, index }: WorldPrincipal): {
  readonly [name: string]: XmlValue;
} {
  return {
    Path: path,
    UserName: name,
    UserId: `AIDA${String(index).padStart(17, '0')}`,
    Arn: arn,
    CreateDate: CREATED,
    Tags: [{ Key: 'team', Value: `team-${String(index % 17)}` }],
  };
}

export function groupFields({ id, place }: Account, name: string): { readonly [name: string]: XmlValue } {
  return {
    Path: '/',
    GroupName: name,
    GroupId: `AGPA${String(place).padStart(17, '0')}`,
    Arn: `arn:aws:iam::${id}:group/${name}`,
    CreateDate: CREATED,
  };
}

export function policyFields(world: World, arn: string): { readonly [name: string]: XmlValue } {
  const { name } = policyOf(world, arn);
  return {
    PolicyName: name,
    PolicyId: `ANPA${name}`,
    Arn: arn,
    Path: '/',
    DefaultVersionId: 'v1',
    // Always of more than one: a version of its own would take something from the others.
    AttachmentCount: 2,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: CREATED,
    UpdateDate: CREATED,
  };
}

export function policyOf(world: World, arn: string) {
  const policy = world.managedPolicy(arn);
  if (!policy) throw noSuch(`Policy ${arn} does not exist or is not attachable.`);
  return policy;
}

export function attachedFields(arn: string): XmlValue {
  return { PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn };
}

function inlineNames(found: WorldPrincipal, parameters: Parameters): XmlValue {
  return page(
    'PolicyNames',
    found.inline.map(({ name }) => name),
    parameters,
  );
}

function attached(found: WorldPrincipal, parameters: Parameters): XmlValue {
  return page('AttachedPolicies', found.attached.map(attachedFields), parameters);
}

/** A page of IAM: `Marker` and `MaxItems`, 100 unless asked for otherwise. */
export function page(name: string, items: readonly XmlValue[], parameters: Parameters): XmlValue {
  const start = Number(parameters.get('Marker') ?? 0);
  const size = Number(parameters.get('MaxItems') ?? 100);
  const truncated = start + size < items.length;
  return {
    [name]: items.slice(start, start + size),
    IsTruncated: truncated,
    Marker: truncated ? String(start + size) : undefined,
  };
}

function noSuch(message: string): ServiceError {
  return new ServiceError(404, 'NoSuchEntity', message);
}
