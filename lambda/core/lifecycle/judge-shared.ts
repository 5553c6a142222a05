import type { SharedHolders, SharedProposal } from '../proposal/schema.ts';
import { byCodeUnit } from '../model/order.ts';
import { comparePolicies, type PolicyComparison } from './compare-policies.ts';
import type { FindingNow, PolicyNow } from './drift-facts.ts';
import { closedBy, CURRENT, listed, remarksOn, usedAgain, type Verdict } from './judge-drift.ts';
import type { DriftState } from './proposal-state.ts';

/** What a proposal about a shared policy or a group is compared with. */
export type SharedNow =
  | {
      readonly kind: 'found';
      /** Every policy of the subject. */
      readonly policies: readonly PolicyNow[];
      readonly holders: SharedHolders;
      /** Why nothing may be proposed for it, whatever the findings say. */
      readonly obstacle: string | undefined;
      /** Each finding that the proposal rests on, by its place there. */
      readonly findings: readonly FindingNow[];
    }
  /** Deleted, or no longer something that several have. */
  | { readonly kind: 'gone' };

const GONE = {
  group: 'the group is gone',
  policy: 'the policy is gone, or several do not have it any more',
} as const;

/** Said of what is no longer there to be refined for several. */
export function goneShared(type: keyof typeof GONE): Pick<Verdict, 'state' | 'reason'> {
  return { state: 'resolved', reason: GONE[type] };
}

/**
 * Whether a stored proposal about a shared policy or a group is still current: as of those about principals, `applied` comes
 * first, since applying is what settles the findings. It rests on a finding about everybody who has the thing, so
 * whoever came, and whoever has none any more, supersedes it; so does whoever left, since another proposal would be made.
 */
export function judgeShared(
  proposal: Pick<SharedProposal, 'policies' | 'holders' | 'findings' | 'subject'>,
  now: SharedNow,
): Verdict {
  if (now.kind === 'gone') return { ...goneShared(proposal.subject.type), remarks: [] };
  const compared = comparePolicies(proposal.policies, now.policies);
  const applied = appliedBy(compared);
  if (applied) return { ...applied, remarks: [] };
  const against = [
    ...compared.changes,
    ...holderChanges(proposal.holders, now.holders),
    ...(now.obstacle === undefined ? [] : [now.obstacle]),
    ...findingChanges(proposal, now.findings),
  ];
  return against.length > 0
    ? { state: 'superseded', reason: listed(against), remarks: [] }
    : { state: 'current', reason: CURRENT, remarks: remarksOn(compared) };
}

/**
 * How an earlier proposal stands once it is no longer what would be proposed.
 * @param now every policy of the subject
 * @param instead why it is not proposed any more: a clause
 */
export function judgeSharedPredecessor(
  { policies }: Pick<SharedProposal, 'policies'>,
  now: readonly PolicyNow[],
  instead: string,
): { readonly state: DriftState; readonly reason: string } {
  const compared = comparePolicies(policies, now);
  const { changes } = compared;
  return (
    appliedBy(compared) ?? {
      state: 'superseded',
      reason: changes.length > 0 ? `${listed(changes)}; ${instead}` : instead,
    }
  );
}

function appliedBy({ isApplied, done }: PolicyComparison): Pick<Verdict, 'state' | 'reason'> | undefined {
  if (!isApplied) return undefined;
  return { state: 'applied', reason: `${listed(done)} ${done.length === 1 ? 'is' : 'are'} as it proposes` };
}

function holderChanges(then: SharedHolders, now: SharedHolders): readonly string[] {
  const [before, after] = [everybody(then), everybody(now)];
  const came = [...after].filter((arn) => !before.has(arn)).sort(byCodeUnit);
  const left = [...before].filter((arn) => !after.has(arn)).sort(byCodeUnit);
  return [
    ...came.map((arn) => `${nameOf(arn)} has it too by now`),
    ...left.map((arn) => `${nameOf(arn)} does not have it any more`),
  ];
}

function everybody({ roles, users, groups }: SharedHolders): ReadonlySet<string> {
  return new Set([...roles, ...users, ...groups.flatMap(({ members }) => members)]);
}

function findingChanges(
  { policies, findings }: Pick<SharedProposal, 'policies' | 'findings'>,
  now: readonly FindingNow[],
): readonly string[] {
  return findings.flatMap(({ principal }, place) => {
    const finding = now[place] ?? { kind: 'gone' };
    const closed = closedBy(finding);
    if (closed !== undefined) return [`${nameOf(principal)} may use what it has: ${closed}`];
    const used = usedAgain({ policies }, finding);
    return used.length === 0
      ? []
      : [
          `the finding about ${nameOf(principal)} no longer reports as unused what it takes away: ${listed(used)}`,
        ];
  });
}

/** `arn:aws:iam::123456789012:role/team/Orders` is `role Orders`. */
function nameOf(arn: string): string {
  const resource = arn.slice(arn.lastIndexOf(':') + 1);
  return `${resource.slice(0, resource.indexOf('/'))} ${resource.slice(resource.lastIndexOf('/') + 1)}`;
}
