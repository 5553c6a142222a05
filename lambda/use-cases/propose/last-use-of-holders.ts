import type { HolderUse, LearntOfHolders } from '../../core/proposal/build-shared.ts';
import type { LastAccess } from '../../core/model/last-access.ts';
import type { LastAccessSource } from '../../ports/policies.ts';
import { pool } from '../../ports/pool.ts';
import type { Clock } from '../../ports/system.ts';
import { readPrincipalArn } from './principal-arn.ts';

/** Milliseconds for the dates of all holders together, and milliseconds reserved for storing. */
const ALL_HOLDERS_MILLIS = 20_000;
const RESERVE = 30_000;
/** Reports under way at once; the calls of one account are paced anyway. */
const WIDTH = 8;

/** When those who have something shared last used what. Dates never make a proposal fail: what is not known is said. */
export async function lastUseOfHolders(
  uses: readonly HolderUse[],
  source: LastAccessSource | undefined,
  clock: Clock,
): Promise<Omit<LearntOfHolders, 'tags'>> {
  if (source === undefined) return {};
  const millis = Math.min(ALL_HOLDERS_MILLIS, clock.remainingMillis() - RESERVE);
  const begun = Date.parse(clock.now());
  const lastAccess = new Map<string, LastAccess>();
  const reasons: string[] = [];
  const times: (string | undefined)[] = [];
  await pool(uses, { width: WIDTH }, async ({ arn }) => {
    const ref = readPrincipalArn(arn);
    if (!ref) return;
    const answer = await source.lastAccessOf(ref, millis - (Date.parse(clock.now()) - begun));
    if (answer.kind === 'known') {
      lastAccess.set(arn, answer.lastAccess);
      times.push(answer.completedAt);
    }
    const problem =
      answer.kind === 'unavailable' ? answer.reason : answer.kind === 'known' ? answer.problem : undefined;
    if (problem !== undefined) reasons.push(problem);
  });
  const [reason] = reasons.sort();
  // Of several reports the earliest: what was used since is not known of everybody.
  const lastAccessAsOf = times.includes(undefined) ? undefined : times.sort()[0];
  const isPartial = reasons.length > 0 || lastAccess.size < uses.length;
  if (reason === undefined) return { lastAccess, lastAccessAsOf, isPartial };
  const note = `When actions were last used is not known, or not wholly, of ${String(reasons.length)} of the ${String(uses.length)} who have it: ${reason}.`;
  return { lastAccess, lastAccessAsOf, isPartial, notes: [note] };
}
