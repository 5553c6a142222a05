import type { JsonValue } from '../../core/model/json.ts';
import type { DocumentRef, PlanStep, StepAction, VersionAction } from '../../core/plan/schema.ts';
import type { SavedVersion } from '../../ports/apply-journal.ts';
import type { IamWriter } from '../../ports/iam-writer.ts';
import { type ApplyContext, isDocument, settle } from './apply-context.ts';

/** Versions that a managed policy can have. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_VERSIONS = 5;

export interface StepResult {
  readonly outcome: 'done' | 'already' | 'kept';
  readonly note?: string;
}

/** What a step needs besides the context. */
export interface StepContext extends ApplyContext<IamWriter> {
  /** Called before each change, so that the receipt knows of it even if the process dies during the call. */
  readonly beforeChange: () => Promise<void>;
  /** Keeps a version that is about to be deleted. */
  readonly save: (policyArn: string, versionId: string, document: JsonValue) => Promise<SavedVersion>;
}

/** A step that must not be taken, because what it finds is not what the plan was made for. */
export class StepRefused extends Error {
  override readonly name = 'StepRefused';
}

const DONE: StepResult = { outcome: 'done' };
const ALREADY: StepResult = { outcome: 'already' };

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

async function newDefaultVersion(
  step: VersionAction<'create-default-version'>,
  context: StepContext,
): Promise<StepResult> {
  const found = await defaultDocument(step.policyArn, context);
  if (isDocument(context, found, step.after)) return ALREADY;
  if (!isDocument(context, found, step.before)) throw changed(step.policyArn);
  await makeRoom(step.policyArn, context);
  await context.beforeChange();
  await context.iam.createDefaultVersion(step.policyArn, documentOf(step.after, context));
  return DONE;
}

async function restoreVersion(
  step: VersionAction<'restore-default-version'>,
  context: StepContext,
): Promise<StepResult> {
  const { iam } = context;
  const { policyArn } = step;
  const found = await defaultDocument(policyArn, context);
  const restored = isDocument(context, found, step.before);
  if (!restored) {
    if (!isDocument(context, found, step.after)) throw changed(policyArn);
    const target = await versionWith(step, context);
    if (target === undefined) {
      await makeRoom(policyArn, context);
      await context.beforeChange();
      await iam.createDefaultVersion(policyArn, documentOf(step.before, context));
    } else {
      await context.beforeChange();
      await iam.setDefaultVersion(policyArn, target);
    }
  }
  const withdrawn = await withdraw(step, context);
  return restored && withdrawn === 0 ? ALREADY : DONE;
}

/** The version that holds the document as it was: the one that was analysed if it is still there. */
async function versionWith(
  step: VersionAction<'restore-default-version'>,
  context: StepContext,
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

/** Deletes the versions that the plan has added: newer than the analysed one, and holding the proposed document. */
async function withdraw(
  step: VersionAction<'restore-default-version'>,
  context: StepContext,
): Promise<number> {
  const { iam } = context;
  const { policyArn } = step;
  const current = (await iam.managedPolicy(policyArn))?.defaultVersionId;
  let withdrawn = 0;
  for (const id of await iam.policyVersions(policyArn)) {
    if (id === current || versionNumber(id) <= versionNumber(step.versionId)) continue;
    if (!isDocument(context, await iam.versionDocument(policyArn, id), step.after)) continue;
    await context.beforeChange();
    await iam.deleteVersion(policyArn, id);
    withdrawn += 1;
  }
  return withdrawn;
}

/** Where there are five versions, saves the oldest that is not the default, and deletes it. */
async function makeRoom(policyArn: string, context: StepContext): Promise<void> {
  const { iam } = context;
  const versions = await iam.policyVersions(policyArn);
  if (versions.length < MOST_VERSIONS) return;
  const current = (await iam.managedPolicy(policyArn))?.defaultVersionId;
  const oldest = versions.find((id) => id !== current);
  if (oldest === undefined) return;
  const document = await iam.versionDocument(policyArn, oldest);
  if (document === undefined) return;
  await context.save(policyArn, oldest, document);
  await context.beforeChange();
  await iam.deleteVersion(policyArn, oldest);
}

async function defaultDocument(policyArn: string, context: StepContext): Promise<JsonValue | undefined> {
  const policy = await context.iam.managedPolicy(policyArn);
  if (policy === undefined) throw new StepRefused(`${policyArn} does not exist any more`);
  return context.iam.versionDocument(policyArn, policy.defaultVersionId);
}

function documentOf(ref: DocumentRef, context: StepContext): JsonValue {
  const document = context.documents.get(ref.file);
  if (document === undefined) throw new StepRefused(`the proposal holds no document ${ref.file}`);
  return document;
}

/** `v12` is version 12. */
function versionNumber(versionId: string): number {
  return Number(versionId.slice(1));
}

function changed(what: string): StepRefused {
  return new StepRefused(`${what} was changed by somebody else in this moment`);
}
