import { pool } from '../../ports/pool.ts';
import type { AccountContacts, ContactAnswer } from '../../ports/notify.ts';
import { type ProposalFacts, type ProposalReader, subjectIn } from '../../ports/proposals.ts';
import type { Clock } from '../../ports/system.ts';

export interface NotifyFailure {
  readonly step: 'read' | 'owner' | 'index' | 'events' | 'compose' | 'publish' | 'chat' | 'time';
  /** The proposal, if it is about one. */
  readonly key: string | undefined;
  readonly error: unknown;
  /** The owner of the message, if messages are grouped by owner. */
  readonly owner?: string | undefined;
}

/** Records a failure. The proposal that `key` names was not announced, and its message is retried. */
export type Fail = (
  step: NotifyFailure['step'],
  key: string | undefined,
  error: unknown,
  owner?: string,
) => void;

/** Milliseconds reserved for what follows: the overview and the messages. */
export const RESERVE = 20_000;

/** Objects read at once. */
const READERS = 16;

/** Reads proposals independently: one that cannot be read does not keep the others from being announced. */
export async function readStored(
  keys: readonly string[],
  reader: ProposalReader,
  clock: Clock,
  fail: Fail,
): Promise<{ readonly facts: ReadonlyMap<string, ProposalFacts>; readonly gone: readonly string[] }> {
  const facts = new Map<string, ProposalFacts>();
  const gone: string[] = [];
  const until = (place: number): boolean => place >= READERS && clock.remainingMillis() < RESERVE;
  const readings = await pool(keys, { width: READERS, until }, async (key) => {
    try {
      return await reader.read(key);
    } catch (error) {
      fail('read', key, error);
      return undefined;
    }
  });
  for (const key of keys.slice(readings.length)) fail('time', key, undefined);
  for (const [place, reading] of readings.entries()) {
    if (reading?.kind === 'gone') gone.push(keys[place] ?? '');
    else if (reading) facts.set(keys[place] ?? '', reading.facts);
  }
  return { facts, gone };
}

/** Accounts whose contact is read at the same time. */
const ASKERS = 4;

/** Proposals by the key of their `proposal.json`. */
interface OwnedProposals {
  readonly facts: ReadonlyMap<string, ProposalFacts>;
  /** Keys of the proposals whose owner could not be read. */
  readonly unsure: ReadonlySet<string>;
}

/**
 * Adds the owner to each proposal: its own tag, or else its account's contact. This must not delay notifications for
 * long. If AWS does not answer, no other account is asked for its contact. If the time runs out first, the proposals
 * of the remaining accounts are retried, and the answers so far are remembered.
 */
export async function findOwners(
  found: ReadonlyMap<string, ProposalFacts>,
  contacts: AccountContacts | undefined,
  clock: Clock,
  fail: Fail,
): Promise<OwnedProposals> {
  const asked = new Map<string, ContactAnswer>();
  const unowned = [...found.values()].filter(({ owner }) => owner === undefined);
  const accounts = [...new Set(unowned.map((facts) => subjectIn(facts).accountId))];
  let answers = contacts !== undefined;
  const until = (place: number): boolean =>
    !answers || (place >= ASKERS && clock.remainingMillis() < RESERVE);
  await pool(accounts, { width: ASKERS, until }, async (account) => {
    try {
      const answer = await contacts?.contactOf(account);
      if (answer) asked.set(account, answer);
    } catch (error) {
      asked.set(account, { kind: 'refused' });
      if (answers) fail('owner', undefined, error);
      answers = false;
    }
  });
  const owned = new Map<string, ProposalFacts>();
  const unsure = new Set<string>();
  for (const [key, facts] of found) {
    const { accountId } = subjectIn(facts);
    if (facts.owner === undefined && answers && !asked.has(accountId)) {
      fail('time', key, undefined);
      continue;
    }
    const answer = asked.get(accountId);
    if (facts.owner === undefined && contacts !== undefined && answer?.kind !== 'known') unsure.add(key);
    const owner = nameOf(facts.owner ?? (answer?.kind === 'known' ? answer.email : undefined));
    owned.set(key, { ...facts, owner });
  }
  return { facts: owned, unsure };
}

/** The most characters of an owner, as of a tag's value. */
const LONGEST = 256;

/**
 * The owner as a message attribute, on one line. Quotes and backslashes become `?`: they would have to be escaped
 * twice in a filter policy, and a tag cannot contain them.
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
