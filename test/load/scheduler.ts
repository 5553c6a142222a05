import { REGION } from '../integration/harness/accounts.ts';
import type { Invocation } from '../integration/harness/handler-process.ts';
import { hopsBefore, MOST_HOPS } from './lineage.ts';
import type { Received, SimQueue } from './servers/queue.ts';
import type { SimClock } from './sim-clock.ts';
import type { ModelMapping } from './stack.ts';

export interface Lane {
  readonly mapping: ModelMapping;
  readonly queue: SimQueue;
  /** How the function is called in a lineage. */
  readonly lineageName: string;
  /** Whether Lambda lets it invoke itself through a queue for ever. */
  readonly mayLoop: boolean;
  /**
   * @param lineage how often the function was invoked in the chain of messages, with this time
   * @param killAfter share of the usual duration after which the process dies
   */
  readonly invoke: (event: unknown, lineage: string, killAfter?: number) => Promise<Invocation>;
}

export interface SchedulerParts {
  readonly lanes: readonly Lane[];
  readonly clock: SimClock;
  readonly random: () => number;
  /** Share of the invocations in the middle of which the process is killed. */
  readonly killed: number;
  /** Share of the deletions that the queue forgets, so that the message comes again. */
  readonly duplicated: number;
  readonly onBatch?: () => void;
  /** Lambda stopped a chain: the messages are left to the visibility timeout, and then to the dead letters. */
  readonly onStopped?: (lane: Lane) => void;
}

/**
 * Stands for Lambda's pollers: takes batches from each queue, hands each to a process, deletes what succeeded and leaves
 * the rest to the visibility timeout. Never more invocations of a queue at once than its mapping allows.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class Scheduler {
  readonly #parts: SchedulerParts;
  readonly #busy = new Map<Lane, number>();
  #running = 0;
  #wake: () => void = () => undefined;
  constructor(parts: SchedulerParts) {
    this.#parts = parts;
  }

  /** To be told of each message that arrives. */
  arrived(): void {
    this.#wake();
  }

  /** Works until every queue is empty and nothing is in flight: all is done, or lies with the dead letters. */
  async drain(): Promise<void> {
    const { lanes, clock } = this.#parts;
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      for (const lane of lanes) this.#fill(lane);
      if (this.#running > 0) {
        await woken;
        continue;
      }
      // Nothing happens before the next message is due, so the time until then need not be waited for.
      const due = lanes.flatMap((lane) => dueOf(lane) ?? []);
      if (due.length === 0) return;
      clock.jumpTo(Math.min(...due));
    }
  }

  #fill(lane: Lane): void {
    const { mapping, queue, invoke } = lane;
    const { clock, random, killed } = this.#parts;
    while ((this.#busy.get(lane) ?? 0) < mapping.maxConcurrency) {
      if (!isReady(lane, clock.now())) return;
      const messages = queue.receive(mapping.batchSize);
      // All that was visible went to the dead letters.
      if (messages.length === 0) return;
      const hops = hopsBefore(
        lane.lineageName,
        messages.map(({ lineage }) => lineage),
      );
      if (hops >= MOST_HOPS && !lane.mayLoop) {
        this.#parts.onStopped?.(lane);
        continue;
      }
      const lineage = `1:${lane.lineageName}:${String(hops + 1)}`;
      this.#count(lane, 1);
      const killAfter = random() < killed ? random() : undefined;
      void invoke({ Records: messages.map((message) => record(message, queue)) }, lineage, killAfter)
        .then(
          (invocation) => {
            this.#settle(queue, messages, invocation);
          },
          () => undefined,
        )
        .finally(() => {
          this.#count(lane, -1);
          this.#parts.onBatch?.();
          this.#wake();
        });
    }
  }

  #settle(queue: SimQueue, messages: readonly Received[], invocation: Invocation): void {
    const failed = failures(messages, invocation);
    for (const { id, receipt } of messages) {
      if (failed.has(id)) continue;
      if (this.#parts.random() >= this.#parts.duplicated) queue.delete(receipt);
    }
  }

  #count(lane: Lane, by: number): void {
    this.#busy.set(lane, (this.#busy.get(lane) ?? 0) + by);
    this.#running += by;
  }
}

/** Whether a batch is full, or its window is over. */
function isReady({ mapping, queue }: Lane, now: number): boolean {
  const { visible } = queue;
  if (visible === 0) return false;
  return visible >= mapping.batchSize || now >= (queue.oldest ?? now) + mapping.window * 1000;
}

function dueOf({ mapping, queue }: Lane): number | undefined {
  const { oldest, nextDue } = queue;
  const windowEnd = oldest === undefined ? undefined : oldest + mapping.window * 1000;
  if (windowEnd === undefined || nextDue === undefined) return windowEnd ?? nextDue;
  return Math.min(windowEnd, nextDue);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function record(message: Received, queue: SimQueue): unknown {
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.received),
      SentTimestamp: String(Math.round(message.sentAt)),
      SenderId: 'AIDAIENQZJOLO23YVJ4VO',
      ApproximateFirstReceiveTimestamp: String(Math.round(message.firstReceivedAt)),
      ...(message.group === '' ? {} : { MessageGroupId: message.group }),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: queue.settings.arn,
    awsRegion: REGION,
  };
}

/** All of a batch when the function did not return; else those that it names. */
function failures(messages: readonly Received[], invocation: Invocation): ReadonlySet<string> {
  if (invocation.kind !== 'returned') return new Set(messages.map(({ id }) => id));
  const { batchItemFailures = [] } = (invocation.value ?? {}) as {
    readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
  };
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}
