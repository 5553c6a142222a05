import { DEFAULT_QUOTAS, type IamQuotas } from '../fit/quotas.ts';
import type { LastAccess } from '../model/unused-access.ts';
import type { Principal, Tag } from '../model/principal.ts';
import type { ResidueAction } from '../model/proposed-policy.ts';
import { roomNote } from '../plan/limits.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { RiskOf } from '../risk/risk.ts';
import { beyondCatalogue, ownDocuments } from './beyond-catalogue.ts';
import type { ConcludeFacts } from './conclude-grant.ts';
import { type CopiedTags, untaggedOriginals, withTags } from './copied-tags.ts';
import { type FindingIdentity, findingFacts, trustOf } from './finding-facts.ts';
import { proposalId } from './proposal-id.ts';
import {
  describeRefinement,
  type RefinedSubject,
  refineSubject,
  type RefusedPolicy,
} from './refine-subject.ts';
import type { DraftProposal, RefineProposal } from './schema.ts';
import { datedUse, useSince } from './used-since.ts';

export interface BuildInput extends Omit<ConcludeFacts, 'subject'> {
  readonly principal: Principal;
  readonly finding: FindingIdentity;
  /** @default what IAM allows unless AWS raised it */
  readonly quotas?: IamQuotas;
  /** Display name of its account, and the principal's owner by tag; never part of the id. */
  readonly accountName?: string | undefined;
  readonly owner?: string;
}

/** Facts that are read only for a proposal that will be stored, and change neither its documents nor its id. */
export interface LateFacts extends CopiedTags {
  /** The principal's last use of each service; undefined if AWS was not asked. */
  readonly lastAccess?: LastAccess | undefined;
  /** When AWS completed its report (ISO 8601), and whether part of it could not be read. */
  readonly lastAccessAsOf?: string | undefined;
  readonly isPartial?: boolean;
  /** Further notes for the reviewer. */
  readonly notes?: readonly string[];
}

/** A proposal to complete, or why there is nothing to propose. Both name the refused policies. */
export type BuildResult =
  | {
      readonly kind: 'proposal';
      readonly draft: DraftProposal;
      /** Customer managed policies that a copy replaces and whose tags, which it has to carry, are not known. */
      readonly untagged: readonly string[];
      readonly refused: readonly RefusedPolicy[];
      /** What the removed actions can do. */
      removed(): RiskOf;
      complete(facts?: LateFacts): RefineProposal;
    }
  | {
      readonly kind: 'unchanged';
      readonly reason: string;
      readonly refused: readonly RefusedPolicy[];
      readonly residue: readonly ResidueAction[];
    };

/**
 * Refines everything that a principal is granted, and has every document verified. `complete` builds the proposal from
 * the verifier's results and the late facts.
 * @throws VerificationError if the verifier rejects a document
 */
export function buildProposal(input: BuildInput): BuildResult {
  const { principal, context, catalogue, digest } = input;
  const { ref, grants } = principal;
  const quotas = input.quotas ?? DEFAULT_QUOTAS[ref.type];
  const facts = { ...input, subject: ref, grants, quotas };
  const refined = refineSubject(facts);
  const { policies, retained, residue, refused } = refined;
  if (!refined.isChanged) {
    return { kind: 'unchanged', reason: unchangedReason(refined), refused, residue };
  }
  const kind = 'refine-permissions';
  const id = proposalId({ kind, about: { principal: ref, subject: '' }, policies }, digest);
  const finding = findingFacts(input.finding, context.unused, context.universe);
  const { generalize } = context;
  return {
    kind: 'proposal',
    draft: { kind, proposalId: id, principal: ref, finding, generalize, policies, retained },
    untagged: untaggedOriginals(policies, grants),
    refused,
    removed: () => refined.risk().removed,
    complete: ({ lastAccess, lastAccessAsOf, isPartial, notes = [], tags }: LateFacts = {}) => {
      const { updatedAt } = finding;
      const used = lastAccess && useSince({ policies, unused: context.unused, lastAccess, updatedAt });
      const drift = cloudFormationWarning(principal.tags);
      const plan = makePlan({
        proposalId: id,
        subject: ref,
        ...(principal.id === undefined ? {} : { subjectId: principal.id }),
        analysedAt: finding.updatedAt,
        policies,
        grants: withTags(grants, tags),
        digest,
        attachmentQuota: quotas.attachedManagedPolicies,
      });
      return {
        schemaVersion: 1,
        kind,
        proposalId: id,
        principal: ref,
        ...(input.accountName === undefined ? {} : { accountName: input.accountName }),
        ...(input.owner === undefined ? {} : { owner: input.owner }),
        ...trustOf(principal),
        finding,
        ...describeRefinement(refined, facts, catalogue, lastAccess),
        warnings: used?.warnings ?? [],
        ...datedUse(used, lastAccessAsOf, isPartial),
        notes: [
          ...(used?.notes ?? []),
          ...beyondCatalogue(ownDocuments(policies), catalogue.origin),
          ...plan.freeFirst.map(roomNote),
          ...notes,
          drift,
        ].filter((note) => note !== undefined),
        plan,
      };
    },
  };
}

function unchangedReason({ outcomes, refused }: RefinedSubject): string {
  const unfit = outcomes.filter(({ policy, residue }) => policy.group === undefined && residue.length > 0);
  const inherited = outcomes
    .filter(({ policy }) => policy.group !== undefined)
    .reduce((count, { residue }) => count + residue.length, 0);
  const parts = [
    unfit.length > 0
      ? 'the unused actions that its own policies grant cannot be removed within the size limits of IAM'
      : 'none of its own policies grants what the finding reports unused',
  ];
  if (inherited > 0) {
    parts.push(
      `${String(inherited)} unused ${inherited === 1 ? 'action reaches' : 'actions reach'} it through groups`,
    );
  }
  if (refused.length > 0) parts.push(`${String(refused.length)} of its policies could not be refined`);
  return parts.join('; ');
}

/**
 * The warning about a principal that CloudFormation created: a manual change would drift from the template. Undefined
 * if the tags name no stack.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
 */
export function cloudFormationWarning(tags: readonly Tag[]): string | undefined {
  const value = (key: string): string | undefined =>
    tags.find((tag) => tag.key === `aws:cloudformation:${key}`)?.value;
  const stack = value('stack-name') ?? stackOfId(value('stack-id'));
  const logicalId = value('logical-id');
  if (stack === undefined && logicalId === undefined) return undefined;
  const where = [
    stack === undefined ? 'a CloudFormation stack' : `the CloudFormation stack ${stack}`,
    ...(logicalId === undefined ? [] : [`as its resource ${logicalId}`]),
  ].join(' ');
  return (
    `managed by ${where}: applying this proposal by hand would drift from the template, and the next deployment ` +
    'could undo it; change the template instead (see show --format cloudformation)'
  );
}

/** `orders` for `arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/51af3dc0`. */
function stackOfId(id: string | undefined): string | undefined {
  return id?.split('/')[1];
}
