import type { JsonValue } from '../../../core/model/json.ts';
import type { ManagedPolicyState } from '../../../ports/apply.ts';
import type { ApplyContext, StepContext } from '../apply-context.ts';

/** A managed policy with its document in force, which is undefined if IAM does not return that version. */
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

/** The problem if a policy was deleted and created again under its name; undefined if it is the analysed one. */
export function otherPolicy(
  policyArn: string,
  analysed: string | undefined,
  found: string,
): string | undefined {
  return analysed === undefined || analysed === found
    ? undefined
    : `${policyArn} was deleted and created again: its id is ${found}, and ${analysed} was analysed`;
}

/**
 * The most versions of a managed policy. Source:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const MOST_VERSIONS = 5;

/** If there are five versions, saves the oldest one that is not the default, and deletes it. */
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
