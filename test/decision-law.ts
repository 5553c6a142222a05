import type { Decision } from '../lambda/core/decision/decision.ts';
import type { Proposal } from '../lambda/core/proposal/schema.ts';

/*
 * What decisions mean, said a second time and without the code that obeys them. Patterns are literals or `service:*`.
 */

/** Whose decisions a proposal has to obey. */
export interface Heeded {
  /** What the proposal is about. */
  readonly arn: string;
  readonly accountId: string;
  /** A principal's customer managed policies. */
  readonly policies?: readonly string[];
  /** Everybody who has what is shared. */
  readonly holders?: readonly string[];
}

export function keeps(decisions: readonly Decision[], heeded: Heeded, action: string): boolean {
  const names = [heeded.arn, heeded.accountId, ...(heeded.policies ?? []), ...(heeded.holders ?? [])];
  return decisions.some(
    (one) =>
      one.decision === 'keep' &&
      names.includes(one.about) &&
      (one.keep.includes(action) || one.keep.includes(`${action.split(':')[0] ?? ''}:*`)),
  );
}

/** Those of the account's actions that have a high impact. */
const HIGH_IMPACT: readonly string[] = ['s3:DeleteObject', 'sqs:PurgeQueue'];

/** Whether nothing may be proposed, `unknown` where that hangs on the id of what would be proposed. */
function isRejected(
  decisions: readonly Decision[],
  { arn, accountId, holders = [] }: Heeded,
  { kind, proposalId }: Proposal,
  { all, due }: { readonly all: readonly string[]; readonly due: readonly string[] },
): boolean | 'unknown' {
  const kept = due.length < all.length;
  let doubt = false;
  for (const one of decisions) {
    if (one.decision !== 'reject') continue;
    const { about, proposal, unless } = one;
    const isRefinement = proposal === undefined || proposal.kind === 'refine-permissions';
    if (isRefinement && (holders.includes(about) || (holders.length > 0 && about === accountId))) return true;
    if (about !== arn && about !== accountId) continue;
    if (proposal === undefined || (proposal.proposalId === proposalId && !kept)) return true;
    if (proposal.kind !== kind || kind.startsWith('remove-')) continue;
    // Every action of the account is of one level.
    const isRiskier = due.some(
      (action) => HIGH_IMPACT.includes(action) && !proposal.highImpact.includes(action),
    );
    if (unless === undefined || (unless === 'riskier' && !isRiskier)) return true;
    if (unless === 'riskier') continue;
    doubt ||= kept;
  }
  return doubt && 'unknown';
}

export function removedBy(proposal: Proposal): readonly string[] {
  if (!('policies' in proposal) || proposal.policies.length === 0) return [];
  return [...new Set(proposal.policies.flatMap(({ removed }) => removed))].sort();
}

/**
 * What is wrong with what was made under decisions, next to what is made without any.
 * @param base what is proposed while nothing is decided
 * @param made what was proposed in its place; undefined for nothing
 */
export function breachOf(
  base: Proposal,
  made: Proposal | undefined,
  decisions: readonly Decision[],
  heeded: Heeded,
): string | undefined {
  const all = removedBy(base);
  const due = all.filter((action) => !keeps(decisions, heeded, action));
  const rejected = isRejected(decisions, heeded, base, { all, due });
  const isDue = rejected !== true && (all.length === 0 || due.length > 0);
  const what = `${base.kind} of ${heeded.arn}`;
  if (made === undefined) return isDue && rejected !== 'unknown' ? `${what} is not made` : undefined;
  if (!isDue) return `${what} is made, which is decided against`;
  const is = removedBy(made).join(' ');
  return is === due.join(' ') ? undefined : `${what} removes ${is}; it should be ${due.join(' ')}`;
}
