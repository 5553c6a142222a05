import { byCodeUnit } from '../../core/model/order.ts';
import type { FindingQueue, FindingReference } from '../../ports/findings.ts';
import type { OpenProposals } from '../../ports/proposals.ts';
import type { ListedObjects, SweepContinuation, SweepPosition, SweepRecords } from '../../ports/sweep.ts';
import { type Because, isPassing, type Reconsidered, RESERVE, type SweepDependencies } from './slice.ts';

export type SendOutcome = { readonly swept: number; readonly accounts: number } & (
  | { readonly kind: 'completed'; readonly reconsidered: Reconsidered }
  | { readonly kind: 'continued'; readonly because: Because; readonly next: SweepPosition }
);

/** Findings of small accounts that are sent together, so that messages travel in full batches. */
const TOGETHER = 200;

/**
 * One slice of queueing what was listed: the account with the most findings first, because it takes longest and is
 * handled by a single worker.
 * @param hasProgress whether this slice has already done something, so that it need not fail to be retried
 * @throws AdapterError when nothing could be sent, or a retry does not help
 */
export async function sendFindings(
  { analyzerArn, sweepId }: SweepContinuation,
  start: Extract<SweepPosition, { phase: 'send' }>,
  hasProgress: boolean,
  { records, queue, jobs, open, bulkThreshold, clock }: SweepDependencies,
): Promise<SendOutcome> {
  const { listed } = start;
  let { offset } = start;
  let swept = 0;
  let bulk = 0;
  let seen: ReadonlySet<string>;
  const later = (because: Because): SendOutcome => ({
    kind: 'continued',
    because,
    next: { phase: 'send', listed, offset },
    swept,
    accounts: bulk,
  });
  try {
    const references = await readListed(sweepId, listed, records);
    seen = new Set(references.keys());
    const accounts = byAccount(references.values());
    while (offset < accounts.length) {
      if (swept > 0 && clock.remainingMillis() < RESERVE) return later('time');
      const first = accounts[offset];
      if (first && first.references.length >= bulkThreshold) {
        const { accountId, references: own } = first;
        await records.keepAccount(sweepId, accountId, own);
        await jobs.send({ analyzerArn, sweepId, accountId, next: 0, parts: 0, shared: null, deferrals: 0 });
        offset += 1;
        swept += own.length;
        bulk += 1;
        continue;
      }
      const { end, batch } = smallAccounts(accounts, offset, bulkThreshold);
      await queue.send(batch);
      offset = end;
      swept += batch.length;
    }
  } catch (error) {
    if ((hasProgress || swept > 0) && isPassing(error)) return later(error.code);
    throw error;
  }
  const reconsidered = listed.isWhole
    ? await reconsider(analyzerArn, seen, open, queue)
    : { kind: 'not-looked' as const };
  return { kind: 'completed', swept, accounts: bulk, reconsidered };
}

/** All findings of the listing by their ids. Pages may overlap if the findings change meanwhile. */
async function readListed(
  sweepId: string,
  { from, to }: ListedObjects,
  records: SweepRecords,
): Promise<ReadonlyMap<string, FindingReference>> {
  const references = new Map<string, FindingReference>();
  for (let number = from; number < to; number += 1) {
    for (const reference of (await records.listing(sweepId, number)).references) {
      references.set(reference.findingId, reference);
    }
  }
  return references;
}

interface AccountFindings {
  readonly accountId: string;
  readonly references: readonly FindingReference[];
}

/** The accounts, in the same order in each slice of a sweep. */
function byAccount(references: Iterable<FindingReference>): readonly AccountFindings[] {
  const accounts = new Map<string, FindingReference[]>();
  for (const reference of references) {
    const known = accounts.get(reference.accountId);
    if (known) known.push(reference);
    else accounts.set(reference.accountId, [reference]);
  }
  return [...accounts]
    .map(([accountId, own]) => ({ accountId, references: own }))
    .sort((a, b) => b.references.length - a.references.length || byCodeUnit(a.accountId, b.accountId));
}

/** The findings of the next small accounts, and of at least one account. */
function smallAccounts(accounts: readonly AccountFindings[], start: number, bulkThreshold: number) {
  const batch: FindingReference[] = [];
  let end = start;
  for (const { references } of accounts.slice(start)) {
    if (references.length >= bulkThreshold || batch.length >= TOGETHER) break;
    batch.push(...references);
    end += 1;
  }
  return { batch, end };
}

/** The sweep itself is done by then, so what fails here is told and not repeated. */
async function reconsider(
  analyzerArn: string,
  seen: ReadonlySet<string>,
  open: OpenProposals,
  queue: FindingQueue,
): Promise<Reconsidered> {
  try {
    const references = await open.findings(analyzerArn);
    const missing = references.filter(({ findingId }) => !seen.has(findingId));
    if (missing.length > 0) await queue.send(missing);
    return { kind: 'sent', findings: missing.length };
  } catch (error) {
    return { kind: 'failed', error };
  }
}
