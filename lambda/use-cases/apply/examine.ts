import type { PlanStep } from '../../core/plan/schema.ts';
import type { IamWriter, Receipt, IamReader } from '../../ports/apply.ts';
import { AdapterError } from '../../ports/system.ts';
import { type ApplyContext, type Look, settle } from './apply-context.ts';
import { guardProblems } from './guards.ts';
import { chooseRollback } from './choose-rollback.ts';
import { quotaProblems } from './quota-problems.ts';
import { bound } from './steps/modules.ts';

/** What a run may do, or why it may not. */
export type Examination =
  | { readonly problems: readonly string[] }
  | {
      readonly problems?: undefined;
      /** The steps of this run, in order, including those already taken. */
      readonly steps: readonly PlanStep[];
      /** Whether no step is left to take. */
      readonly isFinished: boolean;
      readonly notes: readonly string[];
    };

/**
 * Reads everything that the run would touch, and changes nothing. Together, the states must be one that the plan
 * itself passes through. What a rollback does not touch does not prevent it.
 */
export async function examine(
  about: Omit<ApplyContext<IamWriter>, 'steps'>,
  receipt: Receipt | undefined,
): Promise<Examination> {
  const { plan, direction } = about;
  const context: ApplyContext = { ...about, iam: remembering(about.iam), steps: [] };
  try {
    const guarded = await guardProblems(context);
    if (guarded.length > 0) return { problems: guarded };
    const chosen =
      direction === 'apply'
        ? { steps: plan.apply, notes: [], problems: [] }
        : await chooseRollback(context, receipt);
    const seen = await lookAtAll(chosen.steps, { ...context, steps: chosen.steps });
    const problems = [...chosen.problems, ...problemsOf(seen)];
    if (problems.length > 0) return { problems };
    const toDo = chosen.steps.filter((_, index) => seen[index]?.state === 'to-do');
    const room = await quotaProblems(toDo, context);
    if (room.length > 0) return { problems: room };
    return {
      steps: chosen.steps,
      isFinished: toDo.length === 0,
      notes: [...chosen.notes, ...seen.flatMap((look) => (look.state === 'refused' ? [] : look.notes))],
    };
  } catch (error) {
    if (error instanceof AdapterError) return { problems: [error.message] };
    throw error;
  }
}

/**
 * What is wrong at the end of a run; empty if everything is as it should be after its steps. Waits until IAM shows it.
 */
export async function endProblems(
  steps: readonly PlanStep[],
  context: ApplyContext,
): Promise<readonly string[]> {
  const seen = await settle(
    context,
    () => lookAtAll(steps, { ...context, iam: remembering(context.iam) }),
    (all) => all.every(({ state }) => state === 'done' || state === 'kept'),
  );
  const problems = problemsOf(seen);
  if (problems.length > 0) return problems;
  return seen.some(({ state }) => state === 'to-do')
    ? ['IAM does not show the end state: run the same command again in a minute']
    : [];
}

async function lookAtAll(steps: readonly PlanStep[], context: ApplyContext): Promise<readonly Look[]> {
  const seen: Look[] = [];
  for (const step of steps) seen.push(await bound(step).look(context, false));
  return seen;
}

function problemsOf(seen: readonly Look[]): readonly string[] {
  return seen.flatMap((look) => (look.state === 'refused' ? [look.problem] : []));
}

/** Caches answers for one examination, in which several steps read the same things. */
function remembering(iam: IamReader): IamReader {
  const once = <Args extends readonly unknown[], T>(
    ask: (...args: Args) => Promise<T>,
  ): ((...args: Args) => Promise<T>) => {
    const own = new Map<string, Promise<T>>();
    return (...args) => {
      const key = JSON.stringify(args);
      const answer = own.get(key) ?? ask(...args);
      own.set(key, answer);
      return answer;
    };
  };
  return {
    subject: once((holder) => iam.subject(holder)),
    inlinePolicy: once((holder, name) => iam.inlinePolicy(holder, name)),
    inlinePolicyNames: once((holder) => iam.inlinePolicyNames(holder)),
    attachedPolicies: once((holder) => iam.attachedPolicies(holder)),
    managedPolicy: once((arn) => iam.managedPolicy(arn)),
    policyVersions: once((arn) => iam.policyVersions(arn)),
    versionDocument: once((arn, id) => iam.versionDocument(arn, id)),
    policyHolders: once((arn) => iam.policyHolders(arn)),
    group: once((name) => iam.group(name)),
    accessKey: once((user, id) => iam.accessKey(user, id)),
    password: once((user) => iam.password(user)),
    quotas: once(() => iam.quotas()),
  };
}
