import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { AccountContacts, ChatNotifier, Notifier } from '../../ports/notify.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import type {
  Overview,
  ProposalFacts,
  ProposalReader,
  ProposalReading,
  ProposalRepository,
} from '../../ports/proposals.ts';
import { pool } from '../../ports/pool.ts';
import { updateOverview, noteNotified, type OverviewEntry } from './update-overview.ts';
import { type Fail, findOwners, type NotifyFailure, readStored } from './read-proposals.ts';
import { type Compose, notifyOwners } from './notify-owners.ts';
import { type EventsDependencies, publishEvents } from './publish-events.ts';

/** A queue message that says that a proposal was stored. Its key is that of its `proposal.json`. */
export interface StoredMessage {
  readonly messageId: string;
  readonly key: string;
  /** False if only the proposal's state was stored. */
  readonly isNew: boolean;
}

export interface NotifyDependencies {
  readonly reader: ProposalReader;
  readonly notifier: Notifier;
  /** Pure; composes one notice about all of them. */
  readonly compose: Compose;
  readonly chat:
    | { readonly notifier: ChatNotifier; readonly compose: (proposals: readonly ProposalFacts[]) => string }
    | undefined;
  readonly overview: Overview;
  readonly repository: Pick<ProposalRepository, 'noteReopened'>;
  /** Pure; renders the overview's page. */
  readonly page: (rows: readonly ProposalFacts[]) => string;
  readonly clock: Clock;
  /**
   * If given, there is one message for each owner, and `contacts` are read for principals without the owner tag. If
   * undefined, there is one message for everybody.
   */
  readonly owners?: { readonly contacts: AccountContacts | undefined } | undefined;
  /** If undefined, no events are sent. */
  readonly programs?: EventsDependencies | undefined;
  /** Whether batches are not announced, because an overview announces everything. */
  readonly isQuiet?: boolean;
}

interface NotifyOutcome {
  /** Messages that have to be retried, because their proposals were not announced. */
  readonly failed: readonly string[];
  /** Proposals that were announced. */
  readonly notified: number;
  /** Proposals that were deleted before they could be announced. */
  readonly gone: number;
  readonly failures: readonly NotifyFailure[];
}

/**
 * Notifies people of every proposal of a batch, with one message or with one for each owner. The order is the
 * contract. Reading comes first. A proposal that cannot be read does not prevent the others from being announced. The
 * overview and the events come before the messages, because repeating them changes nothing. If a message fails, only
 * its own proposals are retried, so nobody is notified of the others twice. The chat comes last, and its failure fails
 * nothing, because a retry of the batch would notify people twice. A process that dies after a message and before its
 * answer also notifies people twice. People are never left without a notification. The chat gets one message for each
 * batch, regardless of owners: everybody in a channel reads it, and it cannot be filtered.
 */
export async function notifyProposals(
  messages: readonly StoredMessage[],
  dependencies: NotifyDependencies,
): Promise<NotifyOutcome> {
  const { reader, notifier, compose, chat, clock, owners, isQuiet = false } = dependencies;
  const failures: NotifyFailure[] = [];
  const missed = new Set<string>();
  const fail: Fail = (step, key, error, owner) => {
    failures.push({ step, key, error, owner });
    if (key !== undefined) missed.add(key);
  };
  // Messages may be delivered twice. The same object counts once, and its messages fail or succeed together.
  const keys = [...new Set(messages.map(({ key }) => key))].sort(byCodeUnit);
  const { facts: read, gone } = await readStored(keys, reader, clock, fail);
  const { facts, unsure } =
    owners === undefined
      ? { facts: read, unsure: new Set<string>() }
      : await findOwners(read, owners.contacts, clock, fail);
  const fresh = new Set(messages.flatMap(({ key, isNew }) => (isNew ? [key] : [])));
  const entries = [...facts, ...gone.map((key) => [key, undefined] as const)].map(
    ([key, one]): OverviewEntry => ({
      prefix: key.slice(0, -PROPOSAL_OBJECT.length),
      reading: one ? { kind: 'found', facts: one } : { kind: 'gone' },
      isNew: fresh.has(key),
      // The owner of a deleted proposal was not read, and the proposal may exist again.
      isOwnerKnown: one !== undefined && !unsure.has(key),
    }),
  );
  let notified = 0;
  const entered = await enter(entries, dependencies, fail);
  const unsent =
    entered === undefined || dependencies.programs === undefined
      ? []
      : await publishEvents(entered.facts, fresh, dependencies.programs, fail);
  if (entered === undefined) {
    for (const key of facts.keys()) missed.add(key);
  } else if (!isQuiet) {
    const unannounced = entered.unannounced.filter(
      ({ prefix }) => !unsent.includes(prefix + PROPOSAL_OBJECT),
    );
    const parts = { notifier, compose, clock };
    const outcome = await notifyOwners(unannounced, owners !== undefined, parts, fail);
    for (const key of outcome.missed) missed.add(key);
    notified = outcome.notified.length;
    await chatAbout(outcome.notified, chat, fail);
    const later = outcome.notified.flatMap(({ prefix }) =>
      fresh.has(prefix + PROPOSAL_OBJECT) ? [] : [prefix],
    );
    await note(later, dependencies, fail);
  }
  const failed = messages.filter(({ key }) => missed.has(key)).map(({ messageId }) => messageId);
  return { failed, notified, gone: gone.length, failures };
}

/**
 * Updates the overview.
 * @returns what to notify people and programs of; undefined if nobody may be notified yet
 */
async function enter(
  entries: readonly OverviewEntry[],
  { reader, overview, repository, page, clock, isQuiet = false }: NotifyDependencies,
  fail: Fail,
): Promise<Entered | undefined> {
  if (entries.length === 0) return { unannounced: [], facts: new Map() };
  const again = async ({ prefix, reading }: OverviewEntry): Promise<ProposalReading> => {
    const now = await reader.read(prefix + PROPOSAL_OBJECT);
    if (now.kind === 'gone' || reading.kind === 'gone') return now;
    // The owner was read already, perhaps by another process.
    return { kind: 'found', facts: { ...now.facts, owner: reading.facts.owner } };
  };
  try {
    const { unannounced, facts, late } = await updateOverview(entries, { overview, page, again, clock });
    for (const prefix of late) fail('time', prefix + PROPOSAL_OBJECT, undefined);
    return { unannounced, facts: byKey(facts) };
  } catch (error) {
    fail('index', undefined, error);
    // If a retry may help, everything is retried. Otherwise people are notified anyway, unless the overview is their
    // only notification.
    if (isQuiet || (error instanceof AdapterError && error.decision === 'retry')) return undefined;
    const read = entries.flatMap(({ prefix, reading, isNew }) =>
      reading.kind === 'found' ? [{ prefix, facts: reading.facts, isNew }] : [],
    );
    // A settled proposal is not announced, and no row records that it never was; only its message does.
    for (const { prefix, facts, isNew } of read) {
      if (isNew && facts.state !== undefined) fail('index', prefix + PROPOSAL_OBJECT, error);
    }
    const unannounced = read.flatMap(({ facts, isNew }) =>
      isNew && facts.state === undefined ? [facts] : [],
    );
    // Their findings may end before the overview can be written: then neither it nor a listing would name them.
    await pool(unannounced, { width: WRITERS }, ({ prefix }) =>
      repository.noteReopened(prefix).catch((failed: unknown) => {
        fail('index', undefined, failed);
      }),
    );
    return {
      unannounced,
      facts: byKey(read.map(({ prefix, facts }) => [prefix, facts])),
    };
  }
}

/** Objects written at once. */
const WRITERS = 16;

interface Entered {
  readonly unannounced: readonly ProposalFacts[];
  /** By the key of the `proposal.json`. */
  readonly facts: ReadonlyMap<string, ProposalFacts>;
}

function byKey(facts: Iterable<readonly [string, ProposalFacts]>): ReadonlyMap<string, ProposalFacts> {
  return new Map(Array.from(facts, ([prefix, one]) => [prefix + PROPOSAL_OBJECT, one]));
}

/** If this fails, people are notified again when the state of the same proposal is stored again. */
async function note(
  prefixes: readonly string[],
  { overview, page, clock }: NotifyDependencies,
  fail: Fail,
): Promise<void> {
  if (prefixes.length === 0) return;
  try {
    await noteNotified(new Set(prefixes), { overview, page, clock });
  } catch (error) {
    fail('index', undefined, error);
  }
}

async function chatAbout(
  notified: readonly ProposalFacts[],
  chat: NotifyDependencies['chat'],
  fail: Fail,
): Promise<void> {
  if (chat === undefined || notified.length === 0) return;
  try {
    await chat.notifier.publish(chat.compose(notified));
  } catch (error) {
    fail('chat', undefined, error);
  }
}
