/** What happens to calls that are all right, in shares of 1. */
export interface FaultShares {
  /** Refused as too fast. */
  readonly throttled: number;
  /** An internal error, a service that is unavailable, or a connection that breaks before or behind the effect. */
  readonly failed: number;
}

export type Fault = 'throttle' | 'internal' | 'unavailable' | 'reset-before' | 'reset-after';

const FAILURES = ['internal', 'unavailable', 'reset-before', 'reset-after'] as const;

/** Draws a fault for each call from a seeded generator of numbers in [0, 1). */
export function drawFault(random: () => number, { throttled, failed }: FaultShares): Fault | undefined {
  const drawn = random();
  if (drawn < throttled) return 'throttle';
  if (drawn < throttled + failed) return FAILURES[Math.floor(random() * FAILURES.length)];
  return undefined;
}

/** How many calls one account may make: so many a second, and so many at once after a rest. */
export class AccountBuckets {
  readonly #rate: number;
  readonly #burst: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  /** @param now milliseconds */
  constructor(rate: number, burst: number, now: () => number) {
    this.#rate = rate;
    this.#burst = burst;
    this.#now = now;
  }

  /** Whether the account may make a call now. */
  take(account: string): boolean {
    const now = this.#now();
    const bucket = this.#buckets.get(account) ?? { tokens: this.#burst, at: now };
    bucket.tokens = Math.min(this.#burst, bucket.tokens + ((now - bucket.at) / 1000) * this.#rate);
    bucket.at = now;
    this.#buckets.set(account, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}
