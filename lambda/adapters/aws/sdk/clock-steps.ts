import type { IAMClient } from '@aws-sdk/client-iam';

/** A client's middleware. Trust boundary: the stack is the same whatever types the client takes and returns. */
export function middlewareOf(client: object): IAMClient['middlewareStack'] {
  return (client as unknown as IAMClient).middlewareStack;
}

/**
 * The errors for a request whose signing time differs too much from the service's clock.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const SKEWED = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);

/**
 * Signs a call again when a clock has stepped. The SDK learns the server's time from such an answer, but retries the
 * call only if the server is minutes off now. If this machine's clock was off and has been corrected, the time that
 * the SDK learned before is wrong, and the call would fail although the next one succeeds.
 *
 * An attempt that is refused for its time is therefore made again at once. This does not count as another attempt:
 * the SDK limits how many calls a client retries in a row, and when a clock steps, all calls in flight are refused
 * together. If the second attempt is refused too, the SDK retries as usual.
 *
 * While the server is minutes off, the SDK takes every refusal for a problem with the time, even the answer that an
 * object does not exist, and makes each such call six times, which leaves no retries for throttled calls. This module
 * corrects that.
 */
export function followClockSteps<C extends object>(client: C): C {
  // Inside the SDK's retries, and outside the signing, which learns the server's time.
  middlewareOf(client).addRelativeTo(signAgain, {
    name: 'clockSteps',
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
  });
  return client;
}

function signAgain<A, R>(next: (attempt: A) => Promise<R>): (attempt: A) => Promise<R> {
  return async (attempt) => {
    try {
      return await next(attempt);
    } catch (error) {
      if (!isSkewed(error)) throw judged(error);
    }
    try {
      return await next(attempt);
    } catch (error) {
      throw judged(error);
    }
  };
}

/** The same error, marked as a problem with the time or not. */
function judged(error: unknown): unknown {
  if (error instanceof Error && '$metadata' in error) {
    error.$metadata = { ...(error.$metadata as object), clockSkewCorrected: isSkewed(error) };
  }
  return error;
}

function isSkewed(error: unknown): boolean {
  return error instanceof Error && SKEWED.has(error.name);
}
