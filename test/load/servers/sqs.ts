import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type Answer, type Request, type Service, ServiceError, unknownOperation } from './answer.ts';
import { lineageIn } from '../lineage.ts';
import type { SimQueue } from './queue.ts';

const ENTRY = {
  MessageBody: z.string(),
  DelaySeconds: z.number().optional(),
  MessageGroupId: z.string().optional(),
};
const SEND = z.object({ QueueUrl: z.string(), ...ENTRY });
const SEND_BATCH = z.object({
  QueueUrl: z.string(),
  Entries: z
    .array(z.object({ Id: z.string(), ...ENTRY }))
    .min(1)
    .max(10),
});
const RECEIPT = z.object({ QueueUrl: z.string(), ReceiptHandle: z.string() });
const VISIBILITY = z.object({ ...RECEIPT.shape, VisibilityTimeout: z.number() });
const QUEUE = z.object({ QueueUrl: z.string() });

/** The calls that a function may make; receiving is the scheduler's, as with Lambda the poller's. JSON protocol. */
export function sqsService(queues: readonly SimQueue[]): Service {
  const byUrl = new Map(queues.map((queue) => [queue.settings.url, queue]));
  const queueOf = (url: string): SimQueue => {
    const queue = byUrl.get(url);
    if (!queue) throw new ServiceError(400, 'AWS.SimpleQueueService.NonExistentQueue', `no queue ${url}`);
    return queue;
  };
  const send = (
    queue: SimQueue,
    entry: Omit<z.output<typeof SEND>, 'QueueUrl'>,
    lineage: string | undefined,
  ) => ({
    MessageId: queue.send(entry.MessageBody, {
      lineage,
      ...(entry.MessageGroupId === undefined ? {} : { group: entry.MessageGroupId }),
      ...(entry.DelaySeconds === undefined ? {} : { delay: entry.DelaySeconds }),
    }),
    MD5OfMessageBody: createHash('md5').update(entry.MessageBody).digest('hex'),
  });
  return (request: Request): Answer => {
    const input: unknown = JSON.parse(request.body.toString('utf8'));
    const lineage = lineageIn(request.headers['x-amzn-trace-id']);
    switch (request.call.operation) {
      case 'SendMessage': {
        const { QueueUrl, ...entry } = SEND.parse(input);
        return json(send(queueOf(QueueUrl), entry, lineage));
      }
      case 'SendMessageBatch': {
        const { QueueUrl, Entries } = SEND_BATCH.parse(input);
        const queue = queueOf(QueueUrl);
        return json({
          Successful: Entries.map(({ Id, ...entry }) => ({ Id, ...send(queue, entry, lineage) })),
          Failed: [],
        });
      }
      case 'ChangeMessageVisibility': {
        const { QueueUrl, ReceiptHandle, VisibilityTimeout } = VISIBILITY.parse(input);
        queueOf(QueueUrl).changeVisibility(ReceiptHandle, VisibilityTimeout);
        return json({});
      }
      case 'DeleteMessage': {
        const { QueueUrl, ReceiptHandle } = RECEIPT.parse(input);
        queueOf(QueueUrl).delete(ReceiptHandle);
        return json({});
      }
      case 'GetQueueAttributes': {
        const queue = queueOf(QUEUE.parse(input).QueueUrl);
        return json({
          Attributes: {
            ApproximateNumberOfMessages: String(queue.visible),
            ApproximateNumberOfMessagesNotVisible: String(queue.hidden),
          },
        });
      }
      default:
        throw unknownOperation(request);
    }
  };
}

function json(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}
