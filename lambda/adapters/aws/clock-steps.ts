import { middlewareOf } from './middleware-of.ts';

/**
 * How services say that a request was signed at another time than theirs.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const SKEWED = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);

/**
 * Lets the client sign again when a clock has stepped. The SDK learns the server's time from such an answer, but repeats
 * the call only where the server is minutes off now; when this machine's clock was off and has been set right, the time it
 * learned before is what is wrong, and the call would fail though the next one succeeds. Attempts are limited as always.
 */
export function followClockSteps<C extends object>(client: C): C {
  middlewareOf(client).add(
    (next) => async (attempt) => {
      try {
        return await next(attempt);
      } catch (error) {
        if (isSkewed(error)) error.$metadata = { ...error.$metadata, clockSkewCorrected: true };
        throw error;
      }
    },
    // Within the SDK's retries, outside of the signing, which learns the time.
    { step: 'finalizeRequest', name: 'clockSteps', priority: 'normal' },
  );
  return client;
}

interface SkewError extends Error {
  $metadata?: object;
}

function isSkewed(error: unknown): error is SkewError {
  return error instanceof Error && SKEWED.has(error.name);
}
