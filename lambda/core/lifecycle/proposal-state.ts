import type { CatalogueOrigin } from '../catalogue/catalogue.ts';
import type { LastUseReading } from '../proposal/last-use-reading.ts';
import type { PrincipalRef } from '../model/principal.ts';
import type { ProposalKind } from '../proposal/schema.ts';

/**
 * What is said of a stored proposal beside it, in `state.json`: `proposal.json` itself is never written again.
 *
 * `current`: it may be put in place as it stands. `applied`: what it puts in place is in place. `resolved`: what it is
 * about is settled without it, or gone. `superseded`: it was made from what is no longer so.
 */
export type DriftState = 'current' | 'applied' | 'resolved' | 'superseded';

/** `state.json`, schema version 1. Of times only that of AWS's report on last use stands in it. */
export interface ProposalState {
  readonly schemaVersion: 1;
  readonly proposalId: string;
  readonly state: DriftState;
  /** One sentence that names what changed, without capital and full stop. */
  readonly reason: string;
  /**
   * Only of a `current` one whose reason is worth knowing before it is put in place. `catalogue-grew`: its wildcards
   * match actions that the catalogue it was made with did not know.
   */
  readonly remark?: 'catalogue-grew' | undefined;
  /** Counts what was said of it, so that no two of them have the same bytes: the store tells objects apart by those. */
  readonly serial?: number | undefined;
  /** The finding that it rests on by now, where that is not the one that it was made from. */
  readonly finding?: { readonly id: string; readonly analyzerArn: string | null } | undefined;
  /** The catalogue that was in use when this was said; absent where it does not matter. */
  readonly catalogue?: Pick<CatalogueOrigin, 'version' | 'date'> | undefined;
  /** Only of a `current` one: who accepted it, and who keeps something of its subject; a clause for each decision. */
  readonly decisions?: readonly string[] | undefined;
  /** What AWS has said later of the use of what goes: it stands for what the proposal says of that. */
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
 * What a proposal is about; of all proposals about one subject, one can be current. A role is either idle or has unused
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
