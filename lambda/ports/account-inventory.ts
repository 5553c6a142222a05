import type { Grant, Tag } from '../core/model/principal.ts';

/** Who holds what in one account, as its description shows it. Lists are in no order. */
export interface AccountInventory {
  readonly accountId: string;
  /** Customer managed policies that the description shows. */
  readonly customerManagedPolicies: number;
  /** The customer managed policies that are attached to two or more roles, users or groups, each once; by ARN. */
  sharedPolicies(): Iterable<SharedPolicy>;
  /** Every group, each once; by ARN. */
  groups(): Iterable<GroupHoldings>;
}

export interface SharedPolicy {
  readonly arn: string;
  readonly roles: readonly Holder[];
  readonly users: readonly Holder[];
  readonly groups: readonly GroupMembers[];
  /** What IAM says it is attached to, in numbers; undefined where the description does not say. */
  readonly attachments: number | undefined;
  /** Principals whose permissions boundary it is; undefined where the description does not say. */
  readonly boundaryUses: number | undefined;
  /** The policy itself. Reads the document, so it is asked for last. */
  grant(): Grant;
}

export interface Holder {
  readonly arn: string;
  readonly tags: readonly Tag[];
}

export interface GroupMembers {
  readonly name: string;
  /** Undefined where the description shows no users at all, so that nobody can tell. */
  readonly members: readonly Holder[] | undefined;
}

export interface GroupHoldings extends GroupMembers {
  readonly arn: string;
  /** Every policy of the group. Reads documents, so it is asked for last. */
  grants(): readonly Grant[];
}
