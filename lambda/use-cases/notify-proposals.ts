import { PROPOSAL_OBJECT } from '../contract/object-keys.ts';
import { byCodeUnit } from '../core/model/order.ts';
import type { ChatNotifier } from '../ports/chat-notifier.ts';
import type { Clock } from '../ports/clock.ts';
import { AdapterError } from '../ports/errors.ts';
import type { Notice, Notifier } from '../ports/notifier.ts';
import type { ProposalFacts, ProposalReader } from '../ports/proposal-reader.ts';
import type { RunIndex } from '../ports/run-index.ts';

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
  readonly compose: (proposals: readonly ProposalFacts[]) => Notice;
  readonly chat:
    | { readonly notifier: ChatNotifier; readonly compose: (proposals: readonly ProposalFacts[]) => string }
    | undefined;
  readonly index: RunIndex | undefined;
  readonly clock: Clock;
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

export interface NotifyFailure {
  readonly step: 'read' | 'index' | 'compose' | 'publish' | 'chat' | 'time';
  /** The proposal, where it is about one. */
  readonly key: string | undefined;
  readonly error: unknown;
}

/** Objects read at once. */
const READERS = 16;
/** Milliseconds that are kept for the index and the message. */
const RESERVE = 20_000;

/**
 * One message to people about every proposal of a batch.
 *
 * The order is the contract. Reading comes first and fails proposal by proposal, so that one that cannot be read keeps
 * none of the others from being told. The overview comes before the message, because repeating it changes nothing. The
 * message is one, so its failure is everybody's. The chat comes last and fails nobody: sending the batch again for its
 * sake would tell people twice. A process that dies after the message and before its answer tells people twice as
 * well; it never tells nobody.
 */
export async function notifyProposals(
  messages: readonly StoredMessage[],
  { reader, notifier, compose, chat, index, clock }: NotifyDependencies,
): Promise<NotifyOutcome> {
  const failures: NotifyFailure[] = [];
  const untold = new Set<string>();
  const fail = (step: NotifyFailure['step'], key: string | undefined, error: unknown): void => {
    failures.push({ step, key, error });
    if (key !== undefined) untold.add(key);
  };
  // Deliveries repeat: the same object counts once, and its messages share one fate.
  const keys = [...new Set(messages.map(({ key }) => key))].sort(byCodeUnit);
  const { facts, gone } = await readAll(keys, reader, clock, fail);
  const news = new Set(messages.flatMap(({ key, isNews }) => (isNews ? [key] : [])));
  const told = await tell([...facts], news, { notifier, compose, index }, fail);
  if (told === undefined) {
    for (const key of facts.keys()) untold.add(key);
  } else if (chat !== undefined && told.length > 0) {
    try {
      await chat.notifier.publish(chat.compose(told));
    } catch (error) {
      fail('chat', undefined, error);
    }
  }
  const failed = messages.filter(({ key }) => untold.has(key)).map(({ messageId }) => messageId);
  return { failed, notified: told?.length ?? 0, gone, failures };
}

type Fail = (step: NotifyFailure['step'], key: string | undefined, error: unknown) => void;

async function readAll(
  keys: readonly string[],
  reader: ProposalReader,
  clock: Clock,
  fail: Fail,
): Promise<{ readonly facts: ReadonlyMap<string, ProposalFacts>; readonly gone: number }> {
  const facts = new Map<string, ProposalFacts>();
  let gone = 0;
  for (let start = 0; start < keys.length; start += READERS) {
    const some = keys.slice(start, start + READERS);
    if (start > 0 && clock.remainingMillis() < RESERVE) {
      for (const key of keys.slice(start)) fail('time', key, undefined);
      break;
    }
    const readings = await Promise.allSettled(some.map((key) => reader.read(key)));
    for (const [place, reading] of readings.entries()) {
      const key = some[place] ?? '';
      if (reading.status === 'rejected') fail('read', key, reading.reason);
      else if (reading.value.kind === 'gone') gone += 1;
      else facts.set(key, reading.value.facts);
    }
  }
  return { facts, gone };
}

/** The proposals that people were told about; undefined when nobody was told about any. */
async function tell(
  found: readonly (readonly [key: string, facts: ProposalFacts])[],
  news: ReadonlySet<string>,
  { notifier, compose, index }: Pick<NotifyDependencies, 'notifier' | 'compose' | 'index'>,
  fail: Fail,
): Promise<readonly ProposalFacts[] | undefined> {
  if (found.length === 0) return [];
  try {
    await index?.update(found.map(([, facts]) => facts));
  } catch (error) {
    fail('index', undefined, error);
    // What may succeed in a moment is waited for. What never will must not keep the news from people.
    if (error instanceof AdapterError && error.decision === 'retry') return undefined;
  }
  // What was applied, resolved or superseded before anybody was told is no news any more.
  const proposals = found.flatMap(([key, facts]) =>
    news.has(key) && facts.state === undefined ? [facts] : [],
  );
  if (proposals.length === 0) return [];
  let step: NotifyFailure['step'] = 'compose';
  try {
    const { notice, said } = composeWhatCanBe(proposals, compose, fail);
    step = 'publish';
    if (notice !== undefined) await notifier.publish(notice);
    return said;
  } catch (error) {
    fail(step, undefined, error);
    return undefined;
  }
}

/** A notice about all proposals; or, where one of them cannot be put into words, about all that can. */
function composeWhatCanBe(
  proposals: readonly ProposalFacts[],
  compose: NotifyDependencies['compose'],
  fail: Fail,
): { readonly notice: Notice | undefined; readonly said: readonly ProposalFacts[] } {
  try {
    return { notice: compose(proposals), said: proposals };
  } catch {
    const said = proposals.filter((proposal) => {
      try {
        compose([proposal]);
        return true;
      } catch (error) {
        fail('compose', proposal.prefix + PROPOSAL_OBJECT, error);
        return false;
      }
    });
    // Each of them can be said alone, or the fault is not in one of them: then this throws, and all come again.
    return { notice: said.length === 0 ? undefined : compose(said), said };
  }
}
