import { byCodeUnit } from '../../core/model/order.ts';
import type { AnnouncedStore, ChatNotifier, Notice, Notifier } from '../../ports/notify.ts';
import type { Digest } from '../../ports/system.ts';
import type { ProposalFacts, RunIndex } from '../../ports/proposals.ts';

export interface OverviewDependencies {
  readonly index: Pick<RunIndex, 'all'>;
  readonly announced: AnnouncedStore;
  readonly notifier: Notifier;
  /** Pure; `before` is how many proposals the overview before this one counted. */
  readonly composeOverview: (proposals: readonly ProposalFacts[], before: number | undefined) => Notice;
  readonly overviewChat:
    | { readonly notifier: ChatNotifier; readonly compose: (proposals: readonly ProposalFacts[]) => string }
    | undefined;
  readonly digest: Digest;
}

export type OverviewOutcome =
  /** `chatError`: the chat was not told, which is no reason to tell everybody again. */
  | { readonly kind: 'sent'; readonly proposals: number; readonly chatError?: unknown }
  /** Nothing was stored since the latest one, or nothing of it is current. */
  | { readonly kind: 'nothing-new' };

/**
 * One message about everything that is known and current, where something was stored since the latest such message.
 *
 * What was announced is noted after the message: a process that dies between the two tells people twice, never
 * nobody. What counts as new is a proposal that was not known before; that one was applied or superseded is not.
 * @throws AdapterError when something cannot be read, published or noted; then nobody was told, or will be told twice
 */
export async function sendOverview({
  index,
  announced: store,
  notifier,
  composeOverview,
  overviewChat: chat,
  digest,
}: OverviewDependencies): Promise<OverviewOutcome> {
  const known = await index.all();
  const { announced, version } = await store.read();
  const keys = known.map(({ prefix }) => prefix).sort(byCodeUnit);
  const now = digest(keys.join('\n'));
  const current = known.filter(({ state }) => state === undefined);
  if (current.length === 0 || announced?.digest === now) return { kind: 'nothing-new' };
  await notifier.publish(composeOverview(current, announced?.proposals));
  // Whoever was faster told of the same, or of more.
  await store.write({ digest: now, proposals: current.length }, version);
  const sent = { kind: 'sent', proposals: current.length } as const;
  if (chat === undefined) return sent;
  try {
    await chat.notifier.publish(chat.compose(current));
    return sent;
  } catch (chatError) {
    return { ...sent, chatError };
  }
}
