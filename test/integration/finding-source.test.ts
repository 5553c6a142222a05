import { type IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Credentials, credentialsOf } from './collect/old-credentials.ts';
import { lastAccessedJobs, type ReportedUse } from './collect/last-accessed-jobs.ts';
import { HOME_ACCOUNT, iamClient, MEMBER_ACCOUNT } from './harness/accounts.ts';
import { callsTo, throttling } from './harness/faults.ts';
import { allow, createRole, createUser } from './harness/iam-fixtures.ts';
import { World } from './harness/world.ts';

/** Whoever the emulator makes today is older than the window of this report. */
const COMPLETED = '2099-06-01T00:00:00Z';
const RECENTLY = '2099-05-20T10:00:00Z';

/** SQS alone is used, and of it one action that AWS tracks. */
const SOME: readonly ReportedUse[] = [
  { service: 's3' },
  { service: 'sns' },
  {
    service: 'sqs',
    lastUsed: RECENTLY,
    actions: { CreateQueue: RECENTLY, DeleteQueue: null },
  },
];
/** Everything that anybody here is granted. */
const ALL: readonly ReportedUse[] = [
  { service: 's3', lastUsed: RECENTLY },
  { service: 'sns', lastUsed: RECENTLY },
  { service: 'sqs', lastUsed: RECENTLY, actions: { CreateQueue: RECENTLY, DeleteQueue: RECENTLY } },
];

/** The emulator's accounts hold the principals of other tests too: all are excluded that are called otherwise. */
const OURS_ONLY = JSON.stringify({
  names: [...'abcdefghijklmnopqrstuvwxyz0123456789'].flatMap((letter) => [
    ...(letter === 'u' ? [] : [`${letter}*`]),
    ...(letter === 's' ? [] : [`u${letter}*`]),
  ]),
  paths: ['/break-glass/'],
  tags: [],
});

const RUNNING = {
  status: 200,
  contentType: 'text/xml',
  body: '<GetServiceLastAccessedDetailsResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetServiceLastAccessedDetailsResult><JobStatus>IN_PROGRESS</JobStatus><JobType>ACTION_LEVEL</JobType><JobCreationDate>2026-11-23T08:00:00Z</JobCreationDate></GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>',
};

interface Stored {
  readonly kind: string;
  readonly finding: { readonly id: string };
}

describe('two accounts without an analyzer', () => {
  let world: World;
  let home: IAMClient;
  let member: IAMClient;
  /** What IAM reports about some, by name. */
  let reports: Map<string, readonly ReportedUse[]>;

  beforeAll(async () => {
    world = await World.open();
    home = await iamClient(world.endpoint, HOME_ACCOUNT);
    member = await iamClient(world.endpoint, MEMBER_ACCOUNT);
    const inline = { Own: allow('sqs:CreateQueue', 'sqs:DeleteQueue', 'sns:Publish', 's3:*') };
    for (const name of ['UseHomeA', 'UseHomeB']) await createRole(home, { name, inline });
    for (let n = 0; n < 60; n += 1)
      await createRole(member, { name: `UseMember${String(n).padStart(2, '0')}`, inline });
    await createUser(member, { name: 'UsePerson', inline });
    await createRole(member, { name: 'UseExcluded', path: '/break-glass/', inline });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
    reports = new Map();
    const source = { FINDING_SOURCE: 'last-accessed', ANALYZER_ARN: '' };
    for (const name of ['Refine', 'Account'] as const)
      world.environment.set(name, { ...source, UNUSED_DAYS: '90', EXCLUDE_PRINCIPALS: OURS_ONLY });
    const { MEMBER_ROLE_NAME = '' } = world.deployed('Refine').environment;
    world.environment.set('Sweep', {
      ...source,
      HOME_ACCOUNT_ID: HOME_ACCOUNT,
      MEMBER_ROLE_NAME,
      FINDINGS_QUEUE_URL: '',
    });
    intercept();
  });

  function intercept(): void {
    world.proxy.intercept(({ operation }) =>
      operation === 'ListAccounts'
        ? {
            answer: {
              status: 200,
              contentType: 'application/x-amz-json-1.1',
              body: JSON.stringify({
                Accounts: [HOME_ACCOUNT, MEMBER_ACCOUNT].map((Id) => ({ Id, Status: 'ACTIVE' })),
              }),
            },
          }
        : undefined,
    );
    world.proxy.intercept(
      lastAccessedJobs((arn) => {
        const name = arn.slice(arn.lastIndexOf('/') + 1);
        return reports.get(name) ?? SOME;
      }, COMPLETED),
    );
  }

  async function sweep(): Promise<void> {
    expect(await world.invoke('Sweep', {})).toMatchObject({ kind: 'returned' });
    const batches = await world.pump('Accounts');
    expect(batches.flatMap((batch) => batch.failed)).toEqual([]);
    const sentOn = await world.pump('Findings');
    expect(sentOn.flatMap((batch) => batch.failed)).toEqual([]);
    await world.pump('Notices');
  }

  const ours = async (): Promise<readonly string[]> =>
    (await world.proposals()).filter((key) => /\/(?:role|user)\/Use/.test(key));
  const asked = (): readonly string[] =>
    world.proxy.calls.flatMap(({ service, operation, parameters, status }) =>
      service === 'iam' && operation === 'GenerateServiceLastAccessedDetails' && status === 200
        ? [parameters.get('Arn') ?? '']
        : [],
    );

  test('are swept: IAM gets one request about each principal, and the reports become proposals and messages', async () => {
    await sweep();
    const keys = await ours();
    expect(keys.filter((key) => key.startsWith(`proposals/${HOME_ACCOUNT}/`))).toHaveLength(2);
    expect(keys.filter((key) => key.startsWith(`proposals/${MEMBER_ACCOUNT}/`))).toHaveLength(61);
    expect(new Set(asked()).size).toBe(asked().length);
    expect(asked().filter((arn) => arn.includes('UseExcluded'))).toEqual([]);
    const arn = `arn:aws:iam::${MEMBER_ACCOUNT}:role/UseMember07`;
    expect(await world.proposalOf('UseMember07')).toMatchObject({
      kind: 'refine-permissions',
      finding: {
        id: `last-accessed:${arn}`,
        analyzerArn: null,
        source: 'last-accessed',
        updatedAt: '2099-06-01T00:00:00.000Z',
      },
      staying: [{ reason: 'used', actions: ['sqs:CreateQueue'], lastAccessed: expect.any(Object) as object }],
    });
    expect((await world.inbox()).length).toBeGreaterThan(0);
    expect(world.proxy.calls.filter(({ service }) => service === 'access-analyzer')).toEqual([]);
    // Nothing is new in the next sweep.
    const before = await ours();
    await sweep();
    expect(await ours()).toEqual(before);
    expect(await states(before)).toEqual([]);
  });

  test('are read in spite of throttling, and a report that never arrives delays nobody and settles nothing', async () => {
    await sweep();
    const before = await ours();
    const earlier = await world.keys('sweeps/');
    world.proxy.reset();
    reports.set('UseMember04', ALL);
    let calls = 0;
    world.proxy.intercept((call) => {
      if (!callsTo('iam')(call)) return undefined;
      calls += 1;
      return calls % 20 === 0 ? { answer: throttling() } : undefined;
    });
    world.proxy.intercept(({ parameters }) =>
      parameters.get('JobId') === 'stuck' ? { answer: RUNNING } : undefined,
    );
    intercept();
    expect(await world.invoke('Sweep', {})).toMatchObject({ kind: 'returned' });
    // IAM was asked about this one an hour ago.
    const [begun] = (await world.keys('sweeps/')).filter(
      (key) => key.endsWith(`/accounts/${MEMBER_ACCOUNT}.jsonl`) && !earlier.includes(key),
    );
    const arn = `arn:aws:iam::${MEMBER_ACCOUNT}:role/UseMember03`;
    const order = [{ arn, jobId: 'stuck', askedAt: new Date(Date.now() - 3_600_000).toISOString() }];
    for (let part = 0; part < 40; part += 1) {
      const Key = (begun ?? '').replace('.jsonl', `/asked/${String(part)}.json`);
      await world.s3.send(new PutObjectCommand({ Bucket: world.bucket, Key, Body: JSON.stringify(order) }));
    }
    const batches = await world.pump('Accounts');
    expect(batches.flatMap((batch) => batch.failed)).toEqual([]);
    expect(asked()).not.toContain(arn);
    expect(await ours()).toEqual(before);
    const [closed, ...others] = await states(before);
    expect(closed).toMatchObject({ name: 'UseMember04', state: 'resolved' });
    expect(others).toEqual([]);
  });

  test('a principal whose policies changed gets a proposal that replaces the earlier one', async () => {
    await sweep();
    await home.send(
      new PutRolePolicyCommand({
        RoleName: 'UseHomeB',
        PolicyName: 'Own',
        PolicyDocument: JSON.stringify(allow('sqs:*', 'sns:Publish')),
      }),
    );
    await sweep();
    const keys = (await ours()).filter((key) => key.includes('/UseHomeB/'));
    expect(keys).toHaveLength(2);
    expect(await states(keys)).toMatchObject([{ name: 'UseHomeB', state: 'superseded' }]);
  });

  test('a job that dies is continued, and requests nothing from IAM twice', async () => {
    let looks = 0;
    world.proxy.calm();
    world.proxy.intercept(({ operation }) => {
      if (operation !== 'GetServiceLastAccessedDetails') return undefined;
      looks += 1;
      return looks === 40 ? { drop: () => world.kill('Account') } : undefined;
    });
    intercept();
    expect(await world.invoke('Sweep', {})).toMatchObject({ kind: 'returned' });
    await world.pump('Accounts');
    await world.pump('Accounts');
    expect(await ours()).toHaveLength(63);
    expect(new Set(asked()).size).toBe(asked().length);
  });

  test("a principal that failed in its account's job is read on its own", async () => {
    let broken = 3;
    world.proxy.intercept((call) => {
      const isOurs = call.operation === 'PutObject' && (call.key ?? '').includes('/UseMember05/');
      if (!isOurs || broken === 0) return undefined;
      broken -= 1;
      return {
        answer: {
          status: 403,
          contentType: 'application/xml',
          body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>',
        },
      };
    });
    await sweep();
    expect((await ours()).filter((key) => key.includes('/UseMember05/'))).toHaveLength(1);
    expect(asked().filter((arn) => arn.endsWith('/UseMember05'))).toHaveLength(2);
  });

  test('an unused old key and password get proposals to be removed, until somebody uses them', async () => {
    const arn = await createUser(member, { name: 'UseKeys', inline: { Own: allow('sqs:CreateQueue') } });
    const accessKeyId = 'AKIAUSEKEYSEXAMPLE00';
    let current: Credentials = { userName: 'UseKeys', arn, accessKeyId, createdAt: '2020-01-01T00:00:00Z' };
    world.proxy.intercept(credentialsOf(() => current));
    await sweep();
    const keys = (await ours()).filter((key) => key.includes('/UseKeys/'));
    const stored = await Promise.all(keys.map(async (key) => JSON.parse(await world.read(key)) as Stored));
    const byKind = new Map(stored.map((one) => [one.kind, one]));
    expect([...byKind.keys()].toSorted()).toEqual(['remove-access-key', 'remove-password']);
    expect(byKind.get('remove-access-key')).toMatchObject({
      accessKeyId,
      finding: { id: `last-accessed:${arn}#access-keys`, source: 'last-accessed', analyzerArn: null },
    });
    expect(byKind.get('remove-password')?.finding.id).toBe(`last-accessed:${arn}#password`);
    // Whoever comes back to work uses both.
    current = { ...current, lastUsedAt: new Date().toISOString() };
    await sweep();
    expect(await states(keys)).toEqual([
      { name: 'UseKeys', state: 'resolved' },
      { name: 'UseKeys', state: 'resolved' },
    ]);
  });

  /** Of those that are not current. */
  async function states(keys: readonly string[]): Promise<readonly { name: string; state: string }[]> {
    const found: { name: string; state: string }[] = [];
    for (const key of keys) {
      const [text] = await Promise.all(
        (await world.keys(key.replace('proposal.json', 'state.json'))).map((one) => world.read(one)),
      );
      const { state } = JSON.parse(text ?? '{"state":"current"}') as { state: string };
      if (state !== 'current') found.push({ name: key.split('/')[3] ?? '', state });
    }
    return found;
  }
});
