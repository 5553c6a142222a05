import { METRIC } from '../contract/metrics.ts';
import type { AccountPauses } from '../ports/account.ts';
import { AdapterError } from '../ports/system.ts';
import type { DeferredMessages, FindingReference } from '../ports/findings.ts';
import { readDeferrals, type SqsRecord, wasSentAgain } from './invocation.ts';
import type { Telemetry } from './telemetry.ts';

/** How often a finding waits before it fails like any other: with the longest pauses about a day. */
export const MOST_DEFERRALS = 96;
/** Seconds. A wait of a moment would count as much as one of a quarter of an hour. */
const SHORTEST_WAIT = 30;
/** Seconds; SQS delays no longer. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const LONGEST_WAIT = 900;

export interface DeferralParts {
  readonly pauses: AccountPauses;
  /** Undefined where messages cannot wait; they then fail. */
  readonly messages: DeferredMessages | undefined;
  readonly telemetry: Telemetry;
}

/**
 * Defers findings whose account pauses, so that they neither take the place of others nor use up their attempts; and
 * puts those that came as events into the group of an account that is busy, so that its burst delays no other's.
 */
export class Deferral {
  readonly #parts: DeferralParts;
  constructor(parts: DeferralParts) {
    this.#parts = parts;
  }

  /**
   * Before anything is asked about a finding.
   * @returns whether the message waits now, so that the original is done; false where the account does not pause, and
   * where the message has waited often enough
   */
  whilePaused(record: SqsRecord, reference: FindingReference): Promise<boolean> {
    return this.#send(record, reference, {});
  }

  /**
   * Before anything is asked about a finding that came as an event. SQS knows nothing of whose it is, so a burst of one
   * account's events would be served in turn, each call behind the pace of that account, while others wait. Sending it
   * once more costs a moment, and lets SQS serve the others first.
   * @returns whether the message lies in the account's group now, so that the original is done
   */
  async intoGroup(record: SqsRecord, { findingId, accountId }: FindingReference): Promise<boolean> {
    const { pauses, messages, telemetry } = this.#parts;
    if (messages === undefined || wasSentAgain(record) || !pauses.isBusy(accountId)) return false;
    const facts = { messageId: record.messageId, findingId, accountId };
    try {
      await messages.sendLater({ body: record.body, accountId, deferrals: 0 }, 0);
    } catch (error) {
      telemetry.failure('event cannot be put into the group of its account', error, facts);
      return false;
    }
    telemetry.info('event is put into the group of its account, which is busy', facts);
    return true;
  }

  /**
   * After a finding failed. What is throttled and is no account's, such as Access Analyzer, makes nothing wait.
   * @returns as above
   */
  async afterThrottling(record: SqsRecord, reference: FindingReference, error: unknown): Promise<boolean> {
    if (!(error instanceof AdapterError) || error.code !== 'throttled') return false;
    const isDeferred = await this.#send(record, reference, { error: error.message });
    if (isDeferred) this.#parts.telemetry.count(METRIC.throttled);
    return isDeferred;
  }

  /**
   * Sends the message again, to come when the pause is over. A process that dies after that and before the original is
   * deleted makes it two messages, which come to the same proposal.
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
