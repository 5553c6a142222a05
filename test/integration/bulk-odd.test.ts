import {
  CreatePolicyVersionCommand,
  PutRolePermissionsBoundaryCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WireFinding } from './harness/access-analyzer-wire.ts';
import { iamClient, MEMBER_ACCOUNT } from './harness/accounts.ts';
import { throttling } from './harness/faults.ts';
import { finding, unusedActions, unusedService } from './harness/findings.ts';
import { allow, createGroup, createManagedPolicy, createRole, createUser } from './harness/iam-fixtures.ts';
import { metric } from './harness/metric.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { type HandlerName, World } from './harness/world.ts';

/** A member that is there twice: IAM's own reader takes the last of the two, so nobody should rely on either. */
const AMBIGUOUS =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Action":"sqs:*","Resource":"*"}}';
const EVERYTHING_BUT = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', NotAction: ['iam:*', 's3:Delete*'], Resource: '*' },
    { Effect: 'Deny', Action: 'sqs:PurgeQueue', Resource: '*' },
  ],
};

/** What a worker counts of the findings that it was given. */
const COUNTED = [
  'ProposalsStored',
  'ProposalsExisting',
  'PrincipalsUnchanged',
  'FindingsSkipped',
  'FindingsGone',
  'FindingsFailed',
  'PoliciesRefused',
] as const;

describe('an account with findings and policies of every kind', () => {
  let world: World;
  let iam: IAMClient;
  const findings: WireFinding[] = [];

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, MEMBER_ACCOUNT);
    await populate();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    await world.reset();
    for (const name of ['Refine', 'Account'] as const) world.environment.set(name, { OWNER_TAG: 'Owner' });
    world.environment.set('Sweep', { BULK_THRESHOLD: '2' });
    for (const one of findings) world.analyzer.put(ANALYZER_ARN, one);
  });

  function unused(resource: string): void {
    const id = `odd-${resource.slice(resource.lastIndexOf('/') + 1)}`;
    const details = [unusedActions('sqs', 'PurgeQueue', 'DeleteQueue'), unusedService('sns')];
    findings.push(finding({ id, resource, details }));
  }

  async function populate(): Promise<void> {
    const own = allow('sqs:*', 'sns:Publish');
    const ambiguous = await createManagedPolicy(iam, 'Ambiguous', AMBIGUOUS);
    const versions = await createManagedPolicy(iam, 'Versions', allow('sqs:SendMessage'));
    for (const [document, SetAsDefault] of [
      [allow('sqs:*', 'sns:*'), true],
      [allow('*'), false],
    ] as const) {
      await iam.send(
        new CreatePolicyVersionCommand({
          PolicyArn: versions,
          PolicyDocument: JSON.stringify(document),
          SetAsDefault,
        }),
      );
    }
    await createGroup(iam, {
      name: 'OddGroup',
      inline: { Ambiguous: AMBIGUOUS, Tools: allow('sns:*', 'sqs:*') },
      managed: [versions, 'arn:aws:iam::aws:policy/AmazonSQSFullAccess'],
    });
    const Owner = 'payments';
    unused(await createRole(iam, { name: 'OddInline', inline: { Ambiguous: AMBIGUOUS, Own: own } }));
    unused(await createRole(iam, { name: 'OddManaged', inline: { Own: own }, managed: [ambiguous] }));
    unused(await createRole(iam, { name: 'OddOnly', inline: { Ambiguous: AMBIGUOUS } }));
    unused(await createRole(iam, { name: 'OddVersions', managed: [versions], tags: { Owner } }));
    unused(await createRole(iam, { name: 'OddBut', inline: { But: JSON.stringify(EVERYTHING_BUT) } }));
    unused(await createRole(iam, { name: 'OddNothing', inline: { Own: allow('s3:GetObject') } }));
    unused(await createRole(iam, { name: 'OddBare' }));
    unused(await createRole(iam, { name: 'OddLeftAlone', path: '/break-glass/', inline: { Own: own } }));
    unused(`arn:aws:iam::${MEMBER_ACCOUNT}:role/OddGone`);
    const user = await createUser(iam, { name: 'OddUser', groups: ['OddGroup'], tags: { Owner } });
    await iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: 'OddInline', PermissionsBoundary: versions }),
    );
    unused(user);
    const idle = await createRole(iam, { name: 'OddIdle', inline: { Own: own }, tags: { Owner } });
    findings.push(
      finding({
        id: 'odd-idle',
        resource: idle,
        findingType: 'UnusedIAMRole',
        details: [{ unusedIamRoleDetails: { lastAccessed: '2026-01-02T03:04:05Z' } }],
      }),
      finding({
        id: 'odd-keys',
        resource: user,
        findingType: 'UnusedIAMUserAccessKey',
        details: ['AKIAIOSFODNN7EXAMPLE', 'AKIAI44QH8DHBEXAMPLE'].map((accessKeyId) => ({
          unusedIamUserAccessKeyDetails: { accessKeyId },
        })),
      }),
      finding({
        id: 'odd-password',
        resource: user,
        findingType: 'UnusedIAMUserPassword',
        details: [{ unusedIamUserPasswordDetails: {} }],
      }),
    );
  }

  async function stored(): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>();
    for (const key of await world.keys(`proposals/`)) files.set(key, await world.read(key));
    return files;
  }

  async function counts(name: HandlerName): Promise<Readonly<Record<string, number>>> {
    const { log } = await world.handler(name);
    return Object.fromEntries(COUNTED.map((counted) => [counted, metric(log, counted) ?? 0]));
  }

  test('has the same files and counts with both ways of reading', async () => {
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    await world.pump('Accounts');
    const inBulk = { files: await stored(), counts: await counts('Account') };
    await world.reset();
    world.environment.set('Refine', { OWNER_TAG: 'Owner' });
    for (const one of findings) {
      world.analyzer.put(ANALYZER_ARN, one);
      const { id: findingId, resource } = one;
      const message = { analyzerArn: ANALYZER_ARN, findingId, accountId: MEMBER_ACCOUNT, resource };
      await world.send('Findings', JSON.stringify(message));
    }
    await world.pump('Findings');
    const oneByOne = { files: await stored(), counts: await counts('Refine') };
    expect([...inBulk.files.keys()].sort()).toEqual([...oneByOne.files.keys()].sort());
    for (const [key, text] of oneByOne.files) expect([key, inBulk.files.get(key)]).toEqual([key, text]);
    // Four about permissions, one role, two access keys, a password.
    const counted = {
      ProposalsStored: 8,
      ProposalsExisting: 0,
      PrincipalsUnchanged: 4,
      FindingsSkipped: 1,
      FindingsGone: 1,
      FindingsFailed: 0,
    };
    expect(oneByOne.counts).toEqual({ ...counted, PoliciesRefused: 3 });
    // What the account shares is looked at besides, and the group has a policy that nobody can read.
    expect(inBulk.counts).toEqual({ ...counted, PoliciesRefused: 4 });
    expect([...oneByOne.files.values()].some((text) => text.includes('"owner": "payments"'))).toBe(true);
  });

  test('is not read at all if it is excluded, and nothing of it is stored', async () => {
    const exclude = { names: [], paths: [], tags: [], accounts: [MEMBER_ACCOUNT] };
    world.environment.set('Account', { EXCLUDE_PRINCIPALS: JSON.stringify(exclude) });
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    const [batch] = await world.pump('Accounts');
    expect(batch?.failed).toEqual([]);
    expect(world.proxy.calls.filter(({ service }) => service === 'iam' || service === 'sts')).toEqual([]);
    expect(await world.keys('proposals/')).toEqual([]);
    expect(await world.keys('shared/')).toEqual([]);
    const { log } = await world.handler('Account');
    expect(metric(log, 'FindingsSkipped')).toBe(findings.length);
    expect(metric(log, 'AccountsHandedOver')).toBe(0);
    expect(metric(log, 'AccessDenied')).toBe(0);
  });

  test('is deferred without using up an attempt if it is throttled from the first page on', async () => {
    world.proxy.intercept((call) =>
      call.operation === 'GetAccountAuthorizationDetails' ? { answer: throttling() } : undefined,
    );
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    const batch = await world.pumpOnce('Accounts');
    expect(batch?.failed).toEqual([]);
    expect(await world.deadLetters('AccountsDeadLetters')).toEqual([]);
    const { log } = await world.handler('Account');
    expect(log).toContain('"message":"account goes on later"');
    expect(metric(log, 'Throttled')).toBe(1);
    expect(metric(log, 'FindingsFailed')).toBe(0);
  });
});
