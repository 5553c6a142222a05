import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZodError } from 'zod';
import { listen, readBytes, type Listening } from '../../integration/harness/http.ts';
import { identifyCall } from '../../integration/harness/wire-calls.ts';
import { type Answer, type Request, type Service, ServiceError } from './answer.ts';
import type { Fault } from './faults.ts';
import { callerOf } from './sts.ts';
import { escapeXml, REQUEST } from './xml.ts';

/** How often a function called an operation, and how that went. */
export interface CallCount {
  readonly caller: string;
  /** `iam:GetRole` */
  readonly operation: string;
  total: number;
  throttled: number;
  failed: number;
  /** Refusals of the service's own, such as a condition that does not hold. */
  refused: number;
}

export interface AwsServerParts {
  /** By signing name. */
  readonly services: ReadonlyMap<string, Service>;
  /** Asked once for each call. */
  readonly fault: (request: Request) => Fault | undefined;
  /** Milliseconds before each answer. */
  readonly latency: number;
  /** Milliseconds of the servers' clock, which may step. */
  readonly now: () => number;
}

export interface AwsServer extends Listening {
  /** What was counted so far. */
  counts(): readonly CallCount[];
  /** Calls that no service here knows; the model lacks something when there are any. */
  readonly unknown: ReadonlySet<string>;
}

/** Milliseconds that a signature may be off. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const SKEW = 15 * 60_000;

/** All services on one port, told apart by what requests are signed for. */
export async function startAws(parts: AwsServerParts): Promise<AwsServer> {
  const { services, latency, now } = parts;
  const counts = new Map<string, CallCount>();
  const unknown = new Set<string>();

  async function serve(request: Request, response: ServerResponse): Promise<void> {
    const { call } = request;
    const count = countOf(counts, callerOf(call.accessKeyId), `${call.service}:${operationOf(request)}`);
    count.total += 1;
    if (latency > 0) await sleep(latency);
    const fault = parts.fault(request);
    if (fault === 'throttle') count.throttled += 1;
    else if (fault !== undefined) count.failed += 1;
    if (fault === 'reset-before') {
      response.destroy();
      return;
    }
    let answer: Answer;
    try {
      requireFresh(request, now());
      if (fault !== undefined && fault !== 'reset-after') throw faultError(call.service, fault);
      const service = services.get(call.service);
      if (!service) throw new ServiceError(400, 'UnknownService', call.service);
      answer = service(request);
    } catch (error) {
      const refusal = asRefusal(error);
      if (fault === undefined) count.refused += 1;
      if (['InvalidAction', 'UnknownService', 'InvalidRequest'].includes(refusal.code)) {
        unknown.add(`${call.service}:${operationOf(request)}: ${refusal.message.slice(0, 200)}`);
      }
      answer = refusalOf(call.service, refusal);
    }
    if (fault === 'reset-after') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, {
      date: new Date(now()).toUTCString(),
      'content-length': Buffer.byteLength(answer.body),
      'x-amzn-requestid': REQUEST,
      ...(call.service === 'sqs' || call.service === 'access-analyzer'
        ? { 'content-type': 'application/json' }
        : { 'content-type': 'text/xml' }),
      ...answer.headers,
    });
    response.end(request.method === 'HEAD' ? '' : answer.body);
  }

  const http = createServer((message, response) => {
    void (async () => {
      const body = await readBytes(message);
      const target = message.url ?? '/';
      const method = message.method ?? 'GET';
      const isObject = message.headers.authorization?.includes('/s3/aws4_request') === true;
      const call = identifyCall(method, target, message.headers, isObject ? '' : body.toString('utf8'));
      const url = new URL(target, 'http://localhost');
      await serve({ call, method, url, headers: message.headers, body }, response);
    })().catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  // Workers are killed in the middle of their requests.
  http.on('clientError', (_, socket) => socket.destroy());
  http.keepAliveTimeout = 60_000;
  return {
    ...(await listen(http)),
    counts: () => [...counts.values()].map((count) => ({ ...count })),
    unknown,
  };
}

function operationOf({ call, method, url }: Request): string {
  if (call.service !== 'access-analyzer') return call.operation;
  if (url.pathname === '/findingv2') return 'ListFindings';
  return url.pathname.startsWith('/findingv2/') ? 'GetFinding' : `${method} ${url.pathname}`;
}

function countOf(counts: Map<string, CallCount>, caller: string, operation: string): CallCount {
  const key = `${caller} ${operation}`;
  const known = counts.get(key);
  if (known) return known;
  const count: CallCount = { caller, operation, total: 0, throttled: 0, failed: 0, refused: 0 };
  counts.set(key, count);
  return count;
}

/** Clocks that are far apart: the SDK learns the server's time from the answer and signs again. */
function requireFresh({ headers, call }: Request, now: number): void {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? [];
  const signed = Date.parse(
    `${String(year)}-${String(month)}-${String(day)}T${String(hour)}:${String(minute)}:${String(second)}Z`,
  );
  if (Math.abs(signed - now) <= SKEW) return;
  throw call.service === 's3'
    ? new ServiceError(
        403,
        'RequestTimeTooSkewed',
        'The difference between the request time and the server’s time is too large.',
      )
    : new ServiceError(call.service === 'access-analyzer' ? 403 : 400, 'RequestExpired', 'Signature expired');
}

function faultError(service: string, fault: Exclude<Fault, 'reset-before' | 'reset-after'>): ServiceError {
  if (fault === 'internal') return new ServiceError(500, 'InternalFailure', 'Internal failure');
  if (fault === 'unavailable') return new ServiceError(503, 'ServiceUnavailable', 'Service is unavailable');
  if (service === 's3') return new ServiceError(503, 'SlowDown', 'Please reduce your request rate.');
  if (service === 'access-analyzer') return new ServiceError(429, 'ThrottlingException', 'Rate exceeded');
  if (service === 'sqs') return new ServiceError(400, 'RequestThrottled', 'Rate exceeded');
  return new ServiceError(400, 'Throttling', 'Rate exceeded');
}

function asRefusal(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (error instanceof ZodError || error instanceof SyntaxError) {
    return new ServiceError(400, 'InvalidRequest', error.message);
  }
  throw error;
}

/** An error as each protocol writes it. */
function refusalOf(service: string, { status, code, message }: ServiceError): Answer {
  switch (service) {
    case 's3':
      return {
        status,
        headers: { 'content-type': 'application/xml' },
        body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message><RequestId>${REQUEST}</RequestId></Error>`,
      };
    case 'access-analyzer':
      return {
        status,
        headers: { 'x-amzn-errortype': `${code}:http://internal.amazon.com/coral/` },
        body: JSON.stringify({ message }),
      };
    case 'sqs':
      return {
        status,
        headers: { 'x-amzn-query-error': `${code};${status >= 500 ? 'Receiver' : 'Sender'}` },
        body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
      };
    default:
      return {
        status,
        body: `<ErrorResponse><Error><Type>${status >= 500 ? 'Receiver' : 'Sender'}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${REQUEST}</RequestId></ErrorResponse>`,
      };
  }
}
