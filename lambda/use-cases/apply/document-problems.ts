import type { DocumentRef, PlanCheck, StepAction } from '../../core/plan/schema.ts';
import { type ApplyContext, isDocument } from './apply-context.ts';

/**
 * Documents that the plan names and that the proposal lacks or has in another form, because somebody edited
 * `proposal.json`.
 */
export function documentProblems(
  context: Pick<ApplyContext, 'plan' | 'documents' | 'digest'>,
): readonly string[] {
  const { plan, documents } = context;
  const refs = new Map<string, DocumentRef>();
  const note = (ref: DocumentRef | null): void => {
    if (ref) refs.set(`${ref.file} ${ref.digest}`, ref);
  };
  for (const check of plan.checks) for (const ref of refsOfCheck(check)) note(ref);
  for (const step of [...plan.apply, ...plan.rollback]) for (const ref of refsOfStep(step)) note(ref);
  return [...refs.values()].flatMap((ref) => {
    const document = documents.get(ref.file);
    if (document === undefined)
      return [`the proposal holds no document for ${ref.file}; make the proposal again`];
    return isDocument(context, document, ref)
      ? []
      : [`the document for ${ref.file} is not the one that the plan was made for; make the proposal again`];
  });
}

function refsOfCheck(check: PlanCheck): readonly (DocumentRef | null)[] {
  switch (check.check) {
    case 'inline-policy':
    case 'default-version':
      return [check.before, check.after];
    case 'attached-policy':
      return [check.before];
    case 'copy':
      return [check.document];
    case 'access-key':
    case 'password':
    case 'subject':
    case 'last-use':
    case 'holders':
    case 'denial':
      return [];
    default: {
      const never: never = check;
      return never;
    }
  }
}

function refsOfStep(step: StepAction): readonly DocumentRef[] {
  switch (step.op) {
    case 'put-inline-policy':
    case 'create-policy':
    case 'delete-policy':
      return [step.document];
    case 'delete-inline-policy':
      return [step.expected];
    case 'create-default-version':
    case 'restore-default-version':
      return [step.before, step.after];
    case 'attach-policy':
    case 'detach-policy':
    case 'set-access-key-status':
    case 'delete-password':
      return [];
    default: {
      const never: never = step;
      return never;
    }
  }
}
