import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { crashAt, type CrashPoint } from './harness/faults.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { isWrite } from './harness/wire-calls.ts';
import { World, type HandlerName } from './harness/world.ts';

describe('a process that is killed', () => {
  let world: World;
  let iam: IAMClient;
  let resource: string;

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    resource = await createRole(iam, {
      name: 'Fragile',
      inline: { A: allow('sqs:SendMessage', 'sqs:PurgeQueue'), B: allow('sqs:PurgeQueue', 'sns:Publish') },
    });
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  async function announce(): Promise<void> {
    const one = finding({ id: 'finding-fragile', resource, details: [unusedActions('sqs', 'PurgeQueue')] });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
  }

  /** Before the first write, and after each of them. */
  function crashPoints(writes: number): CrashPoint[] {
    const after = Array.from({ length: writes }, (_, index): CrashPoint => ({
      nth: index + 1,
      when: 'after',
    }));
    return [{ nth: 1, when: 'before' }, ...after];
  }

  function killAt(name: HandlerName, point: CrashPoint): void {
    world.proxy.intercept(crashAt(isWrite, point, () => world.kill(name)));
  }

  async function contents(): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>();
    for (const key of await world.keys('proposals/')) files.set(key, await world.read(key));
    return files;
  }

  test('while refining, between any two writes, leaves nothing half done, and the retry completes it', async () => {
    await announce();
    await world.pump('Findings');
    const whole = await contents();
    const writes = world.proxy.calls.filter(isWrite).length;
    expect(whole.size).toBeGreaterThanOrEqual(6);
    expect(writes).toBe(whole.size);

    for (const point of crashPoints(writes)) {
      await world.reset();
      await announce();
      await world.handler('Refine');
      killAt('Refine', point);
      const crashed = await world.pumpOnce('Findings');
      expect(crashed?.invocation, JSON.stringify(point)).toMatchObject({ kind: 'died', signal: 'SIGKILL' });

      // The commit point is the last write: as long as one is missing, there is no proposal to be seen.
      const left = await contents();
      const committed = [...left.keys()].filter((key) => key.endsWith('/proposal.json'));
      expect(committed, JSON.stringify(point)).toHaveLength(
        point.nth === writes && point.when === 'after' ? 1 : 0,
      );
      if (committed.length === 1) expect(left).toEqual(whole);

      world.proxy.calm();
      const retried = await world.pump('Findings');
      expect(retried.map((batch) => batch.failed)).toEqual([[]]);
      expect(await contents(), JSON.stringify(point)).toEqual(whole);
      await world.pump('Notices');
      expect(await world.inbox(), JSON.stringify(point)).toHaveLength(1);
    }
  });

  test('while notifying, between any two writes, does not prevent people from being notified of that proposal', async () => {
    await announce();
    await world.pump('Findings');
    const quiet = world.proxy.calls.length;
    await world.pump('Notices');
    const written = world.proxy.calls
      .slice(quiet)
      .filter(isWrite)
      .map((call) => call.operation);
    const publish = written.indexOf('Publish') + 1;
    expect(publish).toBeGreaterThan(0);
    expect(written.filter((operation) => operation === 'Publish')).toHaveLength(1);

    for (const point of crashPoints(written.length)) {
      await world.reset();
      await announce();
      await world.pump('Findings');
      await world.handler('Notify');
      killAt('Notify', point);
      const crashed = await world.pumpOnce('Notices');
      expect(crashed?.invocation, JSON.stringify(point)).toMatchObject({ kind: 'died', signal: 'SIGKILL' });
      world.proxy.calm();
      await world.pump('Notices');

      const messages = await world.inbox();
      // Told, then killed before it could say so: told again. In every other case once.
      const twice = point.when === 'after' && point.nth >= publish;
      expect(messages, JSON.stringify(point)).toHaveLength(twice ? 2 : 1);
      for (const message of messages) expect(message.message).toContain(resource);
      expect(await world.deadLetters('NoticesDeadLetters')).toEqual([]);
    }
  });

  test('while sweeping, between any two writes, loses no finding, and a retry makes no second proposal', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `Swept${String(index).padStart(2, '0')}`);
    const findings: ReturnType<typeof finding>[] = [];
    for (const name of names) {
      const arn = await createRole(iam, {
        name,
        inline: { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue') },
      });
      findings.push(
        finding({ id: `finding-${name}`, resource: arn, details: [unusedActions('sqs', 'PurgeQueue')] }),
      );
    }
    const stage = (): void => {
      for (const one of findings) world.analyzer.put(ANALYZER_ARN, one);
      world.analyzer.listPageSize = 5;
    };
    stage();
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    const writes = world.proxy.calls.filter(isWrite).length;
    // When the sweep began, its list, and twice what is sent.
    expect(writes).toBe(4);

    for (const point of crashPoints(writes)) {
      await world.reset();
      stage();
      await world.handler('Sweep');
      killAt('Sweep', point);
      const crashed = await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
      expect(crashed, JSON.stringify(point)).toMatchObject({ kind: 'died', signal: 'SIGKILL' });
      world.proxy.calm();
      // Lambda repeats an asynchronous invocation that failed.
      expect(await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN })).toMatchObject({ kind: 'returned' });
      await world.pump('Findings');
      await world.pump('Notices');
      expect((await world.proposals()).map((key) => key.split('/')[3])).toEqual(names);
      const told = (await world.inbox()).map((message) => Number(message.attributes['proposalCount']));
      expect(
        told.reduce((sum, count) => sum + count, 0),
        JSON.stringify(point),
      ).toBe(12);
    }
  });
});
