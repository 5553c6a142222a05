import { describeStep } from '../../core/plan/steps.ts';
import type { PlanStep } from '../../core/plan/schema.ts';
import type { ApplyJournal, IamWriter, ProposalStatus, Receipt, ReceiptStep } from '../../ports/apply.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import { admissionNotes, admissionProblems, type Overrides } from './admission.ts';
import type { ApplyContext, Direction, StepContext } from './apply-context.ts';
import { endProblems, examine, type Examination } from './examine.ts';
import { ReceiptLost, RunningReceipt } from './running-receipt.ts';
import { runStep, StepFailed } from './run-step.ts';

interface ApplyRequest extends Omit<ApplyContext<IamWriter>, 'since' | 'steps'> {
  readonly proposalId: string;
  readonly status: ProposalStatus;
  readonly overrides: Overrides;
  readonly dryRun: boolean;
  /** Milliseconds between the last step that grants and the first that removes. @default 10,000 */
  readonly patience?: number;
}

interface ApplyDependencies {
  readonly journal: ApplyJournal;
  readonly clock: Clock;
  /** Called after all checks and before any change, with what the user should know. @returns whether to go on */
  readonly confirm: (notes: readonly string[]) => Promise<boolean>;
  /** Called with the outcome of each step, as it happens. */
  readonly progress: (step: ReceiptStep, index: number, total: number) => void;
}

/** How a run ended. Only `done` and `failed` have changed anything, and only they leave a receipt. */
export type ApplyOutcome =
  | { readonly kind: 'done'; readonly notes: readonly string[]; readonly afterwards: readonly string[] }
  | { readonly kind: 'dry-run'; readonly notes: readonly string[] }
  | { readonly kind: 'declined' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly problem: string;
      readonly done: readonly string[];
      readonly notDone: readonly string[];
    };

/**
 * Executes a proposal's plan, or its rollback: checks everything, asks, checks again, takes the steps in order, each
 * with its own check, reads the result back and compares. If it is interrupted at any point, a second run completes
 * it; a second run after a complete one changes nothing. Errors of IAM become the outcome `failed`, or `refused` if
 * nothing has been changed yet. docs/apply.md is the contract.
 */
export async function applyPlan(
  request: ApplyRequest,
  dependencies: ApplyDependencies,
): Promise<ApplyOutcome> {
  const { direction } = request;
  const { journal } = dependencies;
  const inadmissible = admissionProblems(request);
  if (inadmissible.length > 0) return { kind: 'refused', problems: inadmissible };
  const receipt = await journal.load();
  const about = { ...request, since: sinceWhen(request, receipt) };
  const first = await examine(about, receipt);
  if (first.problems) return { kind: 'refused', problems: first.problems };
  const notes = [...admissionNotes(request), ...first.notes];
  if (request.dryRun) return { kind: 'dry-run', notes };
  let examination = first;
  if (!first.isFinished) {
    if (!(await dependencies.confirm(notes))) return { kind: 'declined' };
    // The user may have taken an hour to answer, so everything is checked again.
    const second: Examination = await examine(about, receipt);
    if (second.problems) return { kind: 'refused', problems: second.problems };
    examination = second;
  }
  const planned = direction === 'apply' ? request.plan.apply : request.plan.rollback;
  const { steps } = examination;
  const running = new RunningReceipt(journal, dependencies.clock, receipt, request, planned, steps);
  for (const note of examination.notes) running.note(note);
  return execute(planned, { ...about, steps }, { ...dependencies, patience: request.patience }, running);
}

/** The point since which things may have changed: the analysis, or the end of apply. */
function sinceWhen(
  { direction, status }: Pick<ApplyRequest, 'direction' | 'status'>,
  receipt: Receipt | undefined,
): string | undefined {
  const applied = receipt?.runs.findLast(({ command }) => command === 'apply');
  if (direction === 'rollback' && applied) return `it was applied on ${applied.startedAt}`;
  return status.analysedAt === null ? undefined : `the finding of ${status.analysedAt}`;
}

interface Execution extends Pick<ApplyDependencies, 'progress'> {
  readonly patience: number | undefined;
}

async function execute(
  planned: readonly PlanStep[],
  context: ApplyContext<IamWriter>,
  { progress, patience = 10_000 }: Execution,
  receipt: RunningReceipt,
): Promise<ApplyOutcome> {
  await receipt.begin();
  let isFresh = false;
  for (const [index, step] of planned.entries()) {
    if (!context.steps.includes(step)) continue;
    try {
      // The attached policies are listed, but not yet in force everywhere.
      if (isFresh && takes(step, context.direction)) {
        await context.pause(patience);
        isFresh = false;
      }
      const result = await runStep(step, stepContext(context, receipt, index));
      for (const note of result.notes) receipt.note(note);
      await receipt.mark(index, result.outcome);
      isFresh ||= !takes(step, context.direction) && result.outcome !== 'kept';
      progress(receipt.step(index), index, planned.length);
    } catch (error) {
      return failure(planned, receipt, await problemAt(index, error, receipt));
    }
  }
  // What was deliberately left as it is needs no check.
  const toCheck = planned.filter(
    (step, index) => context.steps.includes(step) && receipt.step(index).outcome !== 'kept',
  );
  const problems = await endOf(toCheck, context);
  try {
    await receipt.end(problems.length > 0 ? 'failed' : 'done', problems.join('; ') || null);
  } catch (error) {
    problems.push(await problemAt(undefined, error, receipt));
  }
  if (problems.length > 0) return failure(planned, receipt, problems.join('; '));
  return {
    kind: 'done',
    notes: receipt.notes,
    afterwards: context.direction === 'apply' ? context.plan.afterwards : [],
  };
}

function stepContext(context: ApplyContext<IamWriter>, receipt: RunningReceipt, index: number): StepContext {
  return {
    ...context,
    beforeChange: () => receipt.mark(index, 'started'),
    save: (policyArn, versionId, document) => receipt.backup(policyArn, versionId, document),
  };
}

/** Whether a step removes permissions; the others grant some, or change none. */
function takes({ op }: PlanStep, direction: Direction): boolean {
  switch (op) {
    case 'detach-policy':
    case 'delete-inline-policy':
    case 'create-default-version':
    case 'set-access-key-status':
    case 'delete-password':
      return true;
    case 'put-inline-policy':
      return direction === 'apply';
    case 'create-policy':
    case 'attach-policy':
    case 'restore-default-version':
    case 'delete-policy':
      return false;
    default: {
      const never: never = op;
      return never;
    }
  }
}

async function endOf(steps: readonly PlanStep[], context: ApplyContext<IamWriter>): Promise<string[]> {
  try {
    return [...(await endProblems(steps, context))];
  } catch (error) {
    if (error instanceof AdapterError) return [`the end state could not be read: ${error.message}`];
    throw error;
  }
}

/**
 * Records in the receipt how a step ended, and returns the problem; if the receipt cannot be written, that is the
 * problem.
 */
async function problemAt(
  index: number | undefined,
  error: unknown,
  receipt: RunningReceipt,
): Promise<string> {
  if (error instanceof ReceiptLost) {
    return `the receipt cannot be written, so nothing more was changed: ${error.message}; note what was done, mend that, and run the same command again`;
  }
  if (!(error instanceof StepFailed) || index === undefined) throw error;
  try {
    if (error.isKnown) await receipt.mark(index, 'refused');
    await receipt.end('failed', error.message);
  } catch (lost) {
    if (!(lost instanceof ReceiptLost)) throw lost;
    return `${error.message}; and the receipt cannot be written: ${lost.message}`;
  }
  return error.message;
}

const DONE_WITH = new Set<ReceiptStep['outcome']>(['done', 'unanswered', 'already', 'kept']);

function failure(planned: readonly PlanStep[], receipt: RunningReceipt, problem: string): ApplyOutcome {
  const done: string[] = [];
  const notDone: string[] = [];
  for (const [index, step] of planned.entries()) {
    const { outcome } = receipt.step(index);
    const line = describeStep(step);
    if (DONE_WITH.has(outcome)) done.push(line);
    else if (outcome === 'started') notDone.push(`${line} (it is not known whether IAM made this change)`);
    else if (outcome !== 'skipped') notDone.push(line);
  }
  return { kind: 'failed', problem, done, notDone };
}
