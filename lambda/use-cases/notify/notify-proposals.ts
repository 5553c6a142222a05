import { byCodeUnit } from '../../core/model/order.ts';
import type { AccountContacts, ChatNotifier, Notifier } from '../../ports/notify.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import type { ProposalFacts, ProposalReader, RunIndex } from '../../ports/proposals.ts';
import { type Fail, findOwners, type NotifyFailure, readStored } from './read-proposals.ts';
import { type Compose, notifyOwners } from './notify-owners.ts';

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
  readonly index: Pick<RunIndex, 'update'> | undefined;
  readonly clock: Clock;
  /** One message an owner; `contacts` are asked where a principal has none of its own. Left out: one for everybody. */
  readonly owners?: { readonly contacts: AccountContacts | undefined } | undefined;
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
 * none of the others from being told. The overview comes before the messages, because repeating it changes nothing. A
 * message that fails is the failure of its own proposals: they come again, and whoever was told is not told again. The
 * chat comes last and fails nobody: sending the batch again for its sake would tell people twice. A process that dies
 * after a message and before its answer tells people twice as well; it never tells nobody.
 *
 * The chat hears of a batch once, whoever owns what: a channel is read by all who are in it, and cannot be filtered.
 */
export async function notifyProposals(
  messages: readonly StoredMessage[],
  { reader, notifier, compose, chat, index, clock, owners, isQuiet = false }: NotifyDependencies,
): Promise<NotifyOutcome> {
  const failures: NotifyFailure[] = [];
  const missed = new Set<string>();
  const fail: Fail = (step, key, error, owner) => {
    failures.push({ step, key, error, owner });
    if (key !== undefined) missed.add(key);
  };
  // Deliveries repeat: the same object counts once, and its messages fail or succeed together.
  const keys = [...new Set(messages.map(({ key }) => key))].sort(byCodeUnit);
  const { facts: read, gone } = await readStored(keys, reader, clock, fail);
  const facts = owners === undefined ? read : await findOwners(read, owners.contacts, clock, fail);
  const fresh = new Set(messages.flatMap(({ key, isNews }) => (isNews ? [key] : [])));
  let notified = 0;
  if (!(await enter([...facts.values()], index, isQuiet, fail))) {
    for (const key of facts.keys()) missed.add(key);
  } else if (!isQuiet) {
    // What was applied, resolved or superseded before anybody was told is no news any more.
    const proposals = [...facts].flatMap(([key, one]) =>
      fresh.has(key) && one.state === undefined ? [one] : [],
    );
    const parts = { notifier, compose, clock };
    const outcome = await notifyOwners(proposals, owners !== undefined, parts, fail);
    for (const key of outcome.missed) missed.add(key);
    notified = outcome.notified.length;
    await chatAbout(outcome.notified, chat, fail);
  }
  const failed = messages.filter(({ key }) => missed.has(key)).map(({ messageId }) => messageId);
  return { failed, notified, gone, failures };
}

/** Brings the overview up to date. False where nobody may be told before that has succeeded. */
async function enter(
  proposals: readonly ProposalFacts[],
  index: NotifyDependencies['index'],
  isQuiet: boolean,
  fail: Fail,
): Promise<boolean> {
  if (proposals.length === 0) return true;
  try {
    await index?.update(proposals);
    return true;
  } catch (error) {
    fail('index', undefined, error);
    // What may succeed in a moment is waited for. What never will must not keep the news from people, unless the
    // overview is all that they are ever told.
    return !isQuiet && !(error instanceof AdapterError && error.decision === 'retry');
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
