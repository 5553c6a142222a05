import {
  AddUserToGroupCommand,
  PutRolePermissionsBoundaryCommand,
  TagPolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient, MEMBER_ACCOUNT } from './harness/accounts.ts';
import { PROJECT_ROOT } from './harness/cdk.ts';
import { finding, unusedActions, unusedService } from './harness/findings.ts';
import { allow, createGroup, createManagedPolicy, createRole, createUser } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

/** What is read of a message about proposals. */
interface Told {
  readonly proposalCount: number;
}

function kindsIn(attribute: string | undefined): readonly string[] {
  return JSON.parse(attribute ?? '[]') as readonly string[];
}

const ROLES = 220;
const USERS = 30;
const PRINCIPALS = ROLES + USERS;

describe('an account with 250 findings, and one with three', () => {
  let world: World;
  let home: IAMClient;
  let member: IAMClient;
  const resources: string[] = [];
  const few: string[] = [];

  beforeAll(async () => {
    world = await World.open();
    home = await iamClient(world.endpoint, HOME_ACCOUNT);
    member = await iamClient(world.endpoint, MEMBER_ACCOUNT);
    await populate();
    for (const name of ['FewA', 'FewB', 'FewC']) {
      few.push(await createRole(home, { name, inline: { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue') } }));
    }
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  /** Active findings about these, and the messages that would be sent about each. */
  function find(about: readonly string[]): readonly string[] {
    const details = [
      unusedActions('sqs', 'PurgeQueue'),
      unusedActions('s3', 'GetBucketPolicy'),
      unusedService('sns'),
    ];
    return about.map((resource) => {
      const id = `bulk-${resource.slice(resource.lastIndexOf('/') + 1)}`;
      world.analyzer.put(ANALYZER_ARN, finding({ id, resource, details }));
      return JSON.stringify({
        analyzerArn: ANALYZER_ARN,
        findingId: id,
        accountId: MEMBER_ACCOUNT,
        resource,
      });
    });
  }

  /** Every fifth principal: enough for a job, and of each kind some. */
  const some = () => resources.filter((_, n) => n % 5 === 0 || n === 3);
  const SOME = 51;

  /** Whatever makes one way of reading differ from the other: sharing, groups, boundaries, tags, odd documents. */
  async function populate(): Promise<void> {
    const shared = await createManagedPolicy(member, 'Shared', allow('kms:Decrypt', 'sqs:*'));
    const own = await createManagedPolicy(member, 'OnlyOne', allow('s3:Get*', 'sns:Publish'));
    const boundary = await createManagedPolicy(member, 'Boundary', allow('s3:Get*', 'sqs:*'));
    for (const PolicyArn of [shared, own]) {
      const Tags = [
        { Key: 'team', Value: 'orders' },
        { Key: 'cost centre', Value: '42' },
      ];
      await member.send(new TagPolicyCommand({ PolicyArn, Tags }));
    }
    await createGroup(member, {
      name: 'Developers',
      inline: { InGroup: allow('sns:*') },
      managed: [shared, 'arn:aws:iam::aws:policy/AmazonSQSFullAccess'],
    });
    await createGroup(member, { name: 'Empty' });
    const unicode =
      '{"Version":"2012-10-17","Statement":{"Sid":"Übergröße100%","Effect":"Allow","Action":["s3:Get*","sns:TagResource"],"Resource":"arn:aws:s3:::a%20b+c/*"}}';
    for (let n = 0; n < ROLES; n += 1) {
      resources.push(
        await createRole(member, {
          name: `Bulk${String(n).padStart(3, '0')}`,
          path: n % 5 === 0 ? '/team/orders/' : '/',
          inline:
            n % 7 === 0
              ? { Text: unicode, Own: allow('sqs:PurgeQueue') }
              : { Own: allow('s3:Get*', 'sns:*') },
          managed: [
            ...(n % 2 === 0 ? [shared] : []),
            ...(n === 3 ? [own] : []),
            ...(n % 10 === 0 ? ['arn:aws:iam::aws:policy/AmazonSQSFullAccess'] : []),
          ],
          tags: n % 3 === 0 ? { owner: 'a', 'aws-like': 'b' } : {},
        }),
      );
    }
    await member.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: 'Bulk005', PermissionsBoundary: boundary }),
    );
    for (let n = 0; n < USERS; n += 1) {
      const name = `Person${String(n).padStart(2, '0')}`;
      resources.push(await createUser(member, { name, inline: { Own: allow('sqs:*', 'sns:Publish') } }));
      if (n % 2 === 0)
        await member.send(new AddUserToGroupCommand({ GroupName: 'Developers', UserName: name }));
      if (n % 3 === 0) await member.send(new AddUserToGroupCommand({ GroupName: 'Empty', UserName: name }));
    }
  }

  async function sweep(): Promise<void> {
    expect(await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN })).toMatchObject({ kind: 'returned' });
  }

  /** What lies under the proposals of the large account, by key. */
  async function stored(): Promise<ReadonlyMap<string, string>> {
    const files = new Map<string, string>();
    for (const key of await world.keys(`proposals/${MEMBER_ACCOUNT}/`)) files.set(key, await world.read(key));
    return files;
  }

  const iamCalls = () => world.proxy.calls.filter((call) => call.service === 'iam');
  const reads = () => iamCalls().filter((call) => call.operation === 'GetAccountAuthorizationDetails');

  test('the large one is read as a whole, the small one one by one, and everything is stored', async () => {
    find([...resources, ...few]);
    await sweep();
    expect(await world.keys('sweeps/')).toEqual([
      expect.stringMatching(/^sweeps\/[\w-]+\/accounts\/210987654321\.jsonl$/),
      expect.stringMatching(/^sweeps\/[\w-]+\/begun\.json$/),
      expect.stringMatching(/^sweeps\/[\w-]+\/listed\/0\.jsonl$/),
    ]);
    const batches = await world.pump('Accounts');
    expect(batches.flatMap((batch) => batch.failed)).toEqual([]);
    const calls = iamCalls();
    expect(reads().length).toBeGreaterThan(1);
    expect(calls.length / PRINCIPALS).toBeLessThanOrEqual(0.1);
    const account = await world.handler('Account');
    await world.pump('Findings');
    const proposals = await world.proposals();
    expect(proposals.filter((key) => key.startsWith('proposals/210987654321/'))).toHaveLength(PRINCIPALS);
    expect(proposals.filter((key) => key.startsWith('proposals/123456789012/'))).toHaveLength(3);
    // What they share: the policy of 110 roles and a group, and the two groups of which one has no policies.
    const shared = (await world.keys('shared/')).filter((key) => key.endsWith('/proposal.json'));
    expect(shared).toEqual([
      expect.stringMatching(/^shared\/210987654321\/group\/Developers\/[0-9a-f]{32}\/proposal\.json$/),
      expect.stringMatching(/^shared\/210987654321\/policy\/Shared\/[0-9a-f]{32}\/proposal\.json$/),
    ]);
    expect(JSON.parse(await world.read(shared[1]!))).toMatchObject({
      kind: 'refine-shared-policy',
      holders: { principals: 125 },
      advice: { better: 'shared' },
    });
    await world.pump('Notices');
    const inbox = await world.inbox();
    const told = inbox.map(({ message }) => JSON.parse(message) as Told);
    // One message names the riskiest and counts the others; its attributes cover all of them.
    expect([...new Set(inbox.flatMap(({ attributes }) => kindsIn(attributes['kinds'])))].sort()).toEqual([
      'refine-group',
      'refine-permissions',
      'refine-shared-policy',
    ]);
    expect(told.reduce((sum, { proposalCount }) => sum + proposalCount, 0)).toBe(PRINCIPALS + 3 + 2);
    const overview = await world.read('index.html');
    expect(overview).toContain('Shared policies and groups');
    expect(overview).toContain(`prefix=${shared[1]!.replace('proposal.json', 'report.html')}`);
    const figures = {
      principals: PRINCIPALS,
      iamCallsPerPrincipal: Number((calls.length / PRINCIPALS).toFixed(3)),
      processorMillisPerPrincipal: Math.round((account.cpuSeconds * 1000) / PRINCIPALS),
      residentMebibytes: Math.round(Math.max(...account.memory) / 2 ** 20),
    };
    const folder = join(PROJECT_ROOT, 'build', 'figures');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'bulk.json'), `${JSON.stringify(figures, null, 2)}\n`);
    console.log(JSON.stringify(figures));
  });

  test('both ways store the same files, byte for byte', async () => {
    find(some());
    await sweep();
    await world.pump('Accounts');
    const inBulk = await stored();
    expect(iamCalls().some((call) => call.operation === 'GetRole')).toBe(false);
    await world.reset();
    for (const message of find(some())) await world.send('Findings', message);
    await world.pump('Findings');
    expect(reads()).toEqual([]);
    const oneByOne = await stored();
    expect([...inBulk.keys()].sort()).toEqual([...oneByOne.keys()].sort());
    expect(oneByOne.size).toBeGreaterThan(SOME * 5);
    for (const [key, text] of oneByOne) expect([key, inBulk.get(key)]).toEqual([key, text]);
    // What is easiest to lose is there: the tags of a policy of which a copy is made.
    expect([...oneByOne.values()].some((text) => text.includes('cost centre'))).toBe(true);
  });

  test('a job that is killed midway continues from what it stored, and reads nothing from IAM twice', async () => {
    find(some());
    await sweep();
    let proposals = 0;
    world.proxy.intercept((call) => {
      if (call.operation !== 'PutObject' || call.key?.endsWith('/proposal.json') !== true) return undefined;
      proposals += 1;
      return proposals === 30 ? { drop: () => world.kill('Account') } : undefined;
    });
    await world.pumpOnce('Accounts');
    const pages = reads().length;
    expect(pages).toBeGreaterThan(1);
    expect(await world.proposals()).not.toHaveLength(SOME);
    world.proxy.calm();
    await world.pump('Accounts');
    expect(reads()).toHaveLength(pages);
    const made = (await world.proposals()).filter((key) => key.startsWith(`proposals/${MEMBER_ACCOUNT}/`));
    expect(made).toHaveLength(SOME);
    expect(await world.deadLetters('AccountsDeadLetters')).toEqual([]);
  });

  test('a job that runs out of time continues at its next finding in a later slice', async () => {
    find(some());
    await sweep();
    const [body] = await world.drain(world.queueUrl('Accounts'));
    expect(JSON.parse(body!)).toMatchObject({ accountId: MEMBER_ACCOUNT, next: 0, parts: 0 });
    const event = { Records: [{ messageId: 'm', body }] };
    await world.invoke('Account', event, 20_000);
    // A page was read, then the time was short; what is left is a message.
    expect(reads()).toHaveLength(1);
    await world.pump('Accounts');
    const made = (await world.proposals()).filter((key) => key.startsWith(`proposals/${MEMBER_ACCOUNT}/`));
    expect(made).toHaveLength(SOME);
    expect(reads().map((call) => call.parameters.get('Marker') ?? '')).toEqual(['', '100', '200']);
  });

  test('findings that fail within a job go to the findings queue, and the job completes', async () => {
    find(some());
    await sweep();
    world.analyzer.storm('GetFindingV2', 'deny', 3);
    const [batch] = await world.pump('Accounts');
    expect(batch?.failed).toEqual([]);
    const queued = await world.drain(world.queueUrl('Findings'));
    expect(queued.filter((one) => one.includes(MEMBER_ACCOUNT))).toHaveLength(3);
    expect((await world.handler('Account')).log).toContain('"message":"account is completed"');
  });

  test('an account that may not be read as a whole is handled finding by finding', async () => {
    find([...some(), ...few]);
    await sweep();
    world.proxy.intercept((call) =>
      call.operation === 'GetAccountAuthorizationDetails'
        ? { answer: { status: 403, contentType: 'text/xml', body: DENIED } }
        : undefined,
    );
    const [batch] = await world.pump('Accounts');
    expect(batch?.failed).toEqual([]);
    await world.pump('Findings');
    expect(await world.proposals()).toHaveLength(SOME + 3);
  });
});

const DENIED =
  '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error><RequestId>r</RequestId></ErrorResponse>';
