import type { StepAction } from '../../../core/plan/schema.ts';
import type { ApplyContext, Look, StepContext } from '../apply-context.ts';
import { attachPolicy, detachPolicy } from './attachment.ts';
import { createPolicy, deletePolicy } from './copy-policy.ts';
import { deletePassword, setAccessKeyStatus } from './credential.ts';
import { createDefaultVersion, restoreDefaultVersion } from './default-version.ts';
import { deleteInlinePolicy, putInlinePolicy } from './inline-policy.ts';
import type { Change, StepModule } from './step-module.ts';

/** A step together with its operations. */
interface BoundStep {
  look(context: ApplyContext, isNext: boolean): Promise<Look>;
  readonly prepare: ((context: StepContext) => Promise<void>) | undefined;
  act(context: StepContext): Promise<Change>;
}

export function bound(step: StepAction): BoundStep {
  switch (step.op) {
    case 'put-inline-policy':
      return bind(putInlinePolicy, step);
    case 'delete-inline-policy':
      return bind(deleteInlinePolicy, step);
    case 'create-policy':
      return bind(createPolicy, step);
    case 'delete-policy':
      return bind(deletePolicy, step);
    case 'attach-policy':
      return bind(attachPolicy, step);
    case 'detach-policy':
      return bind(detachPolicy, step);
    case 'create-default-version':
      return bind(createDefaultVersion, step);
    case 'restore-default-version':
      return bind(restoreDefaultVersion, step);
    case 'set-access-key-status':
      return bind(setAccessKeyStatus, step);
    case 'delete-password':
      return bind(deletePassword, step);
    default: {
      const never: never = step;
      return never;
    }
  }
}

function bind<Step extends StepAction>(module: StepModule<Step>, step: Step): BoundStep {
  const { prepare } = module;
  return {
    look: (context, isNext) => module.look(step, context, isNext),
    prepare: prepare && ((context) => prepare(step, context)),
    act: (context) => module.act(step, context),
  };
}
