import { COMMAND } from '../../../contract/command.ts';
import type { HolderRef } from '../../../core/model/subject.ts';
import type { AttachmentAction } from '../../../core/plan/schema.ts';
import { AdapterError } from '../../../ports/system.ts';
import {
  type ApplyContext,
  DONE,
  isDocument,
  type Look,
  PROPOSE_AGAIN,
  refused,
  settle,
  subjectAsHolder,
  TO_DO,
} from '../apply-context.ts';
import { recreated } from '../guards.ts';
import { copyState, notBackYet, tooEarly } from './copies.ts';
import { otherPolicy, policyInForce } from './managed-policy.ts';
import { type Action, type Check, checksOf, type StepModule } from './step-module.ts';

type Attachment = AttachmentAction<'attach-policy' | 'detach-policy'>;

export const attachPolicy: StepModule<Action<'attach-policy'>> = {
  look: async (step, context, isNext) => {
    const isDone = await isAttached(step, context);
    const original = originalOf(step, context);
    if (original !== undefined) return isDone ? DONE : lookAtReturning(original, context);
    const copy = copyOf(step, context);
    if (copy !== undefined) return lookAtCopy(copy, isDone, context, isNext);
    return isDone ? DONE : TO_DO;
  },
  act: async (step, context) => {
    const holder = holderOf(step, context);
    const answer = await settle(
      context,
      () => context.iam.attachPolicy(holder, step.policyArn),
      (seen) => seen === 'attached',
    );
    if (answer === 'missing') {
      throw new AdapterError(
        `cannot attach ${step.policyArn}: it does not exist, or no longer exists`,
        'permanent',
        'invalid',
      );
    }
    return 'last';
  },
};

export const detachPolicy: StepModule<Action<'detach-policy'>> = {
  look: async (step, context, isNext) => {
    const isDone = !(await isAttached(step, context));
    const original = originalOf(step, context);
    if (original !== undefined) return lookAtOriginal(original, isDone, context, isNext);
    if (isDone) return DONE;
    const early = isNext ? await notBackYet(step.policyArn, context) : undefined;
    if (early) return early;
    const copy = copyOf(step, context);
    const state = copy && (await copyState(copy, context));
    const notes =
      state === undefined || state.isAsWanted
        ? []
        : [`${step.policyArn} was changed since this proposal made it`];
    return { state: 'to-do', notes };
  },
  act: async (step, context) => {
    await context.iam.detachPolicy(holderOf(step, context), step.policyArn);
    return 'last';
  },
};

async function isAttached(step: Attachment, context: ApplyContext): Promise<boolean> {
  return (await context.iam.attachedPolicies(holderOf(step, context))).includes(step.policyArn);
}

function holderOf(step: Attachment, context: ApplyContext): HolderRef {
  return step.holder ?? subjectAsHolder(context);
}

function originalOf(step: Attachment, context: ApplyContext): Check<'attached-policy'> | undefined {
  return checksOf('attached-policy', context).find(
    ({ policyArn, holder }) =>
      policyArn === step.policyArn &&
      holder?.type === step.holder?.type &&
      holder?.name === step.holder?.name,
  );
}

function copyOf({ policyArn }: Attachment, context: ApplyContext): Check<'copy'> | undefined {
  return checksOf('copy', context).find((check) => check.policyArn === policyArn);
}

/** Checks a policy before it is detached: its document counts, not its name or version number. */
async function lookAtOriginal(
  check: Check<'attached-policy'>,
  isDone: boolean,
  context: ApplyContext,
  isNext: boolean,
): Promise<Look> {
  const { policyArn } = check;
  if (isDone || isNext) {
    const early = await tooEarly(policyArn, check.needs, isDone, context);
    if (early) return early;
  }
  if (isDone) return DONE;
  const policy = await policyInForce(policyArn, context);
  const next = PROPOSE_AGAIN;
  if (policy === undefined) return refused(context, { what: `${policyArn} no longer exists`, next });
  const other = otherPolicy(policyArn, check.policyId, policy.policyId);
  if (other !== undefined) return refused(context, { what: other, changedAt: policy.updatedAt, next });
  if (isDocument(context, policy.document, check.before)) return TO_DO;
  return refused(context, {
    what: `${policyArn} now has another document (version ${policy.defaultVersionId})`,
    changedAt: policy.updatedAt,
    next,
  });
}

/** Checks a policy before it is attached again: changes that its owner made since are left alone. */
async function lookAtReturning(check: Check<'attached-policy'>, context: ApplyContext): Promise<Look> {
  const { policyArn } = check;
  const other = await otherHolder(check, context);
  if (other !== undefined) return other;
  const policy = await policyInForce(policyArn, context);
  if (policy === undefined) {
    return refused(context, {
      what: `${policyArn} no longer exists, so it cannot be attached again`,
      next: `create it again from ${check.before.file} in the proposal's folder, then run the same command again`,
    });
  }
  const notes = [
    otherPolicy(policyArn, check.policyId, policy.policyId),
    isDocument(context, policy.document, check.before)
      ? undefined
      : `${policyArn} now has another document (version ${policy.defaultVersionId})`,
  ].filter((note) => note !== undefined);
  return { state: 'to-do', notes };
}

/**
 * Checks the holder's id: a holder without the attachment is not in the policy's list of holders, and may have been
 * deleted and created again.
 */
async function otherHolder(
  { policyArn, holder }: Check<'attached-policy'>,
  context: ApplyContext,
): Promise<Look | undefined> {
  const ids = checksOf('holders', context).flatMap((check) => check.ids ?? []);
  if (holder === undefined || !ids.some(({ type, name }) => type === holder.type && name === holder.name)) {
    return undefined;
  }
  const found = await context.iam.subject(holder);
  if (found === undefined) return undefined;
  const [what] = recreated(holder.type, [{ name: holder.name, id: found.id }], { ids });
  if (what === undefined) return undefined;
  return refused(context, {
    what,
    changedAt: found.createdAt,
    next: `attach ${policyArn} by hand to those who had it and should have it again`,
  });
}

/**
 * Checks that a copy has the proposed document before it is attached. Everything else about it is checked by
 * `create-policy`.
 */
async function lookAtCopy(
  check: Check<'copy'>,
  isDone: boolean,
  context: ApplyContext,
  isNext: boolean,
): Promise<Look> {
  if (isDone) return DONE;
  if (!isNext) return TO_DO;
  const state = await copyState(check, context);
  // A policy that was created a moment ago may not be visible yet; attaching it shows whether it exists.
  if (state === undefined || (state.isAsWanted && state.origin !== 'foreign')) return TO_DO;
  return refused(context, {
    what: `${check.policyArn} was changed since this proposal made it`,
    changedAt: state.policy.updatedAt,
    next: `run \`${COMMAND} rollback\` on this proposal, or ${PROPOSE_AGAIN}`,
  });
}
