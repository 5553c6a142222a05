import { byCodeUnit } from '../../core/model/order.ts';
import type { SweepContinuation, SweepPosition } from '../../ports/sweep.ts';
import { readListed } from './send-findings.ts';
import { readShown } from './read-shown.ts';
import {
  isPassing,
  type Reconsidered,
  RESERVE,
  type SweepDependencies,
  type RequeueReason,
} from './slice.ts';

type MissingOutcome =
  | { readonly kind: 'completed'; readonly reconsidered: Reconsidered }
  | { readonly kind: 'continued'; readonly because: RequeueReason; readonly next: SweepPosition };

/** Findings that are queued before the time is checked again. */
const BATCH = 500;

/**
 * Ends a sweep, in one slice: queues the findings that were not listed although a proposal is shown as based on them,
 * in the order of their ids, and the accounts in which only a proposal about a shared subject is left. The sweep
 * itself is complete by then, so an error is logged and not retried.
 */
export async function sendMissing(
  { analyzerArn, sweepId, since }: SweepContinuation & { readonly since: number },
  { listed, after: start }: Extract<SweepPosition, { phase: 'missing' }>,
  dependencies: SweepDependencies,
): Promise<MissingOutcome> {
  const { records, queue, jobs, clock } = dependencies;
  if (!listed.isWhole) return { kind: 'completed', reconsidered: { kind: 'not-looked' } };
  let after = start;
  let sent = 0;
  const later = (because: RequeueReason): MissingOutcome => ({
    kind: 'continued',
    because,
    next: { phase: 'missing', listed, after },
  });
  try {
    const seen = await readListed(sweepId, listed, records);
    const { byFinding, shared } = await readShown(dependencies);
    if (start === '') {
      const accounts = new Set([...seen.values()].map(({ accountId }) => accountId));
      for (const accountId of [...shared.keys()].filter((id) => !accounts.has(id)).sort(byCodeUnit)) {
        await records.keepAccount(sweepId, accountId, {
          references: [],
          shared: shared.get(accountId),
          since,
        });
        await jobs.send({ analyzerArn, sweepId, accountId, next: 0, parts: 0, shared: null, deferrals: 0 });
      }
    }
    const missing = [...byFinding]
      .filter(([findingId]) => !seen.has(findingId) && byCodeUnit(findingId, start) > 0)
      .sort(([a], [b]) => byCodeUnit(a, b));
    for (let place = 0; place < missing.length; place += BATCH) {
      if (sent > 0 && clock.remainingMillis() < RESERVE) return later('time');
      const batch = missing.slice(place, place + BATCH);
      await queue.send(batch.map(([findingId, facts]) => ({ analyzerArn, findingId, ...facts })));
      after = batch.at(-1)?.[0] ?? after;
      sent += batch.length;
    }
    return { kind: 'completed', reconsidered: { kind: 'sent', findings: sent } };
  } catch (error) {
    if (sent > 0 && isPassing(error)) return later(error.code);
    return { kind: 'completed', reconsidered: { kind: 'failed', error } };
  }
}
