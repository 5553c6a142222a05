import { AdapterError } from '../../../ports/system.ts';
import { setTimeout as wait } from 'node:timers/promises';

/** The most entries that one call accepts, for messages and for events. */
const BATCH = 10;
const ATTEMPTS = 4;

/** An entry that AWS rejected although the call succeeded. */
export interface Refused<T> {
  readonly entry: T;
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** Whether it would be rejected again. */
  readonly isFinal: boolean;
}

export type Pause = (milliseconds: number) => Promise<unknown>;

/**
 * Sends entries ten at a time. If a call fails in part, only what failed is sent again.
 * @param send makes one call, and returns the rejected entries
 * @param what names the entries and the receiver for messages: "findings to <url>"
 * @throws AdapterError if some entries could not be sent; others may have been
 */
export async function sendInBatches<T>(
  entries: readonly T[],
  what: string,
  send: (batch: readonly T[]) => Promise<readonly Refused<T>[]>,
  pause: Pause = (milliseconds) => wait(milliseconds),
): Promise<void> {
  for (let start = 0; start < entries.length; start += BATCH) {
    let pending = entries.slice(start, start + BATCH);
    for (let tries = 1; ; tries += 1) {
      const refused = await send(pending);
      if (refused.length === 0) break;
      const final = refused.find(({ isFinal }) => isFinal);
      if (final !== undefined || tries === ATTEMPTS) {
        const { code, message } = final ?? refused[0] ?? {};
        throw new AdapterError(
          `cannot send ${String(refused.length)} of ${String(pending.length)} ${what}: ${code ?? 'no code'}: ${message ?? 'no message'}`,
          final === undefined ? 'retry' : 'permanent',
          final === undefined ? 'unavailable' : 'invalid',
        );
      }
      pending = refused.map(({ entry }) => entry);
      await pause(100 * 2 ** tries);
    }
  }
}
