import { describeStep } from '../../core/plan/steps.ts';
import type { Plan, PlanStep } from '../../core/plan/schema.ts';
import type { Receipt } from '../../ports/apply.ts';
import type { ApplyContext } from './apply-context.ts';
import { copyState } from './steps/copies.ts';
import { bound } from './steps/modules.ts';
import { checksOf } from './steps/step-module.ts';

/** What a rollback undoes, what it leaves, and what must be settled first. */
interface RollbackChoice {
  readonly steps: readonly PlanStep[];
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Chooses what a rollback undoes: what apply did, and nothing else. The receipt says what that was: the last run that
 * touched a step counts, and it must be an apply. Without a receipt, only changes that nobody but apply can have made
 * count: the copies with this proposal's id, the policies that they replaced, and the proposed documents.
 */
export async function chooseRollback(
  context: ApplyContext,
  receipt: Receipt | undefined,
): Promise<RollbackChoice> {
  const { plan } = context;
  const history = receipt && historyOf(plan, receipt);
  const steps: PlanStep[] = [];
  const notes: string[] = [];
  const problems: string[] = [];
  for (const [index, back] of plan.rollback.entries()) {
    const forth = plan.apply[plan.apply.length - 1 - index];
    if (forth === undefined) continue;
    const past = history?.[plan.apply.length - 1 - index];
    const wasDone = history ? past === 'applied' || past === 'unknown' : await isUnmistakable(forth, context);
    // A key may have been deactivated because it leaked, so it is activated again only if apply certainly deactivated
    // it.
    if (wasDone && !(back.op === 'set-access-key-status' && past !== 'applied')) {
      steps.push(back);
      continue;
    }
    const look = await bound(back).look({ ...context, steps: [] }, false);
    if (look.state !== 'to-do') continue;
    if (back.op === 'set-access-key-status') problems.push(keyProblem(back.accessKeyId, context));
    else notes.push(leftNote(forth, back, history !== undefined));
  }
  return { steps, notes, problems };
}

type Past = 'applied' | 'unknown' | 'not-applied';

/** The outcome of each step of apply, in order. */
function historyOf(plan: Plan, { runs }: Receipt): readonly Past[] {
  const past = new Map<string, Past>();
  const keyOfBack = new Map(
    plan.rollback.map((back, index) => {
      const forth = plan.apply[plan.apply.length - 1 - index];
      return [keyOf(back.op, describeStep(back)), forth ? keyOf(forth.op, describeStep(forth)) : ''];
    }),
  );
  for (const { command, steps } of runs) {
    for (const { op, what, outcome } of steps) {
      const own = keyOf(op, what);
      const key = command === 'apply' ? own : (keyOfBack.get(own) ?? '');
      // Without an answer it is unknown who made the change. A refusal changed nothing.
      if (outcome === 'started') past.set(key, 'unknown');
      if (outcome === 'unanswered') past.set(key, command === 'apply' ? 'unknown' : 'not-applied');
      if (outcome === 'done') past.set(key, command === 'apply' ? 'applied' : 'not-applied');
      if (command === 'rollback' && (outcome === 'already' || outcome === 'kept'))
        past.set(key, 'not-applied');
    }
  }
  return plan.apply.map((step) => past.get(keyOf(step.op, describeStep(step))) ?? 'not-applied');
}

function keyOf(op: string, what: string): string {
  return `${op} ${what}`;
}

/** Whether the state after a step can only be the work of apply. */
async function isUnmistakable(step: PlanStep, context: ApplyContext): Promise<boolean> {
  switch (step.op) {
    case 'put-inline-policy':
    case 'create-default-version':
      return true;
    case 'create-policy':
      return isOurCopy(step.policyArn, context);
    case 'attach-policy':
      return step.holder === undefined && isOurCopy(step.policyArn, context);
    case 'detach-policy':
    case 'delete-inline-policy': {
      const needs = context.plan.checks.flatMap((check) =>
        (check.check === 'attached-policy' && step.op === 'detach-policy' && check.policyArn === step.policyArn) ||
        (check.check === 'inline-policy' && step.op === 'delete-inline-policy' && check.policyName === step.policyName)
          ? check.needs
          : [],
      ); // prettier-ignore
      if (needs.length === 0) return false;
      for (const arn of needs) if (!(await isOurCopy(arn, context))) return false;
      return true;
    }
    case 'set-access-key-status':
    case 'delete-password':
    case 'delete-policy':
    case 'restore-default-version':
      return false;
    default: {
      const never: never = step;
      return never;
    }
  }
}

async function isOurCopy(policyArn: string, context: ApplyContext): Promise<boolean> {
  const check = checksOf('copy', context).find((one) => one.policyArn === policyArn);
  const state = check && (await copyState(check, context));
  return state?.origin === 'ours';
}

function keyProblem(accessKeyId: string, { subject }: ApplyContext): string {
  return (
    `no receipt says that apply was the last to deactivate the access key ${accessKeyId}: ` +
    `somebody else may have done it for a reason; if it is to be used again, ` +
    `aws iam update-access-key --user-name ${subject.name} --access-key-id ${accessKeyId} --status Active`
  );
}

function leftNote(forth: PlanStep, back: PlanStep, hasReceipt: boolean): string {
  const why = hasReceipt
    ? 'apply had found it so'
    : 'no receipt says that apply did it, and somebody else may have';
  return `not undone: ${describeStep(forth)} (${why}); to undo it by hand: ${describeStep(back)}`;
}
