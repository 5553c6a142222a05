import type { LastAccess } from '../model/last-access.ts';
import { byCodeUnit } from '../model/order.ts';
import { cloudFormationWarning } from '../plan/cloudformation-warning.ts';
import { roomNote } from '../plan/limits.ts';
import { makePlan } from '../plan/make-plan.ts';
import { refineGrants } from '../refine/refine-grants.ts';
import { retainedActions } from './retained-actions.ts';
import { DEFAULT_QUOTAS, type IamQuotas } from '../fit/quotas.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import { concludeGrant, type ConcludeFacts, type GrantOutcome } from './conclude-grant.ts';
import { findingFacts } from './finding-facts.ts';
import { fitGrants } from './fit-grants.ts';
import { proposalId } from './proposal-id.ts';
import type { FindingType, RefineProposal } from './schema.ts';
import type { ProposedPolicy, ResidueAction } from '../model/proposed-policy.ts';
import { stayingActions } from './staying.ts';
import { summarise, unionOf } from './summary.ts';
import { usedSinceWarning } from './used-since.ts';

export interface BuildInput extends ConcludeFacts {
  readonly finding: {
    readonly id: string;
    readonly analyzerArn: string | null;
    readonly findingType: FindingType;
    readonly updatedAt: string | null;
  };
  /** @default what IAM allows unless AWS raised it */
  readonly quotas?: IamQuotas;
  /** @default AWS was not asked when the principal last used what */
  readonly lastAccess?: LastAccess;
  /** Whose it is, by tag; never part of the id. */
  readonly owner?: string;
  /** More that a reviewer should know. */
  readonly notes?: readonly string[];
}

/** A proposal, or why there is nothing to propose. Refused policies are named either way. */
export type BuildResult =
  | {
      readonly kind: 'proposal';
      readonly proposal: RefineProposal;
      readonly refused: readonly RefusedGrant[];
    }
  | {
      readonly kind: 'unchanged';
      readonly reason: string;
      readonly refused: readonly RefusedGrant[];
      readonly residue: readonly ResidueAction[];
    };

export interface RefusedGrant {
  readonly policy: string;
  readonly reason: string;
}

/**
 * Refines everything a principal is granted, has every document verified, and puts the proposal together from the
 * verifier's results.
 * @throws VerificationError when the verifier rejects a document
 */
export function buildProposal(input: BuildInput): BuildResult {
  const { principal, context, catalogue } = input;
  const refinements = refineGrants(principal, context);
  const quotas = input.quotas ?? DEFAULT_QUOTAS;
  const fits = fitGrants(principal, refinements, context, quotas);
  const outcomes = refinements.map((refined, index) =>
    concludeGrant(refined, fits[index] ?? { kind: 'untouched' }, input),
  );
  const refused = outcomes.flatMap(({ policy }) =>
    policy.disposition === 'refused' ? [{ policy: policy.name, reason: policy.reason }] : [],
  );
  const residue = outcomes.flatMap((outcome) => outcome.residue).sort(byAction);
  const policies = outcomes.map(({ policy }) => policy);
  if (!policies.some(({ disposition }) => CHANGING.has(disposition))) {
    return { kind: 'unchanged', reason: unchangedReason(outcomes, refused.length), refused, residue };
  }
  const own = outcomes.flatMap(({ verified }) => verified ?? []);
  const accounted = outcomes.flatMap((outcome) => outcome.accounted ?? []);
  const grantedAfter = unionOf(accounted.map((policy) => policy.grantedAfter));
  const retained = retainedActions(own, context);
  const used = input.lastAccess && usedSinceWarning(policies, input.lastAccess, input.finding.updatedAt);
  const drift = cloudFormationWarning(principal.tags);
  const id = proposalId(
    {
      kind: 'refine-permissions',
      principal: principal.ref,
      subject: '',
      policies: policies.map(({ source, name, disposition, before, after }) => ({
        source,
        name,
        disposition,
        before,
        after: after.map(({ document }) => document),
      })),
    },
    input.digest,
  );
  const plan = makePlan({
    proposalId: id,
    subject: principal.ref,
    policies,
    grants: principal.grants,
    digest: input.digest,
    attachmentQuota: quotas.attachedManagedPolicies[principal.ref.type],
  });
  const { origin } = catalogue;
  const proposal: RefineProposal = {
    schemaVersion: 1,
    kind: 'refine-permissions',
    proposalId: id,
    principal: principal.ref,
    ...(input.owner === undefined ? {} : { owner: input.owner }),
    finding: findingFacts(input.finding, context.unused, context.universe),
    catalogue: {
      source: origin.source,
      version: origin.version,
      services: catalogue.serviceCount,
      actions: catalogue.actionCount,
    },
    generalize: context.generalize,
    policies,
    retained,
    residue,
    staying: stayingActions({
      granted: grantedAfter,
      documents: accounted.flatMap((policy) => policy.after),
      retained,
      hasRefused: refused.length > 0,
      context,
      lastAccess: input.lastAccess,
    }),
    verification: {
      verdict: 'exact',
      statementsChecked: sum(own, (policy) => policy.statementsChecked),
      actionsChecked: sum(own, (policy) => policy.actionsChecked),
    },
    summary: summarise(accounted, grantedAfter),
    notes: [used, ...plan.freeFirst.map(roomNote), ...(input.notes ?? []), drift].filter(
      (note) => note !== undefined,
    ),
    plan,
  };
  return { kind: 'proposal', proposal, refused };
}

const CHANGING = new Set<ProposedPolicy['disposition']>(['update', 'new-version', 'replace', 'remove']);

function byAction(a: ResidueAction, b: ResidueAction): number {
  return byCodeUnit(a.action, b.action) || byCodeUnit(a.through, b.through) || byCodeUnit(a.reason, b.reason);
}

function unchangedReason(outcomes: readonly GrantOutcome[], refused: number): string {
  const unfit = outcomes.filter(({ policy, residue }) => policy.group === undefined && residue.length > 0);
  const inherited = outcomes
    .filter(({ policy }) => policy.group !== undefined)
    .reduce((count, { residue }) => count + residue.length, 0);
  const parts = [
    unfit.length > 0
      ? 'what its own policies grant of the unused cannot be taken away within the size limits of IAM'
      : 'none of the policies of its own grants what the finding reports unused',
  ];
  if (inherited > 0) {
    parts.push(
      `${String(inherited)} unused ${inherited === 1 ? 'action reaches' : 'actions reach'} it through groups`,
    );
  }
  if (refused > 0) parts.push(`${String(refused)} of its policies could not be refined`);
  return parts.join('; ');
}

function sum(policies: readonly VerifiedPolicy[], count: (policy: VerifiedPolicy) => number): number {
  return policies.reduce((total, policy) => total + count(policy), 0);
}
