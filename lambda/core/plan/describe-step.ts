import type { HolderRef } from '../model/subject.ts';
import type { StepAction } from './schema.ts';

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
