import { policiesNow, type FindingNow } from '../../core/lifecycle/drift-facts.ts';
import { judgeDrift, type Verdict } from '../../core/lifecycle/judge-drift.ts';
import type { SharedProposal } from '../../core/proposal/schema.ts';
import type { AccountInventory } from '../../ports/account.ts';
import type { FindingSource } from '../../ports/findings.ts';
import { findingNow } from './judge-proposal.ts';
import { type SharedCandidate, sharedCandidates } from '../propose/shared-candidates.ts';

export type SharedJudgement =
  | { readonly kind: 'judged'; readonly verdict: Verdict }
  /** The description of the account does not show enough of it, or nothing may be concluded from a finding. */
  | { readonly kind: 'unknown'; readonly by: 'account' | 'finding'; readonly reason: string };

/**
 * Judges stored proposals about what one account shares, without regard to others.
 * @returns what judges one of them; it rejects with an AdapterError when a finding cannot be read
 */
export function sharedJudge(
  inventory: AccountInventory,
  findings: FindingSource,
): (proposal: SharedProposal) => Promise<SharedJudgement> {
  const candidates = new Map<string, SharedCandidate>();
  for (const candidate of sharedCandidates(inventory)) candidates.set(candidate.subject.arn, candidate);
  const has = {
    group: [...candidates.values()].some(({ subject }) => subject.type === 'group'),
    policy: inventory.customerManagedPolicies > 0,
  };
  return async (proposal) => {
    const { type, arn } = proposal.subject;
    const candidate = candidates.get(arn);
    if (!candidate) {
      if (has[type])
        return { kind: 'judged', verdict: judgeDrift(proposal, { subject: { kind: 'gone' }, findings: [] }) };
      return {
        kind: 'unknown',
        by: 'account',
        reason: `it holds no ${type === 'group' ? 'groups' : 'customer managed policies'}, so it cannot tell whether ${arn} is gone`,
      };
    }
    const { obstacle, isWhole, holders } = candidate;
    if (!isWhole && obstacle !== undefined) return { kind: 'unknown', by: 'account', reason: obstacle };
    const now: FindingNow[] = [];
    const unreadable: string[] = [];
    for (const { id, principal, analyzerArn } of proposal.findings) {
      const reference = {
        findingId: id,
        analyzerArn: analyzerArn ?? '',
        accountId: inventory.accountId,
        resource: principal,
      };
      const answer = await findings.getFinding(reference);
      if (answer.kind === 'unreadable') unreadable.push(`the finding about ${principal}: ${answer.reason}`);
      now.push(findingNow(answer, principal));
    }
    const policies = policiesNow({ grants: candidate.grants() });
    const subject = { kind: 'found', policies, holders, obstacle } as const;
    const verdict = judgeDrift(proposal, { subject, findings: now });
    const [reason] = unreadable;
    // Whether it is current stands and falls with what the findings say now.
    if (verdict.state === 'current' && reason !== undefined)
      return { kind: 'unknown', by: 'finding', reason };
    return { kind: 'judged', verdict };
  };
}
