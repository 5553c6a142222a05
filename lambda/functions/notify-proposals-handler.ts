import type { SQSBatchResponse } from 'aws-lambda';
import { METRIC } from '../contract/metrics.ts';
import { parseValue } from '../runtime/parse-untrusted.ts';
import type { NotifyProposalsParts } from '../runtime/compose-notify-proposals.ts';
import { type Handler, instrumented } from '../runtime/invocation.ts';
import { lambdaClock } from '../runtime/lambda-clock.ts';
import { readStoredObject } from '../runtime/object-created-event.ts';
import { isOverviewOrder } from '../runtime/overview-order.ts';
import { batchResponse, SqsEvent, type SqsRecord } from '../runtime/sqs-event.ts';
import { notifyProposals, type StoredMessage } from '../use-cases/notify/notify-proposals.ts';
import { sendOverview } from '../use-cases/notify/send-overview.ts';

/** Tells people about the proposals of a batch, and about all there are where the batch holds an order to do so. */
export function notifyProposalsHandler(parts: NotifyProposalsParts): Handler<SQSBatchResponse> {
  const { telemetry, dependencies, overview, bucketName } = parts;

  /** The messages that are about proposals; `failed` takes the ids of those that are about nothing. */
  function sort(records: readonly SqsRecord[], failed: Set<string>): readonly StoredMessage[] {
    return records.flatMap(({ messageId, body }): StoredMessage[] => {
      const message = readStoredObject(body, bucketName);
      if (message.kind === 'proposal' || message.kind === 'state') {
        return [{ messageId, key: message.key, isNews: message.kind === 'proposal' }];
      }
      if (message.kind === 'ignored') {
        telemetry.count(METRIC.ignoredEvents);
        telemetry.info('event is ignored', { messageId, reason: message.reason });
        return [];
      }
      telemetry.count(METRIC.malformed);
      telemetry.error('message is malformed', { messageId, error: message.problem });
      failed.add(messageId);
      return [];
    });
  }

  /** False where the order has to come again. */
  async function announce(): Promise<boolean> {
    try {
      const outcome = await sendOverview(overview);
      if (outcome.kind === 'nothing-new') telemetry.info('overview is not sent: nothing is new', {});
      else {
        telemetry.info('overview is sent', { proposals: outcome.proposals });
        if (outcome.chatError !== undefined) telemetry.failure('notice failed: chat', outcome.chatError, {});
      }
      return true;
    } catch (error) {
      telemetry.failure('notice failed: overview', error, {});
      return false;
    }
  }

  return instrumented('notify-proposals', telemetry, parts.tracing, async (event, context) => {
    const batch = parseValue(event, SqsEvent, 'the event of notify-proposals');
    if (!batch.ok) throw new Error(`${batch.problem}; invoke it through its queue`);
    const failed = new Set<string>();
    const orders = batch.value.Records.filter(({ body }) => isOverviewOrder(body));
    const messages = sort(
      batch.value.Records.filter((record) => !orders.includes(record)),
      failed,
    );
    const outcome = await notifyProposals(messages, { ...dependencies, clock: lambdaClock(context) });
    for (const { step, key, error, owner } of outcome.failures) {
      if (step === 'time') telemetry.warn('proposal comes again: the time is short', { key });
      else telemetry.failure(`notice failed: ${step}`, error, { key, owner });
    }
    telemetry.count(METRIC.proposalsNotified, outcome.notified);
    telemetry.count(METRIC.gone, outcome.gone);
    telemetry.info('batch is done', {
      messages: batch.value.Records.length,
      notified: outcome.notified,
      gone: outcome.gone,
      failed: outcome.failed.length + failed.size,
    });
    for (const messageId of outcome.failed) failed.add(messageId);
    // Behind the batch, so that it tells about that too; several orders are one.
    if (orders.length > 0 && !(await announce())) {
      for (const { messageId } of orders) failed.add(messageId);
    }
    return batchResponse(failed);
  });
}
