import type { Addressee } from '../../ports/notify.ts';
import { isShared, type ProposalFacts } from '../../ports/proposals.ts';
import type { NoticeContext } from './notice-words.ts';

/** ` of payments`; ` without an owner`; nothing where a message is for everybody. Stands behind a headline. */
export function ofOwner(addressee: Addressee | undefined): string {
  if (addressee === undefined) return '';
  return addressee.owner === undefined ? ' without an owner' : ` of ${addressee.owner}`;
}

/** Characters of a subject, less than which SNS asks for. Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const SUBJECT_LIMIT = 100;

/** A headline and whose it is, as a subject may be: ASCII, and shorter than SNS allows. The owner is cut, not the numbers. */
export function subjectOf(headline: string, addressee: Addressee | undefined): string {
  const whole = (headline + ofOwner(addressee)).replace(/[^\x20-\x7e]/gu, '?');
  return whole.length < SUBJECT_LIMIT ? whole : `${whole.slice(0, SUBJECT_LIMIT - 4)}...`;
}

/** Why nobody is named, for the message about what nobody owns; nothing for the others. */
export function whyUnowned(
  addressee: Addressee | undefined,
  items: readonly ProposalFacts[],
  { ownerTag, ownerContact }: NoticeContext,
): readonly string[] {
  if (addressee === undefined || addressee.owner !== undefined) return [];
  const isOne = items.length === 1;
  const shared = items.filter(isShared).length;
  const carried = isOne ? 'it carries' : shared > 0 ? 'the principals carry' : 'they carry';
  const tags = [
    ...(shared < items.length ? [`${carried} no tag "${ownerTag ?? ''}"`] : []),
    ...(shared > 0 ? ['tags of policies and groups are not read'] : []),
  ];
  const tag = ownerTag === undefined ? '' : tags.join(', ');
  const contact =
    ownerContact === undefined
      ? ''
      : `no ${ownerContact} contact of ${isOne ? 'its account' : 'their accounts'} is known`;
  const reasons = [tag, contact].filter((reason) => reason !== '').join(', and ');
  const whom = shared > 0 ? 'what this is about' : isOne ? 'this principal' : 'these principals';
  return ['', `Nobody is known to own ${whom}: ${reasons}.`];
}
