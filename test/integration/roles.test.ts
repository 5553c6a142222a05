import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, homeSettings, iamClient, MEMBER_ACCOUNT, REGION } from './harness/accounts.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createRole } from './harness/iam-fixtures.ts';
import { refusal, statementsOf, type AccessRequest } from './harness/iam/evaluate.ts';
import { takeRefusedCalls } from './harness/iam/gatekeeper.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World, type HandlerName } from './harness/world.ts';

/*
 * What holds for all integration tests, that a call which the synthesised policies do not allow fails the test, is tried out
 * here: policies are broken one by one, and each break is found by the call that misses it.
 */

describe('the roles of the functions', () => {
  let world: World;
  const resources: string[] = [];

  beforeAll(async () => {
    world = await World.open();
    const clients: readonly (readonly [IAMClient, string])[] = [
      [await iamClient(world.endpoint, HOME_ACCOUNT), 'JudgedHome'],
      [await iamClient(world.endpoint, MEMBER_ACCOUNT), 'JudgedMember'],
    ];
    for (const [iam, name] of clients) {
      resources.push(
        await createRole(iam, { name, inline: { Own: allow('sqs:SendMessage', 'sqs:PurgeQueue') } }),
      );
    }
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  /** Takes an action from a function's role, or from the role in the member account. */
  function take(name: HandlerName | 'Member', action: string): void {
    const role = name === 'Member' ? `:${MEMBER_ACCOUNT}:role/` : world.deployed(name).role;
    world.alterPolicies = (arn, statement) => {
      if (!arn.includes(role)) return statement;
      const Action = statement.Action.filter((one) => one !== action);
      return Action.length === 0 ? undefined : { ...statement, Action };
    };
  }

  function announce(): readonly string[] {
    return resources.map((resource, index) => {
      const findingId = `judged-${String(index)}`;
      world.analyzer.put(
        ANALYZER_ARN,
        finding({ id: findingId, resource, details: [unusedActions('sqs', 'PurgeQueue')] }),
      );
      const accountId = resource.split(':')[4] ?? '';
      return JSON.stringify({ analyzerArn: ANALYZER_ARN, findingId, accountId, resource });
    });
  }

  /** Each function once, in the order of a sweep. */
  const flows: Readonly<Record<HandlerName, () => Promise<unknown>>> = {
    Refine: async () => {
      for (const message of announce()) await world.send('Findings', message);
      await world.pumpOnce('Findings');
    },
    Account: async () => {
      world.environment.set('Sweep', { BULK_THRESHOLD: '1' });
      announce();
      await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
      await world.pumpOnce('Accounts');
      await world.pumpOnce('Accounts');
    },
    Sweep: async () => {
      announce();
      await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    },
    Notify: async () => {
      for (const message of announce()) await world.send('Findings', message);
      await world.pump('Findings');
      await world.pumpOnce('Notices');
    },
    Catalogue: () => world.invoke('Catalogue', {}),
  };

  test('suffice for everything that the functions do', async () => {
    for (const flow of [flows.Account, flows.Notify]) await flow();
    expect(takeRefusedCalls()).toEqual([]);
    expect(await world.proposals()).toHaveLength(2);
  });

  test.each<[HandlerName | 'Member', string, HandlerName, string]>([
    ['Refine', 's3:ListBucket', 'Refine', 'arn:aws:s3:::'],
    ['Refine', 's3:PutObject', 'Refine', 'arn:aws:s3:::'],
    ['Refine', 'kms:GenerateDataKey', 'Refine', `arn:aws:kms:${REGION}:${HOME_ACCOUNT}:key/`],
    ['Refine', 'iam:GetRolePolicy', 'Refine', `arn:aws:iam::${HOME_ACCOUNT}:role/JudgedHome`],
    ['Refine', 'access-analyzer:GetFinding', 'Refine', ANALYZER_ARN],
    ['Refine', 'sts:AssumeRole', 'Refine', `arn:aws:iam::${MEMBER_ACCOUNT}:role/UnusedAccessReader`],
    ['Member', 'iam:GetRole', 'Refine', `arn:aws:iam::${MEMBER_ACCOUNT}:role/JudgedMember`],
    ['Member', 'iam:GetAccountAuthorizationDetails', 'Account', '*'],
    ['Account', 's3:ListBucket', 'Account', 'arn:aws:s3:::'],
    ['Sweep', 's3:ListBucket', 'Sweep', 'arn:aws:s3:::'],
    ['Sweep', 'access-analyzer:ListFindings', 'Sweep', ANALYZER_ARN],
    ['Sweep', 'sqs:SendMessage', 'Sweep', `arn:aws:sqs:${REGION}:${HOME_ACCOUNT}:`],
    ['Notify', 'sns:Publish', 'Notify', `arn:aws:sns:${REGION}:${HOME_ACCOUNT}:`],
    ['Notify', 'kms:Decrypt', 'Notify', `arn:aws:kms:${REGION}:${HOME_ACCOUNT}:key/`],
  ])('without the %s role’s %s, the flow of %s fails', async (name, action, flow, resource) => {
    take(name, action);
    await flows[flow]();
    const refused = takeRefusedCalls();
    expect(refused.length).toBeGreaterThan(0);
    for (const line of refused) {
      expect(line).toContain(` may not ${action} on ${resource}`);
      expect(line).toMatch(name === 'Member' ? /:role\/UnusedAccessReader may/ : /:123456789012:role\//);
    }
  });

  test('are checked for every call: an unknown call fails the test', async () => {
    const { main, member } = await world.policies('Refine');
    const role = world.deployed('Refine').role;
    world.gatekeeper.admit('AKIAUNKNOWN000000000', role, { main, member });
    const parameters = new Map<string, string>();
    const call = { accessKeyId: 'AKIAUNKNOWN000000000', parameters, key: undefined };
    expect(world.gatekeeper.judge({ ...call, service: 'ec2', operation: 'RunInstances' })?.status).toBe(403);
    expect(world.gatekeeper.judge({ ...call, service: 's3', operation: 'PUT bucket' })?.status).toBe(403);
    expect(takeRefusedCalls()).toEqual([
      `${role}: it is not known what authorises ec2:RunInstances`,
      `${role}: it is not known what authorises s3:PUT bucket`,
    ]);
  });

  test('do not override the policy of the bucket', async () => {
    const intruder = `arn:aws:iam::${HOME_ACCOUNT}:role/Administrator`;
    const { main, member } = await world.policies('Refine');
    const anything = statementsOf({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } });
    const roles = new Map([[intruder, anything]]);
    world.gatekeeper.admit('AKIAINTRUDER00000000', intruder, { main: { ...main, roles }, member });
    const settings = homeSettings(world.proxy.endpoint);
    const s3 = new S3Client({
      ...settings,
      credentials: { ...settings.credentials, accessKeyId: 'AKIAINTRUDER00000000' },
      forcePathStyle: true,
      maxAttempts: 1,
    });
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: world.bucket, Key, Body: 'x' }));
    await expect(put('proposals/forged/proposal.json')).rejects.toThrow('Access Denied');
    expect(takeRefusedCalls()).toEqual([
      `${intruder} may not s3:PutObject on arn:aws:s3:::${world.bucket}/proposals/forged/proposal.json: denied by the statement OnlyTheWorkersWriteProposals`,
    ]);
    await put('elsewhere');
    expect(takeRefusedCalls()).toEqual([]);
  });

  test('suffice for what Lambda does with them', async () => {
    const { main } = await world.policies('Refine');
    for (const { role, name } of world.deployment.functions) {
      const may = (action: string, resource: string, context: AccessRequest['context'] = new Map()) => {
        const identity = main.roles.get(role) ?? [];
        const request = { action, resource, context };
        expect([
          name,
          action,
          refusal(request, { principal: role, identity, resource: [], needsBoth: false }),
        ]).toEqual([name, action, undefined]);
      };
      const group = Object.entries(world.deployment.physical).find(
        ([id]) =>
          world.deployment.template.Resources[id]?.Type === 'AWS::Logs::LogGroup' &&
          logsOf(name).includes(id),
      )?.[1];
      const stream = `arn:aws:logs:${REGION}:${HOME_ACCOUNT}:log-group:${String(group)}:log-stream:2026/11/01/[$LATEST]0`;
      may('logs:CreateLogStream', stream);
      may('logs:PutLogEvents', stream);
      may('xray:PutTraceSegments', '*');
      may('xray:PutTelemetryRecords', '*');
      for (const { queueArn } of world.deployment.mappings.filter(
        ({ functionName }) => functionName === name,
      )) {
        may('sqs:ReceiveMessage', queueArn);
        may('sqs:DeleteMessage', queueArn);
        may('sqs:GetQueueAttributes', queueArn);
        const through = new Map([['kms:viaservice', [`sqs.${REGION}.amazonaws.com`]]]);
        may('kms:Decrypt', main.keys.get(queueArn) ?? 'no key', through);
      }
    }
  });

  /** The function's own resource as the template has it, where its log group is named. */
  function logsOf(functionName: string): string {
    const { logicalId } = world.deployment.functions.find(({ name }) => name === functionName) ?? {};
    return JSON.stringify(world.deployment.template.Resources[logicalId ?? '']?.Properties['LoggingConfig']);
  }
});
