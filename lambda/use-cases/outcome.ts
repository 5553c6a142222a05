import type { PrincipalRef } from '../core/model/principal.ts';
import type { Generalize, Proposal } from '../core/proposal/schema.ts';
import type { StoredProposal } from '../ports/proposal-store.ts';

/** Which principals the owner wants left alone. A principal that matches any one of them is skipped. */
export interface Exclusions {
  /** Wildcard patterns (`*`, `?`) over the principal's name, case-insensitive. */
  readonly names: readonly string[];
  /** Path prefixes, for example `/admins/`. */
  readonly paths: readonly string[];
  /** Tag keys with a value, or with null for any value. */
  readonly tags: readonly { readonly key: string; readonly value: string | null }[];
}

/** What the owner decides about refinements; the same offline and deployed. */
export interface RefinementSettings {
  readonly generalize: Generalize;
  /** Action patterns that are always retained. */
  readonly keep: readonly string[];
  readonly exclude: Exclusions;
}

/** How the work on one finding ended, apart from an error. Every case is counted. */
export type ProposeOutcome =
  | {
      readonly kind: 'proposed';
      readonly proposal: Proposal;
      readonly stored: StoredProposal;
      readonly refused: readonly RefusedPolicy[];
    }
  | {
      readonly kind: 'unchanged';
      readonly principal: PrincipalRef;
      readonly reason: string;
      readonly refused: readonly RefusedPolicy[];
      /** Unused actions still granted through groups. */
      readonly residue: number;
    }
  | { readonly kind: 'skipped'; readonly resource: string; readonly code: SkipCode; readonly reason: string }
  | { readonly kind: 'gone'; readonly resource: string; readonly what: 'finding' | 'principal' };

export type SkipCode =
  'not-active' | 'service-linked-role' | 'identity-center-role' | 'excluded' | 'unsupported-finding';

export interface RefusedPolicy {
  readonly policy: string;
  readonly reason: string;
}
