import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { REGION } from './accounts.ts';
import type { QueueMapping } from './deployment.ts';
import { completeEvent } from './events.ts';
import type { Invocation } from './handler-process.ts';

export type Invoke = (event: unknown) => Promise<Invocation>;

/** One batch, and what became of it. */
export interface PumpedBatch {
  readonly bodies: readonly string[];
  /** The messages with their attributes, in the order of `bodies`. */
  readonly messages: readonly Message[];
  readonly invocation: Invocation;
  readonly failed: readonly string[];
}

const RESPONSE = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).optional() })
  .nullish();

/**
 * Plays the part of Lambda's poller for one round: takes at most a batch, invokes, deletes what succeeded. What failed is made
 * visible again at once, which is what the visibility timeout does later; the queue's own redrive policy counts the receives.
 * @returns undefined when the queue had nothing
 */
export async function pumpOnce(
  sqs: SQSClient,
  mapping: QueueMapping,
  invoke: Invoke,
): Promise<PumpedBatch | undefined> {
  const messages = await receiveBatch(sqs, mapping);
  if (messages.length === 0) return undefined;
  const invocation = await invoke({ Records: messages.map((message) => record(message, mapping)) });
  const failed = failures(messages, mapping, invocation);
  const isFailed = (message: Message): boolean => failed.has(message.MessageId ?? '');
  await settle(
    sqs,
    mapping.queueUrl,
    messages.filter((message) => !isFailed(message)),
    'delete',
  );
  await settle(sqs, mapping.queueUrl, messages.filter(isFailed), 'release');
  return {
    bodies: messages.map((message) => message.Body ?? ''),
    messages,
    invocation,
    failed: messages.filter(isFailed).map((message) => message.Body ?? ''),
  };
}

/**
 * Pumps until the queue has nothing more to give: everything was done, or lies in the dead-letter queue. What was sent with
 * a delay is waited for.
 */
export async function pumpAll(sqs: SQSClient, mapping: QueueMapping, invoke: Invoke): Promise<PumpedBatch[]> {
  const batches: PumpedBatch[] = [];
  for (;;) {
    const batch = await pumpOnce(sqs, mapping, invoke);
    if (!batch) {
      if ((await delayedMessages(sqs, mapping.queueUrl)) === 0) return batches;
      await sleep(500);
      continue;
    }
    batches.push(batch);
    if (batches.length > 2000) throw new Error(`the queue ${mapping.queueArn} does not empty`);
  }
}

/** How many messages of the queue nobody can receive yet. */
export async function delayedMessages(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ['ApproximateNumberOfMessagesDelayed'],
    }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessagesDelayed'] ?? 0);
}

async function receiveBatch(sqs: SQSClient, mapping: QueueMapping): Promise<Message[]> {
  const messages: Message[] = [];
  while (messages.length < mapping.batchSize) {
    const { Messages: received = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: mapping.queueUrl,
        MaxNumberOfMessages: Math.min(10, mapping.batchSize - messages.length),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    if (received.length === 0) break;
    messages.push(...received);
  }
  return messages;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function record(message: Message, mapping: QueueMapping): unknown {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: completeEvent(message.Body ?? ''),
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue, stringListValues: [], binaryListValues: [] },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: mapping.queueArn,
    awsRegion: REGION,
  };
}

/**
 * Which messages count as failed: all when the function did not return or its answer cannot be read, else those it names.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
function failures(
  messages: readonly Message[],
  mapping: QueueMapping,
  invocation: Invocation,
): ReadonlySet<string> {
  const all = new Set(messages.map((message) => message.MessageId ?? ''));
  if (invocation.kind !== 'returned') return all;
  if (!mapping.reportsItemFailures) return new Set();
  const response = RESPONSE.safeParse(invocation.value);
  if (!response.success) return all;
  const named = new Set((response.data?.batchItemFailures ?? []).map((failure) => failure.itemIdentifier));
  return [...named].every((id) => all.has(id)) ? named : all;
}

async function settle(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly Message[],
  how: 'delete' | 'release',
): Promise<void> {
  for (let start = 0; start < messages.length; start += 10) {
    const entries = messages
      .slice(start, start + 10)
      .map((message, index) => ({ Id: String(index), ReceiptHandle: message.ReceiptHandle ?? '' }));
    await (how === 'delete'
      ? sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }))
      : sqs.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl: queueUrl,
            Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 })),
          }),
        ));
  }
}
