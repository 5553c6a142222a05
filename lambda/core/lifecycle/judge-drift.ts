import { firstOf } from '../model/wording.ts';
import { typeAndName } from '../model/principal.ts';
import { byCodeUnit } from '../model/order.ts';
import { foldCase } from '../pattern/matches.ts';
import { canonicalDocument } from '../model/json.ts';
import type { SubjectType } from '../model/subject.ts';
import type {
  PrincipalProposal,
  RefineProposal,
  RemovalProposal,
  SharedHolders,
  SharedProposal,
} from '../proposal/schema.ts';
import { comparePolicies, type PolicyComparison } from './compare-policies.ts';
import type { FindingNow, PolicyNow, SubjectNow } from './drift-facts.ts';
import type { DriftState } from './proposal-state.ts';

/** The state of a stored proposal, with further remarks. */
export interface Verdict {
  readonly state: DriftState;
  /** The reason, as one clause; for `current`, that nothing has changed. */
  readonly reason: string;
  readonly remarks: readonly Remark[];
}

export interface Remark {
  readonly kind:
    'partly-applied' | 'other-version' | 'document-missing' | 'finding-grew' | 'finding-unknown' | 'rival';
  readonly text: string;
}

/** The present facts with which a stored proposal is compared. */
export interface DriftFacts {
  readonly subject: SubjectNow;
  /** The findings that it rests on, in their order there; one for a principal. */
  readonly findings: readonly FindingNow[];
}

/** The parts of a shared proposal by which it is judged. */
export type JudgedShared = Pick<SharedProposal, 'kind' | 'subject' | 'policies' | 'holders' | 'findings'>;

export const CURRENT = 'nothing that it was made from has changed';

/**
 * Whether a stored proposal is still current.
 * Precedence, the first that holds: `applied` (before `resolved`, because applying is what settles a finding);
 * `resolved` (nothing needs to be done any more, whatever else changed); `superseded`; `current`. If some policies of
 * a proposal are as proposed and the others as analysed, it is current: applying it continues where it stopped.
 * A shared proposal rests on a finding about every holder, so a holder who was added, was removed, or no longer has a
 * finding supersedes it. Missing data never counts as a change; it is a remark.
 */
export function judgeDrift(proposal: PrincipalProposal | JudgedShared, now: DriftFacts): Verdict {
  switch (proposal.kind) {
    case 'refine-permissions':
    case 'refine-shared-policy':
    case 'refine-group':
      return judgeRefinement(proposal, now);
    case 'remove-role':
    case 'remove-access-key':
    case 'remove-password':
      return judgeRemoval(proposal, now);
    default:
      return proposal satisfies never;
  }
}

/** The reason if the subject no longer exists. */
export function goneReason(type: SubjectType): string {
  return type === 'policy' ? 'the policy is gone, or no longer has several holders' : `the ${type} is gone`;
}

function judgeRefinement(
  proposal: RefineProposal | JudgedShared,
  { subject, findings }: DriftFacts,
): Verdict {
  const isShared = proposal.kind !== 'refine-permissions';
  if (subject.kind === 'gone') {
    return settled('resolved', goneReason(isShared ? proposal.subject.type : proposal.principal.type));
  }
  const compared = comparePolicies(proposal.policies, subject.policies);
  const { done, changes } = compared;
  if (compared.isApplied) {
    return settled('applied', `${listed(done)} ${done.length === 1 ? 'is' : 'are'} as it proposes`);
  }
  const [finding = GONE] = findings;
  const closed = isShared ? undefined : closedBy(finding);
  if (closed !== undefined) return settled('resolved', closed);
  const against = isShared
    ? [...changes, ...sharedChanges(proposal, subject), ...findingChanges(proposal, findings)]
    : [...changes, ...usedChange(proposal, finding, 'the finding')];
  if (against.length > 0) return settled('superseded', listed(against));
  const remarks = remarksOn(compared);
  return {
    state: 'current',
    reason: CURRENT,
    remarks: isShared ? remarks : [...remarks, ...growth(proposal, finding)],
  };
}

const GONE: FindingNow = { kind: 'gone' };

/** The present holders, and why nothing may be proposed for it whatever the findings say. */
function sharedChanges(
  { holders }: JudgedShared,
  now: Extract<SubjectNow, { kind: 'found' }>,
): readonly string[] {
  return [
    ...(now.holders ? holderChanges(holders, now.holders) : []),
    ...(now.obstacle === undefined ? [] : [now.obstacle]),
  ];
}

/**
 * If there are several findings, a closed one does not settle the proposal: another proposal would be made, or none.
 */
function findingChanges(proposal: JudgedShared, now: readonly FindingNow[]): readonly string[] {
  return now.flatMap((finding, place) => {
    const name = typeAndName(proposal.findings[place]?.principal ?? '');
    const closed = closedBy(finding);
    return closed === undefined
      ? usedChange(proposal, finding, `the finding about ${name}`)
      : [`${name} may use what it has: ${closed}`];
  });
}

function usedChange(
  proposal: Pick<RefineProposal, 'policies'>,
  now: FindingNow,
  finding: string,
): readonly string[] {
  const used = usedAgain(proposal, now);
  return used.length === 0 ? [] : [`${finding} no longer reports removed actions as unused: ${listed(used)}`];
}

function holderChanges(then: SharedHolders, now: SharedHolders): readonly string[] {
  const [before, after] = [everybody(then), everybody(now)];
  const came = [...after].filter((arn) => !before.has(arn)).sort(byCodeUnit);
  const left = [...before].filter((arn) => !after.has(arn)).sort(byCodeUnit);
  return [
    ...came.map((arn) => `${typeAndName(arn)} now has it too`),
    ...left.map((arn) => `${typeAndName(arn)} no longer has it`),
  ];
}

function everybody({ roles, users, groups }: SharedHolders): ReadonlySet<string> {
  return new Set([...roles, ...users, ...groups.flatMap(({ members }) => members)]);
}

function judgeRemoval(
  proposal: RemovalProposal,
  { subject: principal, findings: [finding = GONE] }: DriftFacts,
): Verdict {
  const { kind, accessKeyId } = proposal;
  if (principal.kind === 'gone') {
    return kind === 'remove-role'
      ? settled('applied', 'the role is gone')
      : settled(
          'resolved',
          `the user is gone, and the ${kind === 'remove-password' ? 'password' : 'key'} with it`,
        );
  }
  const quarantine = quarantineOf(proposal, principal.policies);
  if (quarantine !== undefined)
    return settled('applied', `inline policy ${quarantine} denies the role everything`);
  const closed = closedBy(finding);
  if (closed !== undefined) return settled('resolved', closed);
  if (
    accessKeyId !== undefined &&
    finding.kind === 'found' &&
    finding.accessKeyIds?.includes(accessKeyId) === false
  ) {
    return settled('resolved', `the finding no longer names the access key ${accessKeyId}`);
  }
  return { state: 'current', reason: CURRENT, remarks: growthUnknown(finding) };
}

/** Name of the inline policy by which the plan quarantines a role; undefined if the role does not have it. */
function quarantineOf({ plan }: RemovalProposal, policies: readonly PolicyNow[]): string | undefined {
  for (const check of plan.checks) {
    if (check.check !== 'inline-policy' || !check.after) continue;
    const { file } = check.after;
    const document = plan.documents.find((own) => own.file === file)?.document;
    const found = policies.find(
      ({ source, name }) => source === 'role-inline' && name === check.policyName,
    )?.document;
    if (
      document !== undefined &&
      found?.kind === 'json' &&
      canonicalDocument(found.value) === canonicalDocument(document)
    ) {
      return check.policyName;
    }
  }
  return undefined;
}

/** Why a finding is closed; undefined if it is open, or if it cannot be read. */
function closedBy(finding: FindingNow): string | undefined {
  switch (finding.kind) {
    case 'gone':
      return 'the finding is no longer there';
    case 'found':
      return finding.status === 'ACTIVE' ? undefined : `the finding is ${finding.status}`;
    case 'unknown':
      return undefined;
    default:
      return finding satisfies never;
  }
}

/** Actions that the proposal removes and the finding no longer reports, because somebody has used them. */
function usedAgain({ policies }: Pick<RefineProposal, 'policies'>, finding: FindingNow): readonly string[] {
  if (finding.kind !== 'found' || !finding.unused) return [];
  const { services, actions } = finding.unused;
  const removed = [...new Set(policies.flatMap((policy) => policy.removed))].sort(byCodeUnit);
  return removed.filter((name) => {
    const [service = '', action = ''] = foldCase(name).split(':');
    return !services.has(service) && actions.get(service)?.has(action) !== true;
  });
}

/**
 * What the finding reports in addition to what the proposal was made from. The proposal is still right, but no longer
 * complete.
 */
function growth(proposal: RefineProposal, finding: FindingNow): readonly Remark[] {
  if (finding.kind !== 'found' || !finding.unused) return growthUnknown(finding);
  const knownServices = new Set(proposal.finding.unusedServices.map(foldCase));
  const knownActions = new Set(proposal.finding.unusedActions.map(foldCase));
  const more = [
    ...[...finding.unused.services]
      .filter(([key]) => !knownServices.has(key))
      .map(([, { name }]) => `${name}:*`),
    ...[...finding.unused.actions].flatMap(([service, names]) =>
      [...names]
        .filter(([key]) => !knownActions.has(`${service}:${key}`) && !knownServices.has(service))
        .map(([, { name }]) => `${service}:${name}`),
    ),
  ].sort(byCodeUnit);
  return more.length === 0
    ? []
    : [{ kind: 'finding-grew', text: `the finding now reports more as unused: ${listed(more)}` }];
}

function growthUnknown(finding: FindingNow): readonly Remark[] {
  return finding.kind === 'unknown'
    ? [{ kind: 'finding-unknown', text: `the finding says nothing at present: ${finding.reason}` }]
    : [];
}

function remarksOn({ pending, done, versions, missing }: PolicyComparison): readonly Remark[] {
  const remarks: Remark[] = [];
  if (done.length > 0) {
    remarks.push({
      kind: 'partly-applied',
      text: `partly applied: ${listed(done)} as it proposes, ${listed(pending)} not yet`,
    });
  }
  if (versions.length > 0) {
    remarks.push({
      kind: 'other-version',
      text: `the same document under another default version: ${listed(versions)}`,
    });
  }
  if (missing.length > 0) {
    remarks.push({
      kind: 'document-missing',
      text: `not compared, its document is not there: ${listed(missing)}`,
    });
  }
  return remarks;
}

function settled(state: DriftState, reason: string): Verdict {
  return { state, reason, remarks: [] };
}

const MOST_NAMED = 3;

function listed(names: readonly string[]): string {
  return firstOf(names, MOST_NAMED);
}
