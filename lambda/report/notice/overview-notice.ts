import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { Notice } from '../../ports/notify.ts';
import { isShared, type ProposalFacts } from '../../ports/proposals.ts';
import { count, counted, share } from '../text/format.ts';
import { MESSAGE_LIMIT, publishedBytes } from './notice.ts';
import { subjectOf } from './notice-owner.ts';
import {
  aboutWhat,
  headline,
  inNoticeOrder,
  kindSentence,
  lossSentence,
  type NoticeContext,
  overviewLink,
  reportLink,
  waysLines,
  whoPhrase,
} from './notice-words.ts';
import {
  accountsByWeight,
  countKinds,
  type FactsKind,
  tallyOf,
  type OwnerTally,
  tallyOwners,
} from '../run/overview-facts.ts';

/** What is named one by one before the rest is counted. */
interface Room {
  /** Owners that people are shown, and those that programs are. */
  readonly ownersNamed: number;
  readonly ownersListed: number;
  /** Proposals, those that take away most. */
  readonly largest: number;
  /** Accounts of the attribute and of the list for programs, those with the most proposals. */
  readonly accounts: number;
}

/** The last is for owners whose names are as long as a tag can be; it always fits. */
const ROOMS: readonly [Room, ...Room[]] = [
  { ownersNamed: 20, ownersListed: 200, largest: 20, accounts: 1_000 },
  { ownersNamed: 20, ownersListed: 50, largest: 20, accounts: 1_000 },
  { ownersNamed: 10, ownersListed: 10, largest: 5, accounts: 1_000 },
];

/**
 * One message about all proposals that are current: how many, of what kinds, whose, and the largest of them. It has
 * a bounded length however many there are; the rest is counted, and linked.
 *
 * @param items at least one
 * @param before how many proposals the overview before this one counted; undefined for the first
 */
export function composeOverview(
  items: readonly ProposalFacts[],
  before: number | undefined,
  context: NoticeContext,
): Notice {
  if (items.length === 0) throw new RangeError('an overview needs at least one proposal');
  const owners = tallyOwners(items);
  let notice = overviewOf(items, owners, before, context, ROOMS[0]);
  for (const room of ROOMS.slice(1)) {
    if (publishedBytes(notice) <= MESSAGE_LIMIT) break;
    notice = overviewOf(items, owners, before, context, room);
  }
  return notice;
}

function overviewOf(
  items: readonly ProposalFacts[],
  owners: readonly OwnerTally[],
  before: number | undefined,
  context: NoticeContext,
  room: Room,
): Notice {
  const refinements = items.filter(({ summary }) => summary !== undefined);
  const largest = inNoticeOrder(refinements).slice(0, room.largest);
  const accountIds = accountsByWeight(items).slice(0, room.accounts).sort(byCodeUnit);
  return {
    subject: subjectOf(`Overview: ${headline(items)}`, undefined),
    text: textOf(items, owners, largest, before, context, room),
    json: jsonOf(items, owners, largest, before, accountIds, context, room),
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
  room: Room,
): string {
  const { accounts, actionsGrantedBefore: granted, actionsGrantedAfter: left } = tallyOf(items);
  const lost = granted - left;
  const lines = [
    `${headline(items)}, in ${counted(accounts, 'account')}.`,
    ...(before === undefined ? [] : [`The overview before this one counted ${count(before)}.`]),
    '',
    'The findings report access that was not used. Each proposal takes away what was reported',
    'and nothing else.',
    '',
    'What is proposed:',
    ...countKinds(items).map(([kind, some]) => `- ${kindPhrase(kind, some)}`),
  ];
  if (granted > 0) {
    lines.push(
      '',
      `Together ${items.some(isShared) ? 'those for principals' : 'they'} take away ${count(lost)} of ${counted(granted, 'granted action')} (${share(lost, granted)}).`,
    );
  }
  if (owners.length > 0) lines.push('', 'Whose they are:', ...ownerLines(owners, room.ownersNamed));
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
    ...waysLines(undefined, context),
    '',
    'The links open the S3 console: sign in first to the account that holds the reports, then choose "Open".',
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
      return `${counted(some, 'shared policy', 'shared policies')} would lose what is reported unused for everybody who has ${some === 1 ? 'it' : 'one'}`;
    case 'refine-group':
      return `${counted(some, 'group')} would lose what is reported unused for all of ${some === 1 ? 'its' : 'their'} members`;
    default:
      return kind satisfies never;
  }
}

/** The owners with most, then the rest in one line, then what nobody owns. */
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
  const goes = lost > 0 ? `, ${counted(lost, 'action')} would go` : '';
  const whom = principals > 0 ? ` for ${counted(principals, 'principal')}` : '';
  return `${counted(proposals, 'proposal')}${whom} in ${counted(accounts, 'account')}${goes}`;
}

function jsonOf(
  items: readonly ProposalFacts[],
  owners: readonly OwnerTally[],
  largest: readonly ProposalFacts[],
  before: number | undefined,
  accountIds: readonly string[],
  context: NoticeContext,
  room: Room,
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
      .slice(0, room.ownersListed)
      .map(({ owner, ...tally }) => ({ owner: owner ?? null, ...tally })),
    ownersOmitted: Math.max(0, owners.length - room.ownersListed),
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
