import type { LastAccess } from '../core/model/last-access.ts';
import type { PrincipalRef } from '../core/model/principal.ts';

export type LastAccessAnswer =
  | { readonly kind: 'known'; readonly lastAccess: LastAccess }
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
