import { byCodeUnit } from '../../core/model/order.ts';
import type { UnusedFinding } from '../../ports/account.ts';
import { pool } from '../../ports/pool.ts';
import type { Clock } from '../../ports/system.ts';
import type { Finding, FindingReference } from '../../ports/findings.ts';

export interface PartOutcome {
  /** Findings worked on, from the first of the part on. */
  readonly done: number;
  readonly failed: readonly FindingReference[];
  /** What was found unused, in the order of the findings. */
  readonly unused: readonly UnusedFinding[];
  /** ARNs of principals about whom a finding could not be read. */
  readonly unread: readonly string[];
  /** Whether the time was short before the part's end. */
  readonly isCutShort: boolean;
}

/** Findings under way at once: enough to hide the latency of Access Analyzer and S3. */
const CONCURRENCY = 5;
/** Milliseconds that one more finding may take, with the retries of services that throttle. */
const RESERVE = 60_000;

/**
 * Works on the findings in their order; the first always begins. One that fails is noted, and stops no other.
 * @param refine calls `found` with the finding that it read
 */
export async function workOnPart(
  references: readonly FindingReference[],
  clock: Clock,
  refine: (reference: FindingReference, found: (finding: Finding) => void) => Promise<void>,
): Promise<PartOutcome> {
  const unused = new Map<number, UnusedFinding>();
  const failed = new Set<FindingReference>();
  const read = new Set<FindingReference>();
  const until = (place: number): boolean => place > 0 && clock.remainingMillis() < RESERVE;
  const begun = await pool(references, { width: CONCURRENCY, until }, async (reference, place) => {
    try {
      await refine(reference, (finding) => {
        read.add(reference);
        const found = unusedOf(finding);
        if (found) unused.set(place, found);
      });
    } catch {
      // Told where it failed; here only the finding counts, which is tried again by itself.
      failed.add(reference);
    }
  });
  const done = begun.length;
  return {
    done,
    failed: references.filter((reference) => failed.has(reference)),
    unread: [...new Set([...failed].flatMap((one) => (read.has(one) ? [] : [one.resource])))].sort(
      byCodeUnit,
    ),
    unused: [...unused].sort(([a], [b]) => a - b).map(([, found]) => found),
    isCutShort: done < references.length,
  };
}

/** Undefined where the finding says nothing about permissions that others may share. */
function unusedOf({
  id,
  analyzerArn,
  resource,
  accountId,
  updatedAt,
  status,
  details,
}: Finding): UnusedFinding | undefined {
  if (status !== 'ACTIVE') return undefined;
  const facts = { id, analyzerArn, resource, accountId, updatedAt };
  if (details.type === 'UnusedIAMRole') return { ...facts, unused: null };
  if (details.type !== 'UnusedPermission') return undefined;
  return {
    ...facts,
    unused: details.entries.map(
      ({ serviceNamespace, actions }) =>
        [serviceNamespace, (actions ?? []).map(({ action }) => action)] as const,
    ),
  };
}
