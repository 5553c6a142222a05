import { describeStep } from '../../core/plan/describe-step.ts';
import type { PlanStep } from '../../core/plan/schema.ts';
import type { ApplyJournal, Receipt, ReceiptStep } from '../../ports/apply.ts';
import type { Clock } from '../../ports/system.ts';
import { AdapterError } from '../../ports/system.ts';
import type { IamWriter } from '../../ports/apply.ts';
import { type ApplyContext, settle } from './apply-context.ts';
import { documentProblems } from './document-problems.ts';
import { inspectState, isFinished, problemsOf } from './inspect-state.ts';
import { RunningReceipt } from './running-receipt.ts';
import { runStep } from './run-step.ts';
import { StepRefused } from './step-context.ts';

export interface ApplyRequest extends ApplyContext<IamWriter> {
  readonly proposalId: string;
  readonly dryRun: boolean;
  /** The caller accepts a plan that cannot be taken back. */
  readonly irreversible: boolean;
}

export interface ApplyDependencies {
  readonly journal: ApplyJournal;
  readonly clock: Clock;
  /** Asked once everything was checked, and before anything is changed. */
  readonly confirm: () => Promise<boolean>;
  /** Told what each step came to, as it happens. */
  readonly progress: (step: ReceiptStep, index: number, total: number) => void;
}

/** How a run ended. Only `done` and `failed` have changed anything, and only they leave a receipt. */
export type ApplyOutcome =
  | { readonly kind: 'done'; readonly notes: readonly string[]; readonly afterwards: readonly string[] }
  | { readonly kind: 'dry-run' }
  | { readonly kind: 'declined' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly problem: string;
      readonly done: readonly string[];
      readonly notDone: readonly string[];
    };

/**
 * Executes a proposal's plan, or its rollback: looks at everything first, asks, takes the steps in order, reads the
 * result back and compares. Cut off at any point, a second run completes it; a second run of what is complete changes
 * nothing. Errors of IAM become the outcome `failed`, or `refused` where nothing was changed yet.
 */
export async function applyPlan(
  request: ApplyRequest,
  dependencies: ApplyDependencies,
): Promise<ApplyOutcome> {
  const { direction, plan } = request;
  const { journal } = dependencies;
  const receipt = await journal.load();
  const before = await look(request, receipt);
  if ('problems' in before) return { kind: 'refused', problems: before.problems };
  if (request.dryRun) return { kind: 'dry-run' };
  const nothingToDo = direction === 'apply' && before.finished;
  if (!nothingToDo && !(await dependencies.confirm())) return { kind: 'declined' };
  const steps = direction === 'apply' ? plan.apply : plan.rollback;
  const running = new RunningReceipt(journal, dependencies.clock, receipt, request, steps);
  for (const note of before.notes) running.note(note);
  return execute(steps, request, dependencies, running);
}

type FirstLook =
  | { readonly problems: readonly string[] }
  | { readonly finished: boolean; readonly notes: readonly string[] };

async function look(request: ApplyRequest, receipt: Receipt | undefined): Promise<FirstLook> {
  const first = firstProblems(request, receipt);
  if (first.length > 0) return { problems: first };
  try {
    const arn = await request.iam.principalArn(request.principal);
    if (arn !== request.principal.arn) return { problems: [wrongPrincipal(request, arn)] };
    const states = await inspectState(request);
    const problems = problemsOf(states);
    if (problems.length > 0) return { problems };
    return { finished: isFinished(states, request), notes: states.flatMap(({ note }) => note ?? []) };
  } catch (error) {
    if (error instanceof AdapterError) return { problems: [error.message] };
    throw error;
  }
}

/** What can be said before IAM is asked anything. */
function firstProblems(request: ApplyRequest, receipt: Receipt | undefined): readonly string[] {
  const { direction, plan } = request;
  const problems = [...documentProblems(request)];
  if (plan.irreversible !== null) {
    if (direction === 'rollback') problems.push(plan.irreversible);
    else if (!request.irreversible && !request.dryRun) {
      problems.push(`${plan.irreversible}; if that is meant, run it again with --irreversible`);
    }
  }
  // Only a key that was active before may become active again, and IAM does not remember.
  const activates = plan.rollback.some((step) => step.op === 'set-access-key-status');
  if (direction === 'rollback' && activates && !deactivatedByUs(receipt)) {
    problems.push(
      'no receipt says that apply has deactivated the access key; if it was active before, activate it by hand',
    );
  }
  return problems;
}

function deactivatedByUs(receipt: Receipt | undefined): boolean {
  return (receipt?.runs ?? []).some(
    (run) =>
      run.command === 'apply' &&
      run.steps.some(
        (step) =>
          step.op === 'set-access-key-status' && (step.outcome === 'done' || step.outcome === 'started'),
      ),
  );
}

function wrongPrincipal({ principal }: ApplyRequest, found: string | undefined): string {
  const what = `${principal.type} ${principal.name}`;
  return found === undefined
    ? `the account of these credentials has no ${what}; the proposal is for ${principal.arn}`
    : `these credentials see ${found}, and the proposal is for ${principal.arn}`;
}

async function execute(
  steps: readonly PlanStep[],
  request: ApplyRequest,
  { progress }: ApplyDependencies,
  receipt: RunningReceipt,
): Promise<ApplyOutcome> {
  await receipt.begin();
  for (const [index, step] of steps.entries()) {
    try {
      const result = await runStep(step, {
        ...request,
        beforeChange: () => receipt.mark(index, 'started'),
        save: (policyArn, versionId, document) => receipt.backup(policyArn, versionId, document),
      });
      await receipt.mark(index, result.outcome, result.note);
      progress(receipt.step(index), index, steps.length);
    } catch (error) {
      if (!(error instanceof AdapterError) && !(error instanceof StepRefused)) throw error;
      await receipt.end('failed', error.message);
      return failure(steps, index, error.message);
    }
  }
  const problems = await verify(request);
  if (problems.length > 0) {
    await receipt.end('failed', problems.join('; '));
    return failure(steps, steps.length, problems.join('; '));
  }
  await receipt.end('done', null);
  return {
    kind: 'done',
    notes: receipt.notes,
    afterwards: request.direction === 'apply' ? request.plan.afterwards : [],
  };
}

/** Reads everything back. What is not as it should be is a problem; a little time is given to IAM to settle. */
async function verify(request: ApplyRequest): Promise<readonly string[]> {
  try {
    const states = await settle(
      request,
      () => inspectState(request),
      (seen) => isFinished(seen, request),
    );
    if (isFinished(states, request)) return [];
    const problems = problemsOf(states);
    return problems.length > 0
      ? problems
      : ['IAM does not show the end state yet: run the command again in a minute'];
  } catch (error) {
    if (error instanceof AdapterError) return [`the end state could not be read: ${error.message}`];
    throw error;
  }
}

function failure(steps: readonly PlanStep[], index: number, problem: string): ApplyOutcome {
  const lines = steps.map(describeStep);
  return { kind: 'failed', problem, done: lines.slice(0, index), notDone: lines.slice(index) };
}
