import type { JsonValue } from '../../core/model/json.ts';
import type { Subject } from '../../core/model/subject.ts';
import { describeStep } from '../../core/plan/steps.ts';
import type { PlanStep } from '../../core/plan/schema.ts';
import type { ApplyJournal, Receipt, ReceiptRun, ReceiptStep, SavedVersion } from '../../ports/apply.ts';
import type { Clock } from '../../ports/system.ts';
import type { Direction } from './apply-context.ts';

interface About {
  readonly proposalId: string;
  readonly subject: Subject;
  readonly direction: Direction;
}

/** The receipt cannot be written, so nothing more may be changed. What was done until then is still in memory. */
export class ReceiptLost extends Error {
  override readonly name = 'ReceiptLost';
}

/** The receipt of a run in progress. Every change to it is saved before anything else happens. */
export class RunningReceipt {
  readonly #journal: ApplyJournal;
  readonly #clock: Clock;
  readonly #earlier: Receipt;
  readonly #steps: ReceiptStep[];
  readonly #saved: SavedVersion[] = [];
  readonly #notes = new Set<string>();
  #run: Pick<ReceiptRun, 'command' | 'startedAt' | 'finishedAt' | 'outcome' | 'problem'>;

  /** @param taken the steps of this run; the plan's other steps are recorded as skipped */
  constructor(
    journal: ApplyJournal,
    clock: Clock,
    earlier: Receipt | undefined,
    about: About,
    steps: readonly PlanStep[],
    taken: readonly PlanStep[],
  ) {
    this.#journal = journal;
    this.#clock = clock;
    this.#earlier = earlier ?? {
      schemaVersion: 1,
      proposalId: about.proposalId,
      subjectArn: about.subject.arn,
      runs: [],
    };
    this.#steps = steps.map((step) => ({
      op: step.op,
      what: describeStep(step),
      outcome: taken.includes(step) ? 'pending' : 'skipped',
      at: null,
    }));
    this.#run = {
      command: about.direction,
      startedAt: clock.now(),
      finishedAt: null,
      outcome: 'running',
      problem: null,
    };
  }

  get notes(): readonly string[] {
    return [...this.#notes];
  }

  /** The steps with their outcomes so far. */
  get steps(): readonly ReceiptStep[] {
    return [...this.#steps];
  }

  note(text: string): void {
    this.#notes.add(text);
  }

  step(index: number): ReceiptStep {
    const step = this.#steps[index];
    if (step === undefined) throw new RangeError(`the plan has no step ${String(index)}`);
    return step;
  }

  /** Saves the beginning. Nothing was changed yet, so the journal's errors are passed on. */
  async begin(): Promise<void> {
    await this.#journal.save(this.#receipt());
  }

  /** @throws ReceiptLost */
  async mark(index: number, outcome: ReceiptStep['outcome']): Promise<void> {
    this.#steps[index] = { ...this.step(index), outcome, at: this.#clock.now() };
    await this.#save(() => this.#journal.save(this.#receipt()));
  }

  /** @throws ReceiptLost */
  async backup(policyArn: string, versionId: string, document: JsonValue): Promise<SavedVersion> {
    const file = await this.#save(() => this.#journal.backup(policyArn, versionId, document));
    const saved = { policyArn, versionId, file };
    this.#saved.push(saved);
    await this.#save(() => this.#journal.save(this.#receipt()));
    return saved;
  }

  /** @throws ReceiptLost */
  async end(outcome: 'done' | 'failed', problem: string | null): Promise<void> {
    this.#run = { ...this.#run, outcome, problem, finishedAt: this.#clock.now() };
    await this.#save(() => this.#journal.save(this.#receipt()));
  }

  #receipt(): Receipt {
    const run: ReceiptRun = {
      ...this.#run,
      steps: this.steps,
      saved: [...this.#saved],
      notes: this.notes,
    };
    return { ...this.#earlier, runs: [...this.#earlier.runs, run] };
  }

  async #save<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      throw new ReceiptLost(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}
