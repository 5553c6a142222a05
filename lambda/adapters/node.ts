import type { Clock } from '../ports/system.ts';
import { createHash } from 'node:crypto';

/** SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The machine's clock, for a process without a time limit. */
export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  remainingMillis: () => Number.POSITIVE_INFINITY,
};
