import { beforeEach, describe, expect, test } from 'vitest';
import type {
  AccountJob,
  AccountMemory,
  AccountPage,
  UnusedFinding,
  UnusedPart,
} from '../../../lambda/ports/account.ts';
import { AccountUnreachable, AdapterError } from '../../../lambda/ports/system.ts';
import type { Finding, FindingReference } from '../../../lambda/ports/findings.ts';
import { refineAccountJob } from '../../../lambda/use-cases/account/refine-account-job.ts';
import { keptRecords, notingQueues } from './fakes.ts';

const JOB: AccountJob = {
  analyzerArn: 'a',
  sweepId: 's',
  accountId: '1',
  next: 0,
  parts: 0,
  shared: null,
  deferrals: 0,
};
const throttled = new AdapterError('slow down', 'retry', 'throttled');
const denied = new AdapterError('no', 'permanent', 'access-denied');

let count: number;
let markers: (string | null)[];
let answers: Map<string | null, string | null | AdapterError>;
let kept: Map<number, AccountPage>;
let parts: Map<number, UnusedPart>;
let failing: Set<string>;
let worked: string[];
let sent: string[];
let later: AccountJob[];
let delays: (number | undefined)[];
let sharedAfter: (string | null)[];
let sharedRest: string[];
let remaining: () => number;
let shared: string[][];
let added: (string | null)[];
let leftAlone: boolean | AdapterError;
/** Principals about whom a finding could not be read, of each part. */
let unread: string[][];
/** Findings that cannot be read. */
let unreadable: Set<string>;
/** Findings that are not there any more, or are resolved. */
let gone: Set<string>;
let ended: Set<string>;
/** Called before a part is kept. */
let beforeKeeping: () => void;

beforeEach(() => {
  count = 3;
  markers = [];
  answers = new Map<string | null, string | null | AdapterError>([
    [null, 'm1'],
    ['m1', 'm2'],
    ['m2', null],
  ]);
  kept = new Map();
  parts = new Map();
  failing = new Set();
  worked = [];
  sent = [];
  later = [];
  delays = [];
  sharedAfter = [];
  sharedRest = [];
  shared = [];
  added = [];
  leftAlone = false;
  unread = [];
  unreadable = new Set();
  gone = new Set();
  ended = new Set();
  beforeKeeping = () => undefined;
  remaining = () => 900_000;
});

function page(nextMarker: string | null): AccountPage {
  return { roles: [], users: [], groups: [], policies: [], nextMarker };
}

function references(): readonly FindingReference[] {
  return Array.from({ length: count }, (_, n) => ({
    analyzerArn: 'a',
    findingId: `f${String(n)}`,
    accountId: '1',
    resource: 'r',
  }));
}

function found({ findingId: id }: FindingReference): Finding {
  const facts = { id, analyzerArn: 'a', resource: 'r', accountId: '1', updatedAt: null };
  const entries = [
    { serviceNamespace: 's3', actions: [{ action: 'GetObject', lastAccessed: '2026-01-01T00:00:00.000Z' }] },
    { serviceNamespace: 'sns' },
  ];
  return {
    ...facts,
    findingType: 'UnusedPermission',
    status: 'ACTIVE',
    details: { type: 'UnusedPermission', entries },
  };
}

function run(job = JOB) {
  const memory: AccountMemory = {
    addPage: ({ nextMarker }) => added.push(nextMarker),
    principals: [],
    getPrincipal: () => Promise.resolve({ kind: 'gone' }),
    tagsOf: () => Promise.resolve([]),
  };
  return refineAccountJob(job, {
    makeMemory: () => memory,
    isLeftAlone: () =>
      leftAlone instanceof AdapterError ? Promise.reject(leftAlone) : Promise.resolve(leftAlone),
    pages: {
      read: (_, marker) => {
        markers.push(marker);
        const answer = answers.get(marker);
        return answer instanceof AdapterError
          ? Promise.reject(answer)
          : Promise.resolve(page(answer ?? null));
      },
    },
    records: keptRecords(() => Promise.resolve({ references: references(), since: 5 }), kept, parts, {
      part: beforeKeeping,
    }),
    refine: (reference, given, since, tell) => {
      expect(since).toBe(5);
      expect(given).toBe(memory);
      worked.push(reference.findingId);
      if (unreadable.has(reference.findingId)) return Promise.reject(throttled);
      if (gone.has(reference.findingId)) return Promise.resolve();
      tell({ ...found(reference), status: ended.has(reference.findingId) ? 'RESOLVED' : 'ACTIVE' });
      return failing.has(reference.findingId) ? Promise.reject(throttled) : Promise.resolve();
    },
    ...notingQueues(sent, later, delays),
    clock: { now: () => '', remainingMillis: () => remaining() },
    proposeShared: async ({ job, unused }) => {
      sharedAfter.push(job.shared);
      for await (const part of unused) {
        shared.push(part.findings.map(({ id }) => id));
        unread.push([...part.unread]);
      }
      return sharedRest.shift();
    },
  });
}

describe('the job of an account', () => {
  test('reads all pages, handles every finding, and then the shared subjects', async () => {
    expect(await run()).toEqual({ kind: 'completed', pages: 3, findings: 3, sentOn: 0 });
    expect(markers).toEqual([null, 'm1', 'm2']);
    expect(added).toEqual(['m1', 'm2', null]);
    expect(worked).toEqual(['f0', 'f1', 'f2']);
    expect(shared).toEqual([['f0', 'f1', 'f2']]);
    expect([...kept.keys()]).toEqual([0, 1, 2]);
  });

  test('stores the unused access in parts of 250, each with its position, without the times of actions', async () => {
    count = 600;
    expect(await run()).toMatchObject({ kind: 'completed', findings: 600 });
    expect([...parts.values()].map(({ next, findings }) => [next, findings.length])).toEqual([
      [250, 250],
      [500, 250],
      [600, 100],
    ]);
    const expected: UnusedFinding = {
      id: 'f250',
      analyzerArn: 'a',
      resource: 'r',
      accountId: '1',
      updatedAt: null,
      unused: [
        ['s3', ['GetObject']],
        ['sns', []],
      ],
    };
    expect(parts.get(1)?.findings[0]).toEqual(expected);
  });

  test('continues after the last stored part, and reads no page from IAM again', async () => {
    count = 600;
    await run();
    parts.delete(2);
    worked = [];
    markers = [];
    shared = [];
    expect(await run()).toEqual({ kind: 'completed', pages: 0, findings: 100, sentOn: 0 });
    expect(worked[0]).toBe('f500');
    expect(markers).toEqual([]);
    expect(shared.map((part) => part.length)).toEqual([250, 250, 100]);
  });

  test('requeues failed findings, and continues with the next finding', async () => {
    failing.add('f1');
    expect(await run()).toEqual({ kind: 'completed', pages: 3, findings: 3, sentOn: 1 });
    expect(sent).toEqual(['f1']);
    expect(worked).toEqual(['f0', 'f1', 'f2']);
  });

  test('records the principals whose finding could not be read, and not that they have none', async () => {
    unreadable.add('f1');
    failing.add('f2');
    expect(await run()).toMatchObject({ kind: 'completed', sentOn: 2 });
    expect(shared).toEqual([['f0', 'f2']]);
    expect(unread).toEqual([['r']]);
  });

  test('does not conclude that there is no finding if the listed one is gone or resolved, because another may exist', async () => {
    gone.add('f0');
    ended.add('f1');
    expect(await run()).toMatchObject({ kind: 'completed', sentOn: 0 });
    expect([shared, unread]).toEqual([[['f2']], [['r']]]);
  });

  test('continues where another copy of it is ahead, and keeps what that one stored', async () => {
    count = 600;
    const ahead: UnusedPart = { next: 100, unread: [], findings: [] };
    beforeKeeping = () => {
      // The other copy was cut short after 100 findings, and has kept that.
      if (!parts.has(0)) parts.set(0, ahead);
    };
    expect(await run()).toMatchObject({ kind: 'completed' });
    expect(parts.get(0)).toBe(ahead);
    // Nothing between the places of the two is left out.
    expect([...parts.values()].map(({ next }) => next)).toEqual([100, 350, 600]);
    expect(worked.slice(250, 252)).toEqual(['f100', 'f101']);
  });

  test('leaves its remaining pages to a later slice if the time runs short', async () => {
    remaining = () => 59_999;
    expect(await run()).toMatchObject({ kind: 'continued', because: 'time', next: 0, pages: 1 });
    expect(later).toEqual([JOB]);
    expect([...kept.keys()]).toEqual([0]);
    expect(worked).toEqual([]);
  });

  test('leaves its remaining findings to a later slice, after those that were begun', async () => {
    count = 10;
    kept = new Map([[0, page(null)]]);
    remaining = () => (worked.length < 4 ? 900_000 : 59_999);
    expect(await run()).toMatchObject({ kind: 'continued', because: 'time', next: 4, pages: 0 });
    expect(later).toEqual([{ ...JOB, next: 4, parts: 1, shared: null }]);
    expect(parts.get(0)?.next).toBe(4);
    expect(shared).toEqual([]);
    remaining = () => 900_000;
    expect(await run(later[0])).toMatchObject({ kind: 'completed', findings: 6 });
    expect(shared).toEqual([
      ['f0', 'f1', 'f2', 'f3'],
      ['f4', 'f5', 'f6', 'f7', 'f8', 'f9'],
    ]);
  });

  test('handles shared subjects in a separate slice if the time runs short', async () => {
    remaining = () => 299_999;
    expect(await run()).toMatchObject({ kind: 'continued', because: 'time', next: 3, findings: 3 });
    expect(shared).toEqual([]);
    expect(await run(later[0])).toMatchObject({ kind: 'completed', findings: 0 });
    expect(shared).toEqual([['f0', 'f1', 'f2']]);
  });

  test('continues with the shared subjects where a slice ended', async () => {
    sharedRest = ['policy/b'];
    expect(await run()).toMatchObject({ kind: 'continued', because: 'time', next: 3 });
    expect([later, delays]).toEqual([[{ ...JOB, next: 3, parts: 1, shared: 'policy/b' }], [undefined]]);
    expect(await run(later[0])).toEqual({ kind: 'completed', pages: 0, findings: 0, sentOn: 0 });
    expect(sharedAfter).toEqual([null, 'policy/b']);
    expect(worked).toEqual(['f0', 'f1', 'f2']);
  });

  test('continues later after the last page if it is throttled', async () => {
    answers.set('m1', throttled);
    expect(await run()).toMatchObject({ kind: 'continued', because: 'throttled', pages: 1 });
    expect([later, delays]).toEqual([[JOB], [300]]);
  });

  test('is deferred as a new message with all its attempts if it is throttled from the first page on', async () => {
    answers.set(null, throttled);
    expect(await run()).toEqual({
      kind: 'continued',
      because: 'throttled',
      next: 0,
      pages: 0,
      findings: 0,
      sentOn: 0,
    });
    expect([later, delays, sent]).toEqual([[{ ...JOB, deferrals: 1 }], [300], []]);
  });

  test('is deferred for a day, and then fails', async () => {
    answers.set(null, throttled);
    await expect(run({ ...JOB, deferrals: 288 })).rejects.toBe(throttled);
    expect(later).toEqual([]);
    await run({ ...JOB, deferrals: 287 });
    expect(later).toMatchObject([{ deferrals: 288 }]);
  });

  test('is not deferred any more once it got a page', async () => {
    answers.set('m1', throttled);
    await run({ ...JOB, deferrals: 7 });
    expect([later, delays]).toEqual([[JOB], [300]]);
  });

  test('fails, so that its message is retried, if it gets no page for another reason', async () => {
    const unavailable = new AdapterError('not now', 'retry', 'unavailable');
    answers.set(null, unavailable);
    await expect(run()).rejects.toBe(unavailable);
    expect([later, sent]).toEqual([[], []]);
  });

  test('of an excluded account reads nothing from IAM, and handles each finding', async () => {
    leftAlone = true;
    expect(await run()).toEqual({ kind: 'completed', pages: 0, findings: 3, sentOn: 0 });
    expect([markers, added]).toEqual([[], []]);
    expect(worked).toEqual(['f0', 'f1', 'f2']);
  });

  test('queues its findings one by one if it cannot be determined whether the account is excluded', async () => {
    leftAlone = denied;
    expect(await run()).toMatchObject({ kind: 'handed-over', error: denied, sentOn: 3 });
    expect(sent).toEqual(['f0', 'f1', 'f2']);
    expect(markers).toEqual([]);
  });

  test('queues its findings one by one if the account may not be read as a whole', async () => {
    answers.set(null, denied);
    parts.set(0, { next: 1, findings: [], unread: [] });
    expect(await run()).toMatchObject({ kind: 'handed-over', error: denied, sentOn: 2 });
    expect(sent).toEqual(['f1', 'f2']);
    expect(worked).toEqual([]);
  });

  test('leaves its findings to the next sweep if the account cannot be reached, and queues none of them', async () => {
    const unreachable = new AccountUnreachable('222222222222', 'no such role');
    answers.set(null, unreachable);
    parts.set(0, { next: 1, findings: [], unread: [] });
    expect(await run()).toEqual({
      kind: 'unreachable',
      error: unreachable,
      left: 2,
      pages: 0,
      findings: 0,
      sentOn: 0,
    });
    expect([sent, worked, later]).toEqual([[], [], []]);
  });

  test('whose markers repeat is an error and not an endless loop', async () => {
    answers.set('m2', 'm1');
    await expect(run()).rejects.toMatchObject({ decision: 'retry', code: 'malformed' });
  });
});
