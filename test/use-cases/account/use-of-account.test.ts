import { beforeEach, describe, expect, test } from 'vitest';
import { BulkPolicies } from '../../../lambda/adapters/account/bulk-policies.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type {
  AccountJob,
  AccountPage,
  UnusedPart,
  AskedReport,
  PrincipalUse,
  ReportAnswer,
} from '../../../lambda/ports/account.ts';
import type { FindingReference } from '../../../lambda/ports/findings.ts';
import type { Exclusions } from '../../../lambda/ports/settings.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import {
  refineAccountJob,
  type AccountJobOutcome,
} from '../../../lambda/use-cases/account/refine-account-job.ts';
import { keptRecords, notingQueues } from './fakes.ts';

const ACCOUNT = '111122223333';
const NOW = Date.parse('2026-11-29T12:00:00.000Z');
const JOB: AccountJob = {
  analyzerArn: 'last-accessed',
  sweepId: 's',
  accountId: ACCOUNT,
  next: 0,
  parts: 0,
  shared: null,
  deferrals: 0,
};
const throttled = new AdapterError('slow down', 'retry', 'throttled');
const denied = new AdapterError('no', 'permanent', 'access-denied');

class Killed extends Error {}

const CATALOGUE = makeCatalogue({ source: 'test', version: '1', date: '' }, [
  ['s3', ['GetObject', 'PutBucketPolicy']],
  ['sqs', ['CreateQueue', 'SendMessage']],
]);

const arnOf = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const document = encodeURIComponent(
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: ['s3:*', 'sqs:*'], Resource: '*' },
  }),
);

let roles: string[];
let shown: FindingReference[];
/** What IAM answers about a role, each time that it is asked. */
let answers: (name: string, looks: number) => ReportAnswer | AdapterError;
let asking: (name: string) => string | undefined | AdapterError;
let clock: number;
let remaining: number;
/** After how many steps the process dies; none unless given. */
/** What a principal is answered with that its pages do not describe as a whole. */
let alone: AdapterError | 'gone';
let exclude: Exclusions;
let lives: number;
let steps: number;
let asked: string[];
let looks: Map<string, number>;
let refined: string[];
let closed: string[];
let unknown: string[];
let silent: string[];
let unread: string[];
let queued: AccountJob[];
let delays: (number | undefined)[];
let sentOn: string[];

const kept = {
  pages: new Map<number, AccountPage>(),
  parts: new Map<number, UnusedPart>(),
  asked: new Map<number, readonly AskedReport[]>(),
  uses: new Map<number, readonly PrincipalUse[]>(),
};

beforeEach(() => {
  roles = ['a', 'b', 'c'];
  shown = [];
  answers = () => complete();
  asking = (name) => `job-${name}-${String(asked.filter((one) => one === name).length)}`;
  clock = NOW;
  remaining = 900_000;
  alone = 'gone';
  exclude = { names: ['left-*'], paths: [], tags: [{ key: 'refine', value: null }] };
  lives = Infinity;
  steps = 0;
  asked = [];
  looks = new Map();
  refined = [];
  closed = [];
  unknown = [];
  silent = [];
  unread = [];
  queued = [];
  delays = [];
  sentOn = [];
  for (const map of Object.values(kept)) map.clear();
});

/** SQS is not used, and of S3 everything but what is tracked. */
function complete(): ReportAnswer {
  const services = new Map([
    ['s3', { lastUsed: '2026-11-20T10:00:00.000Z', actions: new Map([['putbucketpolicy', undefined]]) }],
    ['sqs', { actions: new Map<string, string | undefined>() }],
  ]);
  return { kind: 'complete', report: { completedAt: '2026-11-29T11:00:00.000Z', services } };
}

/** Something that a process may die before. */
function step(): void {
  steps += 1;
  if (steps > lives) throw new Killed();
}

function page(): AccountPage {
  return {
    roles: roles.map((name) => ({
      arn: arnOf(name),
      tags: name.startsWith('tagged') ? [{ key: 'refine', value: 'no' }] : [],
      boundaryArn: null,
      inline: [{ name: 'Own', document }],
      attached: name.startsWith('lacks')
        ? [{ name: 'Lost', arn: `arn:aws:iam::${ACCOUNT}:policy/Lost` }]
        : [],
      createdAt: '2024-01-01T00:00:00.000Z',
      lastUsedAt: '2026-11-20T10:00:00.000Z',
    })),
    users: [],
    groups: [],
    policies: [],
    nextMarker: null,
  };
}

const nameOf = ({ arn }: { readonly arn: string }): string => arn.slice(arn.lastIndexOf('/') + 1);

function orThrow<T>(value: T | AdapterError): Promise<T> {
  return value instanceof AdapterError ? Promise.reject(value) : Promise.resolve(value);
}

async function run(job: AccountJob): Promise<AccountJobOutcome> {
  const time = { now: () => new Date(clock).toISOString(), remainingMillis: () => remaining };
  const single = { getPrincipal: () => orThrow(alone === 'gone' ? { kind: alone } : alone) };
  return refineAccountJob<BulkPolicies>(job, {
    makeMemory: () => new BulkPolicies(single, { tagsOf: () => Promise.resolve([]) }, true),
    isLeftAlone: () => Promise.resolve(false),
    pages: {
      read: () => {
        step();
        return Promise.resolve(page());
      },
    },
    records: keptRecords(
      () => Promise.resolve({ references: shown, shared: [], since: 5 }),
      kept.pages,
      kept.parts,
      { page: step, part: step },
    ),
    clock: time,
    use: {
      clock: time,
      wait: (millis) => {
        clock += millis;
        return Promise.resolve();
      },
      catalogue: () => Promise.resolve(CATALOGUE),
      unusedDays: 90,
      exclude,
      silent: (arn, reason) => silent.push(`${nameOf({ arn })}: ${reason}`),
      records: {
        asked: (_, number) => Promise.resolve(kept.asked.get(number)),
        keepAsked: (_, number, all) => {
          step();
          kept.asked.set(number, all);
          return Promise.resolve();
        },
        uses: (_, number) => Promise.resolve(kept.uses.get(number)),
        keepUses: (_, number, all) => {
          step();
          kept.uses.set(number, all);
          return Promise.resolve(all);
        },
      },
      reports: {
        ask: async (ref) => {
          step();
          const name = nameOf(ref);
          const answer = await orThrow(asking(name));
          asked.push(name);
          return answer;
        },
        look: (ref) => {
          step();
          const name = nameOf(ref);
          looks.set(name, (looks.get(name) ?? 0) + 1);
          return orThrow(answers(name, looks.get(name) ?? 0));
        },
        credentialsOf: () => Promise.resolve(undefined),
      },
    },
    refine: async (reference, _memory, since, found, evidence) => {
      step();
      expect(since).toBe(5);
      const answer = await evidence!.findings.getFinding(reference);
      const name = reference.findingId.replace(/^.*\//, '');
      if (answer.kind === 'found') {
        found(answer.finding);
        refined.push(name);
      } else if (answer.kind === 'gone') closed.push(name);
      else unknown.push(`${name}: ${answer.reason}`);
    },
    ...notingQueues(sentOn, queued, delays),
    proposeShared: async ({ unused }) => {
      for await (const part of unused) unread.push(...part.unread.map((arn) => nameOf({ arn })));
      return undefined;
    },
  });
}

/** Slices until the job is done, each with the message of the one before it, or again with its own where it died. */
async function runAll(): Promise<AccountJobOutcome> {
  let job = JOB;
  for (let slice = 0; slice < 1_000; slice += 1) {
    const before = queued.length;
    try {
      const outcome = await run(job);
      if (outcome.kind !== 'continued') return outcome;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      lives = Infinity;
    }
    if (queued.length > before) {
      job = queued.at(-1)!;
      clock += (delays.at(-1) ?? 0) * 1_000;
    }
  }
  throw new Error('the job does not end');
}

function shownOn(name: string, findingId = `last-accessed:${arnOf(name)}`): FindingReference {
  const resource = arnOf(name);
  return { analyzerArn: 'last-accessed', findingId, accountId: ACCOUNT, resource, shown: [`p/${name}/`] };
}

describe('an account whose findings are made from reports of last use', () => {
  test('gets one request about each principal, and unused access is handled like other findings', async () => {
    expect(await run(JOB)).toEqual({ kind: 'completed', pages: 1, findings: 3, sentOn: 0 });
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(refined).toEqual(['a', 'b', 'c']);
    expect(
      kept.parts
        .get(0)
        ?.findings.map(({ id, source, analyzerArn, unused }) => ({ id, source, analyzerArn, unused }))[0],
    ).toEqual({
      id: `last-accessed:${arnOf('a')}`,
      source: 'last-accessed',
      analyzerArn: null,
      unused: [
        ['s3', ['PutBucketPolicy']],
        ['sqs', []],
      ],
    });
    expect(unread).toEqual([]);
  });

  test('survives a crash before every third step, and requests no report whose job is stored', async () => {
    roles = Array.from({ length: 52 }, (_, n) => `r${String(n).padStart(2, '0')}`);
    answers = (_, times) => (times < 2 ? { kind: 'running' } : complete());
    await runAll();
    const total = steps;
    expect(total).toBeGreaterThan(200);
    const all = [...refined].sort();
    expect(all).toEqual(roles);
    const parts = JSON.stringify([...kept.parts]);
    for (let death = 0; death < total; death += 3) {
      for (const map of Object.values(kept)) map.clear();
      [asked, refined, queued] = [[], [], []];
      looks = new Map();
      clock = NOW;
      steps = 0;
      lives = death;
      await runAll();
      expect([...new Set(refined)].sort()).toEqual(all);
      expect(JSON.stringify([...kept.parts])).toBe(parts);
      // A part may be asked for twice only where its worker died before it could keep a single id.
      for (const name of roles) {
        const times = asked.filter((one) => one === name).length;
        expect(times).toBeLessThanOrEqual(2);
      }
      const twice = roles.filter((name) => asked.filter((one) => one === name).length > 1);
      expect(twice.length).toBeLessThanOrEqual(50);
    }
  });

  test('continues in a later slice with the requested reports', async () => {
    answers = (name) => (name === 'b' && clock < NOW + 100_000 ? { kind: 'running' } : complete());
    expect(await run(JOB)).toMatchObject({ kind: 'continued', because: 'reports', next: 0 });
    expect(delays).toEqual([60]);
    clock += 60_000;
    expect(await run(queued[0]!)).toMatchObject({ kind: 'completed', findings: 3 });
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  test('does not wait forever, and concludes nothing about a principal without a report', async () => {
    shown = [shownOn('b'), shownOn('c')];
    answers = (name) =>
      name === 'b'
        ? { kind: 'running' }
        : name === 'c'
          ? { kind: 'failed', reason: 'it failed' }
          : complete();
    expect(await runAll()).toMatchObject({ kind: 'completed' });
    expect(refined).toEqual(['a']);
    expect(closed).toEqual([]);
    expect(unknown).toEqual([
      `b: IAM has not said when ${arnOf('b')} last used what within 10 minutes`,
      'c: it failed',
    ]);
    expect(silent).toHaveLength(2);
    expect(unread).toEqual(['b', 'c']);
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  test('settles findings that a complete report no longer contains, and none of an analyzer', async () => {
    shown = [shownOn('a', 'b8ae0460-5d29'), shownOn('b'), shownOn('gone')];
    const used = new Map([['s3', { lastUsed: '2026-11-20T10:00:00.000Z', actions: new Map() }]]);
    answers = (name) =>
      name === 'b'
        ? { kind: 'complete', report: { completedAt: '2026-11-29T11:00:00.000Z', services: used } }
        : complete();
    await run(JOB);
    expect(closed).toEqual(['b', 'gone']);
    expect(unknown).toEqual([
      'b8ae0460-5d29: it is the finding of an analyzer, and findings are made from reports of last use at present',
    ]);
    expect(refined).toEqual(['a', 'c']);
    expect(unread).toEqual([]);
  });

  test('requests no reports about excluded principals, AWS’s own, or those that are gone', async () => {
    roles = ['a', 'aws-service-role/sqs.amazonaws.com/Linked', 'left-alone', 'tagged'];
    asking = (name) => (name === 'a' ? undefined : 'job');
    await run(JOB);
    expect(asked).toEqual(['a']);
    expect(silent).toEqual([`a: ${arnOf('a')} is gone`]);
    expect(refined).toEqual([]);
  });

  test('requests a report again, once, if IAM no longer knows its job', async () => {
    answers = (name, times) => (name === 'a' || times === 1 ? { kind: 'unknown' } : complete());
    await run(JOB);
    expect([...asked].sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(silent).toEqual([`a: IAM has forgotten that it was asked when ${arnOf('a')} last used what`]);
    expect(refined).toEqual(['b', 'c']);
  });

  test('is deferred if it is throttled, and keeps its requests', async () => {
    asking = (name) => (name === 'c' && queued.length === 0 ? throttled : 'job');
    expect(await run(JOB)).toMatchObject({ kind: 'continued', because: 'throttled' });
    expect(delays).toEqual([300]);
    expect(queued[0]).toMatchObject({ deferrals: 0, next: 0 });
    expect(await run(queued[0]!)).toMatchObject({ kind: 'completed', findings: 3 });
    expect([...asked].sort()).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['without an exclusion', []],
    ['with an exclusion by tag', [{ key: 'refine', value: null }]],
  ])(
    'concludes nothing about a principal that it denies to read, and refines the others, %s',
    async (_, tags) => {
      roles = ['a', 'lacks-policy'];
      alone = denied;
      exclude = { names: [], paths: [], tags };
      expect(await run(JOB)).toMatchObject({ kind: 'completed', findings: 1 });
      expect([refined, unread]).toEqual([['a'], ['lacks-policy']]);
    },
  );

  test('is deferred if it is throttled while policies are read', async () => {
    roles = ['a', 'lacks-policy'];
    alone = throttled;
    exclude = { names: [], paths: [], tags: [] };
    expect(await run(JOB)).toMatchObject({ kind: 'continued', because: 'throttled' });
  });

  test('is left to the next sweep if it denies access', async () => {
    asking = () => denied;
    expect(await run(JOB)).toMatchObject({ kind: 'unreachable', error: denied, left: 3 });
    expect(sentOn).toEqual([]);
  });

  test('stops in time, between two batches', async () => {
    roles = Array.from({ length: 120 }, (_, n) => `r${String(n).padStart(3, '0')}`);
    answers = () => {
      remaining -= 15_000;
      return complete();
    };
    expect(await run(JOB)).toMatchObject({ kind: 'continued', next: 50 });
    remaining = 900_000;
    answers = () => complete();
    expect(await run(queued[0]!)).toMatchObject({ kind: 'completed' });
    expect([...refined].sort()).toEqual(roles);
    expect(asked).toHaveLength(120);
  });
});
