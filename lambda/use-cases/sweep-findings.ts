import type { Clock } from '../ports/clock.ts';
import { AdapterError } from '../ports/errors.ts';
import type { FindingQueue } from '../ports/finding-queue.ts';
import type { FindingList, FindingPage } from '../ports/finding-source.ts';
import type { OpenProposals } from '../ports/open-proposals.ts';
import type { SweepContinuation, SweepQueue } from '../ports/sweep-queue.ts';

export interface SweepDependencies {
  readonly findings: FindingList;
  readonly queue: FindingQueue;
  readonly rest: SweepQueue;
  readonly open: OpenProposals;
  readonly clock: Clock;
}

/** How one stretch of a sweep ended, apart from an error. */
export type SweepOutcome = SweepCounts &
  (
    | { readonly kind: 'completed'; readonly reconsidered: Reconsidered }
    /** Why the rest was left to a later stretch: the time was short, or a service did not answer for now. */
    | { readonly kind: 'continued'; readonly because: 'time' | AdapterError['code'] }
  );

export interface SweepCounts {
  /** Findings sent to the queue in this stretch. */
  readonly swept: number;
  readonly pages: number;
  readonly restarts: number;
}

/** What became of the proposals that are shown as current although their findings are not active any more. */
export type Reconsidered =
  | { readonly kind: 'sent'; readonly findings: number }
  /** Only a sweep of one stretch has seen all active findings; of any other the next sweep will do. */
  | { readonly kind: 'not-looked' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** Milliseconds that one more page may take, with the retries of a service that throttles. */
const RESERVE = 30_000;
/** A sweep whose token is refused again after so many new starts would never end. */
const MAX_RESTARTS = 2;

/**
 * Sends every ACTIVE finding of an analyzer to the queue, page by page. What does not fit into the time, or fails for
 * now after some progress, is left to a later stretch, which goes on at the same page. A finding may be sent twice;
 * proposals are idempotent.
 *
 * At its end a sweep sends those findings too that are not active any more while a proposal for them is shown as current:
 * the event that said so may be lost, and the worker then marks the proposal.
 *
 * Each stretch does at least one page, so a sweep ends however short the stretches are.
 * @throws AdapterError when not even the first page of the stretch could be done, or trying again does not help
 */
export async function sweepFindings(
  start: SweepContinuation,
  { findings, queue, rest, open, clock }: SweepDependencies,
): Promise<SweepOutcome> {
  const { analyzerArn } = start;
  let { nextToken, restarts } = start;
  let swept = 0;
  let pages = 0;
  let seen = start.nextToken === undefined ? new Set<string>() : undefined;
  const later = async (because: 'time' | AdapterError['code']): Promise<SweepOutcome> => {
    await rest.continueLater({ analyzerArn, nextToken, restarts });
    return { kind: 'continued', because, swept, pages, restarts };
  };
  for (;;) {
    let page: FindingPage;
    try {
      page = await findings.listActive(analyzerArn, nextToken);
    } catch (error) {
      if (nextToken !== undefined && restarts < MAX_RESTARTS && isRefusal(error)) {
        nextToken = undefined;
        seen = new Set();
        restarts += 1;
        continue;
      }
      if (pages > 0 && isPassing(error)) return later(error.code);
      throw error;
    }
    if (page.nextToken !== undefined && page.nextToken === nextToken) throw sameToken(analyzerArn);
    try {
      await queue.send(page.references);
    } catch (error) {
      if (pages > 0 && isPassing(error)) return later(error.code);
      throw error;
    }
    for (const { findingId } of page.references) seen?.add(findingId);
    swept += page.references.length;
    pages += 1;
    nextToken = page.nextToken;
    if (nextToken === undefined) {
      const reconsidered = await reconsider(analyzerArn, seen, open, queue);
      return { kind: 'completed', swept, pages, restarts, reconsidered };
    }
    if (clock.remainingMillis() < RESERVE) return later('time');
  }
}

/** The sweep itself is done by then, so what fails here is told and not repeated. */
async function reconsider(
  analyzerArn: string,
  seen: ReadonlySet<string> | undefined,
  open: OpenProposals,
  queue: FindingQueue,
): Promise<Reconsidered> {
  if (!seen) return { kind: 'not-looked' };
  try {
    const references = await open.findings(analyzerArn);
    const missing = references.filter(({ findingId }) => !seen.has(findingId));
    if (missing.length > 0) await queue.send(missing);
    return { kind: 'sent', findings: missing.length };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** Tokens expire, and the service then calls the request invalid: only a new start helps. */
function isRefusal(error: unknown): boolean {
  return error instanceof AdapterError && error.code === 'invalid';
}

function isPassing(error: unknown): error is AdapterError {
  return error instanceof AdapterError && error.decision === 'retry';
}

function sameToken(analyzerArn: string): AdapterError {
  return new AdapterError(
    `cannot list the findings of ${analyzerArn}: the same page token came twice`,
    'permanent',
    'malformed',
  );
}
