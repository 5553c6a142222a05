import type { SQSBatchResponse } from 'aws-lambda';
import { METRIC } from '../contract/metrics.ts';
import { VerificationError } from '../core/verify/verification-error.ts';
import type { FindingReference } from '../ports/finding-source.ts';
import { parseValue } from '../runtime/border.ts';
import type { RefineFindingParts } from '../runtime/compose-refine-finding.ts';
import { readFindingMessage } from '../runtime/finding-message.ts';
import { type Handler, instrumented, type Invocation } from '../runtime/invocation.ts';
import { lambdaClock } from '../runtime/lambda-clock.ts';
import { batchResponse, SqsEvent, type SqsRecord } from '../runtime/sqs-event.ts';
import { workThrough } from '../runtime/work-through.ts';
import { OpinionBlock } from '../use-cases/opinions/opinion-block.ts';
import { proposeRefinement } from '../use-cases/propose-refinement.ts';
import { countOutcome } from './refine-outcomes.ts';

/** Records worked on side by side: enough to hide latency, few enough to keep memory flat and IAM calm. */
const CONCURRENCY = 2;

/**
 * Works through a batch of findings. Each record succeeds or fails alone; a record that fails stays in the queue and,
 * after the queue's number of attempts, goes to the dead letters.
 */
export function refineFindingHandler(
  parts: RefineFindingParts,
  propose: typeof proposeRefinement = proposeRefinement,
): Handler<SQSBatchResponse> {
  const { telemetry, failures, keeper, dependencies, putOff } = parts;

  async function refine(reference: FindingReference, context: Invocation): Promise<void> {
    const outcomes = await propose(reference, {
      ...dependencies,
      catalogue: await parts.catalogue.load(),
      clock: lambdaClock(context),
      runId: context.awsRequestId,
    });
    for (const outcome of outcomes) await keeper.withdraw(reference, outcome);
    for (const outcome of outcomes) countOutcome(telemetry, reference, outcome);
  }

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
    const { findingId, accountId, resource } = message.reference;
    if (await putOff.whilePaused(record, message.reference)) return true;
    try {
      await refine(message.reference, context);
      return true;
    } catch (error) {
      if (await putOff.afterThrottling(record, message.reference, error)) return true;
      telemetry.failure('finding failed', error, { messageId, findingId, accountId, resource });
      if (error instanceof VerificationError) await keepReplay(findingId, error.replay);
      if (error instanceof OpinionBlock && error.replay !== undefined) {
        await keepReplay(findingId, error.replay);
      }
      return false;
    }
  }

  async function keepReplay(findingId: string, replay: string): Promise<void> {
    try {
      const key = await failures.keep(findingId, replay);
      telemetry.info('input of the failed verification is kept', { findingId, key });
    } catch (error) {
      telemetry.failure('input of the failed verification is lost', error, { findingId });
    }
  }

  return instrumented('refine-finding', telemetry, parts.tracing, async (event, context) => {
    const batch = parseValue(event, SqsEvent, 'the event of refine-finding');
    if (!batch.ok) throw new Error(`${batch.problem}; invoke it through its queue`);
    const failed = await workThrough(batch.value.Records, CONCURRENCY, context, telemetry, work);
    return batchResponse(failed);
  });
}
