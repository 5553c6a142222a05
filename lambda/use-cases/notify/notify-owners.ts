import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { pool } from '../../ports/pool.ts';
import type { Clock } from '../../ports/system.ts';
import type { Addressee, Notice, Notifier } from '../../ports/notify.ts';
import type { ProposalFacts } from '../../ports/proposals.ts';
import { type Fail, RESERVE } from './read-proposals.ts';

export type Compose = (proposals: readonly ProposalFacts[], addressee?: Addressee) => Notice;

interface Digest {
  /** Undefined if one message is for everybody. */
  readonly addressee: Addressee | undefined;
  readonly proposals: readonly ProposalFacts[];
}

/** Messages published at once. */
const PUBLISHERS = 8;

/**
 * Sends one message for each owner and one about proposals without an owner, or one about everything. Each message can
 * fail separately: only the proposals of a message that was not published are retried.
 * @returns the proposals that were announced, and the keys of those that were not
 */
export async function notifyOwners(
  proposals: readonly ProposalFacts[],
  byOwner: boolean,
  { notifier, compose, clock }: { notifier: Notifier; compose: Compose; clock: Clock },
  fail: Fail,
): Promise<{ readonly notified: readonly ProposalFacts[]; readonly missed: readonly string[] }> {
  const everybody: Digest[] = proposals.length === 0 ? [] : [{ addressee: undefined, proposals }];
  const digests = byOwner ? ownersOf(proposals) : everybody;
  const notified: ProposalFacts[] = [];
  const missed: string[] = [];
  const until = (place: number): boolean => place >= PUBLISHERS && clock.remainingMillis() < RESERVE;
  const said = await pool(digests, { width: PUBLISHERS, until }, (digest) =>
    notify(digest, notifier, compose, fail),
  );
  for (const key of digests.slice(said.length).flatMap(keysOf)) fail('time', key, undefined);
  for (const [place, saying] of said.entries()) {
    if (saying === undefined) missed.push(...digests.slice(place, place + 1).flatMap(keysOf));
    else notified.push(...saying);
  }
  return { notified, missed };
}

function keysOf({ proposals }: Digest): readonly string[] {
  return proposals.map(({ prefix }) => prefix + PROPOSAL_OBJECT);
}

/** Sorted by name. Proposals without an owner come last. */
function ownersOf(proposals: readonly ProposalFacts[]): readonly Digest[] {
  const byName = new Map<string, ProposalFacts[]>();
  for (const facts of proposals) {
    const group = byName.get(facts.owner ?? '');
    if (group === undefined) byName.set(facts.owner ?? '', [facts]);
    else group.push(facts);
  }
  const nobodys = byName.get('');
  byName.delete('');
  return [
    ...[...byName]
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([owner, some]): Digest => ({ addressee: { owner }, proposals: some })),
    ...(nobodys === undefined ? [] : [{ addressee: { owner: undefined }, proposals: nobodys }]),
  ];
}

/** @returns the proposals that the message was about; undefined if none was published */
async function notify(
  digest: Digest,
  notifier: Notifier,
  compose: Compose,
  fail: Fail,
): Promise<readonly ProposalFacts[] | undefined> {
  let step: 'compose' | 'publish' = 'compose';
  try {
    const { notice, said } = composeWhatCanBe(digest, compose, fail);
    step = 'publish';
    if (notice !== undefined) await notifier.publish(notice);
    return said;
  } catch (error) {
    fail(step, undefined, error, digest.addressee?.owner);
    return undefined;
  }
}

/** Composes a notice about all proposals. If one of them cannot be rendered, the notice is about the others. */
function composeWhatCanBe(
  { proposals, addressee }: Digest,
  compose: Compose,
  fail: Fail,
): { readonly notice: Notice | undefined; readonly said: readonly ProposalFacts[] } {
  try {
    return { notice: compose(proposals, addressee), said: proposals };
  } catch {
    const said = proposals.filter((proposal) => {
      try {
        compose([proposal], addressee);
        return true;
      } catch (error) {
        fail('compose', proposal.prefix + PROPOSAL_OBJECT, error);
        return false;
      }
    });
    // If each can be rendered alone, no single one is at fault. Then this throws, and all are retried.
    return { notice: said.length === 0 ? undefined : compose(said, addressee), said };
  }
}
