/* Small accounts as the AWS CLI prints them, made from a seed: what the fuzzer for input mutates. */

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

/** A source of choices. */
export class Chance {
  readonly #next: () => number;
  constructor(next: () => number) {
    this.#next = next;
  }
  below(limit: number): number {
    return Math.floor(this.#next() * limit);
  }
  is(share: number): boolean {
    return this.#next() < share;
  }
  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to choose from');
    return item;
  }
  some<T>(items: readonly T[], share = 0.5): T[] {
    return items.filter(() => this.is(share));
  }
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return Array.from(items, () => left.splice(this.below(left.length), 1)).flat();
  }
}

export const CATALOGUE = {
  s3: [
    'GetObject',
    'GetBucketPolicy',
    'GetBucketAcl',
    'PutObject',
    'PutBucketPolicy',
    'DeleteObject',
    'ListBucket',
  ],
  sqs: ['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'PurgeQueue'],
  ec2: ['DescribeInstances', 'DescribeImages', 'RunInstances', 'StopInstances', 'StartInstances'],
  iam: ['PassRole', 'GetRole', 'ListRoles', 'DeleteRole'],
} as const;
type Service = keyof typeof CATALOGUE;
const SERVICES: readonly Service[] = ['s3', 'sqs', 'ec2', 'iam'];

/** One account or two, and what the analyzer and IAM say of them. */
export interface World {
  readonly accounts: readonly Account[];
}

export interface Account {
  readonly id: string;
  readonly export: { [list: string]: JsonObject[] };
  /** Pages of findings, the pages of one finding in their order. */
  readonly findings: JsonObject[];
  /** Reports on last use, by `role/name`. */
  readonly reports: { [principal: string]: JsonObject };
}

export const UPDATED = '2026-11-20T08:00:00Z';

export function makeWorld(chance: Chance): World {
  const ids = chance.is(0.7) ? ['111122223333'] : ['111122223333', '444455556666'];
  return { accounts: ids.map((id) => makeAccount(id, chance)) };
}

function makeAccount(id: string, chance: Chance): Account {
  const arn = (type: string, name: string): string => `arn:aws:iam::${id}:${type}/${name}`;
  const policies = ['Shared', 'Own'].map((name) => ({
    PolicyName: name,
    PolicyId: `ANPA${id}${name.toUpperCase()}`,
    Arn: arn('policy', name),
    Path: '/',
    DefaultVersionId: 'v2',
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    PolicyVersionList: [
      { Document: documentOf(chance), VersionId: 'v2', IsDefaultVersion: true, CreateDate: UPDATED },
      { Document: documentOf(chance), VersionId: 'v1', IsDefaultVersion: false, CreateDate: UPDATED },
    ],
  }));
  const attach = (names: readonly string[]): Json[] =>
    names.map((name) => {
      const policy = policies.find(({ PolicyName }) => PolicyName === name);
      if (policy) policy.AttachmentCount += 1;
      return { PolicyName: name, PolicyArn: arn('policy', name) };
    });
  const inlineOf = (): Json[] =>
    chance.some(['A', 'B'], 0.6).map((name) => ({ PolicyName: name, PolicyDocument: documentOf(chance) }));
  const roles = ['app', 'batch', 'web'].slice(0, 1 + chance.below(3)).map((name, index) => ({
    Path: '/',
    RoleName: name,
    RoleId: `AROA${id}${name.toUpperCase()}`,
    Arn: arn('role', name),
    CreateDate: UPDATED,
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
    InstanceProfileList: [],
    RolePolicyList: inlineOf(),
    AttachedManagedPolicies: attach([...chance.some(['Shared'], 0.7), ...(index === 0 ? ['Own'] : [])]),
    Tags: [{ Key: 'team', Value: name }],
    RoleLastUsed: {},
  }));
  const users = chance.some(['ann', 'bob'], 0.7).map((name) => ({
    Path: '/',
    UserName: name,
    UserId: `AIDA${id}${name.toUpperCase()}`,
    Arn: arn('user', name),
    CreateDate: UPDATED,
    UserPolicyList: inlineOf(),
    GroupList: chance.some(['Team'], 0.7),
    AttachedManagedPolicies: attach(chance.some(['Shared'], 0.3)),
    Tags: [],
  }));
  const groups = [
    {
      Path: '/',
      GroupName: 'Team',
      GroupId: `AGPA${id}TEAM`,
      Arn: arn('group', 'Team'),
      CreateDate: UPDATED,
      GroupPolicyList: [{ PolicyName: 'G', PolicyDocument: documentOf(chance) }],
      AttachedManagedPolicies: attach(chance.some(['Shared'], 0.3)),
    },
  ];
  const principals = [...roles, ...users].map(({ Arn }) => Arn);
  return {
    id,
    export: { UserDetailList: users, GroupDetailList: groups, RoleDetailList: roles, Policies: policies },
    findings: chance.some(principals, 0.85).flatMap((one) => pagesOf(one, id, chance)),
    reports: Object.fromEntries(
      chance.some(principals, 0.4).map((one) => [one.split(':').at(-1) ?? '', reportOf(chance)]),
    ),
  };
}

function documentOf(chance: Chance): JsonObject {
  const statements = Array.from({ length: 1 + chance.below(2) }, (_, index) => {
    const service = chance.of(SERVICES);
    const actions = chance.is(0.4)
      ? [`${service}:*`]
      : chance.some([`${service}:Get*`, ...CATALOGUE[service].map((action) => `${service}:${action}`)]);
    return {
      Sid: `S${String(index)}`,
      Effect: 'Allow',
      Action: actions.length > 0 ? actions : [`${service}:*`],
      Resource: '*',
    };
  });
  return { Version: '2012-10-17', Statement: statements };
}

/** What the finding about a principal reports unused: whole services, and actions of others. */
function pagesOf(resource: string, account: string, chance: Chance): JsonObject[] {
  const details = chance.some(SERVICES, 0.6).map((serviceNamespace) => {
    const actions = chance.is(0.3) ? [] : chance.some([...CATALOGUE[serviceNamespace]], 0.5);
    const unused = actions.map((action) => ({ action, lastAccessed: '2026-06-01T00:00:00Z' }));
    return {
      unusedPermissionDetails: { serviceNamespace, ...(actions.length > 0 ? { actions: unused } : {}) },
    };
  });
  const base = {
    id: `${account}-${resource.replace(/^.*:/, '').replace('/', '-')}`,
    resource,
    resourceType: resource.includes(':role/') ? 'AWS::IAM::Role' : 'AWS::IAM::User',
    resourceOwnerAccount: account,
    status: 'ACTIVE',
    findingType: 'UnusedPermission',
    createdAt: '2026-11-01T08:00:00Z',
    analyzedAt: UPDATED,
    updatedAt: UPDATED,
  };
  const [first, ...rest] = details;
  if (first === undefined || rest.length === 0 || chance.is(0.6))
    return [{ ...base, findingDetails: details }];
  return [
    { ...base, findingDetails: [first], nextToken: 'AAAA' },
    { ...base, findingDetails: rest },
  ];
}

function reportOf(chance: Chance): JsonObject {
  const services = SERVICES.map((service) => ({
    ServiceName: service.toUpperCase(),
    ServiceNamespace: service,
    LastAuthenticated: chance.is(0.2) ? '2026-11-24T00:00:00Z' : '2026-11-02T00:00:00Z',
    TotalAuthenticatedEntities: 1,
    TrackedActionsLastAccessed: CATALOGUE[service].map((action) => ({
      ActionName: action,
      ...(chance.is(0.3) ? { LastAccessedTime: '2026-11-02T00:00:00Z' } : {}),
    })),
  }));
  return {
    JobStatus: 'COMPLETED',
    JobType: 'ACTION_LEVEL',
    JobCreationDate: '2026-11-25T00:00:00Z',
    ServicesLastAccessed: services,
    JobCompletionDate: '2026-11-25T00:00:01Z',
    IsTruncated: false,
  };
}
