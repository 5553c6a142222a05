import type {
  AttachmentCheck,
  CopyCheck,
  DefaultVersionCheck,
  InlineCheck,
  PlanCheck,
} from '../../core/plan/schema.ts';
import { type ApplyContext, isDocument } from './apply-context.ts';

/**
 * Where one thing stands. `between`: a copy that exists and is not attached. `other`: neither as it was analysed nor as
 * the plan leaves it, so somebody else changed it.
 */
export interface CheckedState {
  readonly check: PlanCheck;
  readonly state: 'before' | 'between' | 'after' | 'other';
  readonly problem?: string;
  readonly note?: string;
}

/**
 * Looks at everything that the plan touches, changes nothing. The states of all things together must be one through
 * which the plan itself passes; anything else is a problem.
 */
export async function inspectState(context: ApplyContext): Promise<readonly CheckedState[]> {
  const attached = new Set(await context.iam.attachedPolicies(context.principal));
  const states: CheckedState[] = [];
  for (const check of context.plan.checks) states.push(await inspect(check, attached, context));
  return states.map((state) => withNeeds(state, states));
}

/** The reasons why the plan must not be executed; empty when it may. */
export function problemsOf(states: readonly CheckedState[]): readonly string[] {
  return states.flatMap(({ problem }) => problem ?? []);
}

/** Whether everything is where the plan ends. A copy that others use by now is kept by a rollback, only not attached. */
export function isFinished(states: readonly CheckedState[], context: ApplyContext): boolean {
  return states.every(({ check, state }) =>
    context.direction === 'apply'
      ? state === 'after'
      : state === 'before' || (check.check === 'copy' && state === 'between'),
  );
}

async function inspect(
  check: PlanCheck,
  attached: ReadonlySet<string>,
  context: ApplyContext,
): Promise<CheckedState> {
  switch (check.check) {
    case 'inline-policy':
      return inlinePolicy(check, context);
    case 'default-version':
      return defaultVersion(check, attached, context);
    case 'attached-policy':
      return attachedPolicy(check, attached, context);
    case 'copy':
      return copy(check, attached, context);
    case 'access-key': {
      const status = await context.iam.accessKeyStatus(context.principal.name, check.accessKeyId);
      if (status === undefined)
        return other(check, `the access key ${check.accessKeyId} does not exist any more`);
      return { check, state: status === 'Active' ? 'before' : 'after' };
    }
    case 'password':
      return { check, state: (await context.iam.hasPassword(context.principal.name)) ? 'before' : 'after' };
    case 'holders':
    case 'denial':
      return other(check, `the plan has a check that this version cannot make: ${check.check}`);
    default: {
      const never: never = check;
      return never;
    }
  }
}

async function inlinePolicy(check: InlineCheck, context: ApplyContext): Promise<CheckedState> {
  const found = await context.iam.inlinePolicy(context.principal, check.policyName);
  if (isDocument(context, found, check.after)) return { check, state: 'after' };
  if (isDocument(context, found, check.before)) return { check, state: 'before' };
  const what = `the inline policy ${check.policyName}`;
  return other(
    check,
    found === undefined
      ? `${what} does not exist any more`
      : `${what} holds neither what was analysed nor what is proposed: somebody changed it`,
  );
}

async function defaultVersion(
  check: DefaultVersionCheck,
  attached: ReadonlySet<string>,
  context: ApplyContext,
): Promise<CheckedState> {
  const { policyArn } = check;
  const policy = await context.iam.managedPolicy(policyArn);
  if (policy === undefined) return other(check, `${policyArn} does not exist any more`);
  const found = await context.iam.versionDocument(policyArn, policy.defaultVersionId);
  const state = isDocument(context, found, check.after)
    ? 'after'
    : isDocument(context, found, check.before)
      ? 'before'
      : 'other';
  if (state === 'other') {
    return other(
      check,
      `the default version ${policy.defaultVersionId} of ${policyArn} holds neither what was analysed nor what is proposed: somebody changed it`,
    );
  }
  const pending = state === (context.direction === 'apply' ? 'before' : 'after');
  if (!pending) return { check, state };
  if (!attached.has(policyArn))
    return other(check, `${policyArn} is not attached to ${context.principal.name} any more`);
  if (policy.attachments > 1 || policy.boundaryUses > 0) {
    return other(
      check,
      `${policyArn} is attached to others too by now, whose permissions would change as well`,
    );
  }
  return { check, state };
}

async function attachedPolicy(
  check: AttachmentCheck,
  attached: ReadonlySet<string>,
  context: ApplyContext,
): Promise<CheckedState> {
  const { policyArn } = check;
  const state = attached.has(policyArn) ? 'before' : 'after';
  const pending = state === (context.direction === 'apply' ? 'before' : 'after');
  if (!pending) return { check, state };
  const policy = await context.iam.managedPolicy(policyArn);
  if (policy === undefined)
    return other(check, `${policyArn} does not exist any more, so it cannot be attached again`);
  // A version's document never changes, so its id is enough.
  if (policy.defaultVersionId === check.versionId) return { check, state };
  const found = await context.iam.versionDocument(policyArn, policy.defaultVersionId);
  if (isDocument(context, found, check.before)) return { check, state };
  const changed = `${policyArn} holds another document by now (version ${policy.defaultVersionId})`;
  // Taking back means attaching it again; what its owner has put into it since is the owner's.
  return context.direction === 'apply'
    ? other(check, `${changed}: make the proposal again`)
    : { check, state, note: changed };
}

async function copy(
  check: CopyCheck,
  attached: ReadonlySet<string>,
  context: ApplyContext,
): Promise<CheckedState> {
  const { policyArn } = check;
  const policy = await context.iam.managedPolicy(policyArn);
  if (policy === undefined) return { check, state: 'before' };
  if (policy.description !== check.description) {
    return other(check, `${policyArn} exists already and was not made by this proposal`);
  }
  const state = attached.has(policyArn) ? 'after' : 'between';
  const found = await context.iam.versionDocument(policyArn, policy.defaultVersionId);
  if (isDocument(context, found, check.document)) return { check, state };
  const changed = `${policyArn} was changed since this proposal made it`;
  return context.direction === 'apply' ? other(check, changed) : { check, state, note: changed };
}

/** A policy that went, or was narrowed, while a copy that carries a part of it is not there: no plan passes through that. */
function withNeeds(state: CheckedState, all: readonly CheckedState[]): CheckedState {
  const { check } = state;
  if (state.state !== 'after' || !('needs' in check)) return state;
  const missing = check.needs.find(
    (arn) =>
      !all.some((one) => one.check.check === 'copy' && one.check.policyArn === arn && one.state === 'after'),
  );
  if (missing === undefined) return state;
  const what = check.check === 'inline-policy' ? `the inline policy ${check.policyName}` : check.policyArn;
  return other(check, `${what} is as proposed, but ${missing}, which carries a part of it, is not attached`);
}

function other(check: PlanCheck, problem: string): CheckedState {
  return { check, state: 'other', problem };
}
