import type { IAMClient } from '@aws-sdk/client-iam';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { PROJECT_ROOT } from './harness/cdk.ts';
import { finding, unusedActions, unusedService } from './harness/findings.ts';
import { allow, createManagedPolicy, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

const ROLES = 300;

describe('a sweep of 300 findings', () => {
  let world: World;
  let iam: IAMClient;
  const resources: string[] = [];

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    const shared = await createManagedPolicy(iam, 'SweepShared', allow('kms:Decrypt', 'sqs:PurgeQueue'));
    for (let n = 0; n < ROLES; n += 1) {
      resources.push(
        await createRole(iam, {
          name: `Sweep${String(n).padStart(3, '0')}`,
          inline: { Own: allow('s3:Get*', 'sqs:SendMessage', `sns:TagResource`) },
          managed: [shared, 'arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess'],
        }),
      );
    }
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
    // One by one: what is read as a whole has tests of its own.
    world.environment.set('Sweep', { BULK_THRESHOLD: '1000' });
    for (const [n, resource] of resources.entries()) {
      const details = [
        unusedActions('sqs', 'PurgeQueue'),
        unusedActions('s3', 'GetBucketPolicy'),
        unusedService('sns'),
      ];
      world.analyzer.put(ANALYZER_ARN, finding({ id: `finding-${String(n)}`, resource, details }));
    }
    // Noise that a sweep must leave out.
    world.analyzer.put(
      ANALYZER_ARN,
      finding({
        id: 'archived',
        resource: resources[0]!,
        details: [unusedService('sns')],
        status: 'ARCHIVED',
      }),
    );
  });

  test('turns all pages into proposals and messages, with one worker in constant memory', async () => {
    world.analyzer.listPageSize = 70;
    const worker = await world.handler('Refine');
    const started = performance.now();
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    const batches = await world.pump('Findings');
    const stored = world.proxy.calls.findLast((call) => call.key?.endsWith('/proposal.json') === true);
    const seconds = ((stored?.at ?? Infinity) - started) / 1000;

    expect(world.analyzer.calls.filter((call) => call.operation === 'ListFindingsV2')).toHaveLength(5);
    expect(batches.flatMap((batch) => batch.failed)).toEqual([]);
    const proposals = await world.proposals();
    expect(new Set(proposals.map((key) => key.split('/')[3])).size).toBe(ROLES);
    expect(proposals).toHaveLength(ROLES);
    expect((await world.handler('Refine')) === worker).toBe(true);

    await world.pump('Notices');
    const told = (await world.inbox()).map((message) => Number(message.attributes['proposalCount']));
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(ROLES);
    // The batch of one window holds up to 1,000 notices: a burst is one message.
    expect(told).toHaveLength(1);

    const mebibytes = worker.memory.map((bytes) => bytes / 2 ** 20);
    const early = Math.max(...mebibytes.slice(0, 5));
    const late = Math.max(...mebibytes.slice(-5));
    const iamCalls = world.proxy.calls.filter((call) => call.service === 'iam').length;
    const figures = {
      node: process.env['NODE24'] === undefined ? process.version : 'NODE24',
      findings: ROLES,
      secondsFromSweepToStoredProposals: Number(seconds.toFixed(1)),
      workerProcessorSeconds: Number(worker.cpuSeconds.toFixed(1)),
      loadAverageOfTheMachine: Number((loadavg()[0] ?? 0).toFixed(1)),
      batches: batches.length,
      iamCallsPerFinding: Number((iamCalls / ROLES).toFixed(2)),
      initMillis: Math.round(worker.initMillis),
      residentMebibytesFirstFiveBatches: Math.round(early),
      residentMebibytesLastFiveBatches: Math.round(late),
    };
    const folder = join(PROJECT_ROOT, 'build', 'figures');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'sweep.json'), `${JSON.stringify(figures, null, 2)}\n`);
    console.log(JSON.stringify(figures));
    expect(late / early).toBeLessThan(1.5);
  });

  test('continues where it stopped if it runs out of time', async () => {
    world.analyzer.listPageSize = 50;
    const short = 20_000;
    expect(await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN }, short)).toMatchObject({
      kind: 'returned',
    });
    expect(world.analyzer.calls.filter((call) => call.operation === 'ListFindingsV2')).toHaveLength(1);
    const batches = await world.pump('Sweep');
    expect(batches.flatMap((batch) => batch.failed)).toEqual([]);
    // Six pages, none of them twice.
    expect(world.analyzer.calls.filter((call) => call.operation === 'ListFindingsV2')).toHaveLength(6);
    const queued = (await world.drain(world.queueUrl('Findings'))).map((body) => {
      const message: unknown = JSON.parse(body);
      return typeof message === 'object' && message && 'findingId' in message ? message.findingId : undefined;
    });
    expect(new Set(queued).size).toBe(ROLES);
    expect(queued).toHaveLength(ROLES);
  });

  test('queues messages in the format of the contract', async () => {
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    const [first] = await world.drain(world.queueUrl('Findings'));
    expect(JSON.parse(first!)).toEqual({
      analyzerArn: ANALYZER_ARN,
      findingId: 'finding-0',
      accountId: '123456789012',
      resource: 'arn:aws:iam::123456789012:role/Sweep000',
      // What the overview shows as resting on it: nothing yet.
      shown: [],
    });
  });
});
