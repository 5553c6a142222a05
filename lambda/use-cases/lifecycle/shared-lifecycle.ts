import { policiesNow } from '../../core/lifecycle/drift-facts.ts';
import { goneReason } from '../../core/lifecycle/judge-drift.ts';
import { judgePredecessor } from '../../core/lifecycle/judge-successor.ts';
import type { SharedProposal, SharedSubject } from '../../core/proposal/schema.ts';
import { proposalPrefix, sharedAccountPrefix, subjectPrefix } from '../../contract/object-keys.ts';
import type { AccountInventory } from '../../ports/account.ts';
import { AdapterError } from '../../ports/system.ts';
import {
  isAboutPrincipal,
  type ListedProposal,
  type ProposalRepository,
  type ProposalStore,
  type ReadUse,
  type StoredProposal,
} from '../../ports/proposals.ts';
import { isCurrent, Outdated, ProposalStates, type StatesParts } from './order-of-readings.ts';
import type { SharedOutcome } from '../propose/propose-shared.ts';

export interface SharedLifecycleParts extends StatesParts {
  readonly store: ProposalStore<SharedProposal>;
  readonly repository: Pick<ProposalRepository, 'list'> & StatesParts['repository'];
  /** Called with each stored proposal that cannot be read. The others are still judged. */
  readonly failed: (prefix: string, error: AdapterError) => void;
}

interface SharedOfAccount {
  readonly subjects: readonly SharedSubject[];
  /** See {@link AccountInventory.unread}. */
  readonly whyUnread?: NonNullable<AccountInventory['unread']>;
}

/**
 * Keeps the states of proposals about shared policies and groups up to date. See docs/adr/0007.
 *
 * The account's folder is listed once. A current proposal is read only if it is not what would be proposed now.
 * Repeating it writes nothing new. The account was read earlier, so anything that was written since is left to the
 * next sweep.
 */
export class SharedLifecycle implements ProposalStore<SharedProposal> {
  readonly #parts: SharedLifecycleParts;
  readonly #states: ProposalStates;
  constructor(parts: SharedLifecycleParts, states: ProposalStates) {
    this.#parts = parts;
    this.#states = states;
  }

  /**
   * @param since when the sweep whose findings are used began, by the store's clock
   * @throws AdapterError if the account's proposals cannot be listed
   */
  static async open(accountId: string, since: number, parts: SharedLifecycleParts): Promise<SharedLifecycle> {
    const listing = await parts.repository.list(sharedAccountPrefix(accountId));
    return new SharedLifecycle(parts, new ProposalStates(listing, since, new Set(), parts));
  }

  /** @throws Outdated if another proposal about the subject was stored or judged since the account was read */
  async put(...put: Parameters<ProposalStore<SharedProposal>['put']>): Promise<StoredProposal> {
    const [{ subject, proposalId }, , , readUse] = put;
    const prefix = proposalPrefix(subject, proposalId);
    const there = this.#states.get(prefix);
    if (there) {
      await this.#noteUse(there, readUse);
      return { prefix, outcome: 'exists' };
    }
    const later = this.#about(subject).find((one) => !this.#states.isEarlier(one));
    if (later) throw new Outdated(later.prefix);
    // In an account with few findings, nothing else points to a proposal that could not be added to the overview.
    await this.#parts.repository.noteReopened(prefix);
    return this.#parts.store.put(...put);
  }

  /** A state that was written since the account was read is kept, and so is one that is settled later. */
  async #noteUse(there: ListedProposal, readUse: ReadUse | undefined): Promise<void> {
    if (!readUse || !this.#states.isEarlier(there) || !(await this.#states.isCurrent(there))) return;
    await this.#states.writeWithUse(there, await readUse());
  }

  /**
   * Called after each shared policy or group. If it failed, earlier proposals stay as they are.
   * @throws AdapterError (retry) if a proposal cannot be read or marked at present
   */
  async settle(outcome: SharedOutcome): Promise<void> {
    if (outcome.kind === 'failed') return;
    const own = outcome.kind === 'proposed' ? outcome.proposal.proposalId : undefined;
    const decisions = outcome.kind === 'proposed' ? outcome.decisions : [];
    const instead =
      outcome.kind === 'proposed'
        ? `proposal ${outcome.proposal.proposalId} supersedes it`
        : `nothing is proposed any more: ${outcome.reason}`;
    await this.#each(this.#about(outcome.subject), async (one) => {
      if (one.proposalId === own) {
        const again = { state: 'current', reason: 'what it was made from holds again', decisions } as const;
        if (await this.#states.isCurrent(one)) await this.#states.writeDecisions(one, decisions);
        else await this.#states.write(one, again);
        return;
      }
      const earlier = await this.#states.readCurrent(one);
      if (!earlier || isAboutPrincipal(earlier)) return;
      const policies = policiesNow({ grants: outcome.grants() });
      const now = { subject: { kind: 'found', policies }, findings: [] } as const;
      await this.#states.write(one, judgePredecessor(earlier, now, instead));
    });
  }

  /**
   * Called at the end: settles proposals about subjects that are no longer shared, and writes again states that the
   * overview does not show correctly.
   * @param account all shared policies and groups of the account, and why it may be unknown whether another one is
   * gone
   * @param shown prefixes of the proposals that the overview shows as current; undefined if unknown
   * @throws AdapterError (retry) if a proposal cannot be read or marked at present
   */
  async settleRest(
    { subjects, whyUnread }: SharedOfAccount,
    shown: ReadonlySet<string> | undefined,
  ): Promise<void> {
    const shared = new Set(subjects.map(subjectPrefix));
    await this.#each(this.#states.all(), async (one) => {
      const [, , type, ,] = one.prefix.split('/');
      if (shared.has(placeOf(one.prefix)) || !(await this.#states.isCurrent(one))) return;
      if (whyUnread) {
        const earlier = await this.#states.readCurrent(one);
        if (!earlier || isAboutPrincipal(earlier)) return;
        // An unreadable entry may be about this subject, so it is not known to be gone.
        if (whyUnread(earlier.subject.type, earlier.subject.arn) !== undefined) return;
      }
      const reason = goneReason(type === 'group' ? 'group' : 'policy');
      await this.#states.write(one, { state: 'resolved', reason });
    });
    if (!shown) return;
    await this.#each(this.#states.all(), (one) =>
      this.#states.writeAgain(one.prefix, shown.has(one.prefix), isSo),
    );
    await this.writeOfExpired(shown);
  }

  /**
   * Writes states for proposals that the overview shows but that no longer exist, so that it drops them.
   * @throws AdapterError
   */
  async writeOfExpired(shown: Iterable<string>): Promise<void> {
    for (const prefix of shown) {
      if (this.#states.get(prefix)) continue;
      try {
        await this.#states.writeAgain(prefix, true, isSo);
      } catch (error) {
        // Somebody else has written a state, and the notifier reads that.
        if (!(error instanceof Outdated)) throw error;
      }
    }
  }

  #about(subject: SharedSubject): readonly ListedProposal[] {
    return this.#states.all().filter(({ prefix }) => placeOf(prefix) === subjectPrefix(subject));
  }

  async #each(all: readonly ListedProposal[], judge: (one: ListedProposal) => Promise<void>): Promise<void> {
    for (const one of all) {
      try {
        await judge(one);
      } catch (error) {
        if (error instanceof Outdated) continue;
        if (!(error instanceof AdapterError) || error.decision === 'retry') throw error;
        this.#parts.failed(one.prefix, error);
      }
    }
  }
}

function isSo(_: ListedProposal, state: Parameters<typeof isCurrent>[0]): Promise<boolean> {
  return Promise.resolve(isCurrent(state));
}

/**
 * Prefix of the subject. Names are unique among an account's policies, and among its groups, regardless of their
 * paths.
 */
function placeOf(prefix: string): string {
  return `${prefix.split('/').slice(0, -2).join('/')}/`;
}
