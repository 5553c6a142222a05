import type { Context, SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import type { FunctionName } from '../contract/functions.ts';
import { DEFERRALS_ATTRIBUTE } from '../contract/message-attributes.ts';
import { pool } from '../ports/pool.ts';
import type { Clock } from '../ports/system.ts';
import type { Environment } from './environment.ts';
import { parseValue } from './messages.ts';
import type { Telemetry } from './telemetry.ts';
import type { Tracing } from './tracing.ts';

/** What the platform tells about an invocation, as far as it is used. */
export type Invocation = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** A function as Lambda calls it. */
export type Handler<R> = (event: unknown, context: Invocation) => Promise<R>;

/** What every function tells by. */
export interface Instruments {
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/**
 * A function's entry point. Lambda has it wired while the process starts, so that a wrong environment ends the start with
 * one error, and no invocation pays for the wiring. Whoever imports the module elsewhere needs no environment.
 */
export function entry<R>(wire: (environment: Environment) => Handler<R>): Handler<R> {
  if (process.env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined) return wire(process.env);
  let handler: Handler<R> | undefined;
  return (event, context) => {
    handler ??= wire(process.env);
    return handler(event, context);
  };
}

/** Puts one invocation into the trace, and writes the metrics whatever happens. */
export function instrumented<R>(
  name: FunctionName,
  { telemetry, tracing }: Instruments,
  handle: Handler<R>,
): Handler<R> {
  return (event, context) =>
    tracing.invocation(name, async () => {
      telemetry.begin(context.awsRequestId);
      try {
        return await handle(event, context);
      } finally {
        telemetry.flush();
      }
    });
}

/** The clock of one invocation. */
export function lambdaClock(context: Pick<Context, 'getRemainingTimeInMillis'>): Clock {
  return {
    now: () => new Date().toISOString(),
    remainingMillis: () => context.getRemainingTimeInMillis(),
  };
}

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

/** @throws Error where the event is no queue's */
export function recordsOf(event: unknown, functionName: FunctionName): readonly SqsRecord[] {
  const batch = parseValue(event, SqsEvent, `the event of ${functionName}`);
  if (!batch.ok) throw new Error(`${batch.problem}; invoke it through its queue`);
  return batch.value.Records;
}

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

/** Works on one record. False, or an exception, leaves its message in the queue. */
type Work = (record: SqsRecord, context: Invocation) => Promise<boolean>;

/** A function that works on the messages of a queue, each for itself, at most `width` at once. */
export function queueHandler(
  name: FunctionName,
  instruments: Instruments,
  width: number,
  work: Work,
): Handler<SQSBatchResponse> {
  return instrumented(name, instruments, async (event, context) => {
    const records = recordsOf(event, name);
    return batchResponse(await eachRecord(records, width, context, instruments.telemetry, work));
  });
}

/** Milliseconds that one more record may take, with the retries of services that throttle. */
const RESERVE = 30_000;

/**
 * Works through records and says which messages stay in the queue. When time runs short, what has not begun comes again
 * later instead of being cut off in the middle; the first record always begins.
 */
export async function eachRecord(
  records: readonly SqsRecord[],
  width: number,
  context: Invocation,
  telemetry: Telemetry,
  work: Work,
): Promise<readonly string[]> {
  const until = (place: number): boolean => place > 0 && context.getRemainingTimeInMillis() <= RESERVE;
  const done = await pool(records, { width, until }, async (record) => {
    try {
      return await work(record, context);
    } catch (error) {
      telemetry.failure('record failed', error, { messageId: record.messageId });
      return false;
    }
  });
  return records.flatMap(({ messageId }, place) => (done[place] === true ? [] : [messageId]));
}
