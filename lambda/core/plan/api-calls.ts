import type { Subject } from '../model/subject.ts';
import type { ApiCall, DocumentRef, StepAction, VersionAction } from './schema.ts';

/**
 * The IAM calls of a step, with exact parameters.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */
export function apiCalls(subject: Pick<Subject, 'type' | 'name'>, step: StepAction): readonly ApiCall[] {
  const { type, name } = 'holder' in step ? (step.holder ?? subject) : subject;
  const kind = KINDS[type];
  const who = { [`${kind}Name`]: name };
  switch (step.op) {
    case 'put-inline-policy':
      return [
        {
          call: `Put${kind}Policy`,
          parameters: { ...who, PolicyName: step.policyName, PolicyDocument: fileUrl(step.document) },
        },
      ];
    case 'delete-inline-policy':
      return [{ call: `Delete${kind}Policy`, parameters: { ...who, PolicyName: step.policyName } }];
    case 'create-policy':
      return [
        {
          call: 'CreatePolicy',
          parameters: {
            PolicyName: step.policyName,
            Path: step.path,
            Description: step.description,
            PolicyDocument: fileUrl(step.document),
            ...(step.tags.length > 0 ? { Tags: step.tags } : {}),
          },
        },
      ];
    case 'delete-policy':
      return [
        {
          call: 'DeletePolicy',
          parameters: { PolicyArn: step.policyArn },
          when: 'it still holds the document that the proposal gave it, and nothing else has it attached',
        },
      ];
    case 'attach-policy':
      return [{ call: `Attach${kind}Policy`, parameters: { ...who, PolicyArn: step.policyArn } }];
    case 'detach-policy':
      return [{ call: `Detach${kind}Policy`, parameters: { ...who, PolicyArn: step.policyArn } }];
    case 'create-default-version':
      return [
        {
          call: 'DeletePolicyVersion',
          parameters: { PolicyArn: step.policyArn, VersionId: 'OLDEST' },
          when: 'the policy has five versions: replace OLDEST with the id of the oldest version that is not the default, after you have saved its document',
        },
        {
          call: 'CreatePolicyVersion',
          parameters: { PolicyArn: step.policyArn, PolicyDocument: fileUrl(step.after), SetAsDefault: true },
        },
      ];
    case 'restore-default-version':
      return [
        ...restoredVersion(step),
        {
          call: 'DeletePolicyVersion',
          parameters: { PolicyArn: step.policyArn, VersionId: 'ADDED' },
          when: 'the version that the plan had added is still there: replace ADDED with its id',
        },
      ];
    case 'set-access-key-status':
      return [
        {
          call: 'UpdateAccessKey',
          parameters: { ...who, AccessKeyId: step.accessKeyId, Status: step.status },
        },
      ];
    case 'delete-password':
      return [{ call: 'DeleteLoginProfile', parameters: { ...who } }];
    default: {
      const never: never = step;
      return never;
    }
  }
}

/** How IAM's calls name a subject; a policy's own steps name no holder. */
const KINDS = { role: 'Role', user: 'User', group: 'Group', policy: 'Policy' } as const;

function restoredVersion(step: VersionAction<'restore-default-version'>): readonly ApiCall[] {
  const { policyArn: PolicyArn, versionId: VersionId } = step;
  const create: ApiCall = {
    call: 'CreatePolicyVersion',
    parameters: { PolicyArn, PolicyDocument: fileUrl(step.before), SetAsDefault: true },
  };
  if (VersionId === undefined) return [create];
  return [
    {
      call: 'SetDefaultPolicyVersion',
      parameters: { PolicyArn, VersionId },
      when: `${VersionId} still exists`,
    },
    { ...create, when: `${VersionId} no longer exists` },
  ];
}

function fileUrl(document: DocumentRef): string {
  return `file://${document.file}`;
}
