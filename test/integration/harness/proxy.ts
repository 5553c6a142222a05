import {
  Agent,
  createServer,
  request as forward,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { listen, readBytes, type Listening } from './http.ts';
import { identifyCall, type WireCall } from './wire-calls.ts';

/** An answer that the proxy gives in the emulator's place. */
export interface CannedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/**
 * What happens to a call. `answer`: the emulator never sees it. `drop`: this runs, and neither the emulator nor the caller ever
 * hears of it. `after`: the emulator did the work, and this runs before the caller hears of it.
 */
export type Interception =
  | { readonly answer: CannedAnswer }
  | { readonly drop: () => void | Promise<void> }
  | { readonly after: () => void | Promise<void> };

export type Interceptor = (call: WireCall) => Interception | undefined | Promise<Interception | undefined>;

export interface ProxyCall extends WireCall {
  readonly status: number;
  /** Of its answer, by `performance.now`. */
  readonly at: number;
}

/** Stands between a handler and the emulator: counts every call on the wire and breaks the ones that a test wants broken. */
export interface Proxy extends Listening {
  /** Every call with its answer's status, in the order of the answers. */
  readonly calls: readonly ProxyCall[];
  /** Asks these in order; the first that returns something decides. */
  intercept(interceptor: Interceptor): void;
  /** No interceptors any more. */
  calm(): void;
  /** No interceptors, no calls. */
  reset(): void;
}

/** Judges calls before anything else happens to them, and answers in AWS's place what it does not let pass. */
export interface Judge {
  judge(call: WireCall): CannedAnswer | undefined;
  judgeAnswer(call: WireCall, status: number, body: string): CannedAnswer | undefined;
}

/** @param s3Port where the calls of S3 go; by default where all go */
export async function startProxy(targetPort: number, s3Port = targetPort, judge?: Judge): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  const calls: ProxyCall[] = [];
  let interceptors: Interceptor[] = [];

  const server = createServer((request, response) => {
    void (async () => {
      const body = await readBytes(request);
      const target = request.url ?? '/';
      const call = identifyCall(request.method ?? 'GET', target, request.headers, body.toString('utf8'));
      const answerInstead = (canned: CannedAnswer): void => {
        calls.push({ ...call, status: canned.status, at: performance.now() });
        response.writeHead(canned.status, { 'content-type': canned.contentType });
        response.end(request.method === 'HEAD' ? undefined : canned.body);
      };
      const refused = judge?.judge(call);
      if (refused) {
        answerInstead(refused);
        return;
      }
      const interception = await firstInterception(interceptors, call);
      if (interception && 'answer' in interception) {
        answerInstead(interception.answer);
        return;
      }
      if (interception && 'drop' in interception) {
        await interception.drop();
        response.destroy();
        return;
      }
      const answer = await pass(agent, call.service === 's3' ? s3Port : targetPort, request, body);
      const hidden = judge?.judgeAnswer(call, answer.status, answer.body.toString('utf8'));
      if (hidden) {
        answerInstead(hidden);
        return;
      }
      calls.push({ ...call, status: answer.status, at: performance.now() });
      if (interception && 'after' in interception) await interception.after();
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    })().catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });

  const listening = await listen(server);
  return {
    ...listening,
    calls,
    intercept(interceptor) {
      interceptors = [...interceptors, interceptor];
    },
    calm() {
      interceptors = [];
    },
    reset() {
      interceptors = [];
      calls.length = 0;
    },
    stop: async () => {
      agent.destroy();
      await listening.stop();
    },
  };
}

async function firstInterception(
  interceptors: readonly Interceptor[],
  call: WireCall,
): Promise<Interception | undefined> {
  for (const interceptor of interceptors) {
    const interception = await interceptor(call);
    if (interception) return interception;
  }
  return undefined;
}

interface Passed {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function pass(agent: Agent, port: number, request: IncomingMessage, body: Buffer): Promise<Passed> {
  const headers = without(request.headers, 'expect', 'connection');
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const onward = forward(
      {
        host: '127.0.0.1',
        port,
        agent,
        method: request.method,
        path: request.url,
        headers: { ...headers, 'content-length': body.length },
      },
      resolve,
    );
    onward.on('error', reject);
    onward.end(body);
  });
  const text = await readBytes(answer);
  const answered = without(answer.headers, 'connection', 'transfer-encoding');
  // The answer to HEAD has the length of a body that it does not have.
  const length = request.method === 'HEAD' ? {} : { 'content-length': String(text.length) };
  return { status: answer.statusCode ?? 502, headers: { ...answered, ...length }, body: text };
}

function without(headers: IncomingHttpHeaders, ...names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
