/** A message as the queue keeps it. A body may be made when it is needed: a burst of events then costs no memory. */
interface Message {
  readonly id: string;
  readonly body: string | (() => string);
  readonly group: string;
  /** Of the invocation that sent it, where a function did. */
  readonly lineage: string | undefined;
  readonly sentAt: number;
  received: number;
  firstReceivedAt: number;
}

export interface Received {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  readonly group: string;
  readonly lineage: string | undefined;
  readonly sentAt: number;
  readonly received: number;
  readonly firstReceivedAt: number;
}

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** Seconds. */
  readonly visibilityTimeout: number;
  /** Undefined for a queue that holds dead letters itself. */
  readonly redrive?: { readonly deadLetters: string; readonly maxReceives: number } | undefined;
}

/**
 * A standard queue of SQS: visibility timeouts, receive counts, redrive, delays, and fairness among message groups by
 * turns. Deliveries repeat where a deletion is forgotten.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export class SimQueue {
  readonly settings: QueueSettings;
  readonly #now: () => number;
  readonly #visible = new Map<string, Message[]>();
  /** By receipt, or by id while a message is delayed. */
  readonly #hidden = new Map<string, { readonly message: Message; until: number }>();
  readonly #onArrival: () => void;
  readonly #onDead: (message: Message) => void;
  #count = 0;
  #next = 0;

  constructor(
    settings: QueueSettings,
    parts: {
      readonly now: () => number;
      readonly onArrival: () => void;
      /** A message that was received too often. */
      readonly onDead: (message: { readonly body: string | (() => string); readonly group: string }) => void;
    },
  ) {
    this.settings = settings;
    this.#now = parts.now;
    this.#onArrival = parts.onArrival;
    this.#onDead = parts.onDead;
  }

  send(
    body: string | (() => string),
    options: { readonly group?: string; readonly delay?: number; readonly lineage?: string | undefined } = {},
  ): string {
    this.#next += 1;
    const id = `${this.settings.name}-${String(this.#next)}`;
    const { group = '', delay = 0, lineage } = options;
    const message = { id, body, group, lineage, sentAt: this.#now(), received: 0, firstReceivedAt: 0 };
    if (delay > 0) this.#hidden.set(id, { message, until: this.#now() + delay * 1000 });
    else this.#show(message);
    this.#onArrival();
    return id;
  }

  /** At most `most` messages, one group after the other. */
  receive(most: number): readonly Received[] {
    this.#surface();
    const received: Received[] = [];
    while (received.length < most && this.#count > 0) {
      const [group, messages] = this.#visible.entries().next().value ?? ['', []];
      const message = messages.shift();
      // Behind the others: the next one is another group's, where there is another.
      this.#visible.delete(group);
      if (messages.length > 0) this.#visible.set(group, messages);
      if (!message) continue;
      this.#count -= 1;
      const { redrive, visibilityTimeout } = this.settings;
      if (redrive && message.received >= redrive.maxReceives) {
        this.#onDead(message);
        continue;
      }
      message.received += 1;
      if (message.received === 1) message.firstReceivedAt = this.#now();
      const receipt = `${message.id}#${String(message.received)}`;
      this.#hidden.set(receipt, { message, until: this.#now() + visibilityTimeout * 1000 });
      received.push({ ...message, receipt, body: textOf(message.body) });
    }
    return received;
  }

  /** A receipt that is out of date does nothing, as with SQS. */
  delete(receipt: string): void {
    this.#hidden.delete(receipt);
  }

  /** @param seconds from now; 0 makes the message visible at once */
  changeVisibility(receipt: string, seconds: number): void {
    const hidden = this.#hidden.get(receipt);
    if (!hidden) return;
    hidden.until = this.#now() + seconds * 1000;
    if (seconds === 0) this.#surface();
  }

  /** Messages that can be received now. */
  get visible(): number {
    this.#surface();
    return this.#count;
  }

  /** Messages that wait for their time: in flight, or delayed. */
  get hidden(): number {
    return this.#hidden.size;
  }

  /** When the next hidden message becomes visible, in milliseconds of the clock. */
  get nextDue(): number | undefined {
    let due: number | undefined;
    for (const { until } of this.#hidden.values()) due = due === undefined ? until : Math.min(due, until);
    return due;
  }

  /** When the oldest visible message was sent. */
  get oldest(): number | undefined {
    let oldest: number | undefined;
    for (const [message] of this.#visible.values()) {
      if (message) oldest = oldest === undefined ? message.sentAt : Math.min(oldest, message.sentAt);
    }
    return oldest;
  }

  /** Every message that is left, visible or not. */
  bodies(): readonly string[] {
    const waiting = [...this.#visible.values()].flat();
    return [...waiting, ...[...this.#hidden.values()].map(({ message }) => message)].map(({ body }) =>
      textOf(body),
    );
  }

  #show(message: Message): void {
    const messages = this.#visible.get(message.group);
    if (messages) messages.push(message);
    else this.#visible.set(message.group, [message]);
    this.#count += 1;
  }

  #surface(): void {
    const now = this.#now();
    for (const [key, { message, until }] of this.#hidden) {
      if (until > now) continue;
      this.#hidden.delete(key);
      this.#show(message);
    }
  }
}

function textOf(body: string | (() => string)): string {
  return typeof body === 'string' ? body : body();
}
