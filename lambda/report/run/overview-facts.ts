import { byCodeUnit } from '../../core/model/order.ts';
import { summariesOf } from './run-overview.ts';
import { aboutPrincipals, type ProposalFacts, subjectIn } from '../../ports/proposals.ts';

export type FactsKind = ProposalFacts['kind'];

/** What an overview says of a group of proposals. */
export interface Tally {
  readonly proposals: number;
  readonly principals: number;
  readonly accounts: number;
  /** Over the proposals about principals that have permissions to refine. */
  readonly actionsGrantedBefore: number;
  readonly actionsGrantedAfter: number;
}

export interface OwnerTally extends Tally {
  /** Undefined for proposals without an owner. */
  readonly owner: string | undefined;
}

export function tallyOf(items: readonly ProposalFacts[]): Tally {
  const summaries = summariesOf(
    aboutPrincipals(items).map(({ principal, summary }) => ({ principal, numbers: summary })),
  );
  return {
    proposals: items.length,
    principals: new Set(aboutPrincipals(items).map(({ principal }) => principal.arn)).size,
    accounts: new Set(items.map((facts) => subjectIn(facts).accountId)).size,
    actionsGrantedBefore: summaries.reduce((sum, one) => sum + one.actionsGrantedBefore, 0),
    actionsGrantedAfter: summaries.reduce((sum, one) => sum + one.actionsGrantedAfter, 0),
  };
}

/** Sorted by the number of proposals, then by name; empty if no owner is known. */
export function tallyOwners(items: readonly ProposalFacts[]): readonly OwnerTally[] {
  const groups = groupBy(items, ({ owner }) => owner);
  if (groups.size === 1 && groups.has(undefined)) return [];
  return [...groups]
    .map(([owner, some]) => ({ owner, ...tallyOf(some) }))
    .sort((a, b) => b.proposals - a.proposals || byCodeUnit(a.owner ?? '', b.owner ?? ''));
}

const KINDS: readonly FactsKind[] = [
  'refine-permissions',
  'remove-role',
  'remove-access-key',
  'remove-password',
  'refine-shared-policy',
  'refine-group',
];

/** The number of proposals of each kind; kinds without proposals are left out. */
export function countKinds(
  items: readonly ProposalFacts[],
): readonly (readonly [kind: FactsKind, count: number])[] {
  const groups = groupBy(items, ({ kind }) => kind);
  return KINDS.flatMap((kind) => {
    const some = groups.get(kind);
    return some ? [[kind, some.length] as const] : [];
  });
}

/** Accounts, sorted by their number of proposals, then by id. */
export function accountsByWeight(items: readonly ProposalFacts[]): readonly string[] {
  return [...groupBy(items, (facts) => subjectIn(facts).accountId)]
    .sort(([a, some], [b, others]) => others.length - some.length || byCodeUnit(a, b))
    .map(([accountId]) => accountId);
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
