import { AccountClient, PutAlternateContactCommand } from '@aws-sdk/client-account';
import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, homeSettings, iamClient } from './harness/accounts.ts';
import { callsTo, failTimes, accessDenied } from './harness/faults.ts';
import { findingEvent } from './harness/events.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

describe('the owner of proposals', () => {
  let world: World;
  let iam: IAMClient;

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    await new AccountClient(homeSettings(world.endpoint)).send(
      new PutAlternateContactCommand({
        AlternateContactType: 'SECURITY',
        EmailAddress: 'security@example.org',
        Name: 'Security',
        PhoneNumber: '+0',
        Title: 'Team',
      }),
    );
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  /** A role with a finding whose proposal is stored, and the notice of which waits in its queue. */
  async function proposed(name: string, tags: Readonly<Record<string, string>> = {}): Promise<void> {
    const inline = { Queue: allow('sqs:SendMessage', 'sqs:PurgeQueue') };
    const resource = await createRole(iam, { name, inline, tags });
    const details = [unusedActions('sqs', 'PurgeQueue')];
    const one = finding({ id: `finding-${name}`, resource, details });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    const batches = await world.pump('Findings');
    expect(batches.map((batch) => batch.failed)).toEqual([[]]);
  }

  const subjects = async () => (await world.inbox()).map(({ subject }) => subject).sort();

  test('is read from the tag, and each owner gets a message with an attribute to filter by', async () => {
    world.environment.set('Refine', { OWNER_TAG: 'Owner' });
    world.environment.set('Notify', {
      OWNER_TAG: 'Owner',
      OWNER_CONTACT: 'security',
      HOME_ACCOUNT_ID: HOME_ACCOUNT,
    });
    await proposed('OwnedOrders', { Owner: 'payments' });
    await proposed('OwnedCarts', { Owner: 'payments' });
    await proposed('OwnedNobodys', { owner: 'another key' });
    const [key = ''] = (await world.proposals()).filter((one) => one.includes('/OwnedOrders/'));
    expect(JSON.parse(await world.read(key))).toMatchObject({ schemaVersion: 1, owner: 'payments' });
    await world.pump('Notices');
    const inbox = (await world.inbox()).sort((a, b) => (a.subject < b.subject ? -1 : 1));
    expect(inbox.map(({ subject, attributes }) => [subject, attributes['owner']])).toEqual([
      ['2 proposals to remove unused access, for 2 principals of payments', 'payments'],
      [
        'Review: OwnedNobodys can lose 1 of 2 permissions (1 of them can change things)',
        'security@example.org',
      ],
    ]);
    expect(JSON.parse(inbox[0]?.message ?? '')).toMatchObject({ owner: 'payments', proposalCount: 2 });
    expect(await world.read('index.html')).toContain('owner security@example.org');
  });

  test('gets only their own message again if it cannot be published', async () => {
    world.environment.set('Refine', { OWNER_TAG: 'Owner' });
    world.environment.set('Notify', { OWNER_TAG: 'Owner' });
    await proposed('AloneOrders', { Owner: 'payments' });
    await proposed('AloneWeb', { Owner: 'web' });
    const toPayments = callsTo('sns', 'Publish');
    world.proxy.intercept(
      failTimes(
        (call) => toPayments(call) && (call.parameters.get('Subject') ?? '').includes('AloneOrders'),
        1,
        accessDenied,
      ),
    );
    await world.pump('Notices');
    expect(await subjects()).toEqual([
      'Review: AloneOrders can lose 1 of 2 permissions (1 of them can change things)',
      'Review: AloneWeb can lose 1 of 2 permissions (1 of them can change things)',
    ]);
  });

  test('gets one overview instead of messages about everything that was stored, if configured', async () => {
    world.environment.set('Refine', { OWNER_TAG: 'Owner' });
    world.environment.set('Notify', { OWNER_TAG: 'Owner', ANNOUNCEMENTS: 'overview' });
    await proposed('FirstOrders', { Owner: 'payments' });
    await proposed('FirstWeb', { Owner: 'web' });
    await world.pump('Notices');
    expect(await subjects()).toEqual([]);
    await world.send('Notices', '{"overview":true}');
    await world.pump('Notices');
    await world.send('Notices', '{"overview":true}');
    await world.pump('Notices');
    const [message, ...more] = await world.inbox();
    expect(more).toEqual([]);
    expect(message?.subject).toBe('Overview: 2 proposals to remove unused access, for 2 principals');
    expect(message?.attributes).toEqual({
      accountIds: `["${HOME_ACCOUNT}"]`,
      kinds: '["refine-permissions"]',
      proposalCount: '2',
      overview: 'true',
    });
    expect(JSON.parse(message?.message ?? '')).toMatchObject({
      type: 'unused-access-overview',
      owners: [{ owner: 'payments' }, { owner: 'web' }],
    });
    await proposed('FirstLater');
    await world.send('Notices', '{"overview":true}');
    await world.pump('Notices');
    await world.send('Notices', '{"overview":true}');
    await world.pump('Notices');
    expect(await subjects()).toEqual(['Overview: 3 proposals to remove unused access, for 3 principals']);
    expect(await world.deadLetters('NoticesDeadLetters')).toEqual([]);
  });
});
