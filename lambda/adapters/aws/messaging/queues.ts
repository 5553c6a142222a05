import {
  DEFERRALS_ATTRIBUTE,
  type DeferredMessage,
  type DeferredMessages,
  type FindingQueue,
  type FindingReference,
  LAST_ACCESSED,
} from '../../../ports/findings.ts';
import type { AccountJob, AccountJobQueue } from '../../../ports/account.ts';
import type { AccountSweep, AccountSweepQueue, SweepContinuation, SweepQueue } from '../../../ports/sweep.ts';
import { attempt } from '../sdk/errors.ts';
import { type Pause, type Refused, sendInBatches } from './send-in-batches.ts';
import { SendMessageBatchCommand, type SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';

/**
 * Findings as queue messages. If a batch fails in part, only the failed messages are sent again. Each message belongs
 * to the group of its account, so that SQS keeps one account's burst from delaying the others.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export class SqsFindingQueue implements FindingQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  readonly #pause: Pause | undefined;
  constructor(client: SQSClient, queueUrl: string, pause?: Pause) {
    this.#client = client;
    this.#queueUrl = queueUrl;
    this.#pause = pause;
  }

  /** @throws AdapterError if some messages could not be sent; others of the same call may have been */
  async send(references: readonly FindingReference[]): Promise<void> {
    const what = `findings to ${this.#queueUrl}`;
    await sendInBatches(references, what, (batch) => this.#sendBatch(batch), this.#pause);
  }

  async #sendBatch(batch: readonly FindingReference[]): Promise<readonly Refused<FindingReference>[]> {
    const { Failed: failed = [] } = await attempt(
      `send ${String(batch.length)} findings to ${this.#queueUrl}`,
      () =>
        this.#client.send(
          new SendMessageBatchCommand({
            QueueUrl: this.#queueUrl,
            Entries: batch.map((reference, index) => ({
              Id: String(index),
              MessageBody: messageBody(reference),
              MessageGroupId: reference.accountId,
            })),
          }),
        ),
    );
    return failed.flatMap(({ Id, Code: code, Message: message, SenderFault }) => {
      const entry = batch[Number(Id)];
      return entry === undefined ? [] : [{ entry, code, message, isFinal: SenderFault === true }];
    });
  }
}

/** The body, with members in a fixed order, so that it is the same from an event and from a sweep. */
function messageBody({ analyzerArn, findingId, accountId, resource, shown }: FindingReference): string {
  return JSON.stringify({ analyzerArn, findingId, accountId, resource, shown });
}

/**
 * Requeues messages in the queue that they came from: a new message with the same body and a delay, which has all its
 * attempts left. An attribute counts the deferrals, because the body may be EventBridge's.
 */
export class SqsDeferredMessages implements DeferredMessages {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  /** @throws AdapterError if it is not certain that the queue has it */
  async sendLater({ body, accountId, deferrals }: DeferredMessage, seconds: number): Promise<void> {
    await attempt(`defer a finding of account ${accountId} in ${this.#queueUrl}`, () =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrl,
          MessageBody: body,
          MessageGroupId: accountId,
          DelaySeconds: seconds,
          MessageAttributes: {
            [DEFERRALS_ATTRIBUTE]: { DataType: 'Number', StringValue: String(deferrals) },
          },
        }),
      ),
    );
  }
}

export class SqsAccountJobs implements AccountJobQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  async send(
    { analyzerArn, sweepId, accountId, next, parts, shared, deferrals }: AccountJob,
    delaySeconds = 0,
  ): Promise<void> {
    await attempt(`send the job of account ${accountId} to ${this.#queueUrl}`, () =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrl,
          MessageBody: JSON.stringify({ analyzerArn, sweepId, accountId, next, parts, shared, deferrals }),
          DelaySeconds: delaySeconds,
        }),
      ),
    );
  }
}

export class SqsSweepQueue implements SweepQueue, AccountSweepQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;
  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  continueLater(rest: SweepContinuation, delaySeconds = 0): Promise<void> {
    return this.#send(positionOf(rest), delaySeconds);
  }

  accountsLater({ sweepId, after }: AccountSweep, delaySeconds = 0): Promise<void> {
    return this.#send({ analyzerArn: LAST_ACCESSED, sweepId, phase: 'accounts', after }, delaySeconds);
  }

  async #send(rest: object, delaySeconds: number): Promise<void> {
    await attempt(`send the rest of the sweep to ${this.#queueUrl}`, () =>
      this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#queueUrl,
          MessageBody: JSON.stringify(rest),
          DelaySeconds: delaySeconds,
        }),
      ),
    );
  }
}

/** The members in a fixed order. */
function positionOf({ analyzerArn, sweepId, restarts, position }: SweepContinuation): object {
  const { phase, listed } = position;
  const where =
    position.phase === 'list'
      ? { nextToken: position.nextToken ?? null }
      : position.phase === 'send'
        ? { offset: position.offset }
        : { after: position.after };
  return { analyzerArn, sweepId, phase, ...where, restarts, listed };
}
