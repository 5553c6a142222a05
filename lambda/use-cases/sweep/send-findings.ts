import { byCodeUnit } from '../../core/model/order.ts';
import type { FindingReference } from '../../ports/findings.ts';
import { readShown } from './read-shown.ts';
import type { ListedObjects, SweepContinuation, SweepPosition, SweepRecords } from '../../ports/sweep.ts';
import { type RequeueReason, isPassing, RESERVE, type SweepDependencies } from './slice.ts';

type SendOutcome = { readonly swept: number; readonly accounts: number } & (
  | { readonly kind: 'completed' }
  | { readonly kind: 'continued'; readonly because: RequeueReason; readonly next: SweepPosition }
);

/** Findings of small accounts that are queued together, so that batches of messages are full. */
const TOGETHER = 200;

/**
 * Queues listed findings in one slice: the account with the most findings first, because it takes longest and is
 * handled by a single worker.
 * @param hasProgress whether this slice has already done something, so that it need not fail to be retried
 * @throws AdapterError if nothing could be sent, or a retry does not help
 */
export async function sendFindings(
  { analyzerArn, sweepId, since }: SweepContinuation & { readonly since: number },
  start: Extract<SweepPosition, { phase: 'send' }>,
  hasProgress: boolean,
  dependencies: SweepDependencies,
): Promise<SendOutcome> {
  const { records, queue, jobs, bulkThreshold, clock } = dependencies;
  const { listed } = start;
  let { offset } = start;
  let swept = 0;
  let bulk = 0;
  const later = (because: RequeueReason): SendOutcome => ({
    kind: 'continued',
    because,
    next: { phase: 'send', listed, offset },
    swept,
    accounts: bulk,
  });
  try {
    const references = await readListed(sweepId, listed, records);
    // If it cannot be read, the sweep continues without it, and says so at its end.
    const shown = await readShown(dependencies).catch(() => undefined);
    const accounts = byAccount(references.values());
    // Proposals about shared subjects can be judged only with the whole account, however few findings are left in it.
    const isWhole = ({ accountId, references: own }: AccountFindings): boolean =>
      own.length >= bulkThreshold || shown?.shared.has(accountId) === true;
    const withShown = (one: FindingReference): FindingReference =>
      shown ? { ...one, shown: shown.byFinding.get(one.findingId)?.shown ?? [] } : one;
    while (offset < accounts.length) {
      if (swept > 0 && clock.remainingMillis() < RESERVE) return later('time');
      const first = accounts[offset];
      if (first && isWhole(first)) {
        const { accountId, references: own } = first;
        const shared = shown && (shown.shared.get(accountId) ?? []);
        await records.keepAccount(sweepId, accountId, {
          references: own.map(withShown),
          shared,
          since,
          ...(listed.isWhole ? {} : { isPartial: true }),
        });
        await jobs.send({ analyzerArn, sweepId, accountId, next: 0, parts: 0, shared: null, deferrals: 0 });
        offset += 1;
        swept += own.length;
        bulk += 1;
        continue;
      }
      const { end, batch } = smallAccounts(accounts, offset, isWhole);
      await queue.send(batch.map(withShown));
      offset = end;
      swept += batch.length;
    }
  } catch (error) {
    if ((hasProgress || swept > 0) && isPassing(error)) return later(error.code);
    throw error;
  }
  return { kind: 'completed', swept, accounts: bulk };
}

/** All listed findings by id. Pages may overlap if findings change meanwhile. */
export async function readListed(
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
function smallAccounts(
  accounts: readonly AccountFindings[],
  start: number,
  isWhole: (account: AccountFindings) => boolean,
) {
  const batch: FindingReference[] = [];
  let end = start;
  for (const account of accounts.slice(start)) {
    if (isWhole(account) || batch.length >= TOGETHER) break;
    batch.push(...account.references);
    end += 1;
  }
  return { batch, end };
}
