import { METRIC } from '../contract/metrics.ts';
import type { AccountPauses } from '../ports/account-pauses.ts';
import { AdapterError } from '../ports/errors.ts';
import type { FindingReference } from '../ports/finding-source.ts';
import type { WaitingMessages } from '../ports/waiting-messages.ts';
import { readWaits, type SqsRecord } from './sqs-event.ts';
import type { Telemetry } from './telemetry.ts';

/** How often a finding waits before it fails like any other: with the longest pauses about a day. */
export const MOST_WAITS = 96;
/** Seconds. A wait of a moment would count as much as one of a quarter of an hour. */
const SHORTEST_WAIT = 30;
/** Seconds; SQS delays no longer. Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const LONGEST_WAIT = 900;

export interface PutOffParts {
  readonly pauses: AccountPauses;
  /** Undefined where messages cannot wait; they then fail. */
  readonly messages: WaitingMessages | undefined;
  readonly telemetry: Telemetry;
}

/** Puts findings off whose account pauses, so that they neither take the place of others nor use up their attempts. */
export class PutOff {
  readonly #parts: PutOffParts;
  constructor(parts: PutOffParts) {
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
   * After a finding failed. What is throttled and is no account's, such as Access Analyzer, makes nothing wait.
   * @returns as above
   */
  async afterThrottling(record: SqsRecord, reference: FindingReference, error: unknown): Promise<boolean> {
    if (!(error instanceof AdapterError) || error.code !== 'throttled') return false;
    const waits = await this.#send(record, reference, { error: error.message });
    if (waits) this.#parts.telemetry.count(METRIC.throttled);
    return waits;
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
    const waits = readWaits(record) + 1;
    if (waits > MOST_WAITS) {
      telemetry.warn('finding has waited often enough', { ...facts, waits: MOST_WAITS });
      return false;
    }
    const seconds = Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, Math.ceil(millis / 1_000)));
    try {
      await messages.sendLater({ body: record.body, accountId, waits }, seconds);
    } catch (error) {
      telemetry.failure('finding cannot be put off', error, facts);
      return false;
    }
    telemetry.count(METRIC.findingsPutOff);
    telemetry.info('finding is put off: its account is throttled', { ...facts, ...why, waits, seconds });
    return true;
  }
}
