import type { Invocation } from './invocation.ts';
import type { SqsRecord } from './sqs-event.ts';
import type { Telemetry } from './telemetry.ts';

/** Milliseconds that one more record may take, with the retries of services that throttle. */
const RESERVE = 30_000;

/**
 * Works through records, at most `limit` at once, and says which are not done. When time runs short, what has not
 * begun comes again later instead of being cut off in the middle; the first record always begins.
 * @param work tells whether the record is done; an exception is a record that is not, and no other's business
 */
export async function workThrough(
  records: readonly SqsRecord[],
  limit: number,
  context: Invocation,
  telemetry: Telemetry,
  work: (record: SqsRecord, context: Invocation) => Promise<boolean>,
): Promise<readonly string[]> {
  const failed: string[] = [];
  const queue = records.entries();
  const done = async (record: SqsRecord): Promise<boolean> => {
    try {
      return await work(record, context);
    } catch (error) {
      telemetry.failure('record failed', error, { messageId: record.messageId });
      return false;
    }
  };
  const worker = async (): Promise<void> => {
    for (const [place, record] of queue) {
      const begin = place === 0 || context.getRemainingTimeInMillis() > RESERVE;
      if (!begin || !(await done(record))) failed.push(record.messageId);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, records.length) }, worker));
  return failed;
}
