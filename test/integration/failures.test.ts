import type { IAMClient } from '@aws-sdk/client-iam';
import { DeleteRoleCommand, DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import {
  accessDenied,
  callsTo,
  failTimes,
  serviceUnavailable,
  slowDown,
  throttling,
} from './harness/faults.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { metric } from './harness/metric.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

describe('when something fails', () => {
  let world: World;
  let iam: IAMClient;
  const roles = new Map<string, string>();

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    for (const name of ['StormA', 'StormB', 'StormC', 'StormD']) {
      roles.set(
        name,
        await createRole(iam, { name, inline: { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue') } }),
      );
    }
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  async function announce(name: string, resource = roles.get(name) ?? ''): Promise<void> {
    const one = finding({ id: `finding-${name}`, resource, details: [unusedActions('sqs', 'PurgeQueue')] });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
  }

  async function principals(): Promise<string[]> {
    return (await world.proposals()).map((key) => key.split('/')[3] ?? '');
  }

  test('a throttling storm of IAM and Access Analyzer delays proposals and loses none', async () => {
    for (const name of roles.keys()) await announce(name);
    world.analyzer.storm('GetFindingV2', 'throttle', 5);
    world.proxy.intercept(failTimes(callsTo('iam'), 12, throttling));
    await world.pump('Findings');
    expect(await principals()).toEqual(['StormA', 'StormB', 'StormC', 'StormD']);
    expect(await world.deadLetters('FindingsDeadLetters')).toEqual([]);
    expect(world.analyzer.calls.filter((call) => call.status === 429)).toHaveLength(5);
    expect(world.proxy.calls.filter((call) => call.service === 'iam' && call.status === 400)).toHaveLength(
      12,
    );
  });

  test('server errors of every service are retried', async () => {
    await announce('StormA');
    world.analyzer.storm('*', 'unavailable', 2);
    world.proxy.intercept(failTimes(callsTo('iam', 'GetRolePolicy'), 2, serviceUnavailable));
    world.proxy.intercept(failTimes(callsTo('s3', 'PutObject'), 2, slowDown));
    await world.pump('Findings');
    expect(await principals()).toEqual(['StormA']);
    world.proxy.intercept(failTimes(callsTo('sns', 'Publish'), 2, serviceUnavailable));
    await world.pump('Notices');
    expect(await world.inbox()).toHaveLength(1);
    expect(await world.deadLetters('NoticesDeadLetters')).toEqual([]);
  });

  test("a storm that outlasts the retries of one attempt is handled by the queue's retries", async () => {
    await announce('StormA');
    // More refusals than a client makes attempts: the message fails, comes again and succeeds.
    world.analyzer.storm('GetFindingV2', 'throttle', 7);
    const batches = await world.pump('Findings');
    expect(batches.length).toBeGreaterThan(1);
    expect(batches[0]?.failed).toHaveLength(1);
    expect(batches.at(-1)?.failed).toEqual([]);
    expect(await principals()).toEqual(['StormA']);
  });

  test('a poison message goes to the dead-letter queue while the rest of its batch succeeds', async () => {
    await announce('StormA');
    await world.send('Findings', '{"not": "a finding"}');
    await world.send('Findings', 'not even JSON');
    await announce('StormB');
    const first = await world.pumpOnce('Findings');
    expect(first?.bodies).toHaveLength(4);
    expect([...(first?.failed ?? [])].sort()).toEqual(['not even JSON', '{"not": "a finding"}']);
    expect(await principals()).toEqual(['StormA', 'StormB']);
    await world.pump('Findings');
    expect((await world.deadLetters('FindingsDeadLetters')).sort()).toEqual([
      'not even JSON',
      '{"not": "a finding"}',
    ]);
    expect(await world.drain(world.queueUrl('Findings'))).toEqual([]);
  });

  test('a poison notice goes to the dead-letter queue while people are notified of the others', async () => {
    await announce('StormA');
    await world.pump('Findings');
    await world.send('Notices', 'not an event');
    await world.pump('Notices');
    expect(await world.inbox()).toHaveLength(1);
    expect(await world.deadLetters('NoticesDeadLetters')).toEqual(['not an event']);
  });

  test('a principal that no longer exists is not a failure', async () => {
    const resource = await createRole(iam, { name: 'Gone', inline: { Own: allow('sqs:PurgeQueue') } });
    await announce('Gone', resource);
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'Gone', PolicyName: 'Own' }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'Gone' }));
    const batches = await world.pump('Findings');
    expect(batches.map((batch) => batch.failed)).toEqual([[]]);
    expect(await world.keys()).toEqual([]);
    expect(await world.deadLetters('FindingsDeadLetters')).toEqual([]);
  });

  test('a finding that is gone is not a failure, but is requested again while its event is recent', async () => {
    await announce('StormA');
    world.analyzer.remove(ANALYZER_ARN, 'finding-StormA');
    expect((await world.pumpOnce('Findings'))?.failed).toHaveLength(1);
    expect(await world.keys()).toEqual([]);
    await world.reset();
    // As a sweep sends it.
    const resource = roles.get('StormA') ?? '';
    const accountId = resource.split(':')[4];
    const message = { analyzerArn: ANALYZER_ARN, findingId: 'finding-StormA', accountId, resource };
    await world.send('Findings', JSON.stringify(message));
    const batches = await world.pump('Findings');
    expect(batches.map((batch) => batch.failed)).toEqual([[]]);
    expect(await world.keys()).toEqual([]);
  });

  test('denied access is counted, stops only its own finding and ends in the dead-letter queue', async () => {
    await announce('StormA');
    await announce('StormB');
    const denied = (call: Parameters<ReturnType<typeof callsTo>>[0]) =>
      call.operation === 'GetRole' && call.parameters.get('RoleName') === 'StormA';
    world.proxy.intercept((call) => (denied(call) ? { answer: accessDenied(call) } : undefined));
    await world.pump('Findings');
    expect(await principals()).toEqual(['StormB']);
    const dead = await world.deadLetters('FindingsDeadLetters');
    expect(dead).toHaveLength(1);
    expect(dead[0]).toContain('finding-StormA');
    const { log } = await world.handler('Refine');
    expect(metric(log, 'AccessDenied')).toBe(5);
    expect(metric(log, 'VerificationFailures')).toBe(0);
    expect(log).not.toContain('sqs:PurgeQueue');
  });

  test('an analyzer that denies access fails the sweep', async () => {
    world.analyzer.storm('ListFindingsV2', 'deny', 1);
    const refused = await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    expect(refused.kind).toBe('threw');
    expect((await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN })).kind).toBe('returned');
  });
});
