import type { IAMClient } from '@aws-sdk/client-iam';

/** The middleware of a client whose own types do not matter. Trust boundary: the stack is the same whatever a client takes and answers. */
export function middlewareOf(client: object): IAMClient['middlewareStack'] {
  return (client as unknown as IAMClient).middlewareStack;
}

/**
 * How services say that a request was signed at another time than theirs.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const SKEWED = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);

/**
 * Lets the client sign again when a clock has stepped. The SDK learns the server's time from such an answer, but repeats
 * the call only where the server is minutes off now; when this machine's clock was off and has been set right, the time it
 * learned before is what is wrong, and the call would fail though the next one succeeds.
 *
 * So an attempt that is refused for its time is made a second time at once. That counts as no attempt of its own: the SDK lets a
 * client repeat only so much in a row, and when a clock steps, all calls under way are refused together. If the second is
 * refused as well, the SDK repeats as always.
 *
 * While the server is minutes off, the SDK takes every refusal for one of the time, also that an object is not there, and makes each such call
 * six times, which leaves it no repetitions for what is throttled. That is taken back.
 */
export function followClockSteps<C extends object>(client: C): C {
  // Within the SDK's retries, outside of the signing, which learns the time.
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

/** The same error, which says whether it is one of the time. */
function judged(error: unknown): unknown {
  if (error instanceof Error && '$metadata' in error) {
    error.$metadata = { ...(error.$metadata as object), clockSkewCorrected: isSkewed(error) };
  }
  return error;
}

function isSkewed(error: unknown): boolean {
  return error instanceof Error && SKEWED.has(error.name);
}
