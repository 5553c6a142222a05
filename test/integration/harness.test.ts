import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import {
  HOME_ACCOUNT,
  HOME_CREDENTIALS,
  homeSettings,
  iamClient,
  MEMBER_ACCOUNT,
  s3Client,
  sqsClient,
} from './harness/accounts.ts';
import type { DeployedFunction, QueueMapping } from './harness/deployment.ts';
import { callsTo, crashAt, failTimes, throttling } from './harness/faults.ts';
import { HandlerProcess, type Invocation } from './harness/handler-process.ts';
import { createRole } from './harness/iam-fixtures.ts';
import { startProxy, type Proxy } from './harness/proxy.ts';
import { pumpAll, pumpOnce } from './harness/pump.ts';
import { isWrite } from './harness/wire-calls.ts';

const endpoint = `http://localhost:${String(inject('shared').motoPort)}`;

describe('the deployed bundles', () => {
  test('contain the X-Ray SDK and not the package whose hooks follow every promise', async () => {
    const { functions } = inject('shared').deployment;
    expect(functions.length).toBeGreaterThanOrEqual(5);
    for (const { folder } of functions) {
      const text = await readFile(join(folder, 'index.mjs'), 'utf8');
      expect(text).toContain('AWS_XRAY_DAEMON_ADDRESS');
      expect(text).not.toContain('cls@contexts');
    }
  });
});

describe('the emulator', () => {
  test('refuses a second conditional write of the same key', async () => {
    const s3 = s3Client(endpoint);
    await s3.send(new CreateBucketCommand({ Bucket: 'conditional' }));
    const write = () =>
      s3.send(new PutObjectCommand({ Bucket: 'conditional', Key: 'k', Body: '1', IfNoneMatch: '*' }));
    await write();
    await expect(write()).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  test('keeps accounts apart', async () => {
    await createRole(await iamClient(endpoint, MEMBER_ACCOUNT), { name: 'OnlyInMember' });
    const home = await iamClient(endpoint, HOME_ACCOUNT);
    await expect(home.send(new GetRoleCommand({ RoleName: 'OnlyInMember' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });
});

describe('the proxy', () => {
  let proxy: Proxy;
  let s3: S3Client;

  beforeAll(async () => {
    proxy = await startProxy(inject('shared').motoPort);
    s3 = new S3Client({ ...homeSettings(proxy.endpoint), maxAttempts: 1 });
    await s3Client(endpoint).send(new CreateBucketCommand({ Bucket: 'proxied' }));
  });
  afterAll(() => proxy.stop());
  beforeEach(() => {
    proxy.reset();
  });

  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'proxied', Key, Body: 'x' }));
  const exists = async (Key: string): Promise<boolean> => {
    try {
      await s3Client(endpoint).send(new HeadObjectCommand({ Bucket: 'proxied', Key }));
      return true;
    } catch {
      return false;
    }
  };

  test('names calls of every protocol', async () => {
    await put('a b/c');
    await new IAMClient(homeSettings(proxy.endpoint))
      .send(new GetRoleCommand({ RoleName: 'none' }))
      .catch(() => undefined);
    await sqsClient(proxy.endpoint).send(new CreateQueueCommand({ QueueName: 'named' }));
    expect(
      proxy.calls.map(({ service, operation, status, key }) => [service, operation, status, key]),
    ).toEqual([
      ['s3', 'PutObject', 200, 'a b/c'],
      ['iam', 'GetRole', 404, undefined],
      ['sqs', 'CreateQueue', 200, undefined],
    ]);
    expect(proxy.calls.map(isWrite)).toEqual([true, false, false]);
    expect(proxy.calls[1]?.parameters.get('RoleName')).toBe('none');
  });

  test('a call that is dropped at a crash never reaches the emulator', async () => {
    proxy.intercept(crashAt(isWrite, { nth: 2, when: 'before' }, () => undefined));
    await put('drop-1');
    await expect(put('drop-2')).rejects.toThrow();
    expect([await exists('drop-1'), await exists('drop-2')]).toEqual([true, false]);
  });

  test('a call after which the process dies took effect', async () => {
    let killed = 0;
    proxy.intercept(
      crashAt(isWrite, { nth: 1, when: 'after' }, () => {
        killed += 1;
      }),
    );
    await put('after-1');
    await put('after-2');
    expect(killed).toBe(1);
    expect([await exists('after-1'), await exists('after-2')]).toEqual([true, true]);
  });

  test('a fault ends after the given number of calls', async () => {
    proxy.intercept(failTimes(callsTo('iam'), 2, throttling));
    const iam = new IAMClient({ ...homeSettings(proxy.endpoint), maxAttempts: 1 });
    const names: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      await iam.send(new GetRoleCommand({ RoleName: 'none' })).catch((error: unknown) => {
        names.push(error instanceof Error ? error.name : '');
      });
    }
    expect(names).toEqual(['Throttling', 'Throttling', 'NoSuchEntityException']);
  });
});

describe('a handler in a separate process', () => {
  let folder: string;
  let handler: HandlerProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'handler-'));
    const source = `export const handler = async (event, context) => {
      if (event.fail) throw new RangeError('as asked');
      if (event.hang) return new Promise(() => setInterval(() => {}, 1000));
      return { names: Object.keys(process.env).sort(), id: context.awsRequestId, left: context.getRemainingTimeInMillis() };
    };`;
    await writeFile(join(folder, 'index.mjs'), source);
    handler = await HandlerProcess.start(
      deployed(folder),
      { aws: endpoint, accessAnalyzer: endpoint },
      HOME_CREDENTIALS,
    );
  });
  afterAll(async () => {
    await handler.kill();
    await rm(folder, { recursive: true });
  });

  test("has the environment of the function and nothing of the test's", async () => {
    const { value } = (await handler.invoke({})) as Extract<Invocation, { kind: 'returned' }>;
    const { names } = value as { names: string[] };
    expect(names).toContain('ONE_OF_OURS');
    expect(names).toContain('AWS_LAMBDA_FUNCTION_NAME');
    expect(names).not.toContain('HOME');
    expect(names.filter((name) => /^(VITEST|INTEGRATION)/.test(name))).toEqual([]);
  });

  test('answers with what was thrown, and continues', async () => {
    expect(await handler.invoke({ fail: true })).toEqual({
      kind: 'threw',
      name: 'RangeError',
      message: 'as asked',
    });
    expect(await handler.invoke({})).toMatchObject({ kind: 'returned' });
  });

  test('dies when it is killed in the middle of an event', async () => {
    const hanging = handler.invoke({ hang: true });
    await handler.kill();
    expect(await hanging).toEqual({ kind: 'died', code: null, signal: 'SIGKILL' });
    expect(handler.alive).toBe(false);
  });
});

describe('the pump', () => {
  let sqs: SQSClient;
  let count = 0;

  beforeAll(() => {
    sqs = sqsClient(endpoint);
  });

  async function queue(...bodies: readonly string[]): Promise<{ mapping: QueueMapping; dead: string }> {
    count += 1;
    const create = async (
      name: string,
      Attributes: Record<string, string> = {},
    ): Promise<[string, string]> => {
      const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      const { Attributes: read } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
      );
      return [QueueUrl, read?.['QueueArn'] ?? ''];
    };
    const [dead, deadLetterTargetArn] = await create(`pump-${String(count)}-dead`);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 });
    const [queueUrl, queueArn] = await create(`pump-${String(count)}`, { RedrivePolicy });
    for (const MessageBody of bodies)
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));
    const mapping = {
      queueUrl,
      queueArn,
      functionName: 'f',
      batchSize: 25,
      window: 0,
      reportsItemFailures: true,
    };
    return { mapping, dead };
  }

  const size = async (QueueUrl: string): Promise<string | undefined> => {
    const AttributeNames = ['ApproximateNumberOfMessages'] as const;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return Attributes?.['ApproximateNumberOfMessages'];
  };

  function records(
    event: unknown,
  ): { messageId: string; body: string; attributes: Record<string, string> }[] {
    return (event as { Records: { messageId: string; body: string; attributes: Record<string, string> }[] })
      .Records;
  }

  test('collects a batch over several receives, and deletes what succeeded', async () => {
    const { mapping, dead } = await queue(...Array.from({ length: 27 }, (_, index) => String(index)));
    const sizes: number[] = [];
    await pumpAll(sqs, mapping, (event) => {
      sizes.push(records(event).length);
      return Promise.resolve({ kind: 'returned', value: { batchItemFailures: [] } });
    });
    expect(sizes).toEqual([25, 2]);
    expect([await size(mapping.queueUrl), await size(dead)]).toEqual(['0', '0']);
  });

  test('leaves failures in the queue, which counts their receives and moves them to the dead-letter queue', async () => {
    const { mapping, dead } = await queue('good', 'bad');
    const seen: string[] = [];
    await pumpAll(sqs, mapping, (event) => {
      const bad = records(event).filter((record) => record.body === 'bad');
      seen.push(...bad.map((record) => record.attributes['ApproximateReceiveCount'] ?? ''));
      return Promise.resolve({
        kind: 'returned',
        value: { batchItemFailures: bad.map((record) => ({ itemIdentifier: record.messageId })) },
      });
    });
    expect(seen).toEqual(['1', '2', '3']);
    expect([await size(mapping.queueUrl), await size(dead)]).toEqual(['0', '1']);
  });

  test.each<[string, Invocation]>([
    ['threw', { kind: 'threw', name: 'Error', message: '' }],
    ['died', { kind: 'died', signal: 'SIGKILL', code: null }],
    [
      'named a message that it did not get',
      { kind: 'returned', value: { batchItemFailures: [{ itemIdentifier: 'x' }] } },
    ],
    ['answered nonsense', { kind: 'returned', value: { batchItemFailures: 'all' } }],
  ])('counts the whole batch as failed if the function %s', async (_name, invocation) => {
    const { mapping } = await queue('one', 'two');
    const batch = await pumpOnce(sqs, mapping, () => Promise.resolve(invocation));
    expect(batch?.failed).toEqual(['one', 'two']);
    expect(await size(mapping.queueUrl)).toBe('2');
  });

  test('adds the account that the emulator leaves out of events', async () => {
    const { mapping } = await queue('{"detail-type":"Object Created","source":"aws.s3"}');
    const bodies: unknown[] = [];
    await pumpOnce(sqs, mapping, (event) => {
      bodies.push(...records(event).map((record) => JSON.parse(record.body)));
      return Promise.resolve({ kind: 'returned', value: null });
    });
    expect(bodies).toEqual([
      { account: '123456789012', region: 'us-east-1', 'detail-type': 'Object Created', source: 'aws.s3' },
    ]);
  });
});

function deployed(folder: string): DeployedFunction {
  return {
    logicalId: 'Trial',
    name: 'trial',
    arn: 'arn:aws:lambda:us-east-1:123456789012:function:trial',
    role: 'arn:aws:iam::123456789012:role/trial',
    folder,
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    timeout: 30,
    memory: 512,
    environment: { ONE_OF_OURS: 'yes' },
  };
}
