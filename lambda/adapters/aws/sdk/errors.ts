import { AdapterError } from '../../../ports/system.ts';

type Code = AdapterError['code'];

const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  'KMSThrottlingException',
  'KmsThrottled',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'KMSAccessDeniedException',
  'KmsAccessDenied',
  'NotAuthorized',
  'UnauthorizedOperation',
]);

/** Errors with a 4xx status that may disappear a moment later. */
const PASSING = new Set([
  'ConditionalRequestConflict',
  'ExpiredToken',
  'ExpiredTokenException',
  'OperationAborted',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'RequestTimeout',
  'ServiceFailureException',
]);

interface ErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly throttling: boolean;
}

/**
 * Runs one call and turns what it throws into an {@link AdapterError}.
 * @param doing what the call is for, in words that follow "cannot": `read the role arn:…`
 */
export async function attempt<T>(doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translateError(error, doing);
  }
}

/** Like {@link attempt}, but returns undefined for errors with one of these names. */
export async function attemptUnless<T>(
  doing: string,
  outcomes: readonly string[],
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (outcomes.includes(errorFacts(error).name)) return undefined;
    throw translateError(error, doing);
  }
}

/** Translates an SDK error, and decides whether to retry. */
export function translateError(error: unknown, doing: string): AdapterError {
  if (error instanceof AdapterError) return error;
  const facts = errorFacts(error);
  const code = classify(facts);
  const decision = code === 'throttled' || code === 'unavailable' ? 'retry' : 'permanent';
  return new AdapterError(
    `cannot ${doing}: ${facts.name}: ${oneLine(facts.message)}${HINT[code]}`,
    decision,
    code,
    {
      cause: error,
    },
  );
}

/** The text of an SDK error, as `Name: message` on one line. */
export function errorWords(error: unknown): string {
  const { name, message } = errorFacts(error);
  return `${name}: ${oneLine(message)}`;
}

/** Whether the error means that the service throttles the caller. */
export function isThrottling(error: unknown): boolean {
  return classify(errorFacts(error)) === 'throttled';
}

/** HTTP status of an SDK error; undefined if there was no answer. */
export function errorStatus(error: unknown): number | undefined {
  return errorFacts(error).status;
}

const HINT: Readonly<Record<Code, string>> = {
  throttled: '; it will be retried, lower the concurrency if this lasts',
  unavailable: '; it will be retried',
  'access-denied': '; grant the permission to the role that makes the call',
  invalid: '; the configuration or the request is wrong, a retry does not help',
  malformed: '; the answer is not what the service documents',
};

function classify({ name, status, throttling }: ErrorFacts): Code {
  if (throttling || THROTTLED.has(name) || status === 429) return 'throttled';
  if (PASSING.has(name)) return 'unavailable';
  if (DENIED.has(name) || status === 403) return 'access-denied';
  if (status !== undefined && status >= 400 && status < 500) return 'invalid';
  return 'unavailable';
}

function errorFacts(error: unknown): ErrorFacts {
  if (typeof error !== 'object' || error === null) {
    return { name: 'Error', message: String(error), status: undefined, throttling: false };
  }
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
  const message = 'message' in error && typeof error.message === 'string' ? error.message : '';
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const retryable = '$retryable' in error ? error.$retryable : undefined;
  return {
    name,
    message,
    status: numberMember(metadata, 'httpStatusCode'),
    throttling:
      typeof retryable === 'object' &&
      retryable !== null &&
      'throttling' in retryable &&
      retryable.throttling === true,
  };
}

function numberMember(value: unknown, key: string): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const member: unknown = Reflect.get(value, key);
  return typeof member === 'number' ? member : undefined;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}
