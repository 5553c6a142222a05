/**
 * The error that adapters throw, always with a decision. `retry`: the same call may succeed later. `permanent`: it
 * will not, and a person has to act. An expected outcome, such as a principal that no longer exists, is an answer and
 * not an error.
 */
export class AdapterError extends Error {
  override readonly name = 'AdapterError';
  constructor(
    message: string,
    readonly decision: 'retry' | 'permanent',
    readonly code: 'throttled' | 'unavailable' | 'access-denied' | 'invalid' | 'malformed',
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * The role that reads an account cannot be assumed: the member stack is not deployed there, or does not trust this
 * account.
 */
export class AccountUnreachable extends AdapterError {
  constructor(
    readonly accountId: string,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, 'permanent', 'access-denied', options);
  }
}

/**
 * `now` is the current time, ISO 8601 in UTC; `remainingMillis` the milliseconds left before the process is stopped,
 * Infinity if it is not.
 */
export interface Clock {
  now(): string;
  remainingMillis(): number;
}

/** SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal. */
export type Digest = (text: string) => string;
