import type { SQSBatchResponse } from 'aws-lambda';
import { METRIC } from '../contract/metrics.ts';
import { AccountUnreachable } from '../ports/system.ts';
import { entry, type Handler, type Invocation, queueHandler, type SqsRecord } from '../runtime/invocation.ts';
import { readFindingMessage } from '../runtime/messages.ts';
import { refiner } from '../runtime/refiner.ts';
import { composeWorker, type WorkerParts } from '../runtime/worker.ts';
import { proposeRefinement } from '../use-cases/propose/propose-refinement.ts';

/** Records handled at once: enough to hide latency, few enough to bound memory and avoid throttling. */
const CONCURRENCY = 2;

/**
 * Handles a batch of findings. Each record succeeds or fails alone. A failed record stays in the queue and, after the
 * queue's maximum of attempts, goes to the dead-letter queue. A finding whose account cannot be reached is left to the
 * next sweep.
 */
export function refineFindingHandler(
  parts: WorkerParts,
  propose: typeof proposeRefinement = proposeRefinement,
): Handler<SQSBatchResponse> {
  const { telemetry, deferral } = parts;
  const { refine, leave, reportFailure } = refiner(parts, propose);

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
      if (error instanceof AccountUnreachable) {
        leave(message.reference, error, { messageId });
        return true;
      }
      await reportFailure(message.reference, error, { messageId });
      return false;
    }
  }

  return queueHandler('refine-finding', parts, CONCURRENCY, work, (record) => {
    const message = readFindingMessage(record.body, parts.analyzerArn);
    return message.kind === 'finding' ? deferral.requeue(record, message.reference) : Promise.resolve(false);
  });
}

/** The Lambda handler. */
export const handler = entry((environment) =>
  refineFindingHandler(composeWorker(environment, 'refine-finding')),
);
