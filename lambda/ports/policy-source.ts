import type { Principal, PrincipalRef } from '../core/model/principal.ts';

export type PrincipalAnswer =
  { readonly kind: 'found'; readonly principal: Principal } | { readonly kind: 'gone' };

/** Everything that gives a principal permissions. Access denied is an error of the adapter, not an answer. */
export interface PolicySource {
  getPrincipal(ref: PrincipalRef): Promise<PrincipalAnswer>;
}
