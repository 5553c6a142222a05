import {
  DeleteRolePolicyCommand,
  DeleteRoleCommand,
  type IAMClient,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { S3CatalogueStore } from '../../lambda/adapters/aws/s3/catalogue-store.ts';
import { S3Objects } from '../../lambda/adapters/aws/s3/objects.ts';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { contentVersion, keepService, REFERENCE_SOURCE } from '../../lambda/core/catalogue/kept-catalogue.ts';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

describe('the states of stored proposals', () => {
  let world: World;
  let iam: IAMClient;
  let roles = 0;

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  const SEND_AND_PURGE = allow('sqs:SendMessage', 'sqs:PurgeQueue');

  interface Drifting {
    readonly name: string;
    readonly resource: string;
    /** Puts the finding into the analyzer, sends its event, and waits for the worker. */
    happens(status?: 'ACTIVE' | 'RESOLVED' | 'ARCHIVED'): Promise<void>;
    /** `[id, state, reason]` of every proposal about the role, by the order of ids. */
    states(): Promise<(readonly string[])[]>;
  }

  /** A role of its own with one inline policy, and a finding about it. */
  async function drifting(): Promise<Drifting> {
    roles += 1;
    const name = `Drifting${String(roles)}`;
    const resource = await createRole(iam, { name, inline: { Queue: SEND_AND_PURGE } });
    const details = [unusedActions('sqs', 'PurgeQueue')];
    return {
      name,
      resource,
      happens: async (status = 'ACTIVE') => {
        const one = finding({ id: `finding-${name}`, resource, details, status });
        world.analyzer.put(ANALYZER_ARN, one);
        await world.putEvent(findingEvent(ANALYZER_ARN, one));
        const batches = await world.pump('Findings');
        expect(batches.map((batch) => batch.failed)).toEqual([[]]);
      },
      states: async () => {
        const proposals = (await world.proposals()).filter((key) => key.includes(`/${name}/`));
        const keys = await world.keys('proposals/');
        return Promise.all(
          proposals.map(async (key) => {
            const id = key.split('/').at(-2) ?? '';
            const file = key.replace('proposal.json', 'state.json');
            if (!keys.includes(file)) return [id];
            const { proposalId, state, reason } = JSON.parse(await world.read(file)) as Record<
              string,
              string
            >;
            expect(proposalId).toBe(id);
            return [id, state ?? '', reason ?? ''];
          }),
        );
      },
    };
  }

  async function put(name: string, document: unknown): Promise<void> {
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: name,
        PolicyName: 'Queue',
        PolicyDocument: JSON.stringify(document),
      }),
    );
  }

  /** Calls of the worker to S3 since `start`. */
  function storeCalls(start: number): string[] {
    return world.proxy.calls
      .slice(start)
      .flatMap(({ service, operation }) => (service === 's3' ? [operation] : []));
  }

  async function overview(): Promise<readonly Record<string, unknown>[]> {
    return (JSON.parse(await world.read('index.json')) as { proposals: Record<string, unknown>[] }).proposals;
  }

  test('a changed policy supersedes the earlier proposal, and the message is about the new one', async () => {
    const role = await drifting();
    await role.happens();
    const [[first = '']] = (await role.states()) as [readonly string[]];
    await put(role.name, allow('sqs:SendMessage', 'sqs:PurgeQueue', 'sns:Publish'));
    await role.happens();
    const states = await role.states();
    const second = states.map(([id]) => id).find((id) => id !== first) ?? '';
    expect(new Map(states.map(([id, ...said]) => [id, said]))).toEqual(
      new Map([
        [first, ['superseded', `inline policy Queue has another document; proposal ${second} supersedes it`]],
        [second, []],
      ]),
    );
    // Both were stored before anybody was told: only what is current is news.
    await world.pump('Notices');
    const [message, ...more] = await world.inbox();
    expect(more).toEqual([]);
    expect(message?.attributes['proposalCount']).toBe('1');
    expect(message?.message).toContain(second);
    expect(message?.message).not.toContain(first);
    expect((await overview()).map(({ proposalId, state }) => [proposalId, state])).toEqual([
      [second, undefined],
    ]);
  });

  test('finding a proposal already stored takes two calls to S3', async () => {
    const role = await drifting();
    await role.happens();
    const start = world.proxy.calls.length;
    await role.happens();
    expect(storeCalls(start)).toEqual(['ListObjectsV2', 'HeadObject']);
  });

  test('an event about a resolved finding settles the proposal, in the overview too, and notifies nobody', async () => {
    const role = await drifting();
    await role.happens();
    await world.pump('Notices');
    expect(await world.inbox()).toHaveLength(1);
    await role.happens('RESOLVED');
    const [[id = '', ...said]] = (await role.states()) as [readonly string[]];
    expect(said).toEqual(['resolved', 'the finding is RESOLVED, not ACTIVE']);
    const notices = await world.pump('Notices');
    expect(notices.map(({ failed }) => failed)).toEqual([[]]);
    expect(await world.inbox()).toEqual([]);
    expect((await overview()).map(({ proposalId, state }) => [proposalId, state])).toEqual([
      [id, { name: 'resolved', reason: 'the finding is RESOLVED, not ACTIVE' }],
    ]);
    expect(await world.read('index.html')).toContain('no longer current: the finding is RESOLVED');
  });

  test('a finding that is resolved because the proposal was applied makes it applied', async () => {
    const role = await drifting();
    await role.happens();
    await put(role.name, allow('sqs:SendMessage'));
    await role.happens('RESOLVED');
    expect((await role.states()).map(([, ...said]) => said)).toEqual([
      ['applied', 'inline policy Queue is as it proposes'],
    ]);
  });

  test('a deleted role settles its proposal', async () => {
    const role = await drifting();
    await role.happens();
    await iam.send(new DeleteRolePolicyCommand({ RoleName: role.name, PolicyName: 'Queue' }));
    await iam.send(new DeleteRoleCommand({ RoleName: role.name }));
    await role.happens();
    expect((await role.states()).map(([, ...said]) => said)).toEqual([['resolved', 'the principal is gone']]);
  });

  test('a proposal that is made again is current again, and its state is removed from the overview', async () => {
    const role = await drifting();
    await role.happens();
    await world.pump('Notices');
    await role.happens('ARCHIVED');
    await world.pump('Notices');
    await role.happens();
    await world.pump('Notices');
    expect((await role.states()).map(([, state]) => state)).toEqual(['current']);
    expect((await overview()).map(({ state }) => state)).toEqual([undefined]);
    expect(await world.inbox()).toHaveLength(1);
  });

  test('a worker that dies between the state and the new proposal does both in the end', async () => {
    const role = await drifting();
    await role.happens();
    await put(role.name, allow('sqs:PurgeQueue', 'sns:Publish'));
    let isFirst = true;
    world.proxy.intercept((call) => {
      if (!isFirst || call.operation !== 'PutObject' || call.key?.endsWith('/proposal.json') !== true)
        return Promise.resolve(undefined);
      isFirst = false;
      return world.kill('Refine').then(() => undefined);
    });
    const one = finding({
      id: `finding-${role.name}`,
      resource: role.resource,
      details: [unusedActions('sqs', 'PurgeQueue')],
    });
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    await world.pump('Findings');
    expect(isFirst).toBe(false);
    world.proxy.reset();
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    await world.pump('Findings');
    expect((await role.states()).map(([, state]) => state).sort()).toEqual(['superseded', undefined]);
  });

  /** Stores a catalogue that is the worker's own and knows one more action of SQS, as the refresher does. */
  async function growCatalogue(action: string): Promise<string> {
    const services = [...embeddedCatalogue().services.values()].map(({ name, actions }) => {
      const names = name === 'sqs' ? [...actions, action] : actions;
      return keepService(
        name,
        names.map((one) => ({ name: one, isTracked: true })),
        undefined,
      );
    });
    const version = contentVersion(services, sha256);
    const catalogue = { origin: { source: REFERENCE_SOURCE, version, date: '2026-11-22' }, services };
    const store = new S3CatalogueStore(new S3Objects(world.s3, world.bucket), sha256);
    await store.keep(catalogue);
    expect(await store.replaceLatest(catalogue, await store.latest())).toBe(true);
    // S3 tells times in whole seconds, and what is said within the catalogue's own second is asked once more.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    return version;
  }

  test('new actions under a proposed wildcard are noted once by a sweep, and nobody is notified', async () => {
    const role = await drifting();
    await put(role.name, allow('sqs:Send*', 'sqs:PurgeQueue'));
    await role.happens();
    await world.pump('Notices');
    const version = await growCatalogue('SendMessageToEverybody');
    // A process keeps its catalogue; this one is a new one.
    await world.kill('Refine');
    const sweep = async () => {
      await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
      await world.pump('Findings');
      return role.states();
    };
    const [said, ...others] = await sweep();
    expect(others).toEqual([]);
    const reason = `the catalogue ${REFERENCE_SOURCE} ${version} has further actions that its wildcards match: sqs:SendMessageToEverybody`;
    expect(said?.slice(1)).toEqual(['current', reason]);
    await world.pump('Notices');
    expect(await world.inbox()).toHaveLength(1);
    expect((await overview()).map(({ state, remark }) => [state, remark])).toEqual([[undefined, reason]]);
    expect(await world.read('index.html')).toContain('sqs:SendMessageToEverybody');
    const start = world.proxy.calls.length;
    await sweep();
    // The worker reads the state, and the proposal, because the news may be about an equal one that has expired. What was
    // said of it lately is compared with the overview twice, before the findings are sent and after.
    const about = world.proxy.calls
      .slice(start)
      .filter(({ key }) => key?.includes(`/${role.name}/`) === true);
    expect(about.map(({ operation, key }) => `${operation} ${key?.split('/').at(-1) ?? ''}`).sort()).toEqual([
      'GetObject proposal.json',
      'GetObject proposal.json',
      'GetObject proposal.json',
      'GetObject state.json',
      'GetObject state.json',
      'GetObject state.json',
    ]);
  });

  test('a sweep detects a resolved finding without an event', async () => {
    const one = await drifting();
    await one.happens();
    await world.pump('Notices');
    const details = [unusedActions('sqs', 'PurgeQueue')];
    world.analyzer.put(
      ANALYZER_ARN,
      finding({ id: `finding-${one.name}`, resource: one.resource, details, status: 'RESOLVED' }),
    );
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    await world.pump('Findings');
    expect((await one.states()).map(([, state, reason]) => [state, reason])).toEqual([
      ['resolved', 'the finding is RESOLVED, not ACTIVE'],
    ]);
    await world.pump('Notices');
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    expect(await world.drain(world.queueUrl('Findings'))).toEqual([]);
  });
});
