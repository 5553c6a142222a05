import type { Context, SQSBatchResponse } from 'aws-lambda';
import * as z from 'zod/mini';
import type { FunctionName } from '../contract/functions.ts';
import { DEFERRALS_ATTRIBUTE } from '../ports/findings.ts';
import { pool } from '../ports/pool.ts';
import type { Clock } from '../ports/system.ts';
import type { Environment } from './environment.ts';
import { parseValue } from './messages.ts';
import type { Telemetry } from './telemetry.ts';
import type { Tracing } from './tracing.ts';

/** The part of Lambda's context that is used. */
export type Invocation = Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>;

/** A function as Lambda calls it. */
export type Handler<R> = (event: unknown, context: Invocation) => Promise<R>;

/** Logging, metrics and tracing of a function. */
export interface Instruments {
  readonly telemetry: Telemetry;
  readonly tracing: Tracing;
}

/**
 * Makes a function's entry point. In Lambda the function is wired at start-up, so a wrong environment fails the start
 * with one error, and no invocation pays for the wiring. Importing the module elsewhere needs no environment.
 */
export function entry<R>(wire: (environment: Environment) => Handler<R>): Handler<R> {
  if (process.env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined) return wire(process.env);
  let handler: Handler<R> | undefined;
  return (event, context) => {
    handler ??= wire(process.env);
    return handler(event, context);
  };
}

/** Adds one invocation to the trace, and writes the metrics even if it fails. */
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
 * The part of a queue's event that is used.
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

/** @throws Error if the event is not a queue's */
export function recordsOf(event: unknown, functionName: FunctionName): readonly SqsRecord[] {
  const batch = parseValue(event, SqsEvent, `the event of ${functionName}`);
  if (!batch.ok) throw new Error(`${batch.problem}; invoke it through its queue`);
  return batch.value.Records;
}

/** How often a message was deferred; 0 if its attribute is missing or unreadable. */
export function readDeferrals({ messageAttributes }: SqsRecord): number {
  const text = messageAttributes?.[DEFERRALS_ATTRIBUTE]?.stringValue ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}

/** Whether a worker requeued the message earlier, so that it is already in its account's group. */
export function wasRequeued({ messageAttributes }: SqsRecord): boolean {
  return messageAttributes?.[DEFERRALS_ATTRIBUTE] !== undefined;
}

/** The response that keeps the failed messages in the queue. A batch never fails as a whole. */
export function batchResponse(failed: Iterable<string>): SQSBatchResponse {
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Handles one record. False, or an exception, leaves its message in the queue. */
type Work = (record: SqsRecord, context: Invocation) => Promise<boolean>;

/** A function that handles the messages of a queue independently, at most `width` at once. */
export function queueHandler(
  name: FunctionName,
  instruments: Instruments,
  width: number,
  work: Work,
  requeue?: Requeue,
): Handler<SQSBatchResponse> {
  return instrumented(name, instruments, async (event, context) => {
    const records = recordsOf(event, name);
    return batchResponse(await eachRecord(records, width, context, instruments.telemetry, work, requeue));
  });
}

/**
 * Requeues a record that was not begun, so that this does not count as an attempt.
 * @returns false if the original stays in the queue
 */
type Requeue = (record: SqsRecord) => Promise<boolean>;

/** Milliseconds reserved for one more record, including retries of throttled calls. */
const RESERVE = 30_000;

/**
 * Handles records and returns which messages stay in the queue. When the time runs out, records that were not begun
 * are requeued, or stay in the queue, instead of being cut off midway. The first record always begins.
 */
export async function eachRecord(
  records: readonly SqsRecord[],
  width: number,
  context: Invocation,
  telemetry: Telemetry,
  work: Work,
  requeue?: Requeue,
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
  const left = new Set<string>();
  for (const [place, record] of records.entries()) {
    const isDone = done[place] ?? (place >= done.length && (await requeue?.(record)) === true);
    if (!isDone) left.add(record.messageId);
  }
  return [...left];
}
