import type { Context } from 'aws-lambda';
import type { Clock } from '../ports/system.ts';

/** The clock of one invocation. */
export function lambdaClock(context: Pick<Context, 'getRemainingTimeInMillis'>): Clock {
  return {
    now: () => new Date().toISOString(),
    remainingMillis: () => context.getRemainingTimeInMillis(),
  };
}
