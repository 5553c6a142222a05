import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { finding, unusedActions, unusedService } from './harness/findings.ts';
import { allow, createGroup, createManagedPolicy, createRole, createUser } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

describe('from an event to a message', () => {
  let world: World;
  let iam: IAMClient;
  let readOnlyRole: string;

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    const kms = await createManagedPolicy(iam, 'Keys', allow('kms:Decrypt', 'kms:Encrypt'));
    readOnlyRole = await createRole(iam, {
      name: 'Orders',
      path: '/shop/',
      inline: { Queue: allow('sqs:SendMessage', 'sqs:PurgeQueue', 's3:ListAllMyBuckets') },
      managed: [kms],
    });
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  const orders = () =>
    finding({
      id: 'finding-orders',
      resource: readOnlyRole,
      details: [unusedActions('sqs', 'PurgeQueue'), unusedService('kms')],
    });

  test('an event becomes one complete proposal and one message', async () => {
    world.analyzer.put(ANALYZER_ARN, orders());
    await world.putEvent(findingEvent(ANALYZER_ARN, orders()));
    await world.pump('Findings');

    const [key, ...others] = await world.proposals();
    expect(others).toEqual([]);
    expect(key).toMatch(/^proposals\/123456789012\/role\/Orders\/[0-9a-f]{32}\/proposal\.json$/);
    const folder = key!.slice(0, -'proposal.json'.length);
    expect((await world.keys(folder)).map((name) => name.slice(folder.length))).toEqual(
      expect.arrayContaining([
        'policies/0-Queue.after.json',
        'policies/0-Queue.before.json',
        'proposal.json',
        'report.html',
      ]),
    );

    const proposal = await world.proposalOf('Orders');
    expect(proposal.kind).toBe('refine-permissions');
    expect(folder).toContain(proposal.proposalId);
    expect(proposal.principal).toEqual({
      arn: 'arn:aws:iam::123456789012:role/shop/Orders',
      type: 'role',
      name: 'Orders',
      path: '/shop/',
      accountId: '123456789012',
    });
    expect(proposal.verification?.verdict).toBe('exact');
    expect(proposal.policies.map(({ source, name, removed }) => ({ source, name, removed }))).toEqual([
      { source: 'role-inline', name: 'Queue', removed: ['sqs:PurgeQueue'] },
      { source: 'customer-managed', name: 'Keys', removed: ['kms:Decrypt', 'kms:Encrypt'] },
    ]);
    expect(proposal.policies[0]?.after.map((one) => one.document)).toEqual([
      {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['sqs:SendMessage', 's3:ListAllMyBuckets'], Resource: '*' }],
      },
    ]);
    expect(proposal.policies[1]).toMatchObject({ disposition: 'remove', after: [] });

    const notices = await world.pump('Notices');
    expect(notices.flatMap((batch) => batch.failed)).toEqual([]);
    const [message, ...more] = await world.inbox();
    expect(more).toEqual([]);
    expect(message?.subject.length).toBeLessThan(100);
    expect(JSON.parse(message!.attributes['accountIds']!)).toEqual(['123456789012']);
    expect(JSON.parse(message!.attributes['kinds']!)).toEqual(['refine-permissions']);
    expect(message!.attributes['proposalCount']).toBe('1');
    // This subscriber is a queue, so it gets the facts as JSON.
    expect(JSON.parse(message!.message)).toBeTypeOf('object');
    expect(message!.message).toContain('arn:aws:iam::123456789012:role/shop/Orders');
    expect(message!.message).toContain(folder);
  });

  test('the same finding twice is one object and one notice', async () => {
    world.analyzer.put(ANALYZER_ARN, orders());
    await world.putEvent(findingEvent(ANALYZER_ARN, orders()));
    await world.putEvent(findingEvent(ANALYZER_ARN, orders()));
    await world.pump('Findings');
    await world.pump('Notices');
    const first = await world.proposals();
    // And again by another process, which remembers nothing.
    await world.stopHandlers();
    await world.putEvent(findingEvent(ANALYZER_ARN, orders()));
    await world.pump('Findings');
    await world.pump('Notices');
    expect(await world.proposals()).toEqual(first);
    expect(first).toHaveLength(1);
    expect(await world.inbox()).toHaveLength(1);
  });

  test('two workers that store the same proposal at the same moment make one object and one notice', async () => {
    world.analyzer.put(ANALYZER_ARN, orders());
    const workers = [await world.start('Refine'), await world.start('Refine')];
    try {
      // Neither may commit before both are about to: whatever each has looked up before, the store has to decide.
      // Then one after the other, as S3 judges conditions: moto looks and writes in two steps that may interleave.
      const atCommit = new Set<() => void>();
      let turn = Promise.resolve();
      world.proxy.intercept(async (call) => {
        if (call.operation !== 'PutObject' || call.key?.endsWith('/proposal.json') !== true) return undefined;
        await new Promise<void>((resolve) => {
          atCommit.add(resolve);
          if (atCommit.size >= workers.length) for (const proceed of atCommit) proceed();
        });
        const mine = turn;
        let done: () => void = () => undefined;
        turn = new Promise((resolve) => {
          done = resolve;
        });
        await mine;
        return { after: done };
      });
      const { id: findingId, resource } = orders();
      const body = JSON.stringify({
        analyzerArn: ANALYZER_ARN,
        findingId,
        accountId: HOME_ACCOUNT,
        resource,
      });
      const answers = await Promise.all(
        workers.map((worker) => worker.invoke({ Records: [{ messageId: 'm', body }] })),
      );
      await world.tellBus();
      for (const answer of answers)
        expect(answer).toEqual({ kind: 'returned', value: { batchItemFailures: [] } });
      expect(atCommit.size).toBeGreaterThanOrEqual(2);
    } finally {
      for (const worker of workers) await worker.kill();
    }
    expect(await world.proposals()).toHaveLength(1);
    await world.pump('Notices');
    const told = (await world.inbox()).map((message) => message.attributes['proposalCount']);
    expect(told).toEqual(['1']);
    const commits = world.proxy.calls.filter(
      (call) => call.key?.endsWith('/proposal.json') && call.operation === 'PutObject',
    );
    const statuses = commits.map((call) => call.status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses).toContain(412);
  });

  test('a new finding id with the same outcome is not announced twice', async () => {
    for (const id of ['before-the-fix', 'after-the-fix']) {
      world.analyzer.put(ANALYZER_ARN, { ...orders(), id });
      await world.putEvent(findingEvent(ANALYZER_ARN, { ...orders(), id }));
      await world.pump('Findings');
      await world.pump('Notices');
    }
    expect(await world.proposals()).toHaveLength(1);
    expect(await world.inbox()).toHaveLength(1);
  });

  test('resolved, archived and deleted findings reach the queue, and those of other analyzers do not', async () => {
    await world.putEvent(findingEvent(ANALYZER_ARN, { ...orders(), status: 'RESOLVED' }));
    await world.putEvent(findingEvent(ANALYZER_ARN, { ...orders(), status: 'ARCHIVED' }));
    await world.putEvent(findingEvent(ANALYZER_ARN, orders(), { isDeleted: true }));
    expect(await world.drain(world.queueUrl('Findings'))).toHaveLength(3);
    await world.putEvent(findingEvent(`${ANALYZER_ARN}-other`, orders()));
    expect(await world.drain(world.queueUrl('Findings'))).toEqual([]);
    await world.putEvent(findingEvent(ANALYZER_ARN, orders()));
    expect(await world.drain(world.queueUrl('Findings'))).toHaveLength(1);
  });

  test('a finding that was archived after its event leads to neither a proposal nor a failure', async () => {
    world.analyzer.put(ANALYZER_ARN, { ...orders(), status: 'ARCHIVED' });
    await world.putEvent(findingEvent(ANALYZER_ARN, orders()));
    const batches = await world.pump('Findings');
    expect(batches.map((batch) => batch.failed)).toEqual([[]]);
    expect(await world.keys()).toEqual([]);
  });

  test('a finding with many pages is read completely', async () => {
    const actions = [
      'sqs:SendMessage',
      'sqs:ReceiveMessage',
      'sns:Publish',
      'kms:Sign',
      's3:ListAllMyBuckets',
    ];
    const resource = await createRole(iam, { name: 'Pages', inline: { All: allow(...actions) } });
    const details = [unusedActions('sqs', 'ReceiveMessage'), unusedService('sns'), unusedService('kms')];
    const wide = finding({ id: 'finding-pages', resource, details });
    world.analyzer.detailPageSize = 1;
    world.analyzer.put(ANALYZER_ARN, wide);
    await world.putEvent(findingEvent(ANALYZER_ARN, wide));
    await world.pump('Findings');
    const proposal = await world.proposalOf('Pages');
    expect(proposal.policies[0]?.removed).toEqual(['kms:Sign', 'sns:Publish', 'sqs:ReceiveMessage']);
    expect(world.analyzer.calls).toHaveLength(3);
  });

  test("a user's proposal keeps what comes through a group, and says so", async () => {
    await createGroup(iam, {
      name: 'Developers',
      inline: { Shared: allow('sqs:PurgeQueue', 'sqs:ListQueues') },
    });
    const resource = await createUser(iam, {
      name: 'ann',
      inline: { Own: allow('sqs:PurgeQueue', 'sqs:SendMessage') },
      managed: ['arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess'],
      groups: ['Developers'],
    });
    const details = [unusedActions('sqs', 'PurgeQueue'), unusedService('sns')];
    const user = finding({ id: 'finding-ann', resource, details });
    world.analyzer.put(ANALYZER_ARN, user);
    await world.putEvent(findingEvent(ANALYZER_ARN, user));
    await world.pump('Findings');
    const proposal = await world.proposalOf('ann');
    expect(proposal.principal.type).toBe('user');
    const dispositions = proposal.policies.map(({ source, name, disposition }) => [
      source,
      name,
      disposition,
    ]);
    expect(dispositions).toContainEqual(['user-inline', 'Own', 'update']);
    expect(dispositions).toContainEqual(['aws-managed', 'AmazonSNSReadOnlyAccess', 'replace']);
    expect(dispositions).toContainEqual(['group-inline', 'Shared', 'inherited']);
    expect(proposal.residue.map(({ action, through }) => [action, through])).toEqual([
      ['sqs:PurgeQueue', expect.stringContaining('Developers')],
    ]);
  });

  test('a policy that others have too is not changed, and a copy is proposed', async () => {
    const shared = await createManagedPolicy(iam, 'Both', allow('sqs:SendMessage', 'sqs:PurgeQueue'));
    const resource = await createRole(iam, { name: 'One', managed: [shared] });
    await createRole(iam, { name: 'Other', managed: [shared] });
    const one = finding({ id: 'finding-one', resource, details: [unusedActions('sqs', 'PurgeQueue')] });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    await world.pump('Findings');
    expect((await world.proposalOf('One')).policies[0]).toMatchObject({
      source: 'customer-managed',
      name: 'Both',
      disposition: 'replace',
    });
  });

  test('unused roles, access keys and passwords get proposals of their own', async () => {
    const role = await createRole(iam, { name: 'Idle', inline: { Own: allow('sqs:SendMessage') } });
    const user = await createUser(iam, { name: 'bob' });
    const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
    const findings = [
      finding({
        id: 'f-role',
        resource: role,
        findingType: 'UnusedIAMRole',
        details: [{ unusedIamRoleDetails: {} }],
      }),
      finding({
        id: 'f-key',
        resource: user,
        findingType: 'UnusedIAMUserAccessKey',
        details: [{ unusedIamUserAccessKeyDetails: { accessKeyId, lastAccessed: '2026-01-02T03:04:05Z' } }],
      }),
      finding({
        id: 'f-password',
        resource: user,
        findingType: 'UnusedIAMUserPassword',
        details: [{ unusedIamUserPasswordDetails: {} }],
      }),
    ];
    for (const one of findings) {
      world.analyzer.put(ANALYZER_ARN, one);
      await world.putEvent(findingEvent(ANALYZER_ARN, one));
    }
    await world.pump('Findings');
    const kinds: string[] = [];
    for (const key of await world.proposals()) {
      const proposal: unknown = JSON.parse(await world.read(key));
      if (typeof proposal === 'object' && proposal && 'kind' in proposal) kinds.push(String(proposal.kind));
    }
    expect(kinds.sort()).toEqual(['remove-access-key', 'remove-password', 'remove-role']);
    // All of one window are one message.
    await world.pump('Notices');
    const messages = await world.inbox();
    expect(messages.map((message) => message.attributes['proposalCount'])).toEqual(['3']);
  });

  test('a principal under an excluded path gets no proposal', async () => {
    const resource = await createRole(iam, {
      name: 'Emergency',
      path: '/break-glass/',
      inline: { All: allow('sqs:SendMessage', 'sqs:PurgeQueue') },
    });
    const one = finding({ id: 'finding-excluded', resource, details: [unusedActions('sqs', 'PurgeQueue')] });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    const batches = await world.pump('Findings');
    expect(batches.flatMap((batch) => batch.failed)).toEqual([]);
    expect(await world.keys()).toEqual([]);
  });
});
