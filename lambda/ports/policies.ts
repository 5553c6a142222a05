import type { LastAccess } from '../core/model/unused-access.ts';
import type { Principal, PrincipalRef, Tag } from '../core/model/principal.ts';

export type PrincipalAnswer =
  { readonly kind: 'found'; readonly principal: Principal } | { readonly kind: 'gone' };

/** Reads all policies that give a principal permissions. Access denied is an error, not an answer. */
export interface PolicySource {
  getPrincipal(ref: PrincipalRef): Promise<PrincipalAnswer>;
}

/** Reads the tags of customer managed policies, if the source of principals does not have them. */
export interface PolicyTags {
  /** @throws AdapterError; (retry) if the policy was deleted meanwhile */
  tagsOf(accountId: string, policyArn: string): Promise<readonly Tag[]>;
}

export type LastAccessAnswer =
  | {
      readonly kind: 'known';
      readonly lastAccess: LastAccess;
      /** When AWS completed the report, ISO 8601; absent if the source does not say. */
      readonly completedAt?: string | undefined;
      /** Which part of the answer cannot be read, without a full stop; absent if all of it can. */
      readonly problem?: string | undefined;
    }
  /** Why AWS gave no answer: one sentence without a full stop. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** There is no report about this principal, because none was requested. */
  | { readonly kind: 'none' };

/**
 * Reads when a principal last used each service and action. Proposals do without it if they have to, so it answers
 * `unavailable` if AWS refuses, fails or takes too long, and never throws because of AWS.
 */
export interface LastAccessSource {
  /** @param millis the most that the answer may take */
  lastAccessOf(ref: PrincipalRef, millis: number): Promise<LastAccessAnswer>;
}
