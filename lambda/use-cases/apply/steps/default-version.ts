import type { DefaultVersionCheck, DocumentRef, VersionAction } from '../../../core/plan/schema.ts';
import {
  type ApplyContext,
  DONE,
  documentOf,
  isDocument,
  type Look,
  PROPOSE_AGAIN,
  refused,
  type StepContext,
  subjectAsHolder,
  TO_DO,
} from '../apply-context.ts';
import { tooEarly } from './copies.ts';
import { makeRoom, otherPolicy, type PolicyInForce, policyInForce } from './managed-policy.ts';
import { type Action, checksOf, type StepModule } from './step-module.ts';

/** Adds the proposed document as the default version, and deletes an old version first if there are five. */
export const createDefaultVersion: StepModule<Action<'create-default-version'>> = {
  look: (step, context, isNext) => look(step, step.after, context, isNext),
  prepare: ({ policyArn }, context) => makeRoom(policyArn, context),
  act: async ({ policyArn, after }, context) => {
    await context.iam.createDefaultVersion(policyArn, documentOf(after, context));
    return 'last';
  },
};

/** Makes the analysed version the default again, and deletes the one that the plan added. */
export const restoreDefaultVersion: StepModule<Action<'restore-default-version'>> = {
  look: async (step, context, isNext) => {
    const seen = await look(step, step.before, context, isNext);
    if (seen.state !== 'done') return seen;
    const policy = await context.iam.managedPolicy(step.policyArn);
    const added = await addedVersions(step, policy?.defaultVersionId, context);
    return added.length > 0 ? TO_DO : seen;
  },
  prepare: async (step, context) => {
    const policy = await policyInForce(step.policyArn, context);
    if (isDocument(context, policy?.document, step.before)) return;
    if ((await versionWith(step, context)) === undefined) await makeRoom(step.policyArn, context);
  },
  act: async (step, context) => {
    const policy = await policyInForce(step.policyArn, context);
    if (!isDocument(context, policy?.document, step.before)) return restore(step, context);
    const [added, ...others] = await addedVersions(step, policy?.defaultVersionId, context);
    if (added !== undefined) await context.iam.deleteVersion(step.policyArn, added);
    return others.length > 0 ? 'more' : 'last';
  },
};

/**
 * The rule for default versions: the document in force must be the one after the step, or the one that the plan starts
 * from.
 */
async function look(
  step: VersionAction<string>,
  wanted: DocumentRef,
  context: ApplyContext,
  isNext: boolean,
): Promise<Look> {
  const { policyArn } = step;
  const policy = await policyInForce(policyArn, context);
  if (policy === undefined) return refused(context, { what: `${policyArn} no longer exists`, next: nextOf(step, context) }); // prettier-ignore
  const check = checksOf('default-version', context).find((one) => one.policyArn === policyArn);
  const other = otherPolicy(policyArn, check?.policyId, policy.policyId);
  if (other !== undefined) return refused(context, { what: other, changedAt: policy.updatedAt, next: nextOf(step, context) }); // prettier-ignore
  const isDone = isDocument(context, policy.document, wanted);
  const isExpected = [step.before, step.after].some((ref) => isDocument(context, policy.document, ref));
  if (!isDone && !isExpected) {
    return refused(context, {
      what: `the default version ${policy.defaultVersionId} of ${policyArn} holds neither what was analysed nor what is proposed: somebody changed it`,
      changedAt: policy.updatedAt,
      next: nextOf(step, context),
    });
  }
  if (check !== undefined && context.direction === 'apply' && (isDone || isNext)) {
    const early = await tooEarly(policyArn, check.needs, isDone, context);
    if (early) return early;
  }
  return isDone ? DONE : ((await reachesOthers(policyArn, policy, context)) ?? TO_DO);
}

/**
 * A new default version affects every principal that has the policy, so there must be no holder that was not analysed.
 */
async function reachesOthers(
  policyArn: string,
  policy: PolicyInForce,
  context: ApplyContext,
): Promise<Look | undefined> {
  const next =
    context.direction === 'apply'
      ? PROPOSE_AGAIN
      : `see who has it with \`aws iam list-entities-for-policy --policy-arn ${policyArn}\`, and put the version back by hand if they may have it`;
  if (context.subject.type === 'policy') {
    // guards.ts compares the attachments by name for the whole plan.
    return policy.boundaryUses > 0
      ? refused(context, {
          what: `${policyArn} is now a permissions boundary, which would change as well`,
          next,
        })
      : undefined;
  }
  const holder = subjectAsHolder(context);
  if (!(await context.iam.attachedPolicies(holder)).includes(policyArn)) {
    return refused(context, { what: `${policyArn} is no longer attached to ${holder.name}`, next });
  }
  if (policy.attachments > 1 || policy.boundaryUses > 0) {
    return refused(context, {
      what: `${policyArn} is now attached to others too, whose permissions would change as well`,
      next,
    });
  }
  return undefined;
}

function nextOf({ policyArn }: Pick<DefaultVersionCheck, 'policyArn'>, { direction }: ApplyContext): string {
  return direction === 'apply'
    ? PROPOSE_AGAIN
    : `see its versions with \`aws iam list-policy-versions --policy-arn ${policyArn}\` and set the default by hand`;
}

async function restore(step: Action<'restore-default-version'>, context: StepContext): Promise<'more'> {
  const target = await versionWith(step, context);
  if (target === undefined) {
    await context.iam.createDefaultVersion(step.policyArn, documentOf(step.before, context));
  } else {
    await context.iam.setDefaultVersion(step.policyArn, target);
  }
  return 'more';
}

/** The version with the original document, preferably the analysed one. */
async function versionWith(
  step: Action<'restore-default-version'>,
  context: ApplyContext,
): Promise<string | undefined> {
  const versions = await context.iam.policyVersions(step.policyArn);
  const candidates = [
    ...versions.filter((id) => id === step.versionId),
    ...versions.filter((id) => id !== step.versionId).toReversed(),
  ];
  for (const id of candidates) {
    const document = await context.iam.versionDocument(step.policyArn, id);
    if (isDocument(context, document, step.before)) return id;
  }
  return undefined;
}

/** Versions that the plan added: newer than the analysed one, with the proposed document, and not in force. */
async function addedVersions(
  step: Action<'restore-default-version'>,
  current: string | undefined,
  context: ApplyContext,
): Promise<readonly string[]> {
  const added: string[] = [];
  for (const id of await context.iam.policyVersions(step.policyArn)) {
    if (id === current || versionNumber(id) <= versionNumber(step.versionId ?? 'v0')) continue;
    const document = await context.iam.versionDocument(step.policyArn, id);
    if (isDocument(context, document, step.after)) added.push(id);
  }
  return added;
}

/** `v12` is version 12. */
function versionNumber(versionId: string): number {
  return Number(versionId.slice(1));
}
