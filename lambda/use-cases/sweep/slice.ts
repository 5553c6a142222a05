import { AdapterError } from '../../ports/system.ts';

/** Milliseconds that one more page or batch may take, with the retries of a service that throttles. */
export const RESERVE = 30_000;

/** Whether the same may succeed later. */
export function isPassing(error: unknown): error is AdapterError {
  return error instanceof AdapterError && error.decision === 'retry';
}
