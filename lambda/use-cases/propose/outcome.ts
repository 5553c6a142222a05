import type { RefusedPolicy } from '../../core/proposal/refine-subject.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { PrincipalProposal } from '../../core/proposal/schema.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { StoredProposal } from '../../ports/proposals.ts';

/** The outcome of handling one finding, apart from errors. Every kind is counted. */
export type ProposeOutcome =
  | {
      readonly kind: 'proposed';
      readonly proposal: PrincipalProposal;
      readonly stored: StoredProposal;
      readonly refused: readonly RefusedPolicy[];
      /** Who accepted it, and who keeps something of its principal; one clause for each decision. */
      readonly decisions: readonly string[];
      /** The second opinions requested in this run; none for a proposal that was already stored. */
      readonly opinions?: readonly OpinionResult[];
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
  | 'not-active'
  | 'service-linked-role'
  | 'identity-center-role'
  | 'excluded'
  | 'unsupported-finding'
  /** The reports of last use do not say anything about the principal at present. */
  | 'use-unknown'
  /** What it would remove is below the configured level. */
  | 'small-effect'
  /** A decision rejects it. */
  | 'rejected'
  /** Its account is not among those that were read. */
  | 'not-exported'
  /** A check of AWS rejected the proposal, now or earlier. */
  | 'withheld';
