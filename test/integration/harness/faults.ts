import type { CannedAnswer, Interception, Interceptor } from './proxy.ts';
import type { WireCall } from './wire-calls.ts';

/** Which calls a fault concerns. */
export type CallMatch = (call: WireCall) => boolean;

export function callsTo(service: string, ...operations: readonly string[]): CallMatch {
  return (call) =>
    call.service === service && (operations.length === 0 || operations.includes(call.operation));
}

/** The next `times` matching calls get this answer. */
export function failTimes(
  match: CallMatch,
  times: number,
  answer: (call: WireCall) => CannedAnswer,
): Interceptor {
  let left = times;
  return (call) => {
    if (left === 0 || !match(call)) return undefined;
    left -= 1;
    return { answer: answer(call) };
  };
}

/** IAM's answer to callers that are too fast: HTTP 400 with the code Throttling. */
export function throttling(): CannedAnswer {
  return queryError(400, 'Throttling', 'Rate exceeded');
}

export function serviceUnavailable(): CannedAnswer {
  return queryError(
    503,
    'ServiceUnavailable',
    'The request has failed due to a temporary failure of the server.',
  );
}

/** The refusal of a service with the query protocol (iam, sts, sns) or of S3. */
export function accessDenied(call: WireCall): CannedAnswer {
  const message = `User is not authorized to perform: ${call.service}:${call.operation}`;
  return call.service === 's3'
    ? s3Error(403, 'AccessDenied', 'Access Denied')
    : queryError(403, 'AccessDenied', message);
}

export function slowDown(): CannedAnswer {
  return s3Error(503, 'SlowDown', 'Please reduce your request rate.');
}

function queryError(status: number, code: string, message: string): CannedAnswer {
  const type = status >= 500 ? 'Receiver' : 'Sender';
  return {
    status,
    contentType: 'text/xml',
    body: `<ErrorResponse><Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>`,
  };
}

function s3Error(status: number, code: string, message: string): CannedAnswer {
  return {
    status,
    contentType: 'application/xml',
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>0000000000000000</RequestId></Error>`,
  };
}

/** Where a process dies relative to the nth matching call (counted from 1). */
export interface CrashPoint {
  readonly nth: number;
  /** `before`: the call is never made. `after`: it took effect, and the process never hears of it. */
  readonly when: 'before' | 'after';
}

/** Runs `kill` at the crash point, once. */
export function crashAt(match: CallMatch, point: CrashPoint, kill: () => void | Promise<void>): Interceptor {
  let seen = 0;
  return (call): Interception | undefined => {
    if (!match(call)) return undefined;
    seen += 1;
    if (seen !== point.nth) return undefined;
    return point.when === 'before' ? { drop: kill } : { after: kill };
  };
}
