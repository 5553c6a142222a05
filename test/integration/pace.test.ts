import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient, MEMBER_ACCOUNT } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { throttling } from './harness/faults.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { metric } from './harness/metric.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { delayedMessages, type PumpedBatch } from './harness/pump.ts';
import { World } from './harness/world.ts';

const CALM = ['CalmA', 'CalmB', 'CalmC', 'CalmD', 'CalmE', 'CalmF'];
const THROTTLED = ['BusyA', 'BusyB', 'BusyC', 'BusyD', 'BusyE', 'BusyF'];

describe('of two accounts, one of which IAM throttles,', () => {
  let world: World;
  let busy = true;
  const roles = new Map<string, string>();

  beforeAll(async () => {
    world = await World.open();
    const make = async (iam: IAMClient, names: readonly string[]): Promise<void> => {
      const inline = { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue') };
      for (const name of names) roles.set(name, await createRole(iam, { name, inline }));
    };
    await make(await iamClient(world.endpoint, HOME_ACCOUNT), CALM);
    await make(await iamClient(world.endpoint, MEMBER_ACCOUNT), THROTTLED);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
    busy = true;
    world.proxy.intercept((call) =>
      busy && call.service === 'iam' && call.parameters.get('RoleName')?.startsWith('Busy') === true
        ? { answer: throttling() }
        : undefined,
    );
  });

  function findingOf(name: string) {
    const resource = roles.get(name) ?? '';
    return finding({ id: `finding-${name}`, resource, details: [unusedActions('sqs', 'PurgeQueue')] });
  }

  async function principals(): Promise<string[]> {
    return (await world.proposals()).map((key) => key.split('/')[3] ?? '').sort();
  }

  /** All batches that can be had now; what waits goes on waiting. */
  async function pumpNow(): Promise<PumpedBatch[]> {
    const batches: PumpedBatch[] = [];
    for (;;) {
      const batch = await world.pumpOnce('Findings');
      if (!batch) return batches;
      batches.push(batch);
    }
  }

  test('the other is handled meanwhile, and the throttled one later, without having used up any attempt', async () => {
    for (const name of [...THROTTLED, ...CALM]) world.analyzer.put(ANALYZER_ARN, findingOf(name));
    // Two findings come twice: from an event, which says nothing of groups, and from the sweep, which does.
    for (const name of ['BusyA', 'CalmA']) await world.putEvent(findingEvent(ANALYZER_ARN, findingOf(name)));
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });

    const first = await pumpNow();
    expect(first.flatMap(({ failed }) => failed)).toEqual([]);
    expect(first.flatMap(({ bodies }) => bodies)).toHaveLength(14);
    const groups = first.flatMap(({ messages }) => messages.map(({ Attributes }) => Attributes));
    expect(groups.map((attributes) => attributes?.MessageGroupId ?? 'none').sort()).toEqual([
      ...Array.from({ length: 6 }, () => '123456789012'),
      ...Array.from({ length: 6 }, () => '210987654321'),
      'none',
      'none',
    ]);
    expect(await principals()).toEqual(CALM);
    expect(await delayedMessages(world.sqs, world.queueUrl('Findings'))).toBe(7);
    const { log } = await world.handler('Refine');
    expect(metric(log, 'FindingsDeferred')).toBe(7);
    // Two findings at once were tried until the last of six attempts; no other of the account was.
    const tried = world.proxy.calls.filter(
      (call) => call.operation === 'GetRole' && call.parameters.get('RoleName')?.startsWith('Busy'),
    );
    expect(tried.length).toBeLessThanOrEqual(12);

    busy = false;
    const later = await world.pump('Findings');
    expect(later.flatMap(({ failed }) => failed)).toEqual([]);
    const back = later.flatMap(({ messages }) => messages);
    expect(back).toHaveLength(7);
    for (const { Attributes, MessageAttributes } of back) {
      expect(Attributes).toMatchObject({ ApproximateReceiveCount: '1', MessageGroupId: '210987654321' });
      expect(MessageAttributes).toMatchObject({ deferrals: { DataType: 'Number', StringValue: '1' } });
    }
    expect(await principals()).toEqual([...THROTTLED, ...CALM]);
    expect(await world.deadLetters('FindingsDeadLetters')).toEqual([]);
  });

  test("a burst of one account's events does not delay another's, because it is requeued in the account's group", async () => {
    busy = false;
    // After a dozen of calls one a second, so that the last findings of the burst would wait for their turn.
    world.environment.set('Refine', { ACCOUNT_CALLS_PER_SECOND: '1' });
    for (const name of [...THROTTLED, 'CalmA']) world.analyzer.put(ANALYZER_ARN, findingOf(name));
    for (const name of [...THROTTLED, 'CalmA']) {
      await world.putEvent(findingEvent(ANALYZER_ARN, findingOf(name)));
    }
    const first = await world.pumpOnce('Findings');
    expect(first?.failed).toEqual([]);
    expect(first?.bodies).toHaveLength(7);
    const done = await principals();
    expect(done).toContain('CalmA');
    const later = await world.pump('Findings');
    const back = later.flatMap(({ messages }) => messages);
    expect(back.length).toBeGreaterThan(0);
    expect(back.length + done.length).toBe(7);
    for (const { Attributes, MessageAttributes } of back) {
      expect(Attributes).toMatchObject({ ApproximateReceiveCount: '1', MessageGroupId: '210987654321' });
      expect(MessageAttributes).toMatchObject({ deferrals: { DataType: 'Number', StringValue: '0' } });
    }
    expect(await principals()).toEqual([...THROTTLED, 'CalmA']);
    const { log } = await world.handler('Refine');
    expect(metric(log, 'FindingsDeferred')).toBe(0);
  });
});
