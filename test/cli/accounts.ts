import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

export const ACCOUNT = '123456789012';

export function roleArn(name: string, at = '/'): string {
  return `arn:aws:iam::${ACCOUNT}:role${at}${name}`;
}

export function userArn(name: string, at = '/'): string {
  return `arn:aws:iam::${ACCOUNT}:user${at}${name}`;
}

export function policyArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:policy/${name}`;
}

export function allow(...actions: readonly string[]): Record<string, unknown> {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

type Members = Record<string, unknown>;

export function role(name: string, members: Members = {}, at = '/'): Members {
  return {
    Path: at,
    RoleName: name,
    Arn: roleArn(name, at),
    RolePolicyList: [],
    AttachedManagedPolicies: [],
    ...members,
  };
}

export function user(name: string, members: Members = {}): Members {
  return {
    Path: '/',
    UserName: name,
    Arn: userArn(name),
    UserPolicyList: [],
    GroupList: [],
    AttachedManagedPolicies: [],
    ...members,
  };
}

export function inline(name: string, document: unknown): Members {
  return { PolicyName: name, PolicyDocument: document };
}

export function attached(arn: string): Members {
  return { PolicyName: arn.split('/').at(-1), PolicyArn: arn };
}

export function managed(arn: string, document: unknown, members: Members = {}): Members {
  return {
    PolicyName: arn.split('/').at(-1),
    Arn: arn,
    Path: '/',
    DefaultVersionId: 'v2',
    AttachmentCount: 1,
    PermissionsBoundaryUsageCount: 0,
    PolicyVersionList: [
      { VersionId: 'v2', IsDefaultVersion: true, Document: document },
      { VersionId: 'v1', IsDefaultVersion: false, Document: allow('ec2:*') },
    ],
    ...members,
  };
}

/** A finding of unused permissions: `{ s3: ['GetObject'], sqs: [] }`; an empty list is the whole service. */
export function finding(
  resource: string,
  unused: Record<string, readonly string[]>,
  members: Members = {},
): Members {
  return {
    id: `finding-${resource.split('/').at(-1) ?? ''}`,
    resource,
    resourceType: 'AWS::IAM::Role',
    resourceOwnerAccount: ACCOUNT,
    status: 'ACTIVE',
    findingType: 'UnusedPermission',
    createdAt: '2026-11-01T00:00:00.000Z',
    analyzedAt: '2026-11-20T00:00:00.000Z',
    updatedAt: '2026-11-20T00:00:00.000Z',
    findingDetails: Object.entries(unused).map(([serviceNamespace, actions]) => ({
      unusedPermissionDetails: {
        serviceNamespace,
        ...(actions.length === 0 ? {} : { actions: actions.map((action) => ({ action })) }),
      },
    })),
    ...members,
  };
}

/** Every file below a folder with its content, by its path within the folder. */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const visit = (place: string): void => {
    for (const name of readdirSync(path.join(folder, place)).sort()) {
      const inner = path.join(place, name);
      if (statSync(path.join(folder, inner)).isDirectory()) visit(inner);
      else files.set(inner, readFileSync(path.join(folder, inner), 'utf8'));
    }
  };
  if (existsSync(folder)) visit('');
  return files;
}

/** The paths of all `proposal.json` below a folder. */
export function proposalPaths(folder: string): readonly string[] {
  return [...filesBelow(folder).keys()].filter((name) => path.basename(name) === 'proposal.json');
}
