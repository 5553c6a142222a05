import type { JsonValue } from './json.ts';

export type PrincipalType = 'role' | 'user';

/** Who a finding is about. `path` begins and ends with a slash. */
export interface PrincipalRef {
  readonly arn: string;
  readonly type: PrincipalType;
  readonly name: string;
  readonly path: string;
  readonly accountId: string;
}

/**
 * Where a principal's permissions come from. The ids of proposals depend on this order; the names are those of
 * `proposal.json`.
 */
export const GRANT_SOURCES = [
  'role-inline',
  'user-inline',
  'customer-managed',
  'aws-managed',
  'group-inline',
  'group-customer-managed',
  'group-aws-managed',
] as const;
export type GrantSource = (typeof GRANT_SOURCES)[number];

/**
 * One policy that gives a principal permissions. `document` is a JSON value, or the sentence that says why it could
 * not be read: an unreadable document refuses that policy and leaves the others alone.
 */
export interface Grant {
  readonly source: GrantSource;
  readonly name: string;
  readonly document: GrantDocument;
  /** Managed policies only. */
  readonly managed?: ManagedPolicyFacts;
  /** Policies through a group only. */
  readonly group?: { readonly name: string; readonly members: number | undefined };
}

export type GrantDocument =
  | { readonly readable: true; readonly value: JsonValue }
  | { readonly readable: false; readonly text: string; readonly problem: string };

export interface ManagedPolicyFacts {
  readonly arn: string;
  /** Unique id, which, unlike the ARN, is never used again; absent if the source does not have it. */
  readonly id?: string;
  readonly path: string;
  readonly versionId: string;
  /** All present version ids of the policy, oldest first; undefined if the source does not have them. */
  readonly versions?: readonly string[];
  /**
   * Number of roles, users and groups that the policy is attached to, including this principal, and of principals
   * whose boundary it is. A new default version would change what each of them may do.
   */
  readonly attachments: number;
  readonly boundaryUses: number;
  /** When its newest version was created (ISO 8601); absent if the source does not have it. */
  readonly updatedAt?: string;
  readonly tags?: readonly Tag[];
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** The documents of the policies that could be read as JSON. */
export function documentsOf(grants: readonly Grant[]): readonly JsonValue[] {
  return grants.flatMap(({ document }) => (document.readable ? [document.value] : []));
}

/** A principal with all sources of its permissions, as of one moment. */
export interface Principal {
  readonly ref: PrincipalRef;
  /** Unique id, which, unlike the ARN, is never used again; absent if the source does not have it. */
  readonly id?: string;
  /** When a user's password was set; absent if the source does not have it, or there is no password. */
  readonly passwordCreatedAt?: string;
  readonly tags: readonly Tag[];
  readonly grants: readonly Grant[];
  /** For a role: who may assume it, in words; absent if the source does not have it. */
  readonly assumedBy?: readonly string[] | undefined;
  /** When it was created (ISO 8601); absent if the source does not have it. */
  readonly createdAt?: string;
  /** When a role was last used (ISO 8601); null if IAM records no use, absent if the source does not have it. */
  readonly lastUsedAt?: string | null;
  /** ARN of the permissions boundary; never changed and never counted as a grant. */
  readonly boundaryArn: string | undefined;
}

const ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):(role|user)(\/(?:[\x21-\x7e]+\/)?)([\w+=,.@-]+)$/;

/**
 * Parses the ARN of a role or user; undefined if it is something else. The ARN contains the path, but the API takes
 * only the name.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function readPrincipalArn(arn: string): PrincipalRef | undefined {
  const [, , accountId, type, path, name] = ARN.exec(arn) ?? [];
  if (accountId === undefined || path === undefined || name === undefined) return undefined;
  return { arn, type: type === 'user' ? 'user' : 'role', name, path, accountId };
}

/** `role Orders` for `arn:aws:iam::123456789012:role/team/Orders`. */
export function typeAndName(arn: string): string {
  const resource = arn.slice(arn.lastIndexOf(':') + 1);
  return `${resource.slice(0, resource.indexOf('/'))} ${resource.slice(resource.lastIndexOf('/') + 1)}`;
}
