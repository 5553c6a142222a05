import type { DraftProposal, Proposal, RemovalProposal } from '../proposal/schema.ts';
import { unusedOf } from './catalogue-drift.ts';
import { policiesBefore } from './drift-facts.ts';
import { judgeDrift } from './judge-drift.ts';
import type { DriftState } from './proposal-state.ts';

/**
 * How an earlier proposal stands once another about the same subject has been made. The later one holds what there is
 * to know: every policy as it is now, and what the finding reports now. The earlier one is never current any more.
 */
export function judgeSuccessor(
  earlier: Proposal,
  later: DraftProposal | RemovalProposal,
): { readonly state: Exclude<DriftState, 'current' | 'resolved'>; readonly reason: string } {
  const instead = `proposal ${later.proposalId} takes its place`;
  if (earlier.kind !== 'refine-permissions' || later.kind !== 'refine-permissions') {
    return { state: 'superseded', reason: instead };
  }
  const { state, reason } = judgeDrift(earlier, {
    principal: { kind: 'found', policies: policiesBefore(later.policies) },
    finding: { kind: 'found', status: 'ACTIVE', unused: unusedOf(later.finding), accessKeyIds: undefined },
  });
  if (state === 'applied') return { state, reason };
  return { state: 'superseded', reason: state === 'superseded' ? `${reason}; ${instead}` : instead };
}
