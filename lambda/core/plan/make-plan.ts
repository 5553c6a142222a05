import type { Grant, PrincipalRef } from '../model/principal.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import { apiCalls } from './api-calls.ts';
import { invertStep } from './invert-step.ts';
import { type DraftStep, planPolicy, type PolicyChange } from './plan-policy.ts';
import type { Plan, PlanStep, StepAction, TextDigest } from './schema.ts';

/**
 * Managed policies that a principal takes unless its quota was raised.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const ATTACHMENT_QUOTA = { role: 20, user: 10 } as const;

export interface PlanInput {
  readonly proposalId: string;
  readonly principal: PrincipalRef;
  readonly policies: readonly ProposedPolicy[];
  /** What the principal was granted when the proposal was made: paths, tags and version ids come from here. */
  readonly grants: readonly Grant[];
  readonly digest: TextDigest;
  /** How many managed policies the principal takes. @default 20 for a role, 10 for a user */
  readonly attachmentQuota?: number;
}

/**
 * The plan of a refinement.
 *
 * What it guarantees: at every moment of `apply` and of `rollback` the principal has everything that the proposal
 * leaves it. A copy is attached before the policy whose place it takes is narrowed or detached, and all copies before
 * anything is taken away. Only where the copies would not fit beside the originals is it done policy by policy,
 * what goes entirely first; within each policy the order is the same.
 * @throws Error when a managed policy comes without ARN or version id
 */
export function makePlan(input: PlanInput): Plan {
  const changes = input.policies.flatMap((policy, index) => planPolicy(policy, index, input) ?? []);
  const drafts = order(changes, input);
  const step = (action: StepAction, why: string): PlanStep => ({
    ...action,
    why,
    calls: apiCalls(input.principal, action),
  });
  return {
    checks: changes.flatMap((change) => change.checks),
    apply: drafts.map((draft) => step(draft.action, draft.why)),
    rollback: drafts.toReversed().map((draft) => step(invertStep(draft.action, changes), draft.whyBack)),
    documents: [],
    irreversible: null,
    afterwards: [],
  };
}

function order(changes: readonly PolicyChange[], input: PlanInput): readonly DraftStep[] {
  const quota = input.attachmentQuota ?? ATTACHMENT_QUOTA[input.principal.type];
  const attached = input.grants.filter((grant) => grant.managed && !grant.group).length;
  const copies = changes.reduce((sum, change) => sum + change.copies, 0);
  if (attached + copies <= quota) {
    return [...changes.flatMap((change) => change.adds), ...takes(changes)];
  }
  const whole = changes.filter((change) => change.adds.length === 0);
  const split = changes.filter((change) => change.adds.length > 0);
  return [...takes(whole), ...split.flatMap((change) => [...change.adds, ...change.takes])];
}

/**
 * Inline policies share one size limit, so those that shrink most go first: in this order, and in the reverse order of
 * the rollback, the total never exceeds the larger of the two ends.
 */
function takes(changes: readonly PolicyChange[]): readonly DraftStep[] {
  const inline = changes.filter((change) => change.inline);
  const managed = changes.filter((change) => !change.inline);
  return [...inline.toSorted((a, b) => a.growth - b.growth), ...managed].flatMap((change) => change.takes);
}
