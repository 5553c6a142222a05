import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import {
  OpinionDesk,
  type OpinionOperation,
  opinionRoute,
  type OpinionScript,
} from './access-analyzer-opinions.ts';
import {
  denied,
  invalid,
  matchesFilter,
  notFound,
  summaryOf,
  throttled,
  unavailable,
  WireError,
  type WireFinding,
} from './access-analyzer-wire.ts';
import { listen, readBody, type Listening } from './http.ts';
import { Meeting } from './meeting.ts';

export type AnalyzerOperation = 'ListAnalyzers' | 'ListFindingsV2' | 'GetFindingV2' | OpinionOperation;
/** With `silence` the request is never answered. */
export type AnalyzerFault = 'throttle' | 'unavailable' | 'deny' | 'silence';

/**
 * Access Analyzer for tests: the calls that no emulator has, in the service's own wire format. Drive it with the real
 * SDK client only. Everything that a test may want to happen is set on the object.
 */
export interface AccessAnalyzerServer extends Listening {
  /** Findings that a page of ListFindingsV2 holds at most; a caller's smaller `maxResults` counts too. */
  listPageSize: number;
  /** Details that a page of GetFindingV2 holds at most. */
  detailPageSize: number;
  /** Milliseconds before each answer. */
  latency: number;
  /** What it says when it is asked for second opinions. */
  readonly opinions: OpinionScript;
  /** Every request, faults included, oldest first. */
  readonly calls: readonly AnalyzerCall[];
  /** @param type of those that ListAnalyzers lists; by default it lists none of them */
  addAnalyzer(arn: string, type?: string, status?: string): void;
  /** What becomes of each request, by chance; undefined for no fault. */
  chance: (() => AnalyzerFault | undefined) | undefined;
  put(analyzerArn: string, finding: WireFinding): void;
  remove(analyzerArn: string, id: string): void;
  /** The next `times` requests of the operation (or of all) fail like this. */
  storm(operation: AnalyzerOperation | '*', fault: AnalyzerFault, times: number): void;
  /** Requests of these operations are answered only when one of each has come: they have to be under way together. */
  meet(...operations: readonly AnalyzerOperation[]): void;
  /** Whether IAM lets a call pass; all of them unless this is set. A reset leaves it. */
  allows: (request: AnalyzerRequest) => boolean;
  /** Back to a quiet server: no findings, no faults, no calls, pages of 100. */
  reset(): void;
}

/** Whose request it is, and about which analyzer. */
export interface AnalyzerRequest {
  readonly operation: string;
  readonly accessKeyId: string;
  readonly analyzerArn: string | undefined;
}

export interface AnalyzerCall {
  readonly operation: AnalyzerOperation;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly findingId: string | undefined;
  /** Of its answer, by `performance.now`. */
  readonly at: number;
}

interface Storm {
  readonly operation: AnalyzerOperation | '*';
  readonly fault: AnalyzerFault;
  left: number;
}

const LIST_BODY = z.strictObject({
  analyzerArn: z.string(),
  filter: z
    .record(
      z.string(),
      z.strictObject({
        eq: z.array(z.string()).min(1).optional(),
        neq: z.array(z.string()).min(1).optional(),
        contains: z.array(z.string()).min(1).optional(),
        exists: z.boolean().optional(),
      }),
    )
    .optional(),
  maxResults: z.int().min(1).optional(),
  nextToken: z.string().optional(),
  sort: z
    .strictObject({ attributeName: z.string().optional(), orderBy: z.enum(['ASC', 'DESC']).optional() })
    .optional(),
});

const PAGE_SIZE = 100;

export async function startAccessAnalyzer(): Promise<AccessAnalyzerServer> {
  const analyzers = new Map<string, Map<string, WireFinding>>();
  const summaries: { readonly arn: string; readonly type: string; readonly status: string }[] = [];
  const calls: AnalyzerCall[] = [];
  let storms: Storm[] = [];
  const desk = new OpinionDesk();
  let meeting: Meeting | undefined;

  const http = createServer((request, response) => {
    void (async () => {
      const body = await readBody(request);
      const url = new URL(request.url ?? '/', 'http://localhost');
      const route = routeOf(request.method ?? '', url.pathname);
      if (server.latency > 0) await sleep(server.latency);
      let status = 200;
      let headers: Readonly<Record<string, string>> = {};
      let answer: unknown;
      try {
        if (!route)
          throw new WireError(
            404,
            'UnknownOperationException',
            `no operation ${request.method ?? ''} ${url.pathname}`,
          );
        const accessKeyId = requireSignature(request);
        const analyzerArn = analyzerOf(url.searchParams, body);
        if (!server.allows({ operation: route.operation, accessKeyId, analyzerArn }))
          throw denied(route.operation.replace(/V2$/, ''));
        await meeting?.join(route.operation);
        if (raiseStorm(route.operation)) {
          calls.push({ operation: route.operation, status: 0, findingId: route.id, at: performance.now() });
          return;
        }
        answer = answerTo(route, url.searchParams, body, regionOf(request));
      } catch (error) {
        const wire = error instanceof WireError ? error : invalid(String(error));
        status = wire.status;
        // The service adds an address after a colon; clients must cut it off.
        headers = { 'x-amzn-errortype': `${wire.type}:http://internal.amazon.com/coral/`, ...wire.headers };
        answer = { message: wire.message, ...wire.members };
      }
      if (route)
        calls.push({ operation: route.operation, status, findingId: route.id, at: performance.now() });
      const text = JSON.stringify(answer);
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'x-amzn-requestid': `${String(calls.length).padStart(8, '0')}-0000-4000-8000-000000000000`,
        ...headers,
      });
      response.end(text);
    })();
  });

  function answerTo({ operation, id }: Route, query: URLSearchParams, body: string, region: string): unknown {
    if (operation === 'ListFindingsV2') return list(body);
    if (operation === 'ListAnalyzers') return listAnalyzers(query, region);
    if (operation === 'GetFindingV2') return get(id ?? '', query);
    if (id !== undefined) findingsOf(query.get('analyzerArn') ?? '');
    return desk.answer({ operation, id, query, body });
  }

  /** Whether the request gets no answer at all. */
  function raiseStorm(operation: AnalyzerOperation): boolean {
    const storm = storms.find(
      (one) => one.left > 0 && (one.operation === '*' || one.operation === operation),
    );
    if (storm) storm.left -= 1;
    const fault = storm?.fault ?? server.chance?.();
    if (fault === undefined) return false;
    if (fault === 'silence') return true;
    if (fault === 'throttle') throw throttled();
    if (fault === 'unavailable') throw unavailable();
    throw denied(operation.replace(/V2$/, ''));
  }

  function listAnalyzers(query: URLSearchParams, region: string): unknown {
    const listed = summaries.filter(
      ({ arn, type }) => arn.split(':')[3] === region && (query.get('type') ?? type) === type,
    );
    // Two a page, so that whoever reads only the first one is found out.
    const scope = fingerprint('ListAnalyzers', query.get('type'));
    const start = readToken(query.get('nextToken') ?? undefined, scope);
    return {
      analyzers: listed.slice(start, start + 2).map((one) => ({
        ...one,
        name: one.arn.slice(one.arn.indexOf('/') + 1),
        createdAt: '2026-01-01T00:00:00.000Z',
      })),
      ...(start + 2 < listed.length ? { nextToken: writeToken(start + 2, scope) } : {}),
    };
  }

  function findingsOf(analyzerArn: string): Map<string, WireFinding> {
    if (!/^arn:[^:]*:access-analyzer:[^:]*:[^:]*:analyzer\/.{1,255}$/.test(analyzerArn)) {
      throw invalid(`the analyzer ARN ${JSON.stringify(analyzerArn)} is not valid`);
    }
    const findings = analyzers.get(analyzerArn);
    if (!findings) throw notFound(analyzerArn, 'ANALYZER');
    return findings;
  }

  function list(body: string): unknown {
    const parsed = LIST_BODY.safeParse(JSON.parse(body));
    if (!parsed.success) throw invalid(z.prettifyError(parsed.error));
    const { analyzerArn, filter = {}, maxResults, nextToken } = parsed.data;
    const scope = fingerprint('ListFindingsV2', analyzerArn, filter);
    const start = readToken(nextToken, scope);
    const size = Math.min(server.listPageSize, maxResults ?? server.listPageSize);
    const criteria = Object.fromEntries(
      Object.entries(filter).map(([key, criterion]) => [key, withoutUndefined(criterion)]),
    );
    const matching = [...findingsOf(analyzerArn).values()].filter((finding) =>
      matchesFilter(finding, criteria),
    );
    return {
      findings: matching.slice(start, start + size).map(summaryOf),
      ...(start + size < matching.length ? { nextToken: writeToken(start + size, scope) } : {}),
    };
  }

  function get(id: string, query: URLSearchParams): unknown {
    const analyzerArn = query.get('analyzerArn');
    if (analyzerArn === null) throw invalid('analyzerArn is missing');
    const finding = findingsOf(analyzerArn).get(id);
    if (!finding) throw notFound(id, 'FINDING');
    const scope = fingerprint('GetFindingV2', analyzerArn, id);
    const start = readToken(query.get('nextToken') ?? undefined, scope);
    const size = Math.min(server.detailPageSize, Number(query.get('maxResults') ?? server.detailPageSize));
    return {
      ...finding,
      findingDetails: finding.findingDetails.slice(start, start + size),
      ...(start + size < finding.findingDetails.length ? { nextToken: writeToken(start + size, scope) } : {}),
    };
  }

  const server: AccessAnalyzerServer = {
    ...(await listen(http)),
    listPageSize: PAGE_SIZE,
    detailPageSize: PAGE_SIZE,
    latency: 0,
    chance: undefined,
    allows: () => true,
    opinions: desk.script,
    calls,
    addAnalyzer(arn, type, status = 'ACTIVE') {
      if (!analyzers.has(arn)) analyzers.set(arn, new Map());
      if (type !== undefined) summaries.push({ arn, type, status });
    },
    put(analyzerArn, finding) {
      findingsOf(analyzerArn).set(finding.id, finding);
    },
    remove(analyzerArn, id) {
      findingsOf(analyzerArn).delete(id);
    },
    storm(operation, fault, times) {
      storms.push({ operation, fault, left: times });
    },
    meet(...operations) {
      meeting = new Meeting(operations);
    },
    reset() {
      desk.reset();
      meeting = undefined;
      for (const findings of analyzers.values()) findings.clear();
      storms = [];
      server.chance = undefined;
      calls.length = 0;
      server.listPageSize = PAGE_SIZE;
      server.detailPageSize = PAGE_SIZE;
      server.latency = 0;
    },
  };
  return server;
}

interface Route {
  readonly operation: AnalyzerOperation;
  readonly id: string | undefined;
}

function routeOf(method: string, path: string): Route | undefined {
  if (method === 'POST' && path === '/findingv2') return { operation: 'ListFindingsV2', id: undefined };
  if (method === 'GET' && path === '/analyzer') return { operation: 'ListAnalyzers', id: undefined };
  const one = /^\/findingv2\/([^/]+)$/.exec(path);
  if (method === 'GET' && one?.[1] !== undefined)
    return { operation: 'GetFindingV2', id: decodeURIComponent(one[1]) };
  return opinionRoute(method, path);
}

/** Analyzers are of one Region, and a request is signed for one. */
function regionOf(request: IncomingMessage): string {
  return /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/**
 * An unsigned request is a mistake of the caller's set-up that the service would not let pass.
 * @returns whose request it is
 */
function requireSignature(request: IncomingMessage): string {
  const [, accessKeyId] =
    /Credential=([^/]+)\/.*\/access-analyzer\/aws4_request/.exec(request.headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined) {
    throw new WireError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  return accessKeyId;
}

/** The analyzer that a request names, wherever it does. */
function analyzerOf(query: URLSearchParams, body: string): string | undefined {
  return query.get('analyzerArn') ?? /"analyzerArn":"([^"]*)"/.exec(body)?.[1];
}

/** Tokens are opaque and belong to one question: a token of another filter or finding is refused, as AWS does. */
function writeToken(offset: number, scope: string): string {
  return Buffer.from(JSON.stringify({ offset, scope })).toString('base64');
}

const TOKEN = z.strictObject({ offset: z.int().min(1), scope: z.string() });

function readToken(token: string | undefined, scope: string): number {
  if (token === undefined) return 0;
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(token, 'base64').toString());
  } catch {
    throw invalid('the next token is not valid');
  }
  const parsed = TOKEN.safeParse(decoded);
  if (!parsed.success || parsed.data.scope !== scope) throw invalid('the next token is not valid');
  return parsed.data.offset;
}

function fingerprint(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
