import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { Notice } from '../../ports/notify.ts';
import { type ProposalFacts, aboutPrincipals, subjectIn } from '../../ports/proposals.ts';
import { counted } from '../text/format.ts';
import { MESSAGE_LIMIT, publishedBytes } from './notice.ts';
import { subjectOf } from './notice-owner.ts';
import {
  aboutWhat,
  headline,
  howToOpen,
  inNoticeOrder,
  kindSentence,
  lossSentence,
  type NoticeContext,
  overviewLink,
  reportLink,
  sumSentence,
  reviewLines,
  whoPhrase,
} from './notice-words.ts';
import { summariesOf } from '../run/run-overview.ts';

/** How many owners, proposals and accounts are named before the others are only counted. */
interface NamingLimits {
  /** Owners in the text for people, and in the JSON for programs. */
  readonly ownersNamed: number;
  readonly ownersListed: number;
  /** Proposals, the riskiest first. */
  readonly largest: number;
  /** Accounts of the attribute and of the list for programs, those with the most proposals. */
  readonly accounts: number;
}

/** Tried in this order. The last one always fits, even if every owner's name is as long as a tag can be. */
const LIMITS: readonly [NamingLimits, ...NamingLimits[]] = [
  { ownersNamed: 20, ownersListed: 200, largest: 20, accounts: 1_000 },
  { ownersNamed: 20, ownersListed: 50, largest: 20, accounts: 1_000 },
  { ownersNamed: 10, ownersListed: 10, largest: 5, accounts: 1_000 },
];

/**
 * One message about all current proposals: how many there are, of which kinds and owners, and which are the riskiest. Its length
 * is bounded; further proposals are counted and linked.
 *
 * @param items at least one
 * @param before how many proposals the previous overview had; undefined for the first
 */
export function composeOverview(
  items: readonly ProposalFacts[],
  before: number | undefined,
  context: NoticeContext,
): Notice {
  if (items.length === 0) throw new RangeError('an overview needs at least one proposal');
  const owners = tallyOwners(items);
  let notice = overviewOf(items, owners, before, context, LIMITS[0]);
  for (const limits of LIMITS.slice(1)) {
    if (publishedBytes(notice) <= MESSAGE_LIMIT) break;
    notice = overviewOf(items, owners, before, context, limits);
  }
  return notice;
}

function overviewOf(
  items: readonly ProposalFacts[],
  owners: readonly OwnerTally[],
  before: number | undefined,
  context: NoticeContext,
  limits: NamingLimits,
): Notice {
  const refinements = items.filter(({ summary }) => summary !== undefined);
  const largest = inNoticeOrder(refinements).slice(0, limits.largest);
  const accountIds = accountsByWeight(items).slice(0, limits.accounts).sort(byCodeUnit);
  return {
    subject: subjectOf(`Overview: ${headline(items)}`, undefined),
    text: textOf(items, owners, largest, before, context, limits),
    json: jsonOf(items, owners, largest, before, accountIds, context, limits),
    attributes: {
      accountIds,
      kinds: countKinds(items)
        .map(([kind]) => kind)
        .sort(byCodeUnit),
      proposalCount: items.length,
      overview: true,
    },
  };
}

function textOf(
  items: readonly ProposalFacts[],
  owners: readonly OwnerTally[],
  largest: readonly ProposalFacts[],
  before: number | undefined,
  context: NoticeContext,
  limits: NamingLimits,
): string {
  const { accounts, actionsGrantedBefore: granted, actionsGrantedAfter: left } = tallyOf(items);
  const lost = granted - left;
  const lines = [
    `${headline(items)}, in ${counted(accounts, 'account')}.`,
    ...(before === undefined ? [] : [`The previous overview had ${counted(before, 'proposal')}.`]),
    '',
    'Each proposal removes what findings report unused, and nothing else.',
    '',
    'By kind:',
    ...countKinds(items).map(([kind, some]) => `- ${kindPhrase(kind, some)}`),
  ];
  if (granted > 0) lines.push('', sumSentence(items, lost, granted));
  if (owners.length > 0) lines.push('', 'By owner:', ...ownerLines(owners, limits.ownersNamed));
  if (largest.length > 0) {
    lines.push('', largest.length < items.length ? 'The riskiest:' : 'One by one:', '');
    for (const [i, item] of largest.entries()) {
      const mark = `${String(i + 1)}. `;
      const indent = ' '.repeat(mark.length);
      lines.push(
        `${mark}${whoPhrase(item, context)}${item.owner === undefined ? '' : `, owner ${item.owner}`}`,
        `${indent}${lossSentence(item)}${kindSentence(item)}`,
        `${indent}${reportLink(item, context)}`,
        '',
      );
    }
  } else lines.push('');
  lines.push(
    'All proposals:',
    overviewLink(context),
    '',
    ...reviewLines(undefined, context),
    '',
    howToOpen('links', context),
    '',
  );
  return lines.join('\n');
}

function kindPhrase(kind: FactsKind, some: number): string {
  switch (kind) {
    case 'refine-permissions':
      return `${counted(some, 'principal')} would lose permissions that are reported unused`;
    case 'remove-role':
      return `${counted(some, 'role')} ${some === 1 ? 'is' : 'are'} reported unused`;
    case 'remove-access-key':
      return `${counted(some, 'access key')} ${some === 1 ? 'is' : 'are'} reported unused`;
    case 'remove-password':
      return `${counted(some, 'console password')} ${some === 1 ? 'is' : 'are'} reported unused`;
    case 'refine-shared-policy':
      return `${counted(some, 'shared policy', 'shared policies')} would lose actions that are reported unused for every holder`;
    case 'refine-group':
      return `${counted(some, 'group')} would lose actions that are reported unused for every member`;
    default:
      return kind satisfies never;
  }
}

/** The owners with the most proposals, then the other owners in one line, then proposals without an owner. */
function ownerLines(owners: readonly OwnerTally[], named: number): readonly string[] {
  const known = owners.filter(({ owner }) => owner !== undefined);
  const nobody = owners.find(({ owner }) => owner === undefined);
  const rest = known.slice(named);
  const lines = known.slice(0, named).map((one) => `- ${one.owner ?? ''}: ${tallyPhrase(one)}`);
  if (rest.length > 0) {
    const proposals = rest.reduce((sum, one) => sum + one.proposals, 0);
    lines.push(`- ${counted(rest.length, 'more owner')}: ${counted(proposals, 'proposal')}`);
  }
  if (nobody) lines.push(`- without an owner: ${tallyPhrase(nobody)}`);
  return lines;
}

function tallyPhrase({ proposals, principals, accounts, ...actions }: OwnerTally): string {
  const lost = actions.actionsGrantedBefore - actions.actionsGrantedAfter;
  const removes = lost > 0 ? `, to remove ${counted(lost, 'action')}` : '';
  const whom = principals > 0 ? ` for ${counted(principals, 'principal')}` : '';
  return `${counted(proposals, 'proposal')}${whom} in ${counted(accounts, 'account')}${removes}`;
}

function jsonOf(
  items: readonly ProposalFacts[],
  owners: readonly OwnerTally[],
  largest: readonly ProposalFacts[],
  before: number | undefined,
  accountIds: readonly string[],
  context: NoticeContext,
  limits: NamingLimits,
): string {
  const { proposals, principals, accounts, actionsGrantedBefore, actionsGrantedAfter } = tallyOf(items);
  return JSON.stringify({
    schemaVersion: 1,
    type: 'unused-access-overview',
    proposalCount: proposals,
    principalCount: principals,
    accountCount: accounts,
    proposalCountBefore: before ?? null,
    actionsGrantedBefore,
    actionsGrantedAfter,
    kinds: Object.fromEntries(countKinds(items)),
    accountIds,
    owners: owners
      .slice(0, limits.ownersListed)
      .map(({ owner, ...tally }) => ({ owner: owner ?? null, ...tally })),
    ownersOmitted: Math.max(0, owners.length - limits.ownersListed),
    bucket: context.bucket,
    region: context.region,
    overviewUrl: overviewLink(context),
    largest: largest.map((item) => ({
      proposalId: item.proposalId,
      kind: item.kind,
      ...aboutWhat(item, context),
      owner: item.owner,
      actionsGrantedBefore: item.summary?.actionsGrantedBefore,
      actionsGrantedAfter: item.summary?.actionsGrantedAfter,
      proposalKey: item.prefix + PROPOSAL_OBJECT,
      reportUrl: reportLink(item, context),
    })),
  });
}

type FactsKind = ProposalFacts['kind'];

/** What an overview says of a group of proposals. */
interface Tally {
  readonly proposals: number;
  readonly principals: number;
  readonly accounts: number;
  /** Over the proposals about principals that have permissions to refine. */
  readonly actionsGrantedBefore: number;
  readonly actionsGrantedAfter: number;
}

interface OwnerTally extends Tally {
  /** Undefined for proposals without an owner. */
  readonly owner: string | undefined;
}

function tallyOf(items: readonly ProposalFacts[]): Tally {
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
function tallyOwners(items: readonly ProposalFacts[]): readonly OwnerTally[] {
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
function countKinds(items: readonly ProposalFacts[]): readonly (readonly [kind: FactsKind, count: number])[] {
  const groups = groupBy(items, ({ kind }) => kind);
  return KINDS.flatMap((kind) => {
    const some = groups.get(kind);
    return some ? [[kind, some.length] as const] : [];
  });
}

/** Accounts, sorted by their number of proposals, then by id. */
function accountsByWeight(items: readonly ProposalFacts[]): readonly string[] {
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
