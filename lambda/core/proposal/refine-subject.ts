import { byCodeUnit } from '../model/order.ts';
import { type Grant, GRANT_SOURCES, type GrantSource } from '../model/principal.ts';
import type { LastAccess } from '../model/unused-access.ts';
import type { ProposedPolicy, ResidueAction, RetainedAction } from '../model/proposed-policy.ts';
import type { Subject } from '../model/subject.ts';
import type { IamQuotas } from '../fit/quotas.ts';
import { NO_RISK, type Risk, riskOf } from '../risk/risk.ts';
import { refineGrants } from '../refine/refine-policy.ts';
import type { Universe } from '../catalogue/universe.ts';
import type { Granted } from '../verify/granted.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import { concludeGrant, type ConcludeFacts, type GrantOutcome } from './conclude-grant.ts';
import { fitGrants } from './fit-grants.ts';
import { retainedActions } from './retained-actions.ts';
import type { Refinement } from './schema.ts';
import { stayingActions } from './staying.ts';
import { summarise, unionOf } from './summary.ts';

interface SubjectFacts extends ConcludeFacts {
  /** All grants of the subject; for a shared policy, the policy itself. In any order. */
  readonly grants: readonly Grant[];
  readonly quotas: IamQuotas;
}

/** The outcome for a subject's policies, each with its proof. */
export interface RefinedSubject {
  readonly outcomes: readonly GrantOutcome[];
  readonly policies: readonly ProposedPolicy[];
  /** Those that are accepted and fit. */
  readonly verified: readonly VerifiedPolicy[];
  /** The retained actions; empty if nothing changes. */
  readonly retained: readonly RetainedAction[];
  readonly residue: readonly ResidueAction[];
  readonly refused: readonly RefusedPolicy[];
  /** Whether anything is to be done. */
  readonly isChanged: boolean;
  /** Computed on first use: an unchanged subject needs none, and a proposal uses it more than once. */
  whole(): WholeAccess;
  /** Computed on first use, too. */
  risk(): Risk;
}

/** What the policies of a subject's own grant together, before and after, according to the verifier. */
interface WholeAccess {
  readonly before: Granted;
  readonly after: Granted;
}

export interface RefusedPolicy {
  readonly policy: string;
  readonly reason: string;
}

/**
 * Refines every policy of a subject by the context's unused access, fits the results to IAM's limits and has each
 * verified. A policy that cannot be understood or does not fit stays as it is; the others are still refined.
 * @throws VerificationError if the verifier rejects a document
 */
export function refineSubject(facts: SubjectFacts): RefinedSubject {
  const { subject, context, quotas } = facts;
  const refinements = refineGrants(inOrder(facts.grants, subject), context);
  const fits = fitGrants(subject, refinements, context, quotas);
  const outcomes = refinements.map((refined, index) =>
    concludeGrant(refined, fits[index] ?? { kind: 'untouched' }, facts),
  );
  const policies = outcomes.map(({ policy }) => policy);
  const verified = outcomes.flatMap((outcome) => outcome.verified ?? []);
  const isChanged = policies.some(({ disposition }) => CHANGING.has(disposition));
  let access: WholeAccess | undefined;
  let risk: Risk | undefined;
  const whole = (): WholeAccess => (access ??= wholeAccess(outcomes));
  return {
    outcomes,
    policies,
    verified,
    retained: isChanged ? retainedActions(verified, context) : [],
    residue: outcomes.flatMap((outcome) => outcome.residue).sort(byAction),
    refused: policies.flatMap(({ name, disposition, reason }) =>
      disposition === 'refused' ? [{ policy: name, reason }] : [],
    ),
    isChanged,
    whole,
    risk: () => (risk ??= riskOfOutcomes(outcomes, whole(), context.universe)),
  };
}

/** The members of `proposal.json` about the policies, the same for every subject. */
export function describeRefinement(
  { outcomes, policies, verified, retained, residue, refused, whole, risk }: RefinedSubject,
  { context }: SubjectFacts,
  { origin, serviceCount, actionCount }: ConcludeFacts['catalogue'],
  lastAccess?: LastAccess,
): Refinement {
  const accounted = outcomes.flatMap((outcome) => outcome.accounted ?? []);
  return {
    catalogue: {
      source: origin.source,
      version: origin.version,
      ...(origin.date === '' ? {} : { date: origin.date }),
      services: serviceCount,
      actions: actionCount,
    },
    generalize: context.generalize,
    policies,
    retained,
    residue,
    staying: stayingActions({
      granted: whole().after,
      documents: accounted.flatMap(({ after }) => after),
      retained,
      hasRefused: refused.length > 0,
      context,
      lastAccess,
    }),
    verification: {
      verdict: 'exact',
      statementsChecked: sum(verified, (policy) => policy.statementsChecked),
      actionsChecked: sum(verified, (policy) => policy.actionsChecked),
    },
    summary: summarise(accounted, whole()),
    risk: risk(),
  };
}

/** The risk of the removed and of the remaining actions: of the subject as a whole, and of each of its policies. */
function riskOfOutcomes(
  outcomes: readonly GrantOutcome[],
  { before, after }: WholeAccess,
  universe: Universe,
): Risk {
  const accounted = outcomes.filter((outcome) => outcome.accounted !== undefined);
  const whole = accounted.length === 1 ? undefined : riskBetween(before, after, universe);
  const policies = outcomes.map(({ accounted: own }) =>
    own
      ? riskBetween(own.grantedBefore, own.grantedAfter, universe)
      : { removed: NO_RISK, remaining: NO_RISK },
  );
  const only = policies[outcomes.findIndex((outcome) => outcome.accounted !== undefined)];
  return { ...(whole ?? only ?? { removed: NO_RISK, remaining: NO_RISK }), policies };
}

function riskBetween(before: Granted, after: Granted, universe: Universe): Omit<Risk, 'policies'> {
  return { removed: riskOf(before, universe, after), remaining: riskOf(after, universe) };
}

function wholeAccess(outcomes: readonly GrantOutcome[]): WholeAccess {
  const accounted = outcomes.flatMap((outcome) => outcome.accounted ?? []);
  return {
    before: unionOf(accounted.map(({ grantedBefore }) => grantedBefore)),
    after: unionOf(accounted.map(({ grantedAfter }) => grantedAfter)),
  };
}

const CHANGING = new Set<ProposedPolicy['disposition']>(['update', 'new-version', 'replace', 'remove']);

/** Sorts the policies, so that the proposal and its key do not depend on their source and order. */
function inOrder(grants: readonly Grant[], { type }: Subject): readonly Grant[] {
  const sources: readonly GrantSource[] = type === 'group' ? SOURCES_OF_GROUP : GRANT_SOURCES;
  return [...grants].sort(
    (a, b) =>
      sources.indexOf(a.source) - sources.indexOf(b.source) ||
      byCodeUnit(a.group?.name ?? '', b.group?.name ?? '') ||
      byCodeUnit(a.name, b.name) ||
      byCodeUnit(a.managed?.arn ?? '', b.managed?.arn ?? ''),
  );
}

/** Groups have another order, because the ids of their proposals depend on it. */
const SOURCES_OF_GROUP: readonly GrantSource[] = [
  'group-aws-managed',
  'group-customer-managed',
  'group-inline',
];

function byAction(a: ResidueAction, b: ResidueAction): number {
  return byCodeUnit(a.action, b.action) || byCodeUnit(a.through, b.through) || byCodeUnit(a.reason, b.reason);
}

function sum(policies: readonly VerifiedPolicy[], count: (policy: VerifiedPolicy) => number): number {
  return policies.reduce((total, policy) => total + count(policy), 0);
}
