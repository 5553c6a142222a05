import type { DraftProposal, PrincipalProposal, RemovalProposal } from '../proposal/schema.ts';
import { unusedOf } from './catalogue-drift.ts';
import { policiesBefore } from './drift-facts.ts';
import { type DriftFacts, judgeDrift, type JudgedShared } from './judge-drift.ts';
import type { ProposalState } from './proposal-state.ts';

/**
 * The state of an earlier proposal that would not be made again. It is never `current`.
 * @param instead one clause: why it would not
 */
export function judgePredecessor(
  earlier: PrincipalProposal | JudgedShared,
  now: DriftFacts,
  instead: string,
): Pick<ProposalState, 'state' | 'reason'> {
  const { state, reason } = judgeDrift(earlier, now);
  if (state === 'applied') return { state, reason };
  return { state: 'superseded', reason: state === 'superseded' ? `${reason}; ${instead}` : instead };
}

/**
 * The state of an earlier proposal after a later one about the same subject, which has the present policies and what
 * the finding reports now.
 */
export function judgeSuccessor(
  earlier: PrincipalProposal,
  later: DraftProposal | RemovalProposal,
): Pick<ProposalState, 'state' | 'reason'> {
  const instead = `proposal ${later.proposalId} supersedes it`;
  if (earlier.kind !== 'refine-permissions' || later.kind !== 'refine-permissions') {
    return { state: 'superseded', reason: instead };
  }
  const now: DriftFacts = {
    subject: { kind: 'found', policies: policiesBefore(later.policies) },
    findings: [{ kind: 'found', status: 'ACTIVE', unused: unusedOf(later.finding), accessKeyIds: undefined }],
  };
  return judgePredecessor(earlier, now, instead);
}
