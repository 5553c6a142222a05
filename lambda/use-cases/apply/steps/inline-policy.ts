import type { DocumentRef } from '../../../core/plan/schema.ts';
import {
  type ApplyContext,
  DONE,
  documentOf,
  isDocument,
  type Look,
  PROPOSE_AGAIN,
  refused,
  subjectAsHolder,
  TO_DO,
} from '../apply-context.ts';
import { tooEarly } from './copies.ts';
import { type Action, checksOf, type StepModule } from './step-module.ts';

/** Puts an inline policy, which replaces the analysed one or is new. */
export const putInlinePolicy: StepModule<Action<'put-inline-policy'>> = {
  look: ({ policyName, document }, context, isNext) => look(policyName, document, context, isNext),
  act: async ({ policyName, document }, context) => {
    await context.iam.putInlinePolicy(subjectAsHolder(context), policyName, documentOf(document, context));
    return 'last';
  },
};

export const deleteInlinePolicy: StepModule<Action<'delete-inline-policy'>> = {
  look: ({ policyName }, context, isNext) => look(policyName, null, context, isNext),
  act: async ({ policyName }, context) => {
    await context.iam.deleteInlinePolicy(subjectAsHolder(context), policyName);
    return 'last';
  },
};

/** The rule for inline policies: the document must be the one after the step, or the one that the plan starts from. */
async function look(
  policyName: string,
  wanted: DocumentRef | null,
  context: ApplyContext,
  isNext: boolean,
): Promise<Look> {
  const holder = subjectAsHolder(context);
  const check = checksOf('inline-policy', context).find((one) => one.policyName === policyName);
  const found = await context.iam.inlinePolicy(holder, policyName);
  const isDone = isDocument(context, found, wanted);
  const isExpected =
    check !== undefined &&
    (isDocument(context, found, check.before) || isDocument(context, found, check.after));
  if (!isDone && !isExpected) {
    return refused(context, {
      what:
        found === undefined
          ? `the inline policy ${policyName} no longer exists`
          : `the inline policy ${policyName} holds neither what was analysed nor what is proposed: somebody changed it`,
      next:
        context.direction === 'apply'
          ? PROPOSE_AGAIN
          : `see it with \`aws iam get-${holder.type}-policy --${holder.type}-name ${holder.name} --policy-name ${policyName}\` and change it by hand`,
    });
  }
  if (check !== undefined && context.direction === 'apply' && (isDone || isNext)) {
    const early = await tooEarly(`the inline policy ${policyName}`, check.needs, isDone, context);
    if (early) return early;
  }
  return isDone ? DONE : TO_DO;
}
