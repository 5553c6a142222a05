import type { CatalogueOrigin } from '../catalogue/catalogue.ts';
import type { LastUseReading } from '../proposal/last-use-reading.ts';
import type { PrincipalRef } from '../model/principal.ts';
import type { ProposalKind } from '../proposal/schema.ts';

/**
 * The state of a stored proposal. It is in `state.json`, because `proposal.json` is never changed.
 *
 * `current`: it can be applied. `applied`: its changes are in place. `resolved`: the finding was settled without it, or
 * the subject no longer exists. `superseded`: the facts that it was made from have changed.
 */
export type DriftState = 'current' | 'applied' | 'resolved' | 'superseded';

/** `state.json`, schema version 1. The only time in it is that of AWS's report of last use. */
export interface ProposalState {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  readonly state: DriftState;
  /** One sentence that names what changed, without a capital letter and full stop. */
  readonly reason: string;
  /**
   * Only for a `current` proposal whose reason matters before it is applied. `catalogue-grew`: its wildcards match
   * actions that its catalogue did not have.
   */
  readonly remark?: 'catalogue-grew' | undefined;
  /** Increases with each write, so that no two states have the same bytes: the store distinguishes objects by these. */
  readonly serial?: number | undefined;
  /** The finding that it rests on now, if not the one that it was made from. */
  readonly finding?: { readonly id: string; readonly analyzerArn: string | null } | undefined;
  /** The catalogue that was in use for this state; absent if it does not matter. */
  readonly catalogue?: Pick<CatalogueOrigin, 'version' | 'date'> | undefined;
  /** Only for a `current` proposal: who accepted it, and who keeps actions of its subject; one clause a decision. */
  readonly decisions?: readonly string[] | undefined;
  /** A later reading of AWS's records of the removed actions' use; it replaces the one in the proposal. */
  readonly lastUse?: LastUseReading | undefined;
}

/** Text of `state.json`. */
export function renderState(said: ProposalState): string {
  const { proposalId, state, reason, remark, finding, catalogue, decisions, lastUse, serial } = said;
  const inOrder = {
    schemaVersion: 1,
    proposalId,
    state,
    reason,
    remark,
    finding,
    catalogue,
    decisions,
    lastUse,
    serial,
  };
  return `${JSON.stringify(inOrder, null, 2)}\n`;
}

/**
 * What a proposal is about. Only one proposal about it can be current. A role is either unused or has unused
 * permissions, never both; a user may have an unused password, unused keys and unused permissions at once.
 */
export function subjectOf(proposal: {
  readonly principal: PrincipalRef;
  readonly kind: ProposalKind;
  readonly accessKeyId?: string | undefined;
}): string {
  const { principal, kind, accessKeyId } = proposal;
  return principal.type === 'role' ? principal.arn : [principal.arn, kind, accessKeyId ?? ''].join(' ');
}
