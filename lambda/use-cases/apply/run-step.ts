import type { PlanStep } from '../../core/plan/schema.ts';
import { AdapterError } from '../../ports/system.ts';
import { type Look, settle, type StepContext, TO_DO } from './apply-context.ts';
import { guardProblems } from './guards.ts';
import { bound } from './steps/modules.ts';
import type { Change } from './steps/step-module.ts';

interface StepResult {
  readonly outcome: 'done' | 'unanswered' | 'already' | 'kept';
  readonly notes: readonly string[];
}

/** A step that was not taken, or not completed. `isKnown`: it certainly changed nothing. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  constructor(
    message: string,
    readonly isKnown: boolean,
  ) {
    super(message);
  }
}

/** A limit above the number of changes of any step. */
const MOST_CHANGES = 30;

/**
 * Takes one step: checks, makes room, checks again, acts, and waits until IAM shows the change. If a step makes
 * several changes, each has its own check. A step that was already taken is left alone, so that executing an
 * interrupted plan again completes it. An error of IAM does not say whether the change was made, so the step checks
 * that too.
 * @throws StepFailed
 */
export async function runStep(step: PlanStep, context: StepContext): Promise<StepResult> {
  const { look, prepare, act } = bound(step);
  const first = await lookNext(look, context);
  if (first.state === 'kept') return { outcome: 'kept', notes: first.notes };
  if (first.state === 'done') return { outcome: 'already', notes: first.notes };
  if (prepare) await asStep(() => prepare(context));
  for (let changes = 0; changes < MOST_CHANGES; changes += 1) {
    const seen = changes === 0 && !prepare ? first : await lookNext(look, context);
    if (seen.state === 'kept') return { outcome: 'kept', notes: [...first.notes, ...seen.notes] };
    // If this step made changes, it completed them; otherwise the step was already done.
    if (seen.state === 'done') return { outcome: changes > 0 ? 'done' : 'already', notes: first.notes };
    const change = await changeOf(act, context);
    if (change !== 'more') return settled(look, context, first.notes, change === 'last' ? undefined : change);
    await context.pause(BETWEEN_CHANGES);
  }
  throw new StepFailed(NOT_SHOWN, false);
}

const BETWEEN_CHANGES = 500;
const NOT_SHOWN = 'IAM does not show the change yet: run the same command again in a minute';

async function changeOf(
  act: (context: StepContext) => Promise<Change>,
  context: StepContext,
): Promise<Change | AdapterError> {
  await context.beforeChange();
  try {
    return await act(context);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    return error;
  }
}

/** Waits until IAM shows the change, whatever the call returned. */
async function settled(
  look: (context: StepContext, isNext: boolean) => Promise<Look>,
  context: StepContext,
  notes: readonly string[],
  problem: AdapterError | undefined,
): Promise<StepResult> {
  const isRefused = problem?.code === 'access-denied';
  let unseen: AdapterError | undefined;
  const lookAgain = async (): Promise<Look> => {
    try {
      unseen = undefined;
      return await look(context, false);
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      unseen = error;
      return TO_DO;
    }
  };
  const last = await settle(
    context,
    lookAgain,
    ({ state }) => state === 'done' || state === 'kept' || (isRefused && unseen === undefined),
  );
  if (unseen !== undefined) throw new StepFailed((problem ?? (unseen as AdapterError)).message, false);
  if (last.state === 'done') return { outcome: problem === undefined ? 'done' : 'unanswered', notes };
  if (last.state === 'kept') return { outcome: 'kept', notes: [...notes, ...last.notes] };
  if (problem !== undefined) throw new StepFailed(problem.message, problem.decision === 'permanent');
  throw new StepFailed(last.state === 'refused' ? last.problem : NOT_SHOWN, false);
}

/** The last check before a change: the step's own, and the guards of the whole plan. */
async function lookNext(
  look: (context: StepContext, isNext: boolean) => Promise<Look>,
  context: StepContext,
): Promise<Exclude<Look, { readonly state: 'refused' }>> {
  return asStep(async () => {
    // Earlier changes of this run may become visible late; changes by others stay.
    const seen = await settle(
      context,
      () => look(context, true),
      ({ state }) => state !== 'refused',
    );
    if (seen.state === 'refused') throw new StepFailed(seen.problem, true);
    // The check above may have waited, so the guards come after it.
    const [problem] = seen.state === 'to-do' ? await guardProblems(context) : [];
    if (problem !== undefined) throw new StepFailed(problem, true);
    return seen;
  });
}

async function asStep<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    throw new StepFailed(error.message, false);
  }
}
