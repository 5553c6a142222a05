import { policiesNow } from '../../core/lifecycle/drift-facts.ts';
import { goneReason } from '../../core/lifecycle/judge-drift.ts';
import { judgePredecessor } from '../../core/lifecycle/judge-successor.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import type { SharedProposal, SharedSubject } from '../../core/proposal/schema.ts';
import { sharedPrefix } from '../../contract/object-keys.ts';
import { AdapterError } from '../../ports/system.ts';
import type { ListedShared, ProposalStore, SharedRepository, StoredProposal } from '../../ports/proposals.ts';
import { isEarlier, Outdated, say } from './order-of-readings.ts';
import type { SharedOutcome } from '../propose/propose-shared.ts';

export interface SharedLifecycleParts {
  readonly store: ProposalStore<SharedProposal>;
  readonly repository: SharedRepository;
  /** Told of each state that was written. */
  readonly noted: (prefix: string, state: ProposalState) => void;
  /** Told of each proposal that can never be read as it is; the others are judged all the same. */
  readonly failed: (prefix: string, error: AdapterError) => void;
}

/**
 * Keeps true what is said of the earlier proposals about what an account shares. See docs/adr/0007.
 *
 * The bucket is listed once; what lies there without a word against it is read only where it is not what would be
 * proposed now. Doing it again says the same. The account was read before: what was said since is left to the next sweep.
 */
export class SharedLifecycle implements ProposalStore<SharedProposal> {
  readonly #parts: SharedLifecycleParts;
  readonly #since: number;
  /** By what they are about. */
  readonly #shelved = new Map<string, ListedShared[]>();

  private constructor(parts: SharedLifecycleParts, since: number, listed: readonly ListedShared[]) {
    this.#parts = parts;
    this.#since = since;
    for (const one of listed) {
      const others = this.#shelved.get(placeOf(one));
      if (others) others.push(one);
      else this.#shelved.set(placeOf(one), [one]);
    }
  }

  /**
   * @param since when the account was read, by the store's time
   * @throws AdapterError when the account's proposals cannot be listed
   */
  static async open(accountId: string, since: number, parts: SharedLifecycleParts): Promise<SharedLifecycle> {
    return new SharedLifecycle(parts, since, await parts.repository.listShared(accountId));
  }

  /** @throws Outdated where another was stored, or is judged, from a later reading of the account */
  async put(...put: Parameters<ProposalStore<SharedProposal>['put']>): Promise<StoredProposal> {
    const [{ subject, proposalId }] = put;
    const place = this.#shelved.get(placeOf(subject)) ?? [];
    const prefix = sharedPrefix(subject, proposalId);
    if (place.some((one) => one.prefix === prefix)) return { prefix, outcome: 'exists' };
    const later = place.find((one) => !isEarlier(one, this.#since));
    if (later) throw new Outdated(later.prefix);
    return this.#parts.store.put(...put);
  }

  /**
   * After one shared policy or group was looked at. One that failed says nothing about earlier proposals.
   * @throws AdapterError (retry) when a proposal cannot be read or marked for now
   */
  async settle(outcome: SharedOutcome): Promise<void> {
    if (outcome.kind === 'failed') return;
    const own = outcome.kind === 'proposed' ? outcome.proposal.proposalId : undefined;
    const instead =
      outcome.kind === 'proposed'
        ? `proposal ${outcome.proposal.proposalId} takes its place`
        : `nothing is to be proposed any more: ${outcome.reason}`;
    await this.#each(this.#shelved.get(placeOf(outcome.subject)) ?? [], async (one) => {
      const isCurrent = await this.#isCurrent(one);
      if (one.proposalId === own) {
        const again = { state: 'current', reason: 'what it was made from is so again' } as const;
        if (!isCurrent) await this.#mark(one, again);
        return;
      }
      const earlier = isCurrent ? await this.#parts.repository.readShared(one.prefix) : undefined;
      if (!earlier) return;
      const policies = policiesNow({ grants: outcome.grants() });
      const now = { subject: { kind: 'found', policies }, findings: [] } as const;
      await this.#mark(one, judgePredecessor(earlier, now, instead));
    });
  }

  /**
   * After all of the account was looked at: what nobody shares any more.
   * @param subjects all shared policies and groups of the account
   * @throws AdapterError (retry) when a proposal cannot be read or marked for now
   */
  async settleRest(subjects: readonly SharedSubject[]): Promise<void> {
    const shared = new Set(subjects.map(placeOf));
    for (const [place, all] of this.#shelved) {
      if (shared.has(place)) continue;
      await this.#each(all, async (one) => {
        if (await this.#isCurrent(one))
          await this.#mark(one, { state: 'resolved', reason: goneReason(one.type) });
      });
    }
  }

  async #each(all: readonly ListedShared[], judge: (one: ListedShared) => Promise<void>): Promise<void> {
    for (const one of all) {
      try {
        if (isEarlier(one, this.#since)) await judge(one);
      } catch (error) {
        if (error instanceof Outdated) continue;
        if (!(error instanceof AdapterError) || error.decision === 'retry') throw error;
        this.#parts.failed(one.prefix, error);
      }
    }
  }

  async #stateOf({ prefix, hasState }: ListedShared): Promise<ProposalState | undefined> {
    return hasState ? this.#parts.repository.readState(prefix) : undefined;
  }

  async #isCurrent(one: ListedShared): Promise<boolean> {
    const said = await this.#stateOf(one);
    return said === undefined || said.state === 'current';
  }

  async #mark(one: ListedShared, { state, reason }: Pick<ProposalState, 'state' | 'reason'>): Promise<void> {
    const written: ProposalState = { schemaVersion: 1, proposalId: one.proposalId, state, reason };
    await say(one, written, await this.#stateOf(one), this.#since, this.#parts.repository);
    this.#parts.noted(one.prefix, written);
  }
}

/** Names are unique among an account's customer managed policies, and among its groups, whatever their paths. */
function placeOf({ type, name }: Pick<SharedSubject, 'type' | 'name'>): string {
  return `${type}/${name}`;
}
