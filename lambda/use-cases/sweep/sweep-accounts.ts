import { LAST_ACCESSED, type FindingReference } from '../../ports/findings.ts';
import { pool } from '../../ports/pool.ts';
import type { AccountList, AccountSweep, AccountSweepQueue } from '../../ports/sweep.ts';
import { readShown, type Shown } from './read-shown.ts';
import { type RequeueReason, isPassing, RESERVE, type SweepDependencies } from './slice.ts';

export interface SweepAccountsDependencies extends Pick<
  SweepDependencies,
  'records' | 'jobs' | 'overview' | 'proposals' | 'clock'
> {
  readonly rest: AccountSweepQueue;
  readonly accounts: AccountList;
}

/** The outcome of one slice, apart from errors, with the number of accounts whose jobs it queued. */
type SweepAccountsOutcome = { readonly accounts: number } & (
  | {
      readonly kind: 'completed';
      /** The error that kept the proposals shown as current from being checked; undefined if they were. */
      readonly overlooked: unknown;
    }
  | { readonly kind: 'continued'; readonly because: RequeueReason }
);

/** Accounts whose jobs are queued at once, before the time is checked again. */
const TOGETHER = 8;
/** Seconds to wait after a service throttled or did not answer. */
const NO_ANSWER_DELAY = 300;

/**
 * Queues a job for each account, which requests reports of last use about every role and user. The job includes what
 * is shown as current about the account, so that it can detect what has ended. A job may be queued twice, because its
 * work is idempotent.
 * @throws AdapterError if nothing could be queued, or a retry does not help
 */
export async function sweepAccounts(
  { sweepId, after: start }: AccountSweep,
  dependencies: SweepAccountsDependencies,
): Promise<SweepAccountsOutcome> {
  const { records, jobs, rest, clock } = dependencies;
  const since = await records.begin(sweepId);
  const ids = (await dependencies.accounts.accounts()).filter((id) => id > start);
  let overlooked: unknown;
  const shown = await readShown(dependencies).catch((error: unknown) => {
    overlooked = error;
    return undefined;
  });
  const byAccount = shown && referencesByAccount(shown);
  let sent = 0;
  const later = async (because: RequeueReason): Promise<SweepAccountsOutcome> => {
    const place = { sweepId, after: ids[sent - 1] ?? start };
    await (because === 'time' ? rest.accountsLater(place) : rest.accountsLater(place, NO_ANSWER_DELAY));
    return { kind: 'continued', because, accounts: sent };
  };
  while (sent < ids.length) {
    if (sent > 0 && clock.remainingMillis() < RESERVE) return later('time');
    const some = ids.slice(sent, sent + TOGETHER);
    try {
      await pool(some, { width: TOGETHER }, async (accountId) => {
        const references = byAccount?.get(accountId) ?? [];
        const shared = shown && (shown.shared.get(accountId) ?? []);
        await records.keepAccount(sweepId, accountId, { references, shared, since });
        const place = { next: 0, parts: 0, shared: null, deferrals: 0 };
        await jobs.send({ analyzerArn: LAST_ACCESSED, sweepId, accountId, ...place });
      });
    } catch (error) {
      if (sent > 0 && isPassing(error)) return later(error.code);
      throw error;
    }
    sent += some.length;
  }
  return { kind: 'completed', overlooked, accounts: sent };
}

function referencesByAccount({ byFinding }: Shown): ReadonlyMap<string, readonly FindingReference[]> {
  const accounts = new Map<string, FindingReference[]>();
  for (const [findingId, about] of byFinding) {
    const reference = { analyzerArn: LAST_ACCESSED, findingId, ...about };
    const known = accounts.get(about.accountId);
    if (known) known.push(reference);
    else accounts.set(about.accountId, [reference]);
  }
  return accounts;
}
