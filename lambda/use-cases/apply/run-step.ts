import type { PlanStep, StepAction } from '../../core/plan/schema.ts';
import { isDocument, settle } from './apply-context.ts';
import {
  ALREADY,
  changed,
  DONE,
  documentOf,
  type StepContext,
  StepRefused,
  type StepResult,
} from './step-context.ts';
import { newDefaultVersion, restoreVersion } from './version-steps.ts';

/**
 * Takes one step. It looks first, and does nothing where the step has been taken already; so a plan that was cut off at
 * any point is completed by executing it again.
 * @throws AdapterError when IAM refuses, StepRefused when somebody changed something meanwhile
 */
export async function runStep(step: PlanStep, context: StepContext): Promise<StepResult> {
  const { iam, principal } = context;
  switch (step.op) {
    case 'put-inline-policy':
      return putInline(step, context);
    case 'delete-inline-policy': {
      const found = await iam.inlinePolicy(principal, step.policyName);
      if (found === undefined) return ALREADY;
      if (!isDocument(context, found, step.expected)) throw changed(`the inline policy ${step.policyName}`);
      await context.beforeChange();
      await iam.deleteInlinePolicy(principal, step.policyName);
      return DONE;
    }
    case 'create-policy':
      return createCopy(step, context);
    case 'delete-policy':
      return deleteCopy(step, context);
    case 'attach-policy':
      return attach(step.policyArn, context);
    case 'detach-policy': {
      if (!(await iam.attachedPolicies(principal)).includes(step.policyArn)) return ALREADY;
      await context.beforeChange();
      await iam.detachPolicy(principal, step.policyArn);
      return DONE;
    }
    case 'create-default-version':
      return newDefaultVersion(step, context);
    case 'restore-default-version':
      return restoreVersion(step, context);
    case 'set-access-key-status': {
      const status = await iam.accessKeyStatus(principal.name, step.accessKeyId);
      if (status === undefined)
        throw new StepRefused(`the access key ${step.accessKeyId} does not exist any more`);
      if (status === step.status) return ALREADY;
      await context.beforeChange();
      await iam.setAccessKeyStatus(principal.name, step.accessKeyId, step.status);
      return DONE;
    }
    case 'delete-password': {
      if (!(await iam.hasPassword(principal.name))) return ALREADY;
      await context.beforeChange();
      await iam.deletePassword(principal.name);
      return DONE;
    }
    default: {
      const never: never = step;
      return never;
    }
  }
}

type Action<Op extends StepAction['op']> = Extract<StepAction, { readonly op: Op }>;

async function putInline(step: Action<'put-inline-policy'>, context: StepContext): Promise<StepResult> {
  const { iam, principal, plan } = context;
  const found = await iam.inlinePolicy(principal, step.policyName);
  if (isDocument(context, found, step.document)) return ALREADY;
  const expected = plan.checks.some(
    (check) =>
      check.check === 'inline-policy' &&
      check.policyName === step.policyName &&
      (isDocument(context, found, check.before) || isDocument(context, found, check.after)),
  );
  if (!expected) throw changed(`the inline policy ${step.policyName}`);
  await context.beforeChange();
  await iam.putInlinePolicy(principal, step.policyName, documentOf(step.document, context));
  return DONE;
}

async function createCopy(step: Action<'create-policy'>, context: StepContext): Promise<StepResult> {
  const { iam } = context;
  if (await isOurs(step, context)) return ALREADY;
  await context.beforeChange();
  const answer = await iam.createPolicy(step, documentOf(step.document, context));
  // A repeated request can find what its own first attempt had made, of which no answer came back.
  if (answer === 'exists' && !(await isOurs(step, context))) {
    throw new StepRefused(`${step.policyArn} exists already and was not made by this proposal`);
  }
  return DONE;
}

async function isOurs(
  step: Action<'create-policy' | 'delete-policy'>,
  context: StepContext,
): Promise<boolean> {
  const policy = await context.iam.managedPolicy(step.policyArn);
  if (policy?.description !== step.description) return false;
  const found = await context.iam.versionDocument(step.policyArn, policy.defaultVersionId);
  return isDocument(context, found, step.document);
}

async function deleteCopy(step: Action<'delete-policy'>, context: StepContext): Promise<StepResult> {
  const { iam } = context;
  const { policyArn } = step;
  if ((await iam.managedPolicy(policyArn)) === undefined) return ALREADY;
  if (!(await isOurs(step, context))) {
    return { outcome: 'kept', note: `${policyArn} was changed since this proposal made it, so it was kept` };
  }
  const policy = await settle(
    context,
    () => iam.managedPolicy(policyArn),
    (seen) => seen === undefined || seen.attachments + seen.boundaryUses === 0,
  );
  if (policy === undefined) return ALREADY;
  if (policy.attachments + policy.boundaryUses > 0) {
    return { outcome: 'kept', note: `${policyArn} is in use elsewhere by now, so it was kept` };
  }
  await context.beforeChange();
  for (const versionId of await iam.policyVersions(policyArn)) {
    if (versionId !== policy.defaultVersionId) await iam.deleteVersion(policyArn, versionId);
  }
  await iam.deletePolicy(policyArn);
  return DONE;
}

async function attach(policyArn: string, context: StepContext): Promise<StepResult> {
  const { iam, principal } = context;
  if ((await iam.attachedPolicies(principal)).includes(policyArn)) return ALREADY;
  await context.beforeChange();
  const answer = await settle(
    context,
    () => iam.attachPolicy(principal, policyArn),
    (seen) => seen === 'attached',
  );
  if (answer === 'missing') throw new StepRefused(`${policyArn} does not exist, so it cannot be attached`);
  return DONE;
}
