import { canonicalDocument } from '../../core/model/canonical-document.ts';
import type { JsonValue } from '../../core/model/json.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { DocumentRef, Plan } from '../../core/plan/schema.ts';
import type { Digest } from '../../ports/system.ts';
import type { IamReader } from '../../ports/apply.ts';

export type Direction = 'apply' | 'rollback';

/** What both looking and doing need to know. */
export interface ApplyContext<Iam extends IamReader = IamReader> {
  readonly direction: Direction;
  readonly principal: PrincipalRef;
  readonly plan: Plan;
  readonly documents: ReadonlyMap<string, JsonValue>;
  readonly iam: Iam;
  readonly digest: Digest;
  /** Waits so many milliseconds; IAM needs a moment until a change is seen everywhere. */
  readonly pause: (millis: number) => Promise<void>;
}

/** Whether a document that IAM returned is the one that the plan means. */
export function isDocument(
  context: Pick<ApplyContext, 'digest'>,
  found: JsonValue | undefined,
  wanted: DocumentRef | null,
): boolean {
  if (found === undefined || wanted === null) return found === undefined && wanted === null;
  return context.digest(canonicalDocument(found)) === wanted.digest;
}

/** Milliseconds to wait for a change to be seen: half a minute in all. */
const WAITS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Repeats a look until it is content. IAM is eventually consistent.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export async function settle<T>(
  context: Pick<ApplyContext, 'pause'>,
  look: () => Promise<T>,
  content: (seen: T) => boolean,
): Promise<T> {
  let seen = await look();
  for (const millis of WAITS) {
    if (content(seen)) return seen;
    await context.pause(millis);
    seen = await look();
  }
  return seen;
}
