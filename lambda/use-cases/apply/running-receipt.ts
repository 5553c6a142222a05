import { describeStep } from '../../core/plan/describe-step.ts';
import type { JsonValue } from '../../core/model/json.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import type { PlanStep } from '../../core/plan/schema.ts';
import type { ApplyJournal, Receipt, ReceiptRun, ReceiptStep, SavedVersion } from '../../ports/apply.ts';
import type { Clock } from '../../ports/system.ts';
import type { Direction } from './apply-context.ts';

interface About {
  readonly proposalId: string;
  readonly principal: PrincipalRef;
  readonly direction: Direction;
}

/** The receipt of a run while it runs: every change of it is saved before anything else happens. */
export class RunningReceipt {
  readonly #journal: ApplyJournal;
  readonly #clock: Clock;
  readonly #earlier: Receipt;
  readonly #steps: ReceiptStep[];
  readonly #saved: SavedVersion[] = [];
  readonly #notes = new Set<string>();
  #run: Pick<ReceiptRun, 'command' | 'startedAt' | 'finishedAt' | 'outcome' | 'problem'>;

  constructor(
    journal: ApplyJournal,
    clock: Clock,
    earlier: Receipt | undefined,
    about: About,
    steps: readonly PlanStep[],
  ) {
    this.#journal = journal;
    this.#clock = clock;
    this.#earlier = earlier ?? {
      schemaVersion: 1,
      proposalId: about.proposalId,
      principalArn: about.principal.arn,
      runs: [],
    };
    this.#steps = steps.map((step) => ({
      op: step.op,
      what: describeStep(step),
      outcome: 'pending',
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

  note(text: string): void {
    this.#notes.add(text);
  }

  step(index: number): ReceiptStep {
    const step = this.#steps[index];
    if (step === undefined) throw new RangeError(`the plan has no step ${String(index)}`);
    return step;
  }

  async begin(): Promise<void> {
    await this.#save();
  }

  async mark(index: number, outcome: ReceiptStep['outcome'], note?: string): Promise<void> {
    this.#steps[index] = { ...this.step(index), outcome, at: this.#clock.now() };
    if (note !== undefined) this.note(note);
    await this.#save();
  }

  async backup(policyArn: string, versionId: string, document: JsonValue): Promise<SavedVersion> {
    const file = await this.#journal.backup(policyArn, versionId, document);
    const saved = { policyArn, versionId, file };
    this.#saved.push(saved);
    await this.#save();
    return saved;
  }

  async end(outcome: 'done' | 'failed', problem: string | null): Promise<void> {
    this.#run = { ...this.#run, outcome, problem, finishedAt: this.#clock.now() };
    await this.#save();
  }

  async #save(): Promise<void> {
    const run: ReceiptRun = {
      ...this.#run,
      steps: [...this.#steps],
      saved: [...this.#saved],
      notes: this.notes,
    };
    await this.#journal.save({ ...this.#earlier, runs: [...this.#earlier.runs, run] });
  }
}
