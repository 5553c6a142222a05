import { METRIC } from '../contract/metrics.ts';
import type { AccountPauses } from '../ports/account.ts';
import { AdapterError } from '../ports/system.ts';
import type { DeferredMessages, FindingReference } from '../ports/findings.ts';
import { readDeferrals, type SqsRecord, wasRequeued } from './invocation.ts';
import type { Telemetry } from './telemetry.ts';

/** How often a finding is deferred before it fails like any other: about a day with the longest pauses. */
const MOST_DEFERRALS = 96;
/** Seconds. Without a minimum, a very short deferral would count as much as one of a quarter of an hour. */
const SHORTEST_WAIT = 30;
/**
 * Seconds; The longest delay of SQS. Source:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const LONGEST_WAIT = 900;

interface DeferralParts {
  readonly pauses: AccountPauses;
  /** Undefined if messages cannot be deferred; they then fail. */
  readonly messages: DeferredMessages | undefined;
  readonly telemetry: Telemetry;
}

/**
 * Defers findings whose account is paused, so that they neither delay others nor use up their attempts. If an account
 * is busy, findings that came as events are requeued in its group, so that its burst delays no other account.
 */
export class Deferral {
  readonly #parts: DeferralParts;
  constructor(parts: DeferralParts) {
    this.#parts = parts;
  }

  /**
   * Called before anything is read for a finding.
   * @returns whether the message was deferred, so that the original is done; false if the account is not paused, or if
   * the message has been deferred too often
   */
  whilePaused(record: SqsRecord, reference: FindingReference): Promise<boolean> {
    return this.#send(record, reference, {});
  }

  /**
   * Called before anything is read for a finding that came as an event. SQS does not know the account of an event, so
   * it would deliver a burst of one account in order, at that account's pace, while others wait. Requeueing the
   * message in its account's group lets SQS serve the others first.
   * @returns whether the message was requeued in the account's group, so that the original is done
   */
  async intoGroup(record: SqsRecord, { findingId, accountId }: FindingReference): Promise<boolean> {
    const { pauses } = this.#parts;
    if (wasRequeued(record) || !pauses.isBusy(accountId)) return false;
    return this.#sendNow(
      record,
      { findingId, accountId },
      'put into the group of its account, which is busy',
    );
  }

  /**
   * Called for a record that was not begun before the time ran out. If it stayed in the queue, that would count as an
   * attempt.
   * @returns whether the message was requeued, so that the original is done
   */
  requeue(record: SqsRecord, reference: FindingReference): Promise<boolean> {
    return this.#sendNow(record, reference, 'put back, because the time is short');
  }

  /** @param what what happens to the finding, for the log: follows "finding is" */
  async #sendNow(
    record: SqsRecord,
    { findingId, accountId }: Pick<FindingReference, 'findingId' | 'accountId'>,
    what: string,
  ): Promise<boolean> {
    const { messages, telemetry } = this.#parts;
    if (messages === undefined) return false;
    const facts = { messageId: record.messageId, findingId, accountId };
    try {
      const deferrals = readDeferrals(record);
      await messages.sendLater({ body: record.body, accountId, deferrals }, 0);
    } catch (error) {
      telemetry.failure(`finding cannot be ${what}`, error, facts);
      return false;
    }
    telemetry.info(`finding is ${what}`, facts);
    return true;
  }

  /**
   * Called after a finding failed. Throttling that does not concern an account, such as Access Analyzer's, defers
   * nothing.
   * @returns whether the message was deferred, so that the original is done
   */
  async afterThrottling(record: SqsRecord, reference: FindingReference, error: unknown): Promise<boolean> {
    if (!(error instanceof AdapterError) || error.code !== 'throttled') return false;
    const isDeferred = await this.#send(record, reference, { error: error.message });
    if (isDeferred) this.#parts.telemetry.count(METRIC.throttled);
    return isDeferred;
  }

  /**
   * Sends the message again, with the pause as its delay. If the process dies before the original is deleted, there are
   * two messages, which lead to the same proposal.
   */
  async #send(
    record: SqsRecord,
    { findingId, accountId }: FindingReference,
    why: { readonly error?: string },
  ): Promise<boolean> {
    const { pauses, messages, telemetry } = this.#parts;
    const millis = pauses.pausedMillis(accountId);
    if (millis === 0 || messages === undefined) return false;
    const facts = { messageId: record.messageId, findingId, accountId };
    const deferrals = readDeferrals(record) + 1;
    if (deferrals > MOST_DEFERRALS) {
      telemetry.warn('finding was deferred often enough', { ...facts, deferrals: MOST_DEFERRALS });
      return false;
    }
    const seconds = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, Math.ceil(millis / 1_000)));
    try {
      await messages.sendLater({ body: record.body, accountId, deferrals }, seconds);
    } catch (error) {
      telemetry.failure('finding cannot be deferred', error, facts);
      return false;
    }
    telemetry.count(METRIC.findingsDeferred);
    telemetry.info('finding is deferred: its account is throttled', { ...facts, ...why, deferrals, seconds });
    return true;
  }
}
