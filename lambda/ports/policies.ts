import type { LastAccess } from '../core/model/unused-access.ts';
import type { Principal, PrincipalRef, Tag } from '../core/model/principal.ts';

export type PrincipalAnswer =
  { readonly kind: 'found'; readonly principal: Principal } | { readonly kind: 'gone' };

/** Everything that gives a principal permissions. Access denied is an error of the adapter, not an answer. */
export interface PolicySource {
  getPrincipal(ref: PrincipalRef): Promise<PrincipalAnswer>;
}

/** Tags of customer managed policies, for sources of principals that do not have them. */
export interface PolicyTags {
  /** @throws AdapterError; to retry when the policy went away meanwhile */
  tagsOf(accountId: string, policyArn: string): Promise<readonly Tag[]>;
}

export type LastAccessAnswer =
  | {
      readonly kind: 'known';
      readonly lastAccess: LastAccess;
      /** When AWS completed the report, ISO 8601, where the source says so. */
      readonly completedAt?: string | undefined;
      /** What of the answer cannot be read, without a full stop; absent where all can. */
      readonly problem?: string | undefined;
    }
  /** One sentence without a full stop that says why AWS gave no answer. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** Nobody asked about this principal, so there is nothing to say. */
  | { readonly kind: 'none' };

/**
 * When a principal last used what. It is an opinion, not a condition: it answers `unavailable` when AWS
 * refuses, fails or takes too long, and never throws because of AWS.
 */
export interface LastAccessSource {
  /** @param millis how long the answer may take at most */
  lastAccessOf(ref: PrincipalRef, millis: number): Promise<LastAccessAnswer>;
}
