import { middlewareOf } from './middleware-of.ts';

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
      if (!isSkewed(error)) throw error;
    }
    try {
      return await next(attempt);
    } catch (error) {
      if (isSkewed(error)) error.$metadata = { ...error.$metadata, clockSkewCorrected: true };
      throw error;
    }
  };
}

interface SkewError extends Error {
  $metadata?: object;
}

function isSkewed(error: unknown): error is SkewError {
  return error instanceof Error && SKEWED.has(error.name);
}
