import type { PlanStep } from '../../core/plan/schema.ts';
import { AdapterError } from '../../ports/system.ts';
import { type Look, settle, type StepContext } from './apply-context.ts';
import { guardProblems } from './guards.ts';
import { bound } from './steps/modules.ts';

export interface StepResult {
  readonly outcome: 'done' | 'already' | 'kept';
  readonly notes: readonly string[];
}

/** A step that was not taken, or not to its end. `isKnown`: nothing was changed by it, for certain. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  constructor(
    message: string,
    readonly isKnown: boolean,
  ) {
    super(message);
  }
}

/**
 * Takes one step: looks, makes room, looks again, acts, and waits until IAM shows it. A step that was taken already is
 * left alone, so a plan that was cut off at any point is completed by executing it again. An error of IAM is no answer
 * to whether the change was made: that is looked at, too.
 * @throws StepFailed
 */
export async function runStep(step: PlanStep, context: StepContext): Promise<StepResult> {
  const { look, prepare, act } = bound(step);
  let first = await lookNext(look, context);
  if (first.state === 'to-do' && prepare) {
    await asStep(() => prepare(context));
    first = await lookNext(look, context);
  }
  if (first.state !== 'to-do') {
    return { outcome: first.state === 'kept' ? 'kept' : 'already', notes: first.notes };
  }
  await context.beforeChange();
  let problem: AdapterError | undefined;
  try {
    await act(context);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    problem = error;
  }
  const isRefused = problem?.code === 'access-denied';
  const last = await asStep(
    () =>
      settle(
        context,
        () => look(context, false),
        ({ state }) => state === 'done' || state === 'kept' || isRefused,
      ),
    problem,
  );
  if (last.state === 'done' || last.state === 'kept') return { outcome: 'done', notes: first.notes };
  if (problem !== undefined) throw new StepFailed(problem.message, problem.decision === 'permanent');
  throw new StepFailed(
    last.state === 'refused'
      ? last.problem
      : 'IAM does not show the change yet: run the same command again in a minute',
    false,
  );
}

/** The last look before a change: everything that guards the plan holds, and then what the step itself runs over. */
async function lookNext(
  look: (context: StepContext, isNext: boolean) => Promise<Look>,
  context: StepContext,
): Promise<Exclude<Look, { readonly state: 'refused' }>> {
  return asStep(async () => {
    const [problem] = await guardProblems(context);
    if (problem !== undefined) throw new StepFailed(problem, true);
    const seen = await look(context, true);
    if (seen.state === 'refused') throw new StepFailed(seen.problem, true);
    return seen;
  });
}

async function asStep<T>(run: () => Promise<T>, earlier?: AdapterError): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    throw new StepFailed(earlier?.message ?? error.message, false);
  }
}
