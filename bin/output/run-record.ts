import { STAR_NOTE } from '../../lambda/core/proposal/beyond-catalogue.ts';
import type { RefineProposal } from '../../lambda/core/proposal/schema.ts';
import type { ProposedPolicy } from '../../lambda/core/model/proposed-policy.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { type RunEntry, runEntry } from '../../lambda/report/run/run-overview.ts';
import type { RefusedPolicy } from '../../lambda/use-cases/propose/outcome.ts';
import type { AccountOutcome } from '../../lambda/use-cases/propose/refine-account.ts';

/** What a run remembers of one outcome: plain data that goes from thread to thread, and nothing of the documents. */
export type RunRecord = (ProposedRecord | Exclude<AccountOutcome, { readonly kind: 'proposed' }>) & {
  /** What was not done for it, each with its reason; the run ends with 1. */
  readonly complaints?: readonly string[];
  /** What else is to be said, in one line each. */
  readonly remarks?: readonly string[];
};

export interface ProposedRecord {
  readonly kind: 'proposed';
  readonly entry: RunEntry;
  readonly accessKeyId: string | undefined;
  /** What was done to policies so that IAM can store them. */
  readonly fittings: readonly string[];
  /** What stops the proposal, and what it says of a list in the place of `*`: for its line in the table. */
  readonly cautions: readonly string[];
  readonly refused: readonly RefusedPolicy[];
}

export function runRecord(outcome: AccountOutcome, hasReports: boolean): RunRecord {
  if (outcome.kind !== 'proposed') return outcome;
  const { proposal, stored, refused } = outcome;
  const isRefinement = proposal.kind === 'refine-permissions';
  return {
    kind: 'proposed',
    entry: runEntry(proposal, { folder: stored.prefix, hasReport: hasReports }, sha256),
    accessKeyId: isRefinement ? undefined : proposal.accessKeyId,
    fittings: isRefinement ? proposal.policies.flatMap(fittingRemark) : [],
    cautions: isRefinement ? cautionsOf(proposal) : [],
    refused,
  };
}

function cautionsOf({ warnings = [], notes }: RefineProposal): readonly string[] {
  const lists = notes.some((note) => note.startsWith(STAR_NOTE));
  return [
    ...warnings.map((warning) => `STOP: ${warning}`),
    ...(lists
      ? ['a list takes the place of "*": services that nobody here knows are no longer granted']
      : []),
  ];
}

function fittingRemark({ name, fitting, after }: ProposedPolicy): readonly string[] {
  if (!fitting) return [];
  if (fitting.steps.includes('split')) return [`${name} split over ${String(after.length)} policies to fit`];
  return [
    fitting.steps.includes('moved-to-managed')
      ? `${name} becomes a managed policy to fit`
      : `${name} shortened to fit`,
  ];
}
