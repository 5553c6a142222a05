import type { LastAccess } from '../core/model/last-access.ts';
import type { PrincipalRef } from '../core/model/principal.ts';

export type LastAccessAnswer =
  | { readonly kind: 'known'; readonly lastAccess: LastAccess }
  /** One sentence without a full stop that says why AWS gave no answer. */
  | { readonly kind: 'unavailable'; readonly reason: string };

/**
 * When a principal last used what. It is an opinion, not a condition: it never throws, and answers `unavailable` when
 * AWS refuses, fails or takes too long.
 */
export interface LastAccessSource {
  /** @param millis how long the answer may take at most */
  lastAccessOf(ref: PrincipalRef, millis: number): Promise<LastAccessAnswer>;
}
