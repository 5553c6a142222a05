import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach } from 'vitest';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of the documented shape, with what may go wrong on demand. */
export interface ReferenceServer {
  readonly url: string;
  /** Actions by service; `!` before a name says that AWS does not track it, `?` that it does not say. */
  readonly services: Map<string, readonly string[]>;
  /** Answers in place of the documented one, by service; one is used up by one request. */
  readonly faults: Map<string, Answer[]>;
  /** What was asked, in order: a service, or the empty text for the index. */
  readonly asked: string[];
  /** The most requests that were under way at once. */
  readonly most: () => number;
  /** Milliseconds before each answer. */
  delay: number;
}

export function useReferenceServer(): ReferenceServer {
  let running = 0;
  let most = 0;
  const state = {
    url: '',
    services: new Map<string, readonly string[]>(),
    faults: new Map<string, Answer[]>(),
    asked: [] as string[],
    most: () => most,
    delay: 0,
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    response.on('close', () => (running -= 1));
    await sleep(state.delay);
    const service = /^\/v1\/([^/]+)\//.exec(request.url ?? '')?.[1] ?? '';
    state.asked.push(service);
    const fault = state.faults.get(service)?.shift();
    if (fault) {
      fault(request, response);
      return;
    }
    if (service === '') {
      const index = [...state.services.keys()].map((name) => ({
        service: name,
        url: `${state.url}v1/${name}/${name}.json`,
      }));
      response.end(JSON.stringify(index));
      return;
    }
    const actions = state.services.get(service) ?? [];
    const etag = `"${createHash('md5').update(actions.join('-')).digest('hex')}"`;
    response.setHeader('etag', etag);
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304).end();
      return;
    }
    response.end(JSON.stringify(documentOf(service, actions)));
  };
  const server = createServer((request, response) => void answer(request, response));
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    state.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    state.services.clear();
    state.faults.clear();
    state.asked.length = 0;
    state.delay = 0;
    most = 0;
    for (let n = 0; n < 320; n += 1) state.services.set(`svc${String(n)}`, ['GetThing', 'PutThing', '!Poll']);
  });
  return state;
}

/** As AWS publishes it, version 1.4. */
export function documentOf(service: string, actions: readonly string[]): unknown {
  return {
    Name: service,
    Actions: actions.map((text) => ({
      Name: text.replace(/[!?]/, ''),
      ActionConditionKeys: [],
      Annotations: { Properties: { IsList: false, IsWrite: true } },
      Resources: [],
      ...(text.startsWith('?')
        ? {}
        : {
            SupportedBy: {
              'IAM Access Analyzer Policy Generation': false,
              'IAM Action Last Accessed': !text.startsWith('!'),
            },
          }),
    })),
    ConditionKeys: [],
    Operations: [],
    Resources: [],
    Version: 'v1.4',
  };
}
