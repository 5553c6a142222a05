import type { SweepContinuation } from '../../ports/sweep.ts';
import { listFindings } from './list-findings.ts';
import { sendFindings } from './send-findings.ts';
import { sendMissing } from './send-missing.ts';
import { type RequeueReason, type Reconsidered, RESERVE, type SweepDependencies } from './slice.ts';

/** The outcome of one slice of a sweep, apart from errors. */
type SweepOutcome = SweepCounts &
  (
    | { readonly kind: 'completed'; readonly reconsidered: Reconsidered }
    /** Why the rest was left to a later slice: the time ran out, or a service did not answer. */
    | { readonly kind: 'continued'; readonly because: RequeueReason }
  );

/** The counts of one slice. */
interface SweepCounts {
  readonly listed: number;
  readonly pages: number;
  /** Entries of the listing without the id of the finding, or without its principal. */
  readonly unread: number;
  /** Findings that were queued, one by one or with their account. */
  readonly swept: number;
  /** Accounts that are read as a whole. */
  readonly accounts: number;
  readonly restarts: number;
}

/** Seconds to wait after a service throttled or did not answer. Without a wait it would do so again. */
const NO_ANSWER_DELAY = 300;

/** The start of a new sweep. */
export function newSweep(analyzerArn: string, sweepId: string): SweepContinuation {
  const listed = { from: 0, to: 0, isWhole: true };
  return { analyzerArn, sweepId, restarts: 0, position: { phase: 'list', nextToken: undefined, listed } };
}

/**
 * Lists every ACTIVE finding of an analyzer, then queues them: those of an account with many findings as one job, all
 * others one by one. When the time runs out, or something fails after some progress, a later slice continues at the
 * same position. A finding may be sent twice, because proposals are idempotent.
 *
 * At its end, a sweep also sends findings that are no longer active although a proposal for them is shown as current.
 * The event about its end may be lost; the worker then marks the proposal.
 *
 * Each slice makes some progress, so a sweep ends however short the slices are.
 * @throws AdapterError if a slice made no progress at all, or a retry does not help
 */
export async function sweepFindings(
  start: SweepContinuation,
  dependencies: SweepDependencies,
): Promise<SweepOutcome> {
  const { analyzerArn, sweepId } = start;
  // Before anything is listed, so that workers do not contradict states that were written after the listing.
  const since = await dependencies.records.begin(sweepId);
  const list =
    start.position.phase === 'list'
      ? await listFindings(start, start.position, dependencies)
      : {
          listed: 0,
          pages: 0,
          unread: 0,
          restarts: start.restarts,
          because: undefined,
          next: start.position,
        };
  const { listed, pages, unread, restarts } = list;
  const later = async (
    because: RequeueReason,
    position: SweepContinuation['position'],
    swept = 0,
    accounts = 0,
  ) => {
    const rest = { analyzerArn, sweepId, restarts, position };
    if (because === 'time') await dependencies.rest.continueLater(rest);
    else await dependencies.rest.continueLater(rest, NO_ANSWER_DELAY);
    return { kind: 'continued', because, listed, pages, unread, swept, accounts, restarts } as const;
  };
  if (list.because !== undefined) return later(list.because, list.next);
  if (list.next.phase === 'list') return later('time', list.next);
  let position = list.next;
  let swept = 0;
  let accounts = 0;
  if (position.phase === 'send') {
    const sent = await sendFindings({ ...start, restarts, since }, position, pages > 0, dependencies);
    ({ swept, accounts } = sent);
    if (sent.kind === 'continued') return later(sent.because, sent.next, swept, accounts);
    position = { phase: 'missing', listed: position.listed, after: '' };
    if (dependencies.clock.remainingMillis() < RESERVE) return later('time', position, swept, accounts);
  }
  const missing = await sendMissing({ ...start, restarts, since }, position, dependencies);
  if (missing.kind === 'continued') return later(missing.because, missing.next, swept, accounts);
  return {
    kind: 'completed',
    listed,
    pages,
    unread,
    swept,
    accounts,
    restarts,
    reconsidered: missing.reconsidered,
  };
}
