import { describeStep, invertStep } from '../../core/plan/steps.ts';
import type { Plan, PlanStep, DocumentRef, PlanCheck, StepAction } from '../../core/plan/schema.ts';
import type { ProposalStatus } from '../../ports/apply.ts';
import { type ApplyContext, type Direction, PROPOSE_AGAIN, isDocument } from './apply-context.ts';

/** The objections that the caller overrides, each by its own option and none by `--yes`. */
export interface Overrides {
  /** A plan that cannot be undone. */
  readonly irreversible: boolean;
  /** A proposal that was superseded, resolved or withheld, or that a newer one competes with. */
  readonly despiteState: boolean;
  /** Warnings that the proposal carries. */
  readonly despiteWarning: boolean;
}

interface Admission extends Pick<ApplyContext, 'plan' | 'documents' | 'digest'> {
  readonly direction: Direction;
  readonly status: ProposalStatus;
  readonly overrides: Overrides;
  readonly dryRun: boolean;
}

/** The reasons not to execute the proposal that are known without any call to IAM. */
export function admissionProblems(admission: Admission): readonly string[] {
  const { direction, plan, status, overrides, dryRun } = admission;
  const problems = [...documentProblems(admission), ...mirrorProblems(plan)];
  if (plan.irreversible !== null) {
    if (direction === 'rollback') problems.push(plan.irreversible);
    else if (!overrides.irreversible && !dryRun) {
      problems.push(`${plan.irreversible}; if that is meant, run it again with --irreversible`);
    }
  }
  // A rollback is always allowed: every reason against applying is a reason for a rollback.
  if (direction === 'rollback') return problems;
  if (!overrides.despiteState) {
    problems.push(
      ...stateProblems(status).map((what) => `${what}; if it is to be applied all the same, --despite-state`),
    );
  }
  if (!overrides.despiteWarning) {
    problems.push(
      ...status.warnings.map(
        (warning) =>
          `the proposal warns: ${warning}; settle that and ${PROPOSE_AGAIN}, or accept it with --despite-warning`,
      ),
    );
  }
  return problems;
}

function stateProblems({ state, withheld, newer }: ProposalStatus): readonly string[] {
  const problems: string[] = [];
  if (state?.state === 'superseded' || state?.state === 'resolved') {
    problems.push(`state.json says that the proposal is ${state.state}: ${state.reason}; ${PROPOSE_AGAIN}`);
  }
  if (withheld !== undefined) {
    problems.push(`the proposal is withheld, because a check of AWS rejected it: ${withheld}`);
  }
  for (const { proposalId, analysedAt } of newer) {
    problems.push(
      `proposal ${proposalId} about the same rests on a newer finding (${analysedAt}): apply that one instead`,
    );
  }
  return problems;
}

/** What the user should know before confirming. */
export function admissionNotes({
  direction,
  status,
}: Pick<Admission, 'direction' | 'status'>): readonly string[] {
  if (direction === 'rollback') return [];
  if (status.state !== undefined) return status.unknown;
  const age = status.analysedAt === null ? 'of an unknown date' : `of ${status.analysedAt}`;
  return [`the proposal was never rechecked: it rests on a finding ${age}`, ...status.unknown];
}

/**
 * Refuses a rollback that is not the inverse of the plan: an edited rollback would make changes that were never
 * analysed.
 */
function mirrorProblems(plan: Plan): readonly string[] {
  if (plan.irreversible !== null && plan.rollback.length === 0) return [];
  const { apply, rollback } = plan;
  const isMirror =
    apply.length === rollback.length &&
    rollback.every((back, index) => {
      const forth = apply[apply.length - 1 - index];
      return forth !== undefined && isInverse(forth, back, plan);
    });
  return isMirror ? [] : [`the rollback of the plan is not the inverse of what it applies; ${PROPOSE_AGAIN}`];
}

function isInverse(forth: PlanStep, back: PlanStep, plan: Plan): boolean {
  const inverse = invertStep(forth, [plan]);
  return describeStep(inverse) === describeStep(back) && inverse.op === back.op;
}

/**
 * Documents of the plan that are missing from the proposal or differ from it, because somebody edited `proposal.json`.
 */
function documentProblems(context: Pick<ApplyContext, 'plan' | 'documents' | 'digest'>): readonly string[] {
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
