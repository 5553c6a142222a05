import type { FindingReference } from '../../ports/findings.ts';
import { AdapterError } from '../../ports/system.ts';
import { VerificationError } from '../../core/verify/verification-error.ts';
import type { ProposeDependencies } from './dependencies.ts';
import type { ProposeOutcome } from './outcome.ts';
import { proposeRefinement } from './propose-refinement.ts';

/** How the work on one finding ended, errors included: one bad principal must not stop the others. */
export type AccountOutcome = ProposeOutcome | FailedOutcome;

export interface FailedOutcome {
  readonly kind: 'failed';
  readonly resource: string;
  readonly findingId: string;
  readonly reason: string;
  /** JSON text that repeats the case, where the verifier rejected it. */
  readonly replay: string | undefined;
}

/** Watches a run go by. */
export type Observe = (outcomes: readonly AccountOutcome[], done: number, total: number) => void;

/**
 * Works through all findings, one after the other and in the given order.
 * @throws AdapterError with code `unavailable` when proposals cannot be stored: nothing further would succeed either
 */
export async function refineAccount(
  references: readonly FindingReference[],
  dependencies: ProposeDependencies,
  observe: Observe,
): Promise<void> {
  for (const [index, reference] of references.entries()) {
    observe(await attempt(reference, dependencies), index + 1, references.length);
  }
}

async function attempt(
  reference: FindingReference,
  dependencies: ProposeDependencies,
): Promise<readonly AccountOutcome[]> {
  try {
    return await proposeRefinement(reference, dependencies);
  } catch (error) {
    if (error instanceof AdapterError && error.code === 'unavailable') throw error;
    return [
      {
        kind: 'failed',
        resource: reference.resource,
        findingId: reference.findingId,
        reason: error instanceof Error ? error.message : 'unknown error',
        replay: error instanceof VerificationError ? error.replay : undefined,
      },
    ];
  }
}
