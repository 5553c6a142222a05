import type { AccountNames } from '../core/model/account.ts';
import type { Generalize, StarForm } from '../core/model/proposed-policy.ts';
import type { Effect } from '../core/risk/risk.ts';
import type { RaisedQuotas } from '../core/fit/quotas.ts';

/** Principals to leave alone. A principal that matches any of these is skipped. */
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

/** The options of a refinement, the same offline and deployed. */
export interface RefinementSettings {
  readonly generalize: Generalize;
  /** What replaces a `*` if something under it is removed. @default 'list' */
  readonly star?: StarForm | undefined;
  /** Action patterns that are always retained. */
  readonly keep: readonly string[];
  readonly exclude: Exclusions;
  /** How many managed policies can be attached to a role and to a user, if AWS raised the quota. */
  readonly managedPolicies?: RaisedQuotas | undefined;
  /** Proposals that remove nothing of this level or above are skipped. */
  readonly minEffect?: Effect | undefined;
  /** Key of the tag whose value names a principal's owner. */
  readonly ownerTag?: string | undefined;
  /** Names of accounts, by id. */
  readonly accountNames?: AccountNames | undefined;
}
