import type { AccountJobQueue } from '../../ports/account.ts';
import type { FindingList, FindingQueue } from '../../ports/findings.ts';
import type { Overview, ProposalLookup } from '../../ports/proposals.ts';
import type { SweepQueue, SweepRecords } from '../../ports/sweep.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';

/* What the phases of a sweep have in common. */

export interface SweepDependencies {
  readonly findings: FindingList;
  readonly records: SweepRecords;
  readonly queue: FindingQueue;
  readonly jobs: AccountJobQueue;
  readonly rest: SweepQueue;
  readonly overview: Pick<Overview, 'read'>;
  /** Looks up stored proposals. */
  readonly proposals: ProposalLookup;
  /** An account with at least this many findings is read as a whole. */
  readonly bulkThreshold: number;
  readonly clock: Clock;
}

/** Why the rest was left to a later slice: the time ran out, or a service did not answer. */
export type RequeueReason = 'time' | AdapterError['code'];

/** The outcome for proposals that are shown as current although their findings are no longer active. */
export type Reconsidered =
  | { readonly kind: 'sent'; readonly findings: number }
  /**
   * The listing does not contain all active findings: it did not begin at the first page, or an entry could not be
   * read.
   */
  | { readonly kind: 'not-looked' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Milliseconds reserved for one more page or batch, including retries of throttled calls. */
export const RESERVE = 30_000;

/** Whether a retry may succeed. */
export function isPassing(error: unknown): error is AdapterError {
  return error instanceof AdapterError && error.decision === 'retry';
}
