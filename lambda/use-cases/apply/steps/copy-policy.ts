import {
  DONE,
  documentOf,
  isDocument,
  PROPOSE_AGAIN,
  refused,
  settle,
  TO_DO,
  type ApplyContext,
  type Look,
} from '../apply-context.ts';
import { copyState } from './copies.ts';
import type { Action, StepModule } from './step-module.ts';

/**
 * Creates a copy. An existing copy that this tool made for the same original and subject, with the wanted document, is
 * adopted: a later proposal needs the same copy.
 */
export const createPolicy: StepModule<Action<'create-policy'>> = {
  look: async (step, context) => {
    const state = await copyState(step, context);
    if (state === undefined) return TO_DO;
    if (state.origin !== 'foreign' && state.isAsWanted) {
      return state.origin === 'ours'
        ? DONE
        : { state: 'done', notes: [`${step.policyArn} is there from an earlier proposal, and is used`] };
    }
    return refused(context, {
      what:
        state.origin === 'ours'
          ? `${step.policyArn} was changed since this proposal made it`
          : `${step.policyArn} exists already and was not made by this proposal`,
      changedAt: state.policy.updatedAt,
      next: `see it with \`aws iam get-policy --policy-arn ${step.policyArn}\`; delete it if nobody needs it and run the same command again, or ${PROPOSE_AGAIN}`,
    });
  },
  act: async (step, context) => {
    // A repeated request can find the policy that its own first attempt created; the next check shows whose it is.
    await context.iam.createPolicy(step, documentOf(step.document, context));
    return 'last';
  },
};

/** Deletes a copy that nothing else needs and nobody has touched; any other is kept. */
export const deletePolicy: StepModule<Action<'delete-policy'>> = {
  look: async (step, context, isNext) => {
    const { policyArn } = step;
    // IAM may still count an attachment that was just removed. This check waits, so it comes before those that must be
    // current.
    const isUnused = !isNext || (await isUnusedByNow(policyArn, context));
    const state = await copyState(step, context);
    if (state === undefined) return DONE;
    if (state.origin !== 'ours') return kept(`${policyArn} was not made by this proposal, so it was kept`);
    if (!state.isAsWanted)
      return kept(`${policyArn} was changed since this proposal made it, so it was kept`);
    if (await hasOtherVersions(step, context)) {
      return kept(`${policyArn} has versions that this proposal did not make, so it was kept`);
    }
    return isUnused ? TO_DO : kept(`${policyArn} is now in use elsewhere, so it was kept`);
  },
  act: async ({ policyArn, document }, context) => {
    const { iam } = context;
    const current = (await iam.managedPolicy(policyArn))?.defaultVersionId;
    for (const versionId of await iam.policyVersions(policyArn)) {
      if (versionId === current) continue;
      const found = await iam.versionDocument(policyArn, versionId);
      // Another document was added since the check: the next check finds it and keeps the policy.
      if (isDocument(context, found, document)) await iam.deleteVersion(policyArn, versionId);
      return 'more';
    }
    await iam.deletePolicy(policyArn);
    return 'last';
  },
};

function kept(note: string): Look {
  return { state: 'kept', notes: [note] };
}

async function hasOtherVersions(step: Action<'delete-policy'>, context: ApplyContext): Promise<boolean> {
  for (const id of await context.iam.policyVersions(step.policyArn)) {
    const document = await context.iam.versionDocument(step.policyArn, id);
    if (document !== undefined && !isDocument(context, document, step.document)) return true;
  }
  return false;
}

async function isUnusedByNow(policyArn: string, context: ApplyContext): Promise<boolean> {
  const uses = await settle(
    context,
    () => context.iam.managedPolicy(policyArn),
    (seen) => seen === undefined || seen.attachments + seen.boundaryUses === 0,
  );
  return uses === undefined || uses.attachments + uses.boundaryUses === 0;
}
