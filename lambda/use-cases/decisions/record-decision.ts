import { type Decision, withDecision } from '../../core/decision/decision.ts';
import type { DecisionStore } from '../../ports/decisions.ts';
import { AdapterError } from '../../ports/system.ts';

/** How often somebody else may be faster. */
const TRIES = 10;

/**
 * Records a decision beside those that are there. Where somebody else writes at the same time, theirs is read and kept.
 * @throws AdapterError when it cannot be written
 */
export async function recordDecision(store: DecisionStore, decision: Decision): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { decisions, version } = await store.read();
    if (await store.write(withDecision(decisions, decision), version)) return;
  }
  throw new AdapterError(
    'cannot record the decision: others record theirs all the time; try again',
    'retry',
    'unavailable',
  );
}
