import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { AccountContacts, ChatNotifier, Notifier } from '../../ports/notify.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import type { Overview, ProposalFacts, ProposalReader, ProposalReading } from '../../ports/proposals.ts';
import { enterReadings, noteTold, type OverviewEntry } from './enter-readings.ts';
import { type Fail, findOwners, type NotifyFailure, readStored } from './read-proposals.ts';
import { type Compose, notifyOwners } from './notify-owners.ts';
import { type ProgramsDependencies, tellPrograms } from './tell-programs.ts';

export type { NotifyFailure } from './read-proposals.ts';

/** One message that says that a proposal was stored, under the key of its `proposal.json`. */
export interface StoredMessage {
  readonly messageId: string;
  readonly key: string;
  /** False where it says that something was stored about the proposal: that belongs in the overview only. */
  readonly isNews: boolean;
}

export interface NotifyDependencies {
  readonly reader: ProposalReader;
  readonly notifier: Notifier;
  /** Pure; one notice for all of them. */
  readonly compose: Compose;
  readonly chat:
    | { readonly notifier: ChatNotifier; readonly compose: (proposals: readonly ProposalFacts[]) => string }
    | undefined;
  readonly overview: Overview;
  /** Pure: the page that shows the overview. */
  readonly page: (rows: readonly ProposalFacts[]) => string;
  readonly clock: Clock;
  /** One message an owner; `contacts` are asked where a principal has none of its own. Left out: one for everybody. */
  readonly owners?: { readonly contacts: AccountContacts | undefined } | undefined;
  /** Left out: no program is told. */
  readonly programs?: ProgramsDependencies | undefined;
  /** Whether nothing is said of single batches, since the overview tells about all of them. */
  readonly isQuiet?: boolean;
}

export interface NotifyOutcome {
  /** Messages that have to come again: nobody was told about their proposals. */
  readonly failed: readonly string[];
  /** Proposals that people were told about. */
  readonly notified: number;
  /** Proposals that were deleted before they could be told about. */
  readonly gone: number;
  readonly failures: readonly NotifyFailure[];
}

/**
 * One message to people about every proposal of a batch, or one to each owner about theirs.
 *
 * The order is the contract. Reading comes first and fails proposal by proposal, so that one that cannot be read keeps
 * none of the others from being told. The overview and the events come before the messages, because repeating them changes nothing. A
 * message that fails is the failure of its own proposals: they come again, and whoever was told is not told again. The
 * chat comes last and fails nobody: sending the batch again for its sake would tell people twice. A process that dies
 * after a message and before its answer tells people twice as well; it never tells nobody.
 *
 * The chat hears of a batch once, whoever owns what: a channel is read by all who are in it, and cannot be filtered.
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
  // Deliveries repeat: the same object counts once, and its messages fail or succeed together.
  const keys = [...new Set(messages.map(({ key }) => key))].sort(byCodeUnit);
  const { facts: read, gone } = await readStored(keys, reader, clock, fail);
  const { facts, unsure } =
    owners === undefined
      ? { facts: read, unsure: new Set<string>() }
      : await findOwners(read, owners.contacts, clock, fail);
  const fresh = new Set(messages.flatMap(({ key, isNews }) => (isNews ? [key] : [])));
  const entries = [...facts, ...gone.map((key) => [key, undefined] as const)].map(
    ([key, one]): OverviewEntry => ({
      prefix: key.slice(0, -PROPOSAL_OBJECT.length),
      reading: one ? { kind: 'found', facts: one } : { kind: 'gone' },
      isNews: fresh.has(key),
      isOwnerKnown: !unsure.has(key),
    }),
  );
  let notified = 0;
  const entered = await enter(entries, dependencies, fail);
  const unsent =
    entered === undefined || dependencies.programs === undefined
      ? []
      : await tellPrograms(facts, fresh, dependencies.programs, fail);
  if (entered === undefined) {
    for (const key of facts.keys()) missed.add(key);
  } else if (!isQuiet) {
    const untold = entered.filter(({ prefix }) => !unsent.includes(prefix + PROPOSAL_OBJECT));
    const parts = { notifier, compose, clock };
    const outcome = await notifyOwners(untold, owners !== undefined, parts, fail);
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
 * Brings the overview up to date.
 * @returns what people are to be told of; undefined where nobody may be told before that has succeeded
 */
async function enter(
  entries: readonly OverviewEntry[],
  { reader, overview, page, clock, isQuiet = false }: NotifyDependencies,
  fail: Fail,
): Promise<readonly ProposalFacts[] | undefined> {
  if (entries.length === 0) return [];
  const again = async ({ prefix, reading }: OverviewEntry): Promise<ProposalReading> => {
    const now = await reader.read(prefix + PROPOSAL_OBJECT);
    if (now.kind === 'gone' || reading.kind === 'gone') return now;
    // Who owns it was asked for already, and perhaps elsewhere.
    return { kind: 'found', facts: { ...now.facts, owner: reading.facts.owner } };
  };
  try {
    const { untold, late } = await enterReadings(entries, { overview, page, again, clock });
    for (const prefix of late) fail('time', prefix + PROPOSAL_OBJECT, undefined);
    return untold;
  } catch (error) {
    fail('index', undefined, error);
    // What may succeed in a moment is waited for. What never will must not keep the news from people, unless the
    // overview is all that they are ever told.
    if (isQuiet || (error instanceof AdapterError && error.decision === 'retry')) return undefined;
    return entries.flatMap(({ reading, isNews }) =>
      isNews && reading.kind === 'found' && reading.facts.state === undefined ? [reading.facts] : [],
    );
  }
}

/** What fails here tells people once more, when something is said of the same proposal again. */
async function note(
  prefixes: readonly string[],
  { overview, page, clock }: NotifyDependencies,
  fail: Fail,
): Promise<void> {
  if (prefixes.length === 0) return;
  try {
    await noteTold(new Set(prefixes), { overview, page, clock });
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
