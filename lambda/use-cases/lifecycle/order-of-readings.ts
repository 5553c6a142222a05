import { CURRENT } from '../../core/lifecycle/judge-drift.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import type { ListedProposal, ProposalRepository, RepositoryListing } from '../../ports/proposals.ts';

/* The rule by which two readings are ordered, whoever read. See docs/lifecycle.md. */

/**
 * Somebody else said something about the same since this reading began, or may have: nothing is said, and the reading is
 * done again.
 */
export class Outdated extends Error {
  override readonly name = 'Outdated';
  constructor(readonly prefix: string) {
    super(`something was said of ${prefix} since what is said now was read`);
  }
}

/**
 * Milliseconds by which two times of the store may differ from the order in which things happened: it tells whole
 * seconds, and its hosts' clocks agree within less than another.
 */
const CLOCKS = 2_000;

/** What is said of a proposal, apart from what follows from where it is said. */
export type Saying = Pick<ProposalState, 'state' | 'reason' | 'remark' | 'finding' | 'catalogue'>;

export interface SaidParts {
  readonly repository: Pick<ProposalRepository, 'read' | 'readState' | 'mark' | 'noteReopened'>;
  /** Called with each state that was written. */
  readonly noted: (prefix: string, state: ProposalState) => void;
}

/**
 * What is said of the proposals in one place. A reading begins with it, and says something only where that still stands.
 * @param since when the reading began, by the store's time; undefined where it began after the proposals were listed
 * @param written prefixes of what was written about, so that an event is under way; written to here
 */
export class Said {
  /** By prefix, as listed, and as written since. */
  readonly #listed = new Map<string, ListedProposal>();
  readonly #leftOver: ReadonlyMap<string, ListedProposal>;
  readonly #states = new Map<string, ProposalState | undefined>();
  readonly #since: number | undefined;
  readonly #written: Set<string>;
  readonly #parts: SaidParts;
  constructor(
    { proposals, leftOver }: Pick<RepositoryListing, 'proposals' | 'leftOver'>,
    since: number | undefined,
    written: Set<string>,
    parts: SaidParts,
  ) {
    for (const one of proposals) this.#listed.set(one.prefix, one);
    this.#leftOver = new Map(leftOver.map((one) => [one.prefix, one]));
    this.#since = since;
    this.#written = written;
    this.#parts = parts;
  }

  all(): readonly ListedProposal[] {
    return [...this.#listed.values()];
  }

  get(prefix: string): ListedProposal | undefined {
    return this.#listed.get(prefix);
  }

  /**
   * Takes what is listed by now.
   * @param own what this reading has stored itself
   * @throws Outdated where anything else has changed
   */
  takeAgain(proposals: readonly ListedProposal[], own: string): void {
    for (const one of proposals) {
      const before = this.#listed.get(one.prefix);
      const isSame = before?.hasState === one.hasState && before.stateVersion === one.stateVersion;
      if (one.prefix !== own && !isSame) throw new Outdated(one.prefix);
      this.#listed.set(one.prefix, one);
    }
  }

  /** Whether everything that is said of a proposal was said before the reading began. */
  isEarlier({ storedAt, stateAt, hasState }: ListedProposal): boolean {
    if (this.#since === undefined) return true;
    const unknown = storedAt === undefined || (hasState && stateAt === undefined);
    return !unknown && Math.max(storedAt, stateAt ?? 0) < this.#since - CLOCKS;
  }

  async stateOf({ prefix, hasState }: ListedProposal): Promise<ProposalState | undefined> {
    if (!this.#states.has(prefix)) {
      this.#states.set(prefix, hasState ? await this.#parts.repository.readState(prefix) : undefined);
    }
    return this.#states.get(prefix);
  }

  async isCurrent(one: ListedProposal): Promise<boolean> {
    return isCurrent(await this.stateOf(one));
  }

  async readCurrent(one: ListedProposal): Promise<Proposal | undefined> {
    return (await this.isCurrent(one)) ? this.#parts.repository.read(one.prefix) : undefined;
  }

  /** @throws Outdated where somebody else was faster, or may know better */
  async say(one: ListedProposal, { state, reason, remark, finding, catalogue }: Saying): Promise<void> {
    const { prefix, proposalId } = one;
    if (!this.isEarlier(one)) throw new Outdated(prefix);
    const before = await this.stateOf(one);
    const rests = finding ?? before?.finding;
    const said: ProposalState = {
      schemaVersion: 1,
      proposalId,
      state,
      reason,
      remark,
      finding: rests,
      catalogue,
    };
    await this.#write(one, said, before);
    this.#parts.noted(prefix, said);
  }

  /**
   * Says once more what the overview does not show: an event of it was lost, or what it shows has expired. What is
   * written here is an event, and the notifier reads what is so.
   * @param isSo what the overview should show; it is asked where that may differ from what it shows
   * @throws Outdated
   */
  async sayAgain(
    prefix: string,
    isShown: boolean,
    isSo: (one: ListedProposal, said: ProposalState | undefined) => Promise<boolean>,
  ): Promise<void> {
    if (this.#written.has(prefix)) return;
    const one = this.#listed.get(prefix);
    if (one) {
      const said = await this.stateOf(one);
      if (isShown !== (await isSo(one, said)))
        await this.say(one, said ?? { state: 'current', reason: CURRENT });
    } else if (isShown) {
      const proposalId = prefix.split('/').at(-2) ?? '';
      const gone = this.#leftOver.get(prefix) ?? { prefix, proposalId, hasState: false };
      const before = gone.hasState ? await this.#parts.repository.readState(prefix) : undefined;
      const reason = 'it is not kept any longer';
      await this.#write(gone, { schemaVersion: 1, proposalId, state: 'resolved', reason }, before);
    }
  }

  async #write(one: ListedProposal, said: ProposalState, before: ProposalState | undefined): Promise<void> {
    const { repository } = this.#parts;
    const { prefix } = one;
    // No two states of a proposal have the same bytes: the store tells objects apart by those.
    const state = { ...said, serial: (before?.serial ?? 0) + 1 };
    if (state.state === 'current') await repository.noteReopened(prefix);
    const stateVersion = await repository.mark(prefix, state, one.hasState ? one.stateVersion : undefined);
    if (stateVersion === undefined) throw new Outdated(prefix);
    if (this.#listed.has(prefix)) this.#listed.set(prefix, { ...one, hasState: true, stateVersion });
    this.#states.set(prefix, state);
    this.#written.add(prefix);
  }
}

export function isCurrent(said: ProposalState | undefined): boolean {
  return said === undefined || said.state === 'current';
}
