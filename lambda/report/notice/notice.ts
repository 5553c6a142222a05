import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { byCodeUnit } from '../../core/model/order.ts';

import type { Addressee, Notice } from '../../ports/notify.ts';
import { aboutPrincipals, isShared, type ProposalFacts, subjectIn } from '../../ports/proposals.ts';
import { counted, oneLine, utf8Bytes } from '../text/format.ts';
import { ofOwner, subjectOf, whyUnowned } from './notice-owner.ts';
import {
  aboutShared,
  aboutWhat,
  hardlyWorthLines,
  headline,
  howToOpen,
  inNoticeOrder,
  kindLines,
  kindSentence,
  lossSentence,
  type NoticeContext,
  notUsed,
  overviewLink,
  reportLink,
  reviewLine,
  sumSentence,
  reviewLines,
  reviewCommands,
  whoPhrase,
} from './notice-words.ts';

/**
 * Bytes that SNS accepts, message and attributes together, less 4 KiB for attributes that a client may add.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
 */
export const MESSAGE_LIMIT = 262_144 - 4_096;
/** Characters of a subject: SNS takes less than 100. */
const SUBJECT_ROOM = 99;
/** Proposals that a message can hold at most: more never fit. */
const MOST = 1_200;

/**
 * One message about proposals that were stored within a few minutes of each other: plain text for people, the same facts
 * as JSON for programs, attributes for filter policies. The riskiest come first. Proposals that do not fit are
 * counted and linked; the attributes always cover all proposals.
 *
 * @param items the proposals; at least one
 * @param addressee the owner, if there is one message for each owner
 * @throws RangeError if there is no proposal, which is a fault of the caller
 */
export function composeNotice(
  items: readonly ProposalFacts[],
  context: NoticeContext,
  addressee?: Addressee,
): Notice {
  if (items.length === 0) throw new RangeError('a notice needs at least one proposal');
  const sorted = inNoticeOrder(items);
  let fits = 0;
  let beyond = Math.min(sorted.length, MOST) + 1;
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >>> 1;
    if (publishedBytes(noticeOf(sorted, middle, context, addressee)) <= MESSAGE_LIMIT) fits = middle;
    else beyond = middle;
  }
  return noticeOf(sorted, fits, context, addressee);
}

/** Bytes of the message as published, with one text for each protocol, and of its attributes. */
export function publishedBytes({ text, json, attributes }: Notice): number {
  const envelope = JSON.stringify({ default: text, sqs: json, lambda: json, https: json });
  return utf8Bytes(envelope) + utf8Bytes(JSON.stringify(JSON.stringify(attributes)));
}

function noticeOf(
  items: readonly ProposalFacts[],
  shown: number,
  context: NoticeContext,
  addressee: Addressee | undefined,
): Notice {
  const accountIds = [...new Set(items.map((facts) => subjectIn(facts).accountId))].sort(byCodeUnit);
  const kinds = [...new Set(items.map(({ kind }) => kind))].sort(byCodeUnit);
  return {
    // Of one proposal the text names the owner; the numbers need the room.
    subject: subjectOf(reviewLine(items, SUBJECT_ROOM), items.length === 1 ? undefined : addressee),
    text: textOf(items, shown, accountIds.length, context, addressee),
    json: jsonOf(items, shown, accountIds, context, addressee),
    attributes: {
      accountIds,
      kinds,
      proposalCount: items.length,
      ...(addressee?.owner === undefined ? {} : { owner: addressee.owner }),
    },
  };
}

function textOf(
  items: readonly ProposalFacts[],
  shown: number,
  accounts: number,
  context: NoticeContext,
  addressee: Addressee | undefined,
): string {
  const [only] = items;
  if (items.length === 1 && shown === 1 && only) return textOfOne(only, context, addressee);
  const where = accounts > 1 ? ` in ${counted(accounts, 'account')}` : '';
  const lines = [
    `${headline(items)}${ofOwner(addressee)}${where}.`,
    '',
    'Each proposal removes what findings report unused, and nothing else.',
    ...together(items),
    ...aboutShared(items),
    ...whyUnowned(addressee, items, context),
    '',
  ];
  for (const [i, item] of items.slice(0, shown).entries()) {
    const mark = `${String(i + 1)}. `;
    const indent = ' '.repeat(mark.length);
    lines.push(
      `${mark}${whoPhrase(item, context)}`,
      `${indent}${lossSentence(item)}${kindSentence(item)}`,
      `${indent}${reportLink(item, context)}`,
      '',
    );
  }
  const omitted = items.length - shown;
  if (omitted > 0) {
    lines.push(
      `${counted(omitted, 'more proposal')} did not fit into this message. All of them are here:`,
      overviewLink(context),
      '',
    );
  } else if (context.indexKey !== undefined) {
    lines.push('All proposals, these included:', overviewLink(context), '');
  }
  lines.push(...reviewLines(undefined, context), '', howToOpen('links', context), '');
  return lines.join('\n');
}

/** Who, since when, what kind, and three things to do; one link. */
function textOfOne(item: ProposalFacts, context: NoticeContext, addressee: Addressee | undefined): string {
  const owner = addressee === undefined ? item.owner : undefined;
  const kinds = kindLines(item);
  return [
    `${whoPhrase(item, context)}${owner === undefined ? ofOwnerComma(addressee) : `, owner ${oneLine(owner)}`}`,
    lossSentence(item),
    ...notUsed(item),
    ...hardlyWorthLines(item),
    ...(kinds.length > 0 ? ['', ...kinds] : []),
    ...aboutShared([item]),
    ...whyUnowned(addressee, [item], context),
    '',
    ...reviewLines(item, context),
    '',
    howToOpen('report', context),
    reportLink(item, context),
    '',
  ].join('\n');
}

function ofOwnerComma(addressee: Addressee | undefined): string {
  return addressee?.owner === undefined ? '' : `, owner ${oneLine(addressee.owner)}`;
}

/** Of principals only: the actions of shared policies and groups are theirs, and would count twice. */
function together(items: readonly ProposalFacts[]): readonly string[] {
  const summaries = aboutPrincipals(items).flatMap(({ summary }) => (summary ? [summary] : []));
  if (summaries.length < 2) return [];
  const before = summaries.reduce((sum, summary) => sum + summary.actionsGrantedBefore, 0);
  const lost = before - summaries.reduce((sum, summary) => sum + summary.actionsGrantedAfter, 0);
  return ['', sumSentence(items, lost, before)];
}

function jsonOf(
  items: readonly ProposalFacts[],
  shown: number,
  accountIds: readonly string[],
  context: NoticeContext,
  addressee: Addressee | undefined,
): string {
  return JSON.stringify({
    schemaVersion: 1,
    type: 'unused-access-proposals',
    proposalCount: items.length,
    principalCount: new Set(aboutPrincipals(items).map(({ principal }) => principal.arn)).size,
    accountIds,
    ...(addressee === undefined ? {} : { owner: addressee.owner ?? null }),
    bucket: context.bucket,
    region: context.region,
    overviewUrl: overviewLink(context),
    ways: reviewCommands(items.length === 1 ? items[0] : undefined, context),
    proposals: items.slice(0, shown).map((item) => ({
      proposalId: item.proposalId,
      kind: item.kind,
      ...aboutWhat(item, context),
      actionsGrantedBefore: item.summary?.actionsGrantedBefore,
      actionsGrantedAfter: item.summary?.actionsGrantedAfter,
      servicesGrantedBefore: item.summary?.servicesGrantedBefore,
      servicesGrantedAfter: item.summary?.servicesGrantedAfter,
      retained: item.retained,
      warnings: item.warnings,
      risk: item.risk,
      ...(isShared(item) ? {} : { residue: item.residue }),
      proposalKey: item.prefix + PROPOSAL_OBJECT,
      reportUrl: reportLink(item, context),
    })),
    omitted: items.length - shown,
  });
}
