import type { Decision } from '../../../lambda/core/decision/decision.ts';
import type { AccountJob } from '../../../lambda/ports/account.ts';
import type { FindingReference } from '../../../lambda/ports/findings.ts';
import type { SweepContinuation } from '../../../lambda/ports/sweep.ts';
import type { Clock } from '../../../lambda/ports/system.ts';
import type { Setting } from './simulated-setting.ts';

export interface Process {
  isDead: boolean;
  /** Whether it began when nothing failed any more. */
  readonly isQuiet: boolean;
  /** When Lambda stops it. */
  readonly deadline: number;
  readonly onDeath: () => void;
}

/** Processes as steps that chance interleaves. */
export class Processes {
  readonly #setting: Setting;
  readonly #waiting: { readonly process: Process; readonly go: () => void }[] = [];
  readonly #running = new Set<Process>();

  readonly #isCrowded: boolean;

  /** @param isCrowded whether each step is slow */
  constructor(setting: Setting, isCrowded: boolean) {
    this.#setting = setting;
    this.#isCrowded = isCrowded;
  }

  /** @param millis until Lambda stops it */
  begin(millis: number, onDeath: () => void): Process {
    const { isQuiet, now } = this.#setting;
    const process = { isDead: false, isQuiet, deadline: now + millis, onDeath };
    this.#running.add(process);
    return process;
  }

  end(process: Process): void {
    this.#running.delete(process);
  }

  /** Every await of a process is one of these: others may go on first, or it ends here. */
  pause(process: Process): Promise<void> {
    if (process.isDead) return new Promise(() => undefined);
    return new Promise((go) => this.#waiting.push({ process, go }));
  }

  clock(process: Process): Clock {
    return {
      now: () => this.#setting.moment(),
      remainingMillis: () => (this.#hasTime(process) ? 900_000 : process.deadline - this.#setting.now),
    };
  }

  /** What began before it was quiet is not stopped any more. */
  #hasTime({ isQuiet }: Process): boolean {
    return this.#setting.isQuiet && !isQuiet;
  }

  /** Lets one process go on, or die. */
  async step(): Promise<void> {
    // What is awaited at once passes at once, unless there is too much of it.
    const atOnce = Math.max(1, this.#waiting.length);
    const millis = this.#isCrowded ? 3_000 / atOnce : 1_500 * Math.min(1, 3 / atOnce);
    const one = this.#setting.take(this.#waiting);
    this.#setting.now += this.#setting.below(millis);
    // Of a process that is dead, nothing goes on.
    if (!one || one.process.isDead) return;
    const { process, go } = one;
    const isLate = this.#setting.now > process.deadline && !this.#hasTime(process);
    if (this.#setting.trouble(0.02) || isLate) {
      process.isDead = true;
      this.#running.delete(process);
      process.onDeath();
      return;
    }
    go();
    await settled();
  }

  /**
   * @param more begins another process; false where there is nothing to do
   * @returns whether everything came to an end
   */
  async drain(more: () => boolean): Promise<boolean> {
    for (let turn = 0; turn < 60_000; turn += 1) {
      if (this.#waiting.length > 0) await this.step();
      else if (this.#running.size > 0) await settled();
      else if (!more()) return true;
    }
    this.#setting.wrongs.add('what is under way does not come to an end');
    return false;
  }
}

/** Everything that can go on without waiting has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a queue holds. */
export type Message =
  | { readonly kind: 'finding'; readonly reference: FindingReference; readonly attempts: Attempts }
  | { readonly kind: 'job'; readonly job: AccountJob }
  | { readonly kind: 'notice'; readonly key: string; readonly isNews: boolean }
  | { readonly kind: 'sweep'; readonly sweep: SweepContinuation }
  | { readonly kind: 'decision'; readonly decision: Decision };
type MessageOf<Kind extends Message['kind']> = Extract<Message, { readonly kind: Kind }>;

/** How often a message was received, and how often the work on it began, or ended with its process before. */
interface Attempts {
  received: number;
  begun: number;
}

/** So often a finding is received before it is a dead letter. A queue has more attempts; they would take too long here. */
const MOST_ATTEMPTS = 2;

/** Messages of one invocation: fewer than so many more than one, or as many as a notifier gets of a crowd. */
const FEW = 3;
const MANY = 300;

/** What is under way between processes: late, twice and out of order. */
export class Queues {
  readonly #setting: Setting;
  readonly #isFaithful: boolean;
  readonly #isCrowded: boolean;
  #messages: Message[] = [];

  /**
   * @param isFaithful whether there are no dead letters
   * @param isCrowded whether notices gather, and come as many at once as an invocation gets
   */
  constructor(setting: Setting, isFaithful: boolean, isCrowded: boolean) {
    this.#setting = setting;
    this.#isFaithful = isFaithful;
    this.#isCrowded = isCrowded;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  send(message: Message): void {
    this.#messages.push(message);
  }

  findings(references: readonly FindingReference[]): void {
    for (const reference of references)
      this.send({ kind: 'finding', reference, attempts: { received: 0, begun: 0 } });
  }

  /** One message. It may come again all the same. */
  receive(): Message | undefined {
    const others = this.#isCrowded ? this.#messages.filter(({ kind }) => kind !== 'notice') : [];
    const message = this.#setting.oneOf(others.length > 0 ? others : this.#messages);
    return message && this.#received(message);
  }

  /** Some more of the same kind, for the same invocation. */
  receiveMore<Kind extends Message['kind']>(kind: Kind): readonly MessageOf<Kind>[] {
    const others = this.#messages.filter((one): one is MessageOf<Kind> => one.kind === kind);
    const more: MessageOf<Kind>[] = [];
    const count = this.#isCrowded && kind === 'notice' ? MANY : this.#setting.below(FEW);
    while (more.length < count) {
      const one = this.#setting.take(others);
      if (!one) break;
      more.push(this.#received(one));
    }
    return more;
  }

  #received<M extends Message>(message: M): M {
    this.#messages.splice(this.#messages.indexOf(message), 1);
    if (this.#setting.trouble(0.1)) {
      this.send(message.kind === 'finding' ? { ...message, attempts: { ...message.attempts } } : message);
    }
    if (message.kind === 'finding') message.attempts.received += 1;
    return message;
  }

  /** One that failed. */
  comesAgain(message: Message): void {
    if (message.kind !== 'finding' || this.#isFaithful || this.#setting.isQuiet) {
      this.send(message);
      return;
    }
    const { received, begun } = message.attempts;
    if (received < MOST_ATTEMPTS) this.send(message);
    else if (begun < received) {
      this.#setting.wrongs.add(
        `a finding is a dead letter after ${String(received)} attempts, of which ${String(begun)} began`,
      );
    }
  }
}
