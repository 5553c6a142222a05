import type { Universe } from '../../core/catalogue/universe.ts';
import { type BuildInput, buildProposal } from '../../core/proposal/build-proposal.ts';
import type { Proposal, RefineProposal } from '../../core/proposal/schema.ts';
import type { LastAccessAnswer } from '../../ports/policies.ts';
import type { OpinionResult } from '../../ports/opinions.ts';
import type { FinishedProposal } from '../../ports/proposals.ts';
import { askOpinions } from '../opinions/ask-opinions.ts';
import type { ProposeOutcome, RefusedPolicy } from './outcome.ts';
import { proposalFiles } from './proposal-files.ts';
import type { ProposeDependencies } from './propose-refinement.ts';

/** Milliseconds that AWS has to say when a principal last used what, and those that are kept for storing. */
const LAST_ACCESS_MILLIS = 20_000;
const RESERVE = 30_000;

/** How a proposal was made, where policies are refined. */
interface Making {
  readonly input: BuildInput;
  readonly refused: readonly RefusedPolicy[];
}

/**
 * Stores a proposal. AWS is asked about new ones only, since a sweep meets most of them again and each question costs;
 * what is stored stays as it is.
 * @throws AdapterError
 * @throws OpinionBlock when a check of AWS that was asked for speaks against the proposal: nothing is stored
 */
export async function storeProposal(
  made: Proposal,
  universe: Universe,
  dependencies: ProposeDependencies,
  making?: Making,
): Promise<ProposeOutcome> {
  let proposal = made;
  let opinions: readonly OpinionResult[] = [];
  const finish = async (): Promise<FinishedProposal> => {
    if (made.kind === 'refine-permissions') {
      const answers = await askAws(made, universe, dependencies);
      ({ opinions } = answers);
      if (making && answers.lastAccess) proposal = withLastAccess(made, making.input, answers.lastAccess);
    }
    return { proposal, files: proposalFiles(proposal, universe, dependencies.reports, opinions) };
  };
  const stored = await dependencies.store.put(made, finish, {
    findingId: made.finding.id,
    runId: dependencies.runId,
    storedAt: dependencies.clock.now(),
    engineVersion: dependencies.engineVersion,
  });
  if (stored.outcome === 'withheld') {
    const { reason } = stored;
    return { kind: 'skipped', resource: made.principal.arn, code: 'withheld', reason };
  }
  return { kind: 'proposed', proposal, stored, refused: making?.refused ?? [], opinions };
}

interface Answers {
  /** Undefined where AWS was not asked. */
  readonly lastAccess: LastAccessAnswer | undefined;
  readonly opinions: readonly OpinionResult[];
}

/** All questions side by side, each within its own time: the opinions are about documents, which no date changes. */
async function askAws(
  proposal: RefineProposal,
  universe: Universe,
  { lastAccess, opinions, settings, clock }: ProposeDependencies,
): Promise<Answers> {
  const millis = Math.min(LAST_ACCESS_MILLIS, clock.remainingMillis() - RESERVE);
  const dates = lastAccess?.lastAccessOf(proposal.principal, millis);
  try {
    return {
      opinions: opinions
        ? await askOpinions({ proposal, universe, keep: settings.keep, clock }, opinions)
        : [],
      lastAccess: await dates,
    };
  } finally {
    // AWS is never why it fails, and nothing is left under way when an opinion ends the proposal.
    await dates;
  }
}

/** The same proposal with what AWS knows about the use of what stays. */
function withLastAccess(
  proposal: RefineProposal,
  input: BuildInput,
  answer: LastAccessAnswer,
): RefineProposal {
  if (answer.kind === 'none') return proposal;
  const rebuilt = buildProposal({
    ...input,
    ...(answer.kind === 'known'
      ? { lastAccess: answer.lastAccess }
      : { notes: [`When actions were last used is not known: ${answer.reason}.`] }),
  });
  return rebuilt.kind === 'proposal' ? rebuilt.proposal : proposal;
}
