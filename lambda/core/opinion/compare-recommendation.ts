import { type GrantedMarks, grantedActions } from '../catalogue/granted-actions.ts';
import type { Universe } from '../catalogue/universe.ts';
import type { JsonValue } from '../model/json.ts';
import { byCodeUnit } from '../model/order.ts';
import { parsePolicy } from '../model/policy.ts';
import type { GrantDocument } from '../model/principal.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import type { DraftProposal } from '../proposal/schema.ts';

/** One step that AWS recommends: a policy to create instead of an existing one, or an existing one to detach. */
export interface RecommendedStep {
  readonly step: 'create' | 'detach';
  /** The ARN of a managed policy, or the name of an inline one. */
  readonly policyId: string | undefined;
  /** The policy to create. */
  readonly document: GrantDocument | undefined;
}

/**
 * How AWS's recommendation for one policy differs from ours: sorted actions of the universe, or why they cannot be
 * compared.
 */
export type PolicyRecommendation =
  | {
      readonly kind: 'compared';
      readonly policy: ProposedPolicy;
      /** What AWS would grant and we would not. All of it is reported unused. */
      readonly awsKeeps: readonly string[];
      /** What we would grant and AWS would not, by the reason why we keep it. */
      readonly weKeep: readonly KeptForReason[];
    }
  | { readonly kind: 'unreadable'; readonly policy: ProposedPolicy; readonly problem: string };

interface KeptForReason {
  readonly reason: string;
  readonly actions: readonly string[];
}

interface RecommendationComparison {
  readonly policies: readonly PolicyRecommendation[];
  /** Policies that AWS names and the principal does not have. */
  readonly strangers: readonly string[];
}

/**
 * Compares what each side would leave of each of the principal's own policies, by meaning: the actions of the universe
 * that Allow statements match, however they are written. Resources, conditions and Deny statements are not compared. A
 * policy that AWS does not name would stay as it is.
 */
export function compareRecommendation(
  proposal: DraftProposal,
  universe: Universe,
  steps: readonly RecommendedStep[],
): RecommendationComparison {
  const own = proposal.policies.filter(({ disposition }) => disposition !== 'inherited');
  const isOf = (policy: ProposedPolicy) => (step: RecommendedStep) =>
    step.policyId === (policy.arn ?? policy.name);
  const unclaimed = steps.filter((step) => !own.some((policy) => isOf(policy)(step)));
  return {
    policies: own.map((policy) => comparePolicy(policy, steps.filter(isOf(policy)), proposal, universe)),
    strangers: [...new Set(unclaimed.map(({ policyId }) => policyId ?? 'a policy that it does not name'))],
  };
}

function comparePolicy(
  policy: ProposedPolicy,
  steps: readonly RecommendedStep[],
  proposal: DraftProposal,
  universe: Universe,
): PolicyRecommendation {
  const theirs = documentsOf(policy, steps);
  if (typeof theirs === 'string') return { kind: 'unreadable', policy, problem: theirs };
  const aws = grantedActions(theirs, universe);
  const ours = grantedActions(documentsAfter(policy), universe);
  return {
    kind: 'compared',
    policy,
    awsKeeps: difference(aws, ours, universe),
    weKeep: byReason(difference(ours, aws, universe), policy, proposal),
  };
}

/** The documents with which AWS would replace the policy; a sentence if one cannot be read. */
function documentsOf(
  policy: ProposedPolicy,
  steps: readonly RecommendedStep[],
): readonly JsonValue[] | string {
  if (steps.length === 0) return [policy.before];
  const documents: JsonValue[] = [];
  for (const { step, document } of steps) {
    if (step === 'detach') continue;
    if (document === undefined) return 'AWS recommends a replacement and does not show it';
    if (!document.readable) return `AWS recommends a policy that cannot be read: ${document.problem}`;
    const parsed = parsePolicy(document.value);
    if (!parsed.ok) return `AWS recommends a policy that cannot be understood: ${parsed.problem}`;
    documents.push(document.value);
  }
  return documents;
}

function documentsAfter({ disposition, before, after }: ProposedPolicy): readonly JsonValue[] {
  return disposition === 'unchanged' || disposition === 'refused'
    ? [before]
    : after.map(({ document }) => document);
}

/** Actions that are in `some` and not in `others`, in the universe's spelling. */
function difference(some: GrantedMarks, others: GrantedMarks, universe: Universe): readonly string[] {
  const actions: string[] = [];
  for (const [key, marks] of some) {
    const service = universe.services.get(key);
    const other = others.get(key);
    for (const [place, name] of (service?.actions ?? []).entries()) {
      if (marks[place] === 1 && other?.[place] !== 1) actions.push(`${service?.name ?? key}:${name}`);
    }
  }
  return actions.sort(byCodeUnit);
}

function byReason(
  actions: readonly string[],
  policy: ProposedPolicy,
  { finding, retained }: DraftProposal,
): readonly KeptForReason[] {
  if (actions.length === 0) return [];
  if (policy.disposition === 'refused') {
    return [{ reason: `this policy could not be refined: ${policy.reason}`, actions }];
  }
  const onPurpose = new Map(retained.map(({ action, reason }) => [action, reason]));
  const services = new Set(finding.unusedServices);
  const unused = new Set(finding.unusedActions);
  const groups = new Map<string, string[]>();
  for (const action of actions) {
    const isReported = unused.has(action) || services.has(action.slice(0, action.indexOf(':')));
    const reason =
      onPurpose.get(action) ??
      (isReported ? 'this policy stays as it is' : 'the finding does not report them unused');
    groups.set(reason, [...(groups.get(reason) ?? []), action]);
  }
  return [...groups]
    .map(([reason, kept]) => ({ reason, actions: kept }))
    .sort((a, b) => b.actions.length - a.actions.length || byCodeUnit(a.reason, b.reason));
}
