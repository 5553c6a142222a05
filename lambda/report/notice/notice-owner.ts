import type { Addressee } from '../../ports/notify.ts';
import { isShared, type ProposalFacts } from '../../ports/proposals.ts';
import type { NoticeContext } from './notice-words.ts';

/** ` of payments`; ` without an owner`; empty if a message is for everybody. Follows a headline. */
export function ofOwner(addressee: Addressee | undefined): string {
  if (addressee === undefined) return '';
  return addressee.owner === undefined ? ' without an owner' : ` of ${addressee.owner}`;
}

/** A subject must have fewer characters. Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const SUBJECT_LIMIT = 100;

/** A headline and its owner as a subject: ASCII, and short enough for SNS. The owner is cut, not the numbers. */
export function subjectOf(headline: string, addressee: Addressee | undefined): string {
  const whole = (headline + ofOwner(addressee)).replace(/[^\x20-\x7e]/gu, '?');
  return whole.length < SUBJECT_LIMIT ? whole : `${whole.slice(0, SUBJECT_LIMIT - 4)}...`;
}

/** Why no owner is named, for the message about proposals without an owner; no line for other messages. */
export function whyUnowned(
  addressee: Addressee | undefined,
  items: readonly ProposalFacts[],
  { ownerTag, ownerContact }: NoticeContext,
): readonly string[] {
  if (addressee === undefined || addressee.owner !== undefined) return [];
  const isOne = items.length === 1;
  const shared = items.filter(isShared).length;
  const tagged = isOne ? 'it has' : shared > 0 ? 'the principals have' : 'they have';
  const tags = [
    ...(shared < items.length ? [`${tagged} no tag "${ownerTag ?? ''}"`] : []),
    ...(shared > 0 ? ['tags of policies and groups are not read'] : []),
  ];
  const tag = ownerTag === undefined ? '' : tags.join(', ');
  const contact =
    ownerContact === undefined
      ? ''
      : `no ${ownerContact} contact of ${isOne ? 'the account' : 'the accounts'} is known`;
  const reasons = [tag, contact].filter((reason) => reason !== '').join(', and ');
  const one = shared > 0 ? 'The subject of this proposal has' : 'This principal has';
  const many = shared > 0 ? 'The subjects of these proposals have' : 'These principals have';
  return ['', `${isOne ? one : many} no known owner: ${reasons}.`];
}
