import type { AccountNames } from '../core/model/account.ts';
import type { Generalize, StarForm } from '../core/model/proposed-policy.ts';
import type { Effect } from '../core/risk/risk.ts';
import type { RaisedQuotas } from '../core/fit/quotas.ts';

/** Which principals the owner wants left alone. A principal that matches any one of them is skipped. */
export interface Exclusions {
  /** Wildcard patterns (`*`, `?`) over the principal's name, case-insensitive. */
  readonly names: readonly string[];
  /** Path prefixes, for example `/admins/`. */
  readonly paths: readonly string[];
  /** Tag keys with a value, or with null for any value. */
  readonly tags: readonly { readonly key: string; readonly value: string | null }[];
  /** Account ids, all of whose principals are left alone. */
  readonly accounts?: readonly string[] | undefined;
  /** Ids of organisational units or roots; the accounts below them, however deep, are left alone. */
  readonly organizationalUnits?: readonly string[] | undefined;
}

/** What the owner decides about refinements; the same offline and deployed. */
export interface RefinementSettings {
  readonly generalize: Generalize;
  /** What a `*` becomes when something under it goes: a list unless said otherwise. */
  readonly star?: StarForm | undefined;
  /** Action patterns that are always retained. */
  readonly keep: readonly string[];
  readonly exclude: Exclusions;
  /** Managed policies that can be attached to a role and to a user, where AWS raised it. */
  readonly managedPolicies?: RaisedQuotas | undefined;
  /** Proposals that take away nothing of this level or above are left out. */
  readonly minEffect?: Effect | undefined;
  /** Key of the tag whose value says whose a principal is. */
  readonly ownerTag?: string | undefined;
  /** What accounts are called, by their ids. */
  readonly accountNames?: AccountNames | undefined;
}
