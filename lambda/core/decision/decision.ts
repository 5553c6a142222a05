import type { AccessLevel } from '../catalogue/access-level.ts';
import type { RiskOf } from '../risk/risk.ts';

/** A decision of a person about a proposal, and how long it holds. See docs/decisions.md. */
export type Decision = KeepDecision | ProposalDecision;

interface DecisionBase {
  /** ARN of a role, user, customer managed policy or group, or the 12 digits of an account. */
  readonly about: string;
  readonly reason: string;
  /** Who decided, and on which day. */
  readonly by: string;
  readonly on: string;
  /** The last day on which it holds; absent if it does not end. */
  readonly until?: string | undefined;
}

/** Actions that must not be removed. */
interface KeepDecision extends DecisionBase {
  readonly decision: 'keep';
  readonly keep: readonly string[];
}

/** A proposal that is approved, or that is not to be made again. */
interface ProposalDecision extends DecisionBase {
  readonly decision: 'accept' | 'reject';
  /** The proposal that was decided about; absent if the decision is about every proposal for `about`. */
  readonly proposal?: DecidedProposal | undefined;
  /**
   * What has to change before something rejected is proposed again. `changed`: its documents differ. `riskier`: it
   * removes a high-impact action, or an access level, that the rejected one did not remove. Absent: only the end of
   * the decision counts.
   */
  readonly unless?: 'changed' | 'riskier' | undefined;
}

interface DecidedProposal {
  readonly proposalId: string;
  readonly kind: string;
  /** Levels of which it removes an action. */
  readonly levels: readonly (AccessLevel | 'unknown')[];
  /** The high-impact actions that it removes. */
  readonly highImpact: readonly string[];
}

/** The proposal with which decisions are compared. */
export interface Candidate {
  readonly proposalId: string;
  readonly kind: string;
  /** ARN of its subject. */
  readonly arn: string;
  readonly accountId: string;
  /** What it removes; undefined if that is not known. */
  readonly removed?: RiskOf | undefined;
}

/** Whether a decision holds on a day (`2026-11-29`). */
export function holdsOn({ until }: Decision, day: string): boolean {
  return until === undefined || day <= until;
}

/** `kept by ana on 2026-11-29 until 2027-03-31: used at quarter ends` */
export function decisionPhrase(decision: Decision): string {
  const { by, on, until, reason } = decision;
  return `${WORDS[decision.decision]} by ${by} on ${on}${until === undefined ? '' : ` until ${until}`}: ${reason}`;
}

const WORDS = { keep: 'kept', accept: 'accepted', reject: 'rejected' } as const;

/** The decision because of which a proposal must not be made; undefined if there is none. */
export function rejectionOf(
  decisions: readonly Decision[],
  candidate: Candidate,
): ProposalDecision | undefined {
  return decisions.find(
    (one): one is ProposalDecision =>
      one.decision === 'reject' && isAbout(one, candidate) && stillApplies(one, candidate),
  );
}

/** The approval of exactly this proposal. */
function approvalOf(decisions: readonly Decision[], candidate: Candidate): ProposalDecision | undefined {
  return decisions.find(
    (one): one is ProposalDecision =>
      one.decision === 'accept' &&
      isAbout(one, candidate) &&
      (one.proposal === undefined || one.proposal.proposalId === candidate.proposalId),
  );
}

/** Who accepted a proposal, and who keeps something of what it is about: a clause for each decision. */
export function decisionsAbout(candidate: Candidate, decisions: readonly Decision[]): readonly string[] {
  const approval = approvalOf(decisions, candidate);
  const keeps = decisions.filter((one) => one.decision === 'keep' && one.about === candidate.arn);
  return [...(approval ? [approval] : []), ...keeps].map(decisionPhrase);
}

function isAbout({ about }: Decision, { arn, accountId }: Candidate): boolean {
  return about === arn || about === accountId;
}

function stillApplies({ proposal, unless }: ProposalDecision, candidate: Candidate): boolean {
  if (proposal === undefined || proposal.proposalId === candidate.proposalId) return true;
  // A key, a password or a role stays the same, so another id means that the proposal is about another one.
  if (proposal.kind !== candidate.kind || candidate.kind.startsWith('remove-')) return false;
  if (unless === 'changed') return false;
  if (unless === undefined || candidate.removed === undefined) return true;
  return !isRiskier(candidate.removed, proposal);
}

function isRiskier({ levels, highImpact }: RiskOf, rejected: DecidedProposal): boolean {
  const known: ReadonlySet<string> = new Set(rejected.levels);
  const named = new Set(rejected.highImpact);
  return (
    levelsIn(levels).some((level) => !known.has(level)) || highImpact.some((action) => !named.has(action))
  );
}

/** The levels that have at least one action. */
export function levelsIn(levels: RiskOf['levels']): readonly (AccessLevel | 'unknown')[] {
  const order = ['list', 'read', 'tagging', 'write', 'permissions', 'unknown'] as const;
  return order.filter((level) => levels[level] > 0);
}

/**
 * The decisions with one more. It replaces an earlier decision to accept or reject the same. Actions to keep are
 * added to those that were kept before, unless they are the same.
 */
export function withDecision(decisions: readonly Decision[], added: Decision): readonly Decision[] {
  return [...decisions.filter((one) => !isReplaced(one, added)), added];
}

function isReplaced(one: Decision, added: Decision): boolean {
  if (one.about !== added.about) return false;
  if (one.decision === 'keep' || added.decision === 'keep') {
    return one.decision === 'keep' && added.decision === 'keep' && isSame(one.keep, added.keep);
  }
  const [earlier, later] = [one.proposal, added.proposal];
  if (earlier === undefined || later === undefined) return earlier === later;
  return (
    earlier.kind === later.kind &&
    (earlier.kind === 'remove-access-key' ? earlier.proposalId === later.proposalId : true)
  );
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
