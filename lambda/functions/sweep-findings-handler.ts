import type { SQSBatchResponse } from 'aws-lambda';
import { METRIC } from '../contract/metrics.ts';
import type { SweepContinuation } from '../ports/sweep.ts';
import type { SweepFindingsParts } from '../runtime/compose-sweep-findings.ts';
import { type Handler, instrumented, type Invocation } from '../runtime/invocation.ts';
import { lambdaClock } from '../runtime/lambda-clock.ts';
import { batchResponse, SqsEvent, type SqsRecord } from '../runtime/sqs-event.ts';
import { readSweepMessage } from '../runtime/sweep-message.ts';
import { workThrough } from '../runtime/work-through.ts';
import { newSweep, sweepFindings } from '../use-cases/sweep/sweep-findings.ts';

/**
 * Sweeps the analyzer. A queue's event carries the rest of a sweep; whatever else invokes the function, the schedule
 * above all, starts a new one. A new sweep that fails is an error of the invocation, which Lambda repeats.
 */
export function sweepFindingsHandler(parts: SweepFindingsParts): Handler<SQSBatchResponse> {
  const { telemetry, dependencies, analyzerArn } = parts;

  async function sweep(start: SweepContinuation, context: Invocation): Promise<void> {
    try {
      const outcome = await sweepFindings(start, { ...dependencies, clock: lambdaClock(context) });
      telemetry.count(METRIC.findingsSwept, outcome.swept);
      telemetry.count(METRIC.findingsListed, outcome.listed);
      telemetry.count(METRIC.accountJobsStarted, outcome.accounts);
      const { listed, swept, accounts, pages, restarts } = outcome;
      const facts = { sweepId: start.sweepId, listed, swept, accounts, pages, restarts };
      if (outcome.kind === 'completed') {
        telemetry.count(METRIC.sweepsCompleted);
        const { reconsidered } = outcome;
        if (reconsidered.kind === 'failed') {
          telemetry.failure('proposals whose findings are closed are not looked for', reconsidered.error, {
            analyzerArn: start.analyzerArn,
          });
        }
        const again = reconsidered.kind === 'sent' ? { reconsidered: reconsidered.findings } : {};
        telemetry.info('sweep is completed', { ...facts, ...again });
      } else {
        if (outcome.because === 'throttled') telemetry.count(METRIC.throttled);
        telemetry.info('sweep goes on later', { ...facts, because: outcome.because });
      }
    } catch (error) {
      telemetry.failure('sweep failed', error, {
        analyzerArn: start.analyzerArn,
        sweepId: start.sweepId,
        restarts: start.restarts,
      });
      throw error;
    }
  }

  async function work({ messageId, body }: SqsRecord, context: Invocation): Promise<boolean> {
    const message = readSweepMessage(body, messageId);
    if (!message.ok) {
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      return false;
    }
    if (message.value.analyzerArn !== analyzerArn) {
      telemetry.info('sweep of another analyzer is dropped', {
        messageId,
        analyzerArn: message.value.analyzerArn,
      });
      return true;
    }
    try {
      await sweep(message.value, context);
      return true;
    } catch {
      // Logged and counted where it happened; the message stays in the queue.
      return false;
    }
  }

  return instrumented('sweep-findings', telemetry, parts.tracing, async (event, context) => {
    const batch = SqsEvent.safeParse(event);
    if (batch.success)
      return batchResponse(await workThrough(batch.data.Records, 1, context, telemetry, work));
    // Lambda repeats an invocation that failed under the same id, and the sweep then goes on.
    await sweep(newSweep(analyzerArn, context.awsRequestId), context);
    return batchResponse([]);
  });
}
