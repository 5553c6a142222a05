import { buildShared } from '../../core/proposal/build-shared.ts';
import type { Proposal, SharedProposal, SharedSubject } from '../../core/proposal/schema.ts';
import { nameOfAccount } from '../../core/model/account.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { Grant } from '../../core/model/principal.ts';
import { readingIn, withReadingBeside } from '../../core/proposal/last-use-reading.ts';
import { type Decision, decisionsAbout } from '../../core/decision/decision.ts';
import { keptFor, withKept } from '../../core/decision/kept-by-decision.ts';
import { holderRejection } from '../../core/proposal/against-decisions.ts';
import { VerificationError } from '../../core/verify/verification-error.ts';
import type { AccountInventory } from '../../ports/account.ts';
import { AdapterError } from '../../ports/system.ts';
import type { FinishedProposal, ProposalStore, StoredProposal } from '../../ports/proposals.ts';
import type { UnusedFindings } from '../../ports/findings.ts';
import type { CommonDependencies } from './dependencies.ts';
import { excludedAccount, unwanted } from './skip-reason.ts';
import { lastUseOfHolders, usesOf } from './holder-uses.ts';
import type { RefusedPolicy } from '../../core/proposal/refine-subject.ts';
import { proposalFiles, tagsOf } from './store-proposal.ts';
import { type SharedCandidate, sharedCandidates } from './shared-candidates.ts';

export interface ProposeSharedDependencies extends CommonDependencies {
  readonly findings: UnusedFindings;
  readonly store: ProposalStore<SharedProposal>;
  /** Whether there is time for one more subject with this many holders; always, unless given. */
  readonly hasTimeFor?: (principals: number) => boolean;
}

/** The outcome for one shared policy or group. `key` orders the subjects of an account: a run can continue after it. */
export type SharedOutcome = {
  readonly key: string;
  readonly subject: SharedSubject;
  /** Every current policy of the subject. It parses documents, so it is called only if they are needed. */
  readonly grants: () => readonly Grant[];
} & (
  | {
      readonly kind: 'proposed';
      readonly proposal: SharedProposal;
      readonly stored: StoredProposal;
      /** Who accepted it, and who keeps something of its subject; one clause for each decision. */
      readonly decisions: readonly string[];
      readonly refused: readonly RefusedPolicy[];
    }
  | { readonly kind: 'unchanged'; readonly reason: string; readonly refused: readonly RefusedPolicy[] }
  /** The unused access of some holder is unknown, or the change would affect others. */
  | { readonly kind: 'blocked'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly replay: string | undefined }
);

/**
 * Proposes to refine each customer managed policy of an account with several holders, and each group, by what is
 * unused to all holders. These proposals are independent of those about single principals. Outcomes come one by one,
 * groups first, in the order of their keys. They end when the time for the next one is short; a later call continues
 * with the key of the last outcome as `after`.
 * @throws AdapterError if findings or the account's units cannot be read, or proposals cannot be stored (code
 * `unavailable`)
 */
export async function* proposeShared(
  inventory: AccountInventory,
  dependencies: ProposeSharedDependencies,
  after = '',
): AsyncGenerator<SharedOutcome, void, undefined> {
  const { settings, units } = dependencies;
  const decisions = (await dependencies.decisions?.inForce(inventory.accountId)) ?? [];
  const excluded = await excludedAccount(settings.exclude, inventory.accountId, units);
  const facts = { decisions, policiesInAccount: inventory.customerManagedPolicies };
  for (const candidate of sharedCandidates(inventory)) {
    if (byCodeUnit(candidate.key, after) <= 0) continue;
    if (dependencies.hasTimeFor?.(candidate.affected.length) === false) return;
    const obstacle = excluded?.reason ?? candidate.obstacle;
    yield await attempt({ ...candidate, obstacle }, facts, dependencies);
  }
}

interface AccountFacts {
  readonly decisions: readonly Decision[];
  readonly policiesInAccount: number;
}

async function attempt(
  candidate: SharedCandidate,
  facts: AccountFacts,
  dependencies: ProposeSharedDependencies,
): Promise<SharedOutcome> {
  const { key, subject, grants } = candidate;
  try {
    return await propose(candidate, facts, dependencies);
  } catch (error) {
    if (error instanceof AdapterError && (error.code === 'unavailable' || error.decision === 'retry'))
      throw error;
    const reason = error instanceof Error ? error.message : 'unknown error';
    const replay = error instanceof VerificationError ? error.replay : undefined;
    return { key, subject, grants, kind: 'failed', reason, replay };
  }
}

async function propose(
  { key, subject, subjectId, holders, holderIds, affected, obstacle, notes, grants }: SharedCandidate,
  facts: AccountFacts,
  {
    findings,
    settings,
    catalogue,
    digest,
    store,
    reports,
    tags,
    lastAccess,
    clock,
    runId,
    engineVersion,
  }: ProposeSharedDependencies,
): Promise<SharedOutcome> {
  const about = { key, subject, grants };
  if (obstacle !== undefined) return { ...about, kind: 'blocked', reason: obstacle };
  const { decisions, policiesInAccount } = facts;
  const known = await usesOf(affected, findings, settings, (arn) =>
    holderRejection(decisions, { arn, accountId: subject.accountId }),
  );
  if (known.kind === 'blocked') return { ...about, ...known };
  if (known.kind === 'unknown') return { ...about, kind: 'failed', reason: known.reason, replay: undefined };
  const { accountId } = subject;
  const kept = keptFor(decisions, [subject, ...affected.map(({ arn }) => ({ arn, accountId }))]);
  const keep = withKept(settings.keep, kept);
  if (!keep.ok) throw new AdapterError(keep.problem, 'permanent', 'invalid');
  const built = buildShared({
    subject,
    subjectId,
    accountName: nameOfAccount(subject.accountId, settings.accountNames),
    holders,
    holderIds,
    uses: known.uses,
    grants: grants(),
    catalogue,
    keep: keep.value.texts,
    keepList: keep.value.list,
    generalize: settings.generalize,
    star: settings.star ?? 'list',
    notes,
    digest,
    policiesInAccount,
  });
  if (built.kind === 'unchanged') return { ...about, ...built };
  const { kind, proposalId } = built.draft;
  const target = { kind, proposalId, ...subject, removed: built.removed() };
  const against = unwanted(target, decisions, settings);
  if (against) return { ...about, kind: 'blocked', reason: against.reason };
  const { draft, untagged, context, refused } = built;
  let proposal: SharedProposal | undefined;
  const finish = async (): Promise<FinishedProposal<SharedProposal>> => {
    const complete = built.complete({
      tags: await tagsOf(untagged, subject.accountId, tags),
      ...(await lastUseOfHolders(known.uses, lastAccess, clock)),
    });
    proposal = complete;
    const filesOf = (one: Proposal) => proposalFiles(one, context.universe, reports);
    return { proposal: complete, files: filesOf(complete), filesOf };
  };
  const readUse = lastAccess
    ? async () => readingIn(built.complete(await lastUseOfHolders(known.uses, lastAccess, clock)))
    : undefined;
  const provenance = {
    findingId: known.uses.flatMap((use) => use.findings)[0]?.id ?? '',
    runId,
    storedAt: clock.now(),
    engineVersion,
  };
  const stored = await store.put(draft, finish, provenance, readUse);
  return {
    ...about,
    kind: 'proposed',
    proposal: withReadingBeside(proposal ?? built.complete(), stored),
    stored,
    refused,
    decisions: decisionsAbout(target, decisions),
  };
}
