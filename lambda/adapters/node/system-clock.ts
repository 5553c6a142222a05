import type { Clock } from '../../ports/clock.ts';

/** The machine's clock, for a process that nobody stops. */
export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  remainingMillis: () => Number.POSITIVE_INFINITY,
};
