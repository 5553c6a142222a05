import type { WireDetail, WireFinding } from './access-analyzer-wire.ts';

/** What a finding is about; the account and the resource type are read from the ARN. */
export interface FindingOptions {
  readonly id: string;
  readonly resource: string;
  readonly details: readonly WireDetail[];
  readonly findingType?: WireFinding['findingType'];
  readonly status?: WireFinding['status'];
  readonly updatedAt?: string;
}

export function finding(options: FindingOptions): WireFinding {
  const [, account, type] = /^arn:[^:]*:iam::(\d{12}):(role|user)\//.exec(options.resource) ?? [];
  if (account === undefined) throw new Error(`${options.resource} is not the ARN of a role or a user`);
  return {
    id: options.id,
    resource: options.resource,
    resourceType: type === 'role' ? 'AWS::IAM::Role' : 'AWS::IAM::User',
    resourceOwnerAccount: account,
    status: options.status ?? 'ACTIVE',
    findingType: options.findingType ?? 'UnusedPermission',
    createdAt: '2026-10-01T08:00:00.000Z',
    analyzedAt: '2026-11-01T08:00:00.000Z',
    updatedAt: options.updatedAt ?? '2026-10-15T08:00:00.000Z',
    findingDetails: options.details,
  };
}

/** A service that was used, apart from these actions. */
export function unusedActions(serviceNamespace: string, ...actions: readonly string[]): WireDetail {
  return {
    unusedPermissionDetails: {
      serviceNamespace,
      actions: actions.map((action) => ({ action })),
      lastAccessed: '2026-09-30T12:00:00.000Z',
    },
  };
}

/** A service that was not used at all. */
export function unusedService(serviceNamespace: string): WireDetail {
  return { unusedPermissionDetails: { serviceNamespace } };
}
