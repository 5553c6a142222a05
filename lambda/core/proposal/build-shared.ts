import type { Catalogue } from '../catalogue/catalogue.ts';
import { DEFAULT_QUOTAS } from '../fit/quotas.ts';
import { byCodeUnit } from '../model/order.ts';
import { documentsOf, type Grant } from '../model/principal.ts';
import type { LastAccess } from '../model/unused-access.ts';
import type { Generalize, StarForm } from '../model/proposed-policy.ts';
import { roomNote } from '../plan/limits.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { HolderId } from '../plan/schema.ts';
import { makeContext, type RefineContext } from '../refine/context.ts';
import type { KeepList } from '../refine/keep-list.ts';
import type { Granted } from '../verify/granted.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import type { RiskOf } from '../risk/risk.ts';
import { betterOf } from './better-of.ts';
import { beyondCatalogue, ownDocuments } from './beyond-catalogue.ts';
import { type CopiedTags, untaggedOriginals, withTags } from './copied-tags.ts';
import { findingFacts } from './finding-facts.ts';
import { proposalId } from './proposal-id.ts';
import { describeRefinement, refineSubject, type RefusedPolicy } from './refine-subject.ts';
import type {
  DraftShared,
  SharedFinding,
  SharedHolders,
  SharedProposal,
  SharedSubject,
  Summary,
  Comparison,
} from './schema.ts';
import { unionOf } from './summary.ts';
import { type Unused, unusedToAll, withReported } from './unused-to-all.ts';
import { datedUse, type HolderUseOf, sharedUseSince } from './used-since.ts';

/** One affected principal: its unused access, and the findings that report it. */
export interface HolderUse {
  readonly arn: string;
  readonly unused: Unused;
  readonly findings: readonly Omit<SharedFinding, 'principal'>[];
  /** The shared policy is attached to the principal itself, so a separate proposal can replace it there. */
  readonly isDirect: boolean;
}

interface SharedInput {
  readonly subject: SharedSubject;
  /** Unique id of a group, if the source has it; a policy's own id is among the grants. */
  readonly subjectId?: string | undefined;
  /** Display name of its account; never part of the id. */
  readonly accountName?: string | undefined;
  readonly holders: SharedHolders;
  /** Unique ids of the holders, as far as the source has them. */
  readonly holderIds?: readonly HolderId[];
  /** Every affected principal once, in any order. */
  readonly uses: readonly HolderUse[];
  /** The shared policy, or all policies of the group. */
  readonly grants: readonly Grant[];
  readonly catalogue: Catalogue;
  readonly keep: readonly string[];
  readonly keepList: KeepList;
  readonly generalize: Generalize;
  /** @default `list` */
  readonly star?: StarForm;
  readonly policiesInAccount: number;
  readonly notes: readonly string[];
  readonly digest: (text: string) => string;
}

/** Facts that are read only for a proposal that will be stored, and change neither its documents nor its id. */
export interface LateFactsOfHolders extends CopiedTags {
  /** Each holder's last use, by ARN; AWS was not asked about a missing holder. */
  readonly lastAccess?: ReadonlyMap<string, LastAccess>;
  /** When AWS completed the first of the reports (ISO 8601), and whether any report is missing or incomplete. */
  readonly lastAccessAsOf?: string | undefined;
  readonly isPartial?: boolean;
  /** Further notes for the reviewer. */
  readonly notes?: readonly string[];
}

export type SharedResult =
  | {
      readonly kind: 'proposal';
      readonly draft: DraftShared;
      /** Customer managed policies that a copy replaces and whose tags, which it has to carry, are not known. */
      readonly untagged: readonly string[];
      readonly context: RefineContext;
      readonly refused: readonly RefusedPolicy[];
      /** What the removed actions can do. */
      removed(): RiskOf;
      complete(facts?: LateFactsOfHolders): SharedProposal;
    }
  | { readonly kind: 'unchanged'; readonly reason: string; readonly refused: readonly RefusedPolicy[] };

/**
 * Refines a shared policy, or the policies of a group, by what is unused to all of its holders, and has every document
 * verified. So each holder loses only what its own finding reports unused.
 * @throws VerificationError if the verifier rejects a document
 */
export function buildShared(input: SharedInput): SharedResult {
  const { subject, holders, digest, keep } = input;
  const reports = input.uses.map(({ unused }) => unused);
  const unused = unusedToAll(reports);
  if (unused === 'everything') {
    const reason =
      'every principal that has it is an unused role with a proposal of its own to remove it: nothing to refine';
    return { kind: 'unchanged', reason, refused: [] };
  }
  const catalogue = withReported(input.catalogue, reports, unused);
  const context = makeContext(catalogue, unused, {
    keep: input.keepList,
    generalize: input.generalize,
    star: input.star ?? 'list',
    documents: documentsOf(input.grants),
  });
  const quotas = DEFAULT_QUOTAS[subject.type];
  const facts = { subject, grants: input.grants, context, catalogue, keep, digest, quotas };
  const refined = refineSubject(facts);
  const { policies, refused } = refined;
  if (!refined.isChanged) return { kind: 'unchanged', reason: unchangedReason(refused), refused };
  const kind = subject.type === 'policy' ? 'refine-shared-policy' : 'refine-group';
  const id = proposalId({ kind, about: { subject, holders }, policies }, digest);
  return {
    kind: 'proposal',
    draft: { kind, proposalId: id, subject, policies },
    untagged: untaggedOriginals(policies, input.grants),
    context,
    refused,
    removed: () => refined.risk().removed,
    complete: ({ tags, lastAccess, lastAccessAsOf, isPartial, notes = [] }: LateFactsOfHolders = {}) => {
      const grants = withTags(input.grants, tags);
      const { subjectId, holderIds } = input;
      const plan = makePlan({
        proposalId: id,
        subject,
        ...(subjectId === undefined ? {} : { subjectId }),
        holders,
        ...(holderIds === undefined ? {} : { holderIds }),
        policies,
        grants,
        digest,
      });
      const { unusedServices, unusedActions } = findingFacts(NO_FINDING, unused, context.universe);
      const refinement = describeRefinement(refined, facts, input.catalogue);
      const used = sharedUseSince(policies, unused, datedUses(input.uses, lastAccess));
      const comparison = compare(input, refinement.summary, refined.verified);
      return {
        schemaVersion: 1,
        kind,
        proposalId: id,
        subject,
        ...(input.accountName === undefined ? {} : { accountName: input.accountName }),
        holders,
        findings: input.uses
          .flatMap(({ arn, findings }) => findings.map((finding) => ({ principal: arn, ...finding })))
          .sort((a, b) => byCodeUnit(a.principal, b.principal) || byCodeUnit(a.id, b.id)),
        unused: { services: unusedServices, actions: unusedActions },
        ...refinement,
        advice: { ...betterOf(comparison), shared: comparison.shared, separate: comparison.separate },
        warnings: used.warnings,
        ...datedUse(lastAccess?.size ? used : undefined, lastAccessAsOf, isPartial),
        notes: [
          ...used.notes,
          ...beyondCatalogue(ownDocuments(policies), catalogue.origin),
          ...input.notes,
          ...plan.freeFirst.map(roomNote),
          ...notes,
        ],
        plan,
      };
    },
  };
}

/** Of several findings about one holder, the date of the first counts: not all of them know what was used since. */
function datedUses(
  uses: readonly HolderUse[],
  lastAccess: ReadonlyMap<string, LastAccess> = new Map(),
): readonly HolderUseOf[] {
  return uses.flatMap(({ arn, findings }) => {
    const known = lastAccess.get(arn);
    const moments = findings.flatMap(({ updatedAt }) => updatedAt ?? []);
    const [updatedAt = null] = moments.sort((a, b) => Date.parse(a) - Date.parse(b));
    return known ? [{ arn, lastAccess: known, updatedAt }] : [];
  });
}

const NO_FINDING = { id: '', analyzerArn: null, findingType: 'UnusedPermission', updatedAt: null } as const;

function unchangedReason(refused: readonly RefusedPolicy[]): string {
  const [only] = refused;
  if (only && refused.length === 1) return `policy ${only.policy} could not be refined: ${only.reason}`;
  return refused.length > 0
    ? `nothing else of it is reported unused for all of them, and ${String(refused.length)} of its policies could not be refined`
    : 'nothing that it grants is reported unused for all of them';
}

/** Unused roles are left out, because they will be removed, whichever way the others are refined. */
function compare(
  input: SharedInput,
  { actionsGrantedBefore, actionsGrantedAfter }: Summary,
  verified: readonly VerifiedPolicy[],
): Comparison {
  const removed = actionsGrantedBefore - actionsGrantedAfter;
  const granted = unionOf(verified.map(({ grantedBefore }) => grantedBefore));
  const refinable = input.uses.filter(({ unused }) => unused !== 'everything');
  let actions = 0;
  let copies = 0;
  for (const { unused, isDirect } of refinable) {
    if (!isDirect || unused === 'everything') continue;
    const own = unusedOf(granted, unused, input);
    actions += own;
    if (own > 0) copies += 1;
  }
  return {
    shared: { actions: removed * refinable.length, principals: refinable.length },
    separate: { actions, copies },
    policiesInAccount: input.policiesInAccount,
  };
}

/** The number of granted actions that a principal's own finding would remove. */
function unusedOf(granted: Granted, unused: Exclude<Unused, 'everything'>, input: SharedInput): number {
  const context = makeContext(input.catalogue, unused, {
    keep: input.keepList,
    generalize: input.generalize,
  });
  let count = 0;
  for (const [key, { actions, has }] of granted) {
    if (!unused.services.has(key) && !unused.actions.has(key)) continue;
    const decision = context.decisionOf(key);
    if (!decision || decision.removedCount === 0) continue;
    for (let i = 0; i < actions.length; i += 1) {
      const position = has[i] === 1 ? decision.service.position.get(actions[i] ?? '') : undefined;
      if (position !== undefined && decision.removed[position] === 1) count += 1;
    }
  }
  return count;
}
