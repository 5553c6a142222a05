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

/** How permissions reach a principal, in the order on which ids of proposals rest; the names are those of `proposal.json`. */
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
  /** Unique id, never used again unlike the ARN; absent where the source does not say. */
  readonly id?: string;
  readonly path: string;
  readonly versionId: string;
  /** Every version id the policy has now, oldest first; undefined where the source does not say. */
  readonly versions?: readonly string[];
  /**
   * Roles, users and groups that the policy is attached to, this principal included, and principals whose boundary it
   * is. A new default version would change what each of them may do.
   */
  readonly attachments: number;
  readonly boundaryUses: number;
  /** When its newest version was made (ISO 8601); absent where the source does not say. */
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

/** A principal with everything its permissions come from, as IAM holds it at one moment. */
export interface Principal {
  readonly ref: PrincipalRef;
  /** Unique id, never used again unlike the ARN; absent where the source does not say. */
  readonly id?: string;
  /** When a user's password was set; absent where the source does not say, or there is none. */
  readonly passwordCreatedAt?: string;
  readonly tags: readonly Tag[];
  readonly grants: readonly Grant[];
  /** Of a role: who may assume it, in words; absent where the source does not say. */
  readonly assumedBy?: readonly string[] | undefined;
  /** When it was made (ISO 8601); absent where the source does not say. */
  readonly createdAt?: string;
  /** When a role was last used (ISO 8601); null where IAM records no use, absent where the source does not say. */
  readonly lastUsedAt?: string | null;
  /** ARN of the permissions boundary; never changed and never counted as a grant. */
  readonly boundaryArn: string | undefined;
}

const ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):(role|user)(\/(?:[\x21-\x7e]+\/)?)([\w+=,.@-]+)$/;

/**
 * Parses the ARN of a role or user; undefined if it is something else. The ARN contains the path, the API wants the
 * name.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function readPrincipalArn(arn: string): PrincipalRef | undefined {
  const [, , accountId, type, path, name] = ARN.exec(arn) ?? [];
  if (accountId === undefined || path === undefined || name === undefined) return undefined;
  return { arn, type: type === 'user' ? 'user' : 'role', name, path, accountId };
}
