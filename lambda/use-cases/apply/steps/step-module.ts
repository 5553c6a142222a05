import type { PlanCheck, StepAction } from '../../../core/plan/schema.ts';
import type { ApplyContext, Look, StepContext } from '../apply-context.ts';

/** Whether a change was the last one of its step, or another one follows after another check. */
export type Change = 'last' | 'more';

/**
 * One kind of step. It is complete once `look` returns `done`; the runner repeats `look` until IAM shows the change.
 */
export interface StepModule<Step extends StepAction> {
  /**
   * Compares what the step would change with what was analysed. Changes nothing.
   * @param isNext the step is about to be taken, so its prerequisites must be in place too
   */
  look(step: Step, context: ApplyContext, isNext: boolean): Promise<Look>;
  /** Makes room for what the step adds. `look` is called again afterwards. */
  prepare?(step: Step, context: StepContext): Promise<void>;
  /**
   * Makes one change, the only one or the next of several.
   * @throws AdapterError
   */
  act(step: Step, context: StepContext): Promise<Change>;
}

export type Action<Op extends StepAction['op']> = Extract<StepAction, { readonly op: Op }>;

export type Check<Kind extends PlanCheck['check']> = Extract<PlanCheck, { readonly check: Kind }>;

/** The checks of one kind. */
export function checksOf<Kind extends PlanCheck['check']>(
  kind: Kind,
  { plan }: Pick<ApplyContext, 'plan'>,
): readonly Check<Kind>[] {
  return plan.checks.filter((check): check is Check<Kind> => check.check === kind);
}
