import { byCodeUnit } from '../../core/model/order.ts';
import type { UnusedFinding } from '../../ports/account.ts';
import { pool } from '../../ports/pool.ts';
import type { Clock } from '../../ports/system.ts';
import type { Finding, FindingReference } from '../../ports/findings.ts';

export interface PartOutcome {
  /** Findings handled, counted from the first of the part. */
  readonly done: number;
  readonly failed: readonly FindingReference[];
  /** The unused access, in the order of the findings. */
  readonly unused: readonly UnusedFinding[];
  /**
   * ARNs of principals with a finding that could not be read, or is no longer active: another one may have appeared
   * since.
   */
  readonly unread: readonly string[];
  /** Whether the time ran out before the end of the part. */
  readonly isCutShort: boolean;
}

/** Findings in flight at once: enough to hide the latency of Access Analyzer and S3. */
const CONCURRENCY = 5;
/** Milliseconds reserved for one more finding, including retries of throttled calls. */
const RESERVE = 60_000;

/**
 * Refines the findings in order. The first one always begins. A finding that fails is recorded and does not stop the
 * others.
 * @param refine calls `found` with the finding that it read
 */
export async function workOnPart(
  references: readonly FindingReference[],
  clock: Clock,
  refine: (reference: FindingReference, found: (finding: Finding) => void) => Promise<void>,
): Promise<PartOutcome> {
  const unused = new Map<number, UnusedFinding>();
  const failed = new Set<FindingReference>();
  const active = new Set<FindingReference>();
  const until = (place: number): boolean => place > 0 && clock.remainingMillis() < RESERVE;
  const begun = await pool(references, { width: CONCURRENCY, until }, async (reference, place) => {
    try {
      await refine(reference, (finding) => {
        // A finding may be read twice; the later reading counts.
        active.delete(reference);
        unused.delete(place);
        if (finding.status === 'ACTIVE') active.add(reference);
        const found = unusedOf(finding);
        if (found) unused.set(place, found);
      });
    } catch {
      // The failure has already been logged. Only the finding is needed here, because it is retried separately.
      failed.add(reference);
    }
  });
  const done = begun.length;
  return {
    done,
    failed: references.filter((reference) => failed.has(reference)),
    unread: [
      ...new Set(references.slice(0, done).flatMap((one) => (active.has(one) ? [] : [one.resource]))),
    ].sort(byCodeUnit),
    unused: [...unused].sort(([a], [b]) => a - b).map(([, found]) => found),
    isCutShort: done < references.length,
  };
}

/** Undefined if the finding says nothing about permissions that others may share. */
function unusedOf({
  id,
  analyzerArn,
  resource,
  accountId,
  source,
  updatedAt,
  status,
  details,
}: Finding): UnusedFinding | undefined {
  if (status !== 'ACTIVE') return undefined;
  const facts = { id, analyzerArn, ...(source && { source }), resource, accountId, updatedAt };
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
