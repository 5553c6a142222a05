import type { JointProposal } from '../joint/schema.ts';
import { comparePolicies } from './compare-policies.ts';
import type { PolicyNow } from './drift-facts.ts';
import { listed } from './judge-drift.ts';
import type { DriftState } from './proposal-state.ts';

/**
 * How an earlier proposal about a shared policy or a group stands, once it is no longer what would be proposed.
 * @param now every policy of the subject
 * @param instead why it is not proposed any more: a clause
 */
export function judgeShared(
  { policies }: Pick<JointProposal, 'policies'>,
  now: readonly PolicyNow[],
  instead: string,
): { readonly state: Extract<DriftState, 'applied' | 'superseded'>; readonly reason: string } {
  const { isApplied, done, changes } = comparePolicies(policies, now);
  if (isApplied) {
    return {
      state: 'applied',
      reason: `${listed(done)} ${done.length === 1 ? 'is' : 'are'} as it proposes`,
    };
  }
  return {
    state: 'superseded',
    reason: changes.length > 0 ? `${listed(changes)}; ${instead}` : instead,
  };
}
