import { byCodeUnit } from '../../core/model/order.ts';
import type { AnnouncedStore, ChatNotifier, Notice, Notifier } from '../../ports/notify.ts';
import type { Clock, Digest } from '../../ports/system.ts';
import type { Overview, ProposalFacts } from '../../ports/proposals.ts';
import { noteNotified } from './update-overview.ts';

export interface OverviewDependencies {
  readonly overview: Overview;
  /** Pure; renders the overview's page. */
  readonly page: (rows: readonly ProposalFacts[]) => string;
  readonly announced: AnnouncedStore;
  readonly notifier: Notifier;
  /** Pure. `before` is how many proposals the previous overview counted. */
  readonly composeOverview: (proposals: readonly ProposalFacts[], before: number | undefined) => Notice;
  readonly overviewChat:
    | { readonly notifier: ChatNotifier; readonly compose: (proposals: readonly ProposalFacts[]) => string }
    | undefined;
  readonly digest: Digest;
  readonly clock: Clock;
}

type OverviewOutcome =
  /** `chatError`: the chat got no message. The other messages are not sent again for that. */
  | { readonly kind: 'sent'; readonly proposals: number; readonly chatError?: unknown }
  /** Nothing was stored since the previous one, or nothing is current. */
  | { readonly kind: 'nothing-new' };

/**
 * Sends one message about all current proposals, if anything was stored since the previous one.
 * @throws AdapterError if something cannot be read, published or stored; then nobody was notified, or people will be
 * notified twice
 */
export async function sendOverview({
  overview,
  page,
  announced: store,
  notifier,
  composeOverview,
  overviewChat: chat,
  digest,
  clock,
}: OverviewDependencies): Promise<OverviewOutcome> {
  const { rows: known } = await overview.read();
  const { announced, version } = await store.read();
  const keys = known.map(({ prefix }) => prefix).sort(byCodeUnit);
  const now = digest(keys.join('\n'));
  const current = known.filter(({ state }) => state === undefined);
  const unannounced = current.filter((one) => one.unannounced);
  if (current.length === 0 || (announced?.digest === now && unannounced.length === 0))
    return { kind: 'nothing-new' };
  await notifier.publish(composeOverview(current, announced?.proposals));
  // If another process was faster, it announced the same or more.
  await store.write({ digest: now, proposals: current.length }, version);
  if (unannounced.length > 0)
    await noteNotified(new Set(unannounced.map(({ prefix }) => prefix)), { overview, page, clock });
  const sent = { kind: 'sent', proposals: current.length } as const;
  if (chat === undefined) return sent;
  try {
    await chat.notifier.publish(chat.compose(current));
    return sent;
  } catch (chatError) {
    return { ...sent, chatError };
  }
}
