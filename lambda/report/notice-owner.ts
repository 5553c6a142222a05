import type { Addressee } from '../ports/notifier.ts';
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
  isOne: boolean,
  { ownerTag, ownerContact }: NoticeContext,
): readonly string[] {
  if (addressee === undefined || addressee.owner !== undefined) return [];
  const tag = ownerTag === undefined ? '' : `${isOne ? 'it carries' : 'they carry'} no tag "${ownerTag}"`;
  const contact =
    ownerContact === undefined
      ? ''
      : `no ${ownerContact} contact of ${isOne ? 'its account' : 'their accounts'} is known`;
  const reasons = [tag, contact].filter((reason) => reason !== '').join(', and ');
  return ['', `Nobody is known to own ${isOne ? 'this principal' : 'these principals'}: ${reasons}.`];
}
