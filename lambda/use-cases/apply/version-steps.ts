import type { JsonValue } from '../../core/model/json.ts';
import type { VersionAction } from '../../core/plan/schema.ts';
import { isDocument } from './apply-context.ts';
import {
  ALREADY,
  changed,
  DONE,
  documentOf,
  type StepContext,
  StepRefused,
  type StepResult,
} from './step-context.ts';

/** Versions that a managed policy can have. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_VERSIONS = 5;

/** Adds the proposed document as the default version, making room for it where there are five. */
export async function newDefaultVersion(
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

/** Makes the version that was analysed the default again, and deletes the one that the plan had added. */
export async function restoreVersion(
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
    if (id === current || versionNumber(id) <= versionNumber(step.versionId ?? 'v0')) continue;
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

/** `v12` is version 12. */
function versionNumber(versionId: string): number {
  return Number(versionId.slice(1));
}
