import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { SqsDeferredMessages } from '../../../../lambda/adapters/aws/messaging/queues.ts';
import { rejection, serviceError } from '../support.ts';

const sqs = mockClient(SQSClient);
const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/findings';
const waiting = new SqsDeferredMessages(new SQSClient({ region: 'eu-west-1' }), QUEUE);
const MESSAGE = { body: '{"detail-type":"…"}', accountId: '111122223333', deferrals: 3 };

beforeEach(() => {
  sqs.reset();
});

test('a deferred message has the same body, a delay, the group of its account, and its count as an attribute', async () => {
  sqs.on(SendMessageCommand).resolves({});
  await waiting.sendLater(MESSAGE, 62);
  expect(sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input)).toEqual([
    {
      QueueUrl: QUEUE,
      MessageBody: '{"detail-type":"…"}',
      MessageGroupId: '111122223333',
      DelaySeconds: 62,
      MessageAttributes: { deferrals: { DataType: 'Number', StringValue: '3' } },
    },
  ]);
});

test('a message that the queue did not accept is an error, so that the original stays', async () => {
  sqs.on(SendMessageCommand).rejects(serviceError('AccessDenied', 403));
  expect(await rejection(waiting.sendLater(MESSAGE, 62))).toMatchObject({
    code: 'access-denied',
    message: `cannot defer a finding of account 111122223333 in ${QUEUE}: AccessDenied: the reason; grant the permission to the role that makes the call`,
  });
});
