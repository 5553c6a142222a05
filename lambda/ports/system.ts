/**
 * What an adapter throws, always with a decision. `retry`: the same call may succeed later. `permanent`: it will not,
 * and a person has to do something. What is no error (a principal that is gone) is an answer, not one of these.
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
 * The role that would read an account cannot be assumed: the member stack is not deployed there, or does not trust this
 * one.
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

/** The time now, as ISO 8601 in UTC, and milliseconds left before the process is stopped (Infinity when it is not). */
export interface Clock {
  now(): string;
  remainingMillis(): number;
}

/** SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal. */
export type Digest = (text: string) => string;
