import { DEFAULT_QUOTAS, type IamQuotas } from '../fit/quotas.ts';
import type { LastAccess } from '../model/last-access.ts';
import type { Principal } from '../model/principal.ts';
import type { ResidueAction } from '../model/proposed-policy.ts';
import { cloudFormationWarning } from '../plan/cloudformation-warning.ts';
import { roomNote } from '../plan/limits.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { ConcludeFacts } from './conclude-grant.ts';
import { findingFacts } from './finding-facts.ts';
import { proposalId } from './proposal-id.ts';
import {
  describeRefinement,
  type RefinedSubject,
  refineSubject,
  type RefusedGrant,
} from './refine-subject.ts';
import type { FindingType, RefineProposal } from './schema.ts';
import { usedSinceWarning } from './used-since.ts';

export interface BuildInput extends Omit<ConcludeFacts, 'subject'> {
  readonly principal: Principal;
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

/**
 * Refines everything a principal is granted, has every document verified, and puts the proposal together from the
 * verifier's results.
 * @throws VerificationError when the verifier rejects a document
 */
export function buildProposal(input: BuildInput): BuildResult {
  const { principal, context, catalogue, finding, digest } = input;
  const quotas = input.quotas ?? DEFAULT_QUOTAS[principal.ref.type];
  const facts = { ...input, subject: principal.ref, grants: principal.grants, quotas };
  const refined = refineSubject(facts);
  const { policies, residue, refused } = refined;
  if (!refined.isChanged) {
    return { kind: 'unchanged', reason: unchangedReason(refined), refused, residue };
  }
  const kind = 'refine-permissions';
  const id = proposalId({ kind, about: { principal: principal.ref, subject: '' }, policies }, digest);
  const used = input.lastAccess && usedSinceWarning(policies, input.lastAccess, finding.updatedAt);
  const drift = cloudFormationWarning(principal.tags);
  const plan = makePlan({
    proposalId: id,
    subject: principal.ref,
    policies,
    grants: principal.grants,
    digest,
    attachmentQuota: quotas.attachedManagedPolicies,
  });
  const proposal: RefineProposal = {
    schemaVersion: 1,
    kind,
    proposalId: id,
    principal: principal.ref,
    ...(input.owner === undefined ? {} : { owner: input.owner }),
    finding: findingFacts(finding, context.unused, context.universe),
    ...describeRefinement(refined, facts, catalogue, input.lastAccess),
    notes: [used, ...plan.freeFirst.map(roomNote), ...(input.notes ?? []), drift].filter(
      (note) => note !== undefined,
    ),
    plan,
  };
  return { kind: 'proposal', proposal, refused };
}

function unchangedReason({ outcomes, refused }: RefinedSubject): string {
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
  if (refused.length > 0) parts.push(`${String(refused.length)} of its policies could not be refined`);
  return parts.join('; ');
}
