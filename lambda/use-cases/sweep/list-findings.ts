import { AdapterError } from '../../ports/system.ts';
import type { FindingPage, FindingReference } from '../../ports/findings.ts';
import type { ListedObjects, SweepContinuation, SweepPosition } from '../../ports/sweep.ts';
import { type RequeueReason, isPassing, RESERVE, type SweepDependencies } from './slice.ts';

/** The most restarts: if the token is still refused then, the sweep would never end. */
const MAX_RESTARTS = 2;

interface ListOutcome {
  readonly listed: number;
  readonly pages: number;
  /** The number of entries that lack the finding's id or its principal. */
  readonly unread: number;
  readonly restarts: number;
  /** Why the listing stopped early; undefined if it did not, or if an earlier attempt had continued. */
  readonly because: RequeueReason | undefined;
  readonly next: SweepPosition;
}

/**
 * Lists findings in one slice: page by page until the end or until the time runs out, and then stores them in one
 * object.
 * @throws AdapterError if not even the first page could be listed, or the object cannot be written
 */
export async function listFindings(
  { analyzerArn, sweepId, restarts: before }: SweepContinuation,
  start: Extract<SweepPosition, { phase: 'list' }>,
  { findings, records, clock }: Pick<SweepDependencies, 'findings' | 'records' | 'clock'>,
): Promise<ListOutcome> {
  let { nextToken } = start;
  let { from, isWhole } = start.listed;
  let restarts = before;
  let pages = 0;
  let unread = 0;
  let references: FindingReference[] = [];
  let because: RequeueReason | undefined;
  for (;;) {
    let page: FindingPage;
    try {
      page = await findings.listActive(analyzerArn, nextToken);
    } catch (error) {
      if (nextToken !== undefined && restarts < MAX_RESTARTS && isRefusal(error)) {
        nextToken = undefined;
        references = [];
        pages = 0;
        unread = 0;
        from = start.listed.to;
        isWhole = true;
        restarts += 1;
        continue;
      }
      if (pages === 0 || !isPassing(error)) throw error;
      because = error.code;
      break;
    }
    if (page.nextToken !== undefined && page.nextToken === nextToken) throw sameToken(analyzerArn);
    references.push(...page.references);
    pages += 1;
    unread += page.unread ?? 0;
    nextToken = page.nextToken;
    if (nextToken === undefined) break;
    if (clock.remainingMillis() < RESERVE) {
      because = 'time';
      break;
    }
  }
  const listed: ListedObjects = { from, to: start.listed.to + 1, isWhole: isWhole && unread === 0 };
  const next: SweepPosition =
    nextToken === undefined ? { phase: 'send', listed, offset: 0 } : { phase: 'list', nextToken, listed };
  const kept = await records.keepListing(sweepId, start.listed.to, { references, restarts, next });
  return {
    listed: references.length,
    pages,
    unread,
    restarts: kept.restarts,
    because: kept.next.phase === 'send' ? undefined : because,
    next: kept.next,
  };
}

/** Tokens expire, and the service then rejects the request as invalid. Only a restart helps. */
function isRefusal(error: unknown): boolean {
  return error instanceof AdapterError && error.code === 'invalid';
}

function sameToken(analyzerArn: string): AdapterError {
  return new AdapterError(
    `cannot list the findings of ${analyzerArn}: the same page token came twice`,
    'permanent',
    'malformed',
  );
}
