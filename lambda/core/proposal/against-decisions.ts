import { type Candidate, type Decision, decisionPhrase, rejectionOf } from '../decision/decision.ts';
import { keptAmong, keptFor, type DecisionScope } from '../decision/kept-by-decision.ts';
import type { Proposal, SharedHolders, SharedProposal } from './schema.ts';

/** What decisions compare a proposal with. */
export function candidateOf(proposal: Proposal): Candidate {
  const { proposalId, kind, risk } = proposal;
  const { arn, accountId } = 'subject' in proposal ? proposal.subject : proposal.principal;
  return { proposalId, kind, arn, accountId, removed: risk?.removed };
}

/** Why a proposal must not be applied: it was rejected, or it removes what a decision keeps. One clause each. */
export function againstDecisions(proposal: Proposal, decisions: readonly Decision[]): readonly string[] {
  if (decisions.length === 0) return [];
  const rejection = rejectionOf(decisions, candidateOf(proposal));
  if (rejection) return [`it was ${decisionPhrase(rejection)}`];
  if (!('policies' in proposal) || proposal.policies.length === 0) return [];
  const removed = [...new Set(proposal.policies.flatMap((policy) => policy.removed))];
  const kept = keptFor(decisions, decisionScopesOf(proposal));
  const byPattern = new Map<string, string[]>();
  for (const [action, pattern] of keptAmong(removed, kept)) {
    byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), action]);
  }
  return [
    ...[...byPattern].map(
      ([pattern, [first = '', ...others]]) =>
        `it removes ${first}${others.length > 0 ? ` and ${String(others.length)} more` : ''}, ${kept.reasons.get(pattern) ?? ''}`,
    ),
    ...('subject' in proposal ? rejectedHolders(proposal, decisions) : []),
  ];
}

/** Whose decisions a proposal has to obey. */
function decisionScopesOf(proposal: Proposal): readonly DecisionScope[] {
  if ('subject' in proposal) {
    const { subject, holders } = proposal;
    const { accountId } = subject;
    return [subject, ...holderArns(holders).map((arn) => ({ arn, accountId }))];
  }
  const others = proposal.policies.flatMap(({ arn, source }) =>
    source === 'customer-managed' && arn !== undefined ? [arn] : [],
  );
  return [{ ...proposal.principal, others }];
}

function rejectedHolders(
  { subject: { accountId }, holders }: SharedProposal,
  decisions: readonly Decision[],
): readonly string[] {
  return holderArns(holders).flatMap((arn) => {
    const rejection = holderRejection(decisions, { arn, accountId });
    return rejection === undefined
      ? []
      : [`${arn} uses all that it grants, since its own proposal was ${rejection}`];
  });
}

function holderArns({ roles, users, groups }: SharedHolders): readonly string[] {
  return [...new Set([...roles, ...users, ...groups.flatMap(({ members }) => members)])];
}

/** A holder whose proposal about permissions was rejected counts as using everything that it is granted. */
export function holderRejection(
  decisions: readonly Decision[],
  { arn, accountId }: { readonly arn: string; readonly accountId: string },
): string | undefined {
  const found = decisions.find(
    (one) =>
      one.decision === 'reject' &&
      (one.about === arn || one.about === accountId) &&
      (one.proposal === undefined || one.proposal.kind === 'refine-permissions'),
  );
  return found && decisionPhrase(found);
}
