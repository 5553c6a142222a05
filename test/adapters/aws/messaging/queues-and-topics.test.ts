import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { SnsNotifier } from '../../../../lambda/adapters/aws/messaging/topics.ts';
import {
  SqsAccountJobs,
  SqsFindingQueue,
  SqsSweepQueue,
} from '../../../../lambda/adapters/aws/messaging/queues.ts';
import type { SweepPosition } from '../../../../lambda/ports/sweep.ts';
import { readAccountMessage, readSweepMessage } from '../../../../lambda/runtime/messages.ts';
import type { FindingReference } from '../../../../lambda/ports/findings.ts';
import { ANALYZER, rejection, serviceError } from '../support.ts';

const sqsMock = mockClient(SQSClient);
const snsMock = mockClient(SNSClient);
const sqs = new SQSClient({ region: 'eu-west-1' });
const URL_ = 'https://sqs.eu-west-1.amazonaws.com/123456789012/findings';
const pauses: number[] = [];
const queue = new SqsFindingQueue(sqs, URL_, (milliseconds) => {
  pauses.push(milliseconds);
  return Promise.resolve();
});

function references(count: number): FindingReference[] {
  return Array.from({ length: count }, (_, index) => ({
    analyzerArn: ANALYZER,
    findingId: `f-${String(index)}`,
    accountId: '111122223333',
    resource: 'arn:aws:iam::111122223333:role/Orders',
  }));
}

function sentIds(): (string | undefined)[][] {
  return sqsMock.commandCalls(SendMessageBatchCommand).map(({ args }) =>
    (args[0].input.Entries ?? []).map(({ MessageBody }) => {
      const body = JSON.parse(MessageBody ?? '') as { findingId: string };
      return body.findingId;
    }),
  );
}

beforeEach(() => {
  pauses.length = 0;
  sqsMock.reset();
  snsMock.reset();
  sqsMock.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
});

describe('findings', () => {
  test('are sent to the queue ten at a time', async () => {
    await queue.send(references(23));
    expect(sentIds().map(({ length }) => length)).toEqual([10, 10, 3]);
  });

  test('are sent in the format of the contract', async () => {
    await queue.send(references(1));
    expect(sqsMock.commandCalls(SendMessageBatchCommand)[0]?.args[0].input).toEqual({
      QueueUrl: URL_,
      Entries: [
        {
          Id: '0',
          MessageBody: `{"analyzerArn":"${ANALYZER}","findingId":"f-0","accountId":"111122223333","resource":"arn:aws:iam::111122223333:role/Orders"}`,
          MessageGroupId: '111122223333',
        },
      ],
    });
  });

  test('are grouped by their account, so that SQS can be fair to the others', async () => {
    const [one] = references(1);
    await queue.send([one!, { ...one!, accountId: '444455556666' }]);
    const [call] = sqsMock.commandCalls(SendMessageBatchCommand);
    expect(call?.args[0].input.Entries?.map(({ MessageGroupId }) => MessageGroupId)).toEqual([
      '111122223333',
      '444455556666',
    ]);
  });

  test('that the queue did not accept are sent again, and no others', async () => {
    sqsMock
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Successful: [], Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }] })
      .resolves({ Successful: [], Failed: [] });
    await queue.send(references(3));
    expect(sentIds()).toEqual([['f-0', 'f-1', 'f-2'], ['f-1']]);
    expect(pauses).toEqual([200]);
  });

  test('that the queue never accepts are an error to retry', async () => {
    sqsMock
      .on(SendMessageBatchCommand)
      .resolves({ Successful: [], Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] });
    expect(await rejection(queue.send(references(1)))).toMatchObject({ decision: 'retry' });
    expect(sentIds()).toHaveLength(4);
  });

  test('that the queue rejects as invalid are an error at once', async () => {
    sqsMock
      .on(SendMessageBatchCommand)
      .resolves({ Successful: [], Failed: [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }] });
    expect(await rejection(queue.send(references(1)))).toMatchObject({
      decision: 'permanent',
      code: 'invalid',
    });
    expect(sentIds()).toHaveLength(1);
  });
});

describe('the rest of a sweep is one message', () => {
  const listed = { from: 0, to: 1, isWhole: true };
  const sent = async (position: SweepPosition): Promise<string | undefined> => {
    sqsMock.on(SendMessageCommand).resolves({});
    const rest = { analyzerArn: ANALYZER, sweepId: 's-1', restarts: 1, position };
    await new SqsSweepQueue(sqs, URL_).continueLater(rest, 300);
    const { MessageBody: body, DelaySeconds } = sqsMock.commandCalls(SendMessageCommand)[0]!.args[0].input;
    expect(DelaySeconds).toBe(300);
    // What is written is read back as it was.
    expect(readSweepMessage(body ?? '')).toEqual({ ok: true, value: rest });
    return body;
  };

  test('with the page at which to continue', async () => {
    expect(await sent({ phase: 'list', nextToken: 't', listed })).toBe(
      `{"analyzerArn":"${ANALYZER}","sweepId":"s-1","phase":"list","nextToken":"t","restarts":1,"listed":{"from":0,"to":1,"isWhole":true}}`,
    );
  });

  test('with the account at which to continue', async () => {
    expect(await sent({ phase: 'send', offset: 7, listed })).toBe(
      `{"analyzerArn":"${ANALYZER}","sweepId":"s-1","phase":"send","offset":7,"restarts":1,"listed":{"from":0,"to":1,"isWhole":true}}`,
    );
  });
});

test('the job of an account is one message', async () => {
  sqsMock.on(SendMessageCommand).resolves({});
  const job = {
    analyzerArn: ANALYZER,
    sweepId: 's-1',
    accountId: '111122223333',
    next: 250,
    parts: 1,
    shared: 'policy/a',
    deferrals: 2,
  };
  await new SqsAccountJobs(sqs, URL_).send(job, 300);
  const { MessageBody: body, DelaySeconds } = sqsMock.commandCalls(SendMessageCommand)[0]!.args[0].input;
  expect(DelaySeconds).toBe(300);
  expect(body).toBe(
    `{"analyzerArn":"${ANALYZER}","sweepId":"s-1","accountId":"111122223333","next":250,"parts":1,"shared":"policy/a","deferrals":2}`,
  );
  expect(readAccountMessage(body ?? '')).toEqual({ ok: true, value: job });
});

describe('a notice', () => {
  const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:proposals';
  const notifier = new SnsNotifier(new SNSClient({ region: 'eu-west-1' }), TOPIC);
  const notice = {
    subject: '1 proposal',
    text: 'Good news',
    json: '{"proposals":[]}',
    attributes: {
      accountIds: ['111122223333'],
      kinds: ['refine-permissions', 'remove-role'],
      proposalCount: 2,
    },
  };

  test('is one message: text for people, JSON for programs, attributes for filters', async () => {
    snsMock.on(PublishCommand).resolves({ MessageId: 'm' });
    await notifier.publish(notice);
    const calls = snsMock.commandCalls(PublishCommand);
    expect(calls).toHaveLength(1);
    const input = calls[0]!.args[0].input;
    expect(input).toMatchObject({
      TopicArn: TOPIC,
      Subject: '1 proposal',
      MessageStructure: 'json',
      MessageAttributes: {
        accountIds: { DataType: 'String.Array', StringValue: '["111122223333"]' },
        kinds: { DataType: 'String.Array', StringValue: '["refine-permissions","remove-role"]' },
        proposalCount: { DataType: 'Number', StringValue: '2' },
      },
    });
    expect(JSON.parse(input.Message ?? '')).toEqual({
      default: 'Good news',
      sqs: '{"proposals":[]}',
      lambda: '{"proposals":[]}',
      https: '{"proposals":[]}',
    });
  });

  test('to one owner, and an overview, have attributes for filter policies', async () => {
    snsMock.on(PublishCommand).resolves({ MessageId: 'm' });
    await notifier.publish(notice);
    await notifier.publish({ ...notice, attributes: { ...notice.attributes, owner: 'payments' } });
    await notifier.publish({ ...notice, attributes: { ...notice.attributes, overview: true } });
    const attributes = snsMock
      .commandCalls(PublishCommand)
      .map(({ args }) => args[0].input.MessageAttributes ?? {});
    expect(attributes.map(Object.keys)).toEqual([
      ['accountIds', 'kinds', 'proposalCount'],
      ['accountIds', 'kinds', 'proposalCount', 'owner'],
      ['accountIds', 'kinds', 'proposalCount', 'overview'],
    ]);
    expect(attributes[1]?.['owner']).toEqual({ DataType: 'String', StringValue: 'payments' });
    expect(attributes[2]?.['overview']).toEqual({ DataType: 'String', StringValue: 'true' });
  });

  test('that is too long for SNS is refused with its size', async () => {
    const error = await rejection(notifier.publish({ ...notice, text: 'x'.repeat(262_144) }));
    expect(error).toMatchObject({ decision: 'permanent', code: 'invalid' });
    expect(error.message).toMatch(/the message has 262\d{3} bytes, SNS takes 262144/);
    expect(snsMock.calls()).toHaveLength(0);
  });

  test('that the topic throttles is retried', async () => {
    snsMock.on(PublishCommand).rejects(serviceError('ThrottledException', 429));
    expect(await rejection(notifier.publish(notice))).toMatchObject({ decision: 'retry', code: 'throttled' });
  });
});
