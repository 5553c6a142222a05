import type { HolderRef, Subject } from '../model/subject.ts';
import type { StepAction, PlanCheck, ApiCall, DocumentRef, VersionAction } from './schema.ts';

/** One line that says what a step does, for people. */
export function describeStep(step: StepAction): string {
  switch (step.op) {
    case 'put-inline-policy':
      return `put the inline policy ${step.policyName} (${step.document.file})`;
    case 'delete-inline-policy':
      return `delete the inline policy ${step.policyName}`;
    case 'create-policy':
      return `create the managed policy ${step.path}${step.policyName} (${step.document.file})`;
    case 'delete-policy':
      return `delete the managed policy ${step.policyArn}, which the proposal had created`;
    case 'attach-policy':
      return `attach ${step.policyArn}${toHolder(' to', step.holder)}`;
    case 'detach-policy':
      return `detach ${step.policyArn}${toHolder(' from', step.holder)}`;
    case 'create-default-version':
      return `create a new default version of ${step.policyArn} (${step.after.file})`;
    case 'restore-default-version':
      return `make ${step.versionId ?? 'the version that was analysed'} the default version of ${step.policyArn} again (${step.before.file})`;
    case 'set-access-key-status':
      return `set the access key ${step.accessKeyId} to ${step.status}`;
    case 'delete-password':
      return 'delete the console password';
    default: {
      const never: never = step;
      return never;
    }
  }
}

function toHolder(word: ' to' | ' from', holder: HolderRef | undefined): string {
  return holder === undefined ? '' : `${word} the ${holder.type} ${holder.name}`;
}

/**
 * The inverse of a step. The earlier document of an inline policy is looked up among the checks.
 * @throws Error for a step without an inverse
 */
export function invertStep(
  action: StepAction,
  changes: readonly { readonly checks: readonly PlanCheck[] }[],
): StepAction {
  switch (action.op) {
    case 'put-inline-policy': {
      const { policyName, document } = action;
      const before = inlineBefore(policyName, changes);
      return before === null
        ? { op: 'delete-inline-policy', policyName, expected: document }
        : { op: 'put-inline-policy', policyName, document: before };
    }
    case 'delete-inline-policy':
      return { op: 'put-inline-policy', policyName: action.policyName, document: action.expected };
    case 'create-policy': {
      const { policyArn, document, description } = action;
      return { op: 'delete-policy', policyArn, document, description };
    }
    case 'attach-policy':
      return { ...action, op: 'detach-policy' };
    case 'detach-policy':
      return { ...action, op: 'attach-policy' };
    case 'create-default-version':
      return { ...action, op: 'restore-default-version' };
    case 'set-access-key-status':
      return { ...action, status: action.status === 'Active' ? 'Inactive' : 'Active' };
    case 'restore-default-version':
    case 'delete-policy':
    case 'delete-password':
      throw new Error(`the step ${action.op} cannot be undone`);
    default: {
      const never: never = action;
      return never;
    }
  }
}

function inlineBefore(policyName: string, changes: readonly { readonly checks: readonly PlanCheck[] }[]) {
  for (const { checks } of changes) {
    for (const check of checks) {
      if (check.check === 'inline-policy' && check.policyName === policyName) return check.before;
    }
  }
  return null;
}

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
