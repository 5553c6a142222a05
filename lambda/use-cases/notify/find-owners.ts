import type { AccountContacts } from '../../ports/notify.ts';
import type { Clock } from '../../ports/system.ts';
import { type ProposalFacts, subjectIn } from '../../ports/proposals.ts';
import { type Fail, RESERVE } from './outcome.ts';

/** Accounts asked for at once. */
const ASKERS = 4;

/**
 * The same proposals, each with whoever owns it: by its own tag or, where it has none, by its account's contact.
 *
 * Nobody waits long for an owner. Where AWS does not answer for now, the others are told as nobody's. Where the time
 * ends first, the proposals of the accounts that were not asked come again, and find the answers so far remembered.
 */
export async function findOwners(
  found: ReadonlyMap<string, ProposalFacts>,
  contacts: AccountContacts | undefined,
  clock: Clock,
  fail: Fail,
): Promise<ReadonlyMap<string, ProposalFacts>> {
  const asked = new Map<string, string | undefined>();
  const unowned = [...found.values()].filter(({ owner }) => owner === undefined);
  const accounts = [...new Set(unowned.map((facts) => subjectIn(facts).accountId))];
  let answers = contacts !== undefined;
  for (let start = 0; answers && start < accounts.length; start += ASKERS) {
    if (start > 0 && clock.remainingMillis() < RESERVE) break;
    const some = accounts.slice(start, start + ASKERS);
    const contactOf = async (account: string) => contacts?.contactOf(account);
    const readings = await Promise.allSettled(some.map(contactOf));
    for (const [place, reading] of readings.entries()) {
      const account = some[place] ?? '';
      asked.set(account, reading.status === 'fulfilled' ? reading.value : undefined);
      if (reading.status === 'rejected' && answers) {
        answers = false;
        fail('owner', undefined, reading.reason);
      }
    }
  }
  const owned = new Map<string, ProposalFacts>();
  for (const [key, facts] of found) {
    const { accountId } = subjectIn(facts);
    if (facts.owner === undefined && answers && !asked.has(accountId)) {
      fail('time', key, undefined);
      continue;
    }
    const owner = nameOf(facts.owner ?? asked.get(accountId));
    owned.set(key, { ...facts, owner });
  }
  return owned;
}

/** Characters of an owner; the value of a tag has no more. */
const LONGEST = 256;

/**
 * An owner as a message attribute may hold it, on one line. Quotes and backslashes would have to be escaped twice in a
 * filter policy, and no tag can hold one.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
 */
function nameOf(owner: string | undefined): string | undefined {
  const name = [...(owner ?? '')]
    .slice(0, LONGEST)
    .join('')
    .replace(/[\p{C}\u2028\u2029"\\]/gu, '?')
    .trim();
  return name === '' ? undefined : name;
}
