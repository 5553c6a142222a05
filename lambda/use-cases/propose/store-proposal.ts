import type { Universe } from '../../core/catalogue/universe.ts';
import { renderJson } from '../../core/model/json.ts';
import type { Tag } from '../../core/model/principal.ts';
import { documentsByFile } from '../../core/plan/names.ts';
import type { BuildResult, LateFacts } from '../../core/proposal/build-proposal.ts';
import type {
  DraftProposal,
  PrincipalProposal,
  Proposal,
  RemovalProposal,
} from '../../core/proposal/schema.ts';
import { readingIn, withReadingBeside } from '../../core/proposal/last-use-reading.ts';
import { renderData } from '../../core/proposal/to-json.ts';
import { OPINIONS_OBJECT } from '../../contract/object-keys.ts';
import type { LastAccessAnswer, PolicyTags } from '../../ports/policies.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { FinishedProposal, ProposalFile, ReportWriter } from '../../ports/proposals.ts';
import type { Clock } from '../../ports/system.ts';
import { askOpinions } from '../opinions/ask-opinions.ts';
import type { ProposeDependencies } from './dependencies.ts';
import type { ProposeOutcome } from './outcome.ts';

/** Milliseconds for reading dates of last use, and milliseconds reserved for storing. */
const LAST_ACCESS_MILLIS = 20_000;
const RESERVE = 30_000;

type Built = Extract<BuildResult, { readonly kind: 'proposal' }>;

/**
 * Stores a proposal. What only a new proposal needs is read only for new ones, because a sweep finds most proposals
 * already stored and each call costs. A stored proposal is not changed. If dates of last use are read, they are read
 * for it too, because the actions may have been used since.
 * @param decisions what people decided about it, one clause each
 * @throws AdapterError
 * @throws OpinionBlock if a requested check of AWS rejects the proposal: nothing is stored
 */
export async function storeProposal(
  made: Built | RemovalProposal,
  universe: Universe,
  dependencies: ProposeDependencies,
  decisions: readonly string[],
): Promise<ProposeOutcome> {
  const draft: DraftProposal | RemovalProposal = made.kind === 'proposal' ? made.draft : made;
  let proposal: PrincipalProposal | undefined;
  let opinions: readonly OpinionResult[] = [];
  const finish = async (): Promise<FinishedProposal<PrincipalProposal>> => {
    const late = made.kind === 'proposal' ? await readLateFacts(made, universe, dependencies) : undefined;
    opinions = late?.opinions ?? [];
    const complete = made.kind === 'proposal' ? made.complete(late) : made;
    proposal = complete;
    const filesOf = (one: Proposal) => proposalFiles(one, universe, dependencies.reports, opinions);
    return { proposal: complete, files: filesOf(complete), filesOf };
  };
  const { lastAccess, clock } = dependencies;
  const readUse =
    made.kind === 'proposal' && lastAccess
      ? async () => {
          const answer = await lastAccess.lastAccessOf(draft.principal, millisForDates(clock));
          return readingIn(made.complete(lateFactsOf(answer)));
        }
      : undefined;
  const provenance = {
    findingId: draft.finding.id,
    runId: dependencies.runId,
    storedAt: clock.now(),
    engineVersion: dependencies.engineVersion,
  };
  const stored = await dependencies.store.put(draft, finish, provenance, readUse);
  if (stored.outcome === 'withheld') {
    const { reason } = stored;
    return { kind: 'skipped', resource: draft.principal.arn, code: 'withheld', reason };
  }
  return {
    kind: 'proposed',
    proposal: withReadingBeside(proposal ?? (made.kind === 'proposal' ? made.complete() : made), stored),
    stored,
    refused: made.kind === 'proposal' ? made.refused : [],
    decisions,
    opinions,
  };
}

/**
 * Reads everything for a new proposal concurrently: second opinions and dates, each with its own time limit, and the
 * tags of copied policies.
 */
async function readLateFacts(
  { draft, untagged }: Built,
  universe: Universe,
  { lastAccess, opinions, tags, settings, clock }: ProposeDependencies,
): Promise<LateFacts & { readonly opinions: readonly OpinionResult[] }> {
  const dates = lastAccess?.lastAccessOf(draft.principal, millisForDates(clock));
  try {
    const asked = opinions
      ? await askOpinions({ proposal: draft, universe, keep: settings.keep, clock }, opinions)
      : [];
    return {
      opinions: asked,
      tags: await tagsOf(untagged, draft.principal.accountId, tags),
      ...lateFactsOf(await dates),
    };
  } finally {
    // Reading dates never fails, and waiting for it leaves nothing in flight if an opinion rejects the proposal.
    await dates;
  }
}

function millisForDates(clock: Clock): number {
  return Math.min(LAST_ACCESS_MILLIS, clock.remainingMillis() - RESERVE);
}

/** @throws AdapterError */
export async function tagsOf(
  arns: readonly string[],
  accountId: string,
  source: PolicyTags | undefined,
): Promise<ReadonlyMap<string, readonly Tag[]> | undefined> {
  if (source === undefined || arns.length === 0) return undefined;
  const tags = new Map<string, readonly Tag[]>();
  for (const arn of arns) tags.set(arn, await source.tagsOf(accountId, arn));
  return tags;
}

function lateFactsOf(answer: LastAccessAnswer | undefined): LateFacts {
  if (answer === undefined || answer.kind === 'none') return {};
  return answer.kind === 'known'
    ? {
        lastAccess: answer.lastAccess,
        lastAccessAsOf: answer.completedAt,
        isPartial: answer.problem !== undefined,
        ...(answer.problem === undefined
          ? {}
          : { notes: [`A part of the report on last use cannot be read: ${answer.problem}.`] }),
      }
    : { notes: [`When actions were last used is not known: ${answer.reason}.`] };
}

/** All other files of a proposal: documents, and the report for people. */
export function proposalFiles(
  proposal: Proposal,
  universe: Universe,
  reports: ReportWriter,
  opinions: readonly OpinionResult[] = [],
): readonly ProposalFile[] {
  return [
    ...documentFiles(proposal),
    ...opinionFiles(proposal, opinions),
    ...reports.write(proposal, universe, opinions),
  ];
}

/** The documents that the plan's calls refer to. */
function documentFiles({ policies, plan }: Proposal): readonly ProposalFile[] {
  return [...documentsByFile(policies, plan.documents)].map(([name, document]) => ({
    name,
    contentType: 'application/json',
    body: `${renderJson(document)}\n`,
  }));
}

/** Only present if opinions were requested. */
function opinionFiles({ proposalId }: Proposal, opinions: readonly OpinionResult[]): readonly ProposalFile[] {
  if (opinions.length === 0) return [];
  const body = `${renderData({ schemaVersion: 1, proposalId, opinions })}\n`;
  return [{ name: OPINIONS_OBJECT, contentType: 'application/json', body }];
}
