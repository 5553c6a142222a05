import { countCharacters } from '../model/json.ts';
import type { Grant } from '../model/principal.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import type { HolderRef, Subject } from '../model/subject.ts';
import { invertStep, apiCalls } from './steps.ts';
import { freeFirst, HOLDER_QUOTAS, type HolderLoad, type HolderQuotas, peaksOf } from './limits.ts';
import { type DraftStep, planPolicy, type PolicyChange } from './plan-policy.ts';
import type {
  DocumentRef,
  HolderId,
  Holders,
  Plan,
  PlanCheck,
  PlanStep,
  StepAction,
  SubjectCheck,
  TextDigest,
} from './schema.ts';

export interface PlanInput {
  readonly proposalId: string;
  readonly subject: Subject;
  /** Unique id of the subject, if the source has it; a policy's own id is among the grants. */
  readonly subjectId?: string;
  /** When a principal was analysed. */
  readonly analysedAt?: string | null;
  /** The holders, if the subject is a policy or a group. */
  readonly holders?: Holders;
  /** Unique ids of holders, as far as the source has them. */
  readonly holderIds?: readonly HolderId[];
  readonly policies: readonly ProposedPolicy[];
  /** The subject's grants when the proposal was made: the source of paths, tags, version ids and attachments. */
  readonly grants: readonly Grant[];
  readonly digest: TextDigest;
  /** How many managed policies the subject can have. @default 20 for a role, 10 for a user or a group */
  readonly attachmentQuota?: number;
}

/**
 * The plan of a refinement.
 * At every moment of `apply` and of `rollback`, every holder has all permissions that the proposal leaves, and no quota
 * is exceeded. A copy is attached before the policy that it replaces is narrowed or detached, and all copies before
 * anything is removed. Only if the copies do not fit beside the originals does the plan go policy by policy, beginning
 * with those that are removed entirely; within each policy the order is the same. If even that exceeds a quota,
 * `freeFirst` says what has to be freed first.
 * @throws Error if a managed policy has no ARN
 */
export function makePlan(input: PlanInput): Plan {
  const { subject } = input;
  const changes = input.policies.flatMap((policy, index) => planPolicy(policy, index, input) ?? []);
  const characters = new Map<string, number>();
  for (const { file, characters: length } of changes.flatMap((change) => change.documents)) {
    characters.set(file, length);
  }
  const loadOf = (holder: HolderRef): HolderLoad => loadBefore(holder, input);
  const quotas = quotasOf(input);
  const obstacles = (steps: readonly StepAction[]): readonly string[] =>
    freeFirst(
      peaksOf(steps, subject, loadOf, ({ file }: DocumentRef) => characters.get(file) ?? 0),
      { quotas, loadOf },
    );
  const together = [...changes.flatMap((change) => change.additions), ...removals(changes)];
  const hasRoom = obstacles(together.map(({ action }) => action)).length === 0;
  const drafts = hasRoom ? together : oneByOne(changes);
  const step = (action: StepAction, why: string): PlanStep => ({
    ...action,
    why,
    calls: apiCalls(subject, action),
  });
  const checks = changes.flatMap((change) => change.checks);
  return {
    checks: checks.length > 0 ? [...guards(input), ...checks] : [],
    apply: drafts.map((draft) => step(draft.action, draft.why)),
    rollback: drafts.toReversed().map((draft) => step(invertStep(draft.action, changes), draft.whyBack)),
    documents: [],
    irreversible: null,
    // The rollback passes through the same states in reverse, so it needs no more room.
    freeFirst: hasRoom ? [] : obstacles(drafts.map(({ action }) => action)),
    afterwards: [],
  };
}

function guards({
  subject,
  subjectId,
  analysedAt,
  holders,
  holderIds = [],
}: PlanInput): readonly PlanCheck[] {
  const ids = holderIds.length === 0 ? {} : { ids: holderIds };
  return [
    ...(subject.type === 'policy' ? [] : [subjectCheck({ subjectId, analysedAt })]),
    ...(holders === undefined ? [] : [{ check: 'holders' as const, ...reached(holders), ...ids }]),
  ];
}

/** What distinguishes the subject from another one of the same name. */
export function subjectCheck({
  subjectId,
  analysedAt,
}: {
  readonly subjectId?: string | undefined;
  readonly analysedAt?: string | null | undefined;
}): SubjectCheck {
  return {
    check: 'subject',
    ...(subjectId === undefined ? {} : { id: subjectId }),
    ...(analysedAt == null ? {} : { createdBefore: analysedAt }),
  };
}

/**
 * First the policies that are removed entirely, then those whose steps do not increase the number of attached policies,
 * last those whose steps do.
 */
function oneByOne(changes: readonly PolicyChange[]): readonly DraftStep[] {
  const whole = changes.filter((change) => change.additions.length === 0);
  const split = changes.filter((change) => change.additions.length > 0);
  const freed = (change: PolicyChange): number =>
    change.removals.filter(({ action }) => action.op === 'detach-policy').length;
  return [
    ...removals(whole),
    ...split
      .toSorted((a, b) => freed(b) - freed(a) || a.growth - b.growth)
      .flatMap((change) => [...change.additions, ...change.removals]),
  ];
}

/**
 * Inline policies share one size limit, so those that shrink most come first: in this order, and in reverse for the
 * rollback, the total never exceeds the larger of its first and last values.
 */
function removals(changes: readonly PolicyChange[]): readonly DraftStep[] {
  const inline = changes.filter((change) => change.inline);
  const managed = changes.filter((change) => !change.inline);
  return [...inline.toSorted((a, b) => a.growth - b.growth), ...managed].flatMap((change) => change.removals);
}

/**
 * Only the subject's own attachments are known. Other holders are only known to have what the plan detaches.
 */
export function loadBefore(
  { type, name }: HolderRef,
  { subject, grants }: Pick<PlanInput, 'subject' | 'grants'>,
): HolderLoad {
  const attached = new Set<string>();
  const inline = new Map<string, number>();
  const isSubject = type === subject.type && name === subject.name;
  for (const { managed, group, document, name: policyName } of grants) {
    // A user has the policies of its groups.
    if (isSubject && group !== undefined && type !== 'group') continue;
    if (managed) attached.add(managed.arn);
    else if (isSubject) {
      inline.set(policyName, document.readable ? countCharacters(document.value) : document.text.length);
    }
  }
  return { attached, inline };
}

function quotasOf({ subject: { type }, attachmentQuota }: PlanInput): HolderQuotas {
  if (type === 'policy' || attachmentQuota === undefined) return HOLDER_QUOTAS;
  return { ...HOLDER_QUOTAS, [type]: { ...HOLDER_QUOTAS[type], attachments: attachmentQuota } };
}

function reached({ roles, users, groups }: Holders): Holders {
  return { roles, users, groups: groups.map(({ name, members }) => ({ name, members })) };
}
