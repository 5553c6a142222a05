import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient, MEMBER_ACCOUNT } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { metric } from './harness/metric.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

describe('member accounts', () => {
  let world: World;
  let home: IAMClient;
  let member: IAMClient;

  beforeAll(async () => {
    world = await World.open();
    home = await iamClient(world.endpoint, HOME_ACCOUNT);
    member = await iamClient(world.endpoint, MEMBER_ACCOUNT);
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
  });

  test('a role of a member account is read through the role of the member stack there', async () => {
    // The same name in both accounts, with other permissions: a mix-up would show.
    await createRole(home, { name: 'Twin', inline: { Home: allow('sns:Publish') } });
    const resource = await createRole(member, {
      name: 'Twin',
      inline: { Member: allow('sqs:SendMessage', 'sqs:PurgeQueue') },
    });
    expect(resource).toBe('arn:aws:iam::210987654321:role/Twin');
    const one = finding({ id: 'finding-twin', resource, details: [unusedActions('sqs', 'PurgeQueue')] });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    await world.pump('Findings');

    const [key] = await world.proposals();
    expect(key).toMatch(/^proposals\/210987654321\/role\/Twin\//);
    const proposal = await world.proposalOf('Twin');
    expect(proposal.policies.map(({ name, removed }) => ({ name, removed }))).toEqual([
      { name: 'Member', removed: ['sqs:PurgeQueue'] },
    ]);
    const assumed = world.proxy.calls.filter((call) => call.operation === 'AssumeRole');
    expect(assumed.map((call) => [call.parameters.get('RoleArn'), call.status])).toEqual([
      ['arn:aws:iam::210987654321:role/UnusedAccessReader', 200],
    ]);
    // IAM was asked with the member's credentials only.
    const functionKeys = new Set(
      world.proxy.calls.filter((call) => call.service === 'sts').map((call) => call.accessKeyId),
    );
    const iamKeys = world.proxy.calls
      .filter((call) => call.service === 'iam')
      .map((call) => call.accessKeyId);
    expect(iamKeys.length).toBeGreaterThan(0);
    expect(iamKeys.filter((accessKey) => functionKeys.has(accessKey))).toEqual([]);
  });

  test('credentials of a member account are assumed once for many findings', async () => {
    for (const name of ['MemberA', 'MemberB', 'MemberC']) {
      const resource = await createRole(member, {
        name,
        inline: { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue') },
      });
      const one = finding({ id: `finding-${name}`, resource, details: [unusedActions('sqs', 'PurgeQueue')] });
      world.analyzer.put(ANALYZER_ARN, one);
      await world.putEvent(findingEvent(ANALYZER_ARN, one));
    }
    await world.pump('Findings');
    expect(await world.proposals()).toHaveLength(3);
    expect(world.proxy.calls.filter((call) => call.operation === 'AssumeRole')).toHaveLength(1);
  });

  test('an account without the member role is reported once, and its findings are left to the next sweep', async () => {
    const stranger = finding({
      id: 'finding-stranger',
      resource: 'arn:aws:iam::333333333333:role/Unreachable',
      details: [unusedActions('sqs', 'PurgeQueue')],
    });
    const another = finding({
      id: 'finding-another-stranger',
      resource: 'arn:aws:iam::333333333333:role/UnreachableToo',
      details: [unusedActions('sqs', 'PurgeQueue')],
    });
    const resource = await createRole(home, {
      name: 'Reachable',
      inline: { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue') },
    });
    const reachable = finding({
      id: 'finding-home',
      resource,
      details: [unusedActions('sqs', 'PurgeQueue')],
    });
    for (const one of [stranger, another, reachable]) {
      world.analyzer.put(ANALYZER_ARN, one);
      await world.putEvent(findingEvent(ANALYZER_ARN, one));
    }
    await world.pump('Findings');
    expect((await world.proposals()).map((key) => key.split('/').slice(0, 4).join('/'))).toEqual([
      'proposals/123456789012/role/Reachable',
    ]);
    expect(await world.deadLetters('FindingsDeadLetters')).toEqual([]);
    const { log } = await world.handler('Refine');
    expect(log.split('"message":"account cannot be reached"')).toHaveLength(2);
    expect(log).toContain('arn:aws:iam::333333333333:role/UnusedAccessReader');
    expect(metric(log, 'AccountsUnreachable')).toBe(1);
    expect(metric(log, 'FindingsUnreachable')).toBe(2);
    expect(metric(log, 'AccessDenied')).toBe(0);
    expect(world.proxy.calls.filter((call) => call.operation === 'AssumeRole')).toHaveLength(1);
  });

  test('a large account without the member role is reported once by its job, and nothing is queued', async () => {
    for (let n = 0; n < 3; n += 1) {
      const resource = `arn:aws:iam::333333333333:role/Unreachable${String(n)}`;
      const details = [unusedActions('sqs', 'PurgeQueue')];
      world.analyzer.put(ANALYZER_ARN, finding({ id: `finding-large-${String(n)}`, resource, details }));
    }
    world.environment.set('Sweep', { BULK_THRESHOLD: '2' });
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    const batches = await world.pump('Accounts');
    expect(batches.map((batch) => batch.failed)).toEqual([[]]);
    const { log } = await world.handler('Account');
    expect(log.split('"message":"account cannot be reached"')).toHaveLength(2);
    expect([metric(log, 'AccountsUnreachable'), metric(log, 'FindingsUnreachable')]).toEqual([1, 3]);
    expect(await world.drain(world.queueUrl('Findings'))).toEqual([]);
    expect(await world.deadLetters('AccountsDeadLetters')).toEqual([]);
  });
});
