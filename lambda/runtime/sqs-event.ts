import * as z from 'zod/mini';
import type { SQSBatchResponse } from 'aws-lambda';
import { DEFERRALS_ATTRIBUTE } from '../contract/message-attributes.ts';

/**
 * What Lambda hands over from a queue, as far as it is used.
 *
 * Documented sample (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event):
 * ```json
 * {"Records":[{"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
 *   "body":"Test message.","attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183",
 *   "SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1545082649185"},"messageAttributes":{},
 *   "md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3","eventSource":"aws:sqs",
 *   "eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:my-queue","awsRegion":"us-east-2"}]}
 * ```
 */
export const SqsEvent = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      messageAttributes: z.optional(
        z.record(z.string(), z.object({ stringValue: z.optional(z.nullable(z.string())) })),
      ),
    }),
  ),
});
export type SqsRecord = z.infer<typeof SqsEvent>['Records'][number];

/** How often a message was deferred; 0 where nothing that can be read says so. */
export function readDeferrals({ messageAttributes }: SqsRecord): number {
  const text = messageAttributes?.[DEFERRALS_ATTRIBUTE]?.stringValue ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

/** Whether a worker has sent the message before, so that it lies in the group of its account. */
export function wasSentAgain({ messageAttributes }: SqsRecord): boolean {
  return messageAttributes?.[DEFERRALS_ATTRIBUTE] !== undefined;
}

/** Which messages stay in the queue. The others are done; a batch never fails as a whole. */
export function batchResponse(failed: Iterable<string>): SQSBatchResponse {
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}
