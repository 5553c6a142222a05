import type { PrincipalRef } from '../model/principal.ts';
import type { ApiCall, DocumentRef, StepAction } from './schema.ts';

/**
 * The IAM calls that a step comes to, with exact parameters.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */
export function apiCalls(principal: PrincipalRef, step: StepAction): readonly ApiCall[] {
  const kind = principal.type === 'role' ? 'Role' : 'User';
  const who = { [`${kind}Name`]: principal.name };
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
          parameters: { PolicyArn: step.policyArn },
          when: 'the policy has five versions: the oldest that is not the default, after it was saved',
        },
        {
          call: 'CreatePolicyVersion',
          parameters: { PolicyArn: step.policyArn, PolicyDocument: fileUrl(step.after), SetAsDefault: true },
        },
      ];
    case 'restore-default-version':
      return [
        {
          call: 'SetDefaultPolicyVersion',
          parameters: { PolicyArn: step.policyArn, VersionId: step.versionId },
          when: `${step.versionId} still exists`,
        },
        {
          call: 'CreatePolicyVersion',
          parameters: { PolicyArn: step.policyArn, PolicyDocument: fileUrl(step.before), SetAsDefault: true },
          when: `${step.versionId} does not exist any more`,
        },
        {
          call: 'DeletePolicyVersion',
          parameters: { PolicyArn: step.policyArn },
          when: 'for the version that the plan had added',
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

function fileUrl(document: DocumentRef): string {
  return `file://${document.file}`;
}
