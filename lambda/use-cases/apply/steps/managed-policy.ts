import type { JsonValue } from '../../../core/model/json.ts';
import type { ManagedPolicyState } from '../../../ports/apply.ts';
import type { ApplyContext, StepContext } from '../apply-context.ts';

/** A managed policy with the document in force. */
export interface PolicyInForce extends ManagedPolicyState {
  readonly document: JsonValue | undefined;
}

export async function policyInForce(
  policyArn: string,
  { iam }: Pick<ApplyContext, 'iam'>,
): Promise<PolicyInForce | undefined> {
  const policy = await iam.managedPolicy(policyArn);
  if (policy === undefined) return undefined;
  return { ...policy, document: await iam.versionDocument(policyArn, policy.defaultVersionId) };
}

/** What is wrong where a policy was deleted and created again under its name. */
export function otherPolicy(
  policyArn: string,
  analysed: string | undefined,
  found: string,
): string | undefined {
  return analysed === undefined || analysed === found
    ? undefined
    : `${policyArn} was deleted and created again: its id is ${found}, and ${analysed} was analysed`;
}

/** Versions that a managed policy can have. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_VERSIONS = 5;

/** Where there are five versions, saves the oldest that is not the default, and deletes it. */
export async function makeRoom(policyArn: string, context: StepContext): Promise<void> {
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
