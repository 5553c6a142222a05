import type { SQSBatchResponse } from 'aws-lambda';
import { METRIC } from '../contract/metrics.ts';
import { parseValue } from '../runtime/parse-untrusted.ts';
import type { RefineFindingParts } from '../runtime/compose-refine-finding.ts';
import { readFindingMessage } from '../runtime/finding-message.ts';
import { type Handler, instrumented, type Invocation } from '../runtime/invocation.ts';
import { batchResponse, SqsEvent, type SqsRecord } from '../runtime/sqs-event.ts';
import { workThrough } from '../runtime/work-through.ts';
import { proposeRefinement } from '../use-cases/propose/propose-refinement.ts';
import { refineOne } from './refine-one.ts';

/** Records worked on side by side: enough to hide latency, few enough to keep memory flat and IAM calm. */
const CONCURRENCY = 2;

/**
 * Works through a batch of findings. Each record succeeds or fails alone; a record that fails stays in the queue and,
 * after the queue's number of attempts, goes to the dead letters.
 */
export function refineFindingHandler(
  parts: Omit<RefineFindingParts, 'accounts'>,
  propose: typeof proposeRefinement = proposeRefinement,
): Handler<SQSBatchResponse> {
  const { telemetry, deferral } = parts;
  const { refine, reportFailure } = refineOne(parts, propose);

  /** Whether the record is done. */
  async function work(record: SqsRecord, context: Invocation): Promise<boolean> {
    const { messageId } = record;
    const message = readFindingMessage(record.body, parts.analyzerArn);
    if (message.kind === 'malformed') {
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      return false;
    }
    if (message.kind === 'ignored') {
      telemetry.count(METRIC.ignoredEvents);
      telemetry.info('event is ignored', { messageId, reason: message.reason });
      return true;
    }
    if (await deferral.whilePaused(record, message.reference)) return true;
    if (message.isEvent && (await deferral.intoGroup(record, message.reference))) return true;
    try {
      await refine(message.reference, context);
      return true;
    } catch (error) {
      if (await deferral.afterThrottling(record, message.reference, error)) return true;
      await reportFailure(message.reference, error, { messageId });
      return false;
    }
  }

  return instrumented('refine-finding', telemetry, parts.tracing, async (event, context) => {
    const batch = parseValue(event, SqsEvent, 'the event of refine-finding');
    if (!batch.ok) throw new Error(`${batch.problem}; invoke it through its queue`);
    const failed = await workThrough(batch.value.Records, CONCURRENCY, context, telemetry, work);
    return batchResponse(failed);
  });
}
