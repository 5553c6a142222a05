import { COMMAND } from '../../../contract/command.ts';
import type {
  AttachmentCheck,
  CopyCheck,
  DefaultVersionCheck,
  InlineCheck,
} from '../../../core/plan/schema.ts';
import type { ManagedPolicyState } from '../../../ports/apply.ts';
import {
  type ApplyContext,
  isDocument,
  type Look,
  PROPOSE_AGAIN,
  refused,
  subjectAsHolder,
} from '../apply-context.ts';
import { policyInForce } from './managed-policy.ts';
import { checksOf } from './step-module.ts';

/**
 * The state of the policy with a copy's name. `ours`: made by this proposal. `adoptable`: made by another proposal of
 * this tool for the same original and subject. `foreign`: anything else.
 */
interface CopyState {
  readonly policy: ManagedPolicyState;
  readonly origin: 'ours' | 'adoptable' | 'foreign';
  /** Whether its default version has the wanted document. */
  readonly isAsWanted: boolean;
}

/** Undefined if there is no policy of that name. */
export async function copyState(
  { policyArn, description, document }: Omit<CopyCheck, 'check'>,
  context: ApplyContext,
): Promise<CopyState | undefined> {
  const policy = await context.iam.managedPolicy(policyArn);
  if (policy === undefined) return undefined;
  const found = await context.iam.versionDocument(policyArn, policy.defaultVersionId);
  return {
    policy,
    origin:
      policy.description === description
        ? 'ours'
        : purposeOf(policy.description) === purposeOf(description)
          ? 'adoptable'
          : 'foreign',
    isAsWanted: isDocument(context, found, document),
  };
}

/**
 * The rest of a description after the proposal's id: original and subject. IAM never changes a description, so no
 * existing policy can be made to look like this tool's.
 */
function purposeOf(description: string): string {
  const [, purpose] = /^unused-access-refiner proposal [0-9a-f]{32}(:.+)$/s.exec(description) ?? [];
  return purpose ?? description;
}

/**
 * Ensures that no used permission is missing in between: a policy may be detached or narrowed only while all copies
 * that contain a part of it are in force.
 * @returns why the step is too early; undefined if it is not
 */
export async function tooEarly(
  what: string,
  needs: readonly string[],
  isDone: boolean,
  context: ApplyContext,
): Promise<Look | undefined> {
  if (needs.length === 0) return undefined;
  const attached = new Set(await context.iam.attachedPolicies(subjectAsHolder(context)));
  for (const arn of needs) {
    const check = checksOf('copy', context).find(({ policyArn }) => policyArn === arn);
    const state = check && (await copyState(check, context));
    if (attached.has(arn) && state?.isAsWanted === true) continue;
    const carries = `${arn}, which has a part of it, is not attached${attached.has(arn) ? ' with what was proposed' : ''}`;
    return refused(context, {
      what: isDone ? `${what} is as proposed, but ${carries}` : `${what} must stay for now: ${carries}`,
      next: `run \`${COMMAND} rollback\` on this proposal, or ${PROPOSE_AGAIN}`,
    });
  }
  return undefined;
}

/**
 * The same rule for a rollback: a copy is detached only after everything that it replaced is restored. If this run
 * does not restore something (because somebody else removed it since), the copy is kept, because somebody may rely on
 * it.
 * @returns why the copy must stay; undefined if it may be detached
 */
export async function notBackYet(policyArn: string, context: ApplyContext): Promise<Look | undefined> {
  for (const check of context.plan.checks) {
    if (!('needs' in check) || !check.needs.includes(policyArn)) continue;
    const { what, isBack, isOfThisRun } = await originalOf(check, context);
    if (isBack) continue;
    if (!isOfThisRun) {
      return {
        state: 'kept',
        notes: [
          `${policyArn} stays attached: ${what} is not as it was before, and apply was not the last to change it`,
        ],
      };
    }
    return refused(context, {
      what: `${policyArn} must stay for now: ${what} is not as it was before`,
      next: 'run the same command again',
    });
  }
  return undefined;
}

interface Original {
  readonly what: string;
  readonly isBack: boolean;
  readonly isOfThisRun: boolean;
}

/** The state of the policy that a copy contains a part of. */
async function originalOf(
  check: InlineCheck | DefaultVersionCheck | AttachmentCheck,
  context: ApplyContext,
): Promise<Original> {
  const { iam, steps } = context;
  switch (check.check) {
    case 'inline-policy': {
      const { policyName } = check;
      const found = await iam.inlinePolicy(subjectAsHolder(context), policyName);
      return {
        what: `the inline policy ${policyName}`,
        isBack: isDocument(context, found, check.before),
        isOfThisRun: steps.some((step) => step.op === 'put-inline-policy' && step.policyName === policyName),
      };
    }
    case 'default-version': {
      const { policyArn } = check;
      const policy = await policyInForce(policyArn, context);
      return {
        what: policyArn,
        isBack: isDocument(context, policy?.document, check.before),
        isOfThisRun: steps.some(
          (step) => step.op === 'restore-default-version' && step.policyArn === policyArn,
        ),
      };
    }
    case 'attached-policy': {
      const { policyArn } = check;
      const attached = await iam.attachedPolicies(subjectAsHolder(context));
      return {
        what: policyArn,
        isBack: attached.includes(policyArn),
        isOfThisRun: steps.some((step) => step.op === 'attach-policy' && step.policyArn === policyArn),
      };
    }
    default:
      return check satisfies never;
  }
}
