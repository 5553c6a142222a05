import { type Decision, withDecision } from '../../core/decision/decision.ts';
import type { DecisionStore } from '../../ports/decisions.ts';
import { AdapterError } from '../../ports/system.ts';

/** How often to try while others write at the same time. */
const TRIES = 10;

/**
 * Adds a decision to the stored ones. If somebody else writes at the same time, both decisions are kept.
 * @throws AdapterError if it cannot be written
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
