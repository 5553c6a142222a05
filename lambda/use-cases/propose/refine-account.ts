import type { FindingReference } from '../../ports/findings.ts';
import { AdapterError } from '../../ports/system.ts';
import { VerificationError } from '../../core/verify/verification-error.ts';
import type { ProposeDependencies } from './dependencies.ts';
import type { ProposeOutcome } from './outcome.ts';
import { proposeRefinement } from './propose-refinement.ts';

/** The outcome of one finding, including errors: one bad principal must not stop the others. */
export type AccountOutcome = ProposeOutcome | FailedOutcome;

interface FailedOutcome {
  readonly kind: 'failed';
  readonly resource: string;
  readonly findingId: string;
  readonly reason: string;
  /** JSON text to replay the case with, if the verifier rejected it. */
  readonly replay: string | undefined;
}

/** Called with the outcomes of the finding at that index. */
type Observe = (outcomes: readonly AccountOutcome[], place: number) => void;

/**
 * Handles all findings in the given order.
 * @throws AdapterError with code `unavailable` if proposals cannot be stored, because no later one could be stored
 * either
 */
export async function refineAccount(
  references: readonly FindingReference[],
  dependencies: ProposeDependencies,
  observe: Observe,
): Promise<void> {
  for (const [place, reference] of references.entries()) {
    observe(await attempt(reference, dependencies), place);
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
