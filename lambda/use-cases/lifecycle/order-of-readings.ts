import { CURRENT } from '../../core/lifecycle/judge-drift.ts';
import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import { type LastUseReading, laterReading, readingIn } from '../../core/proposal/last-use-reading.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import type { ListedProposal, ProposalRepository, RepositoryListing } from '../../ports/proposals.ts';

/* The rule by which two readings are ordered, whoever read. See docs/lifecycle.md. */

/**
 * Another process has, or may have, written a state of the same proposals since this reading began. Nothing is
 * written, and the reading is repeated.
 */
export class Outdated extends Error {
  override readonly name = 'Outdated';
  constructor(readonly prefix: string) {
    super(`the state of ${prefix} was written since it was read`);
  }
}

/**
 * Milliseconds by which the store's times may contradict the order of events. The store rounds to whole seconds, and the
 * clocks of its hosts differ by less than a second.
 */
const CLOCKS = 2_000;

/** A new state of a proposal, without the members that follow from its place. */
export type NewState = Pick<
  ProposalState,
  'state' | 'reason' | 'remark' | 'finding' | 'catalogue' | 'decisions' | 'lastUse'
>;

/** The reason in the state of a current proposal that gets one because its actions were used. */
const LATER_USE = 'AWS now reports another use of the removed actions';

export interface StatesParts {
  readonly repository: Pick<ProposalRepository, 'read' | 'readState' | 'mark' | 'noteReopened'>;
  /** Called with each state that was written. */
  readonly noted: (prefix: string, state: ProposalState) => void;
}

/**
 * The states of the proposals in one folder. A reading begins with them, and it writes a state only if the previous
 * one is unchanged.
 * @param since when the reading began, by the store's clock; undefined if it began after the proposals were listed
 * @param written prefixes of the states that were written and whose events are on their way; this class adds to it
 */
export class ProposalStates {
  /** By prefix, as listed, and as written since. */
  readonly #listed = new Map<string, ListedProposal>();
  readonly #leftOver: ReadonlyMap<string, ListedProposal>;
  readonly #states = new Map<string, ProposalState | undefined>();
  readonly #since: number | undefined;
  readonly #written: Set<string>;
  readonly #parts: StatesParts;
  constructor(
    { proposals, leftOver }: Pick<RepositoryListing, 'proposals' | 'leftOver'>,
    since: number | undefined,
    written: Set<string>,
    parts: StatesParts,
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
   * Takes a later listing.
   * @param own prefix of what this reading itself has stored
   * @throws Outdated if anything else has changed, or if another process has written a state of it since
   */
  takeAgain(proposals: readonly ListedProposal[], own: string): void {
    for (const one of proposals) {
      const isOwn = one.prefix === own;
      const before = this.#listed.get(one.prefix) ?? (isOwn ? this.#leftOver.get(own) : undefined);
      const isKnown = isOwn || before !== undefined;
      const isSame =
        (before?.hasState ?? false) === one.hasState && before?.stateVersion === one.stateVersion;
      if (!isKnown || !isSame) throw new Outdated(one.prefix);
      this.#listed.set(one.prefix, one);
    }
  }

  /** Whether a proposal and its state were written before the reading began. */
  isEarlier({ storedAt, stateAt, hasState }: ListedProposal): boolean {
    if (this.#since === undefined) return true;
    const unknown = storedAt === undefined || (hasState && stateAt === undefined);
    return !unknown && Math.max(storedAt, stateAt ?? 0) < this.#since - CLOCKS;
  }

  async stateOf(one: ListedProposal): Promise<ProposalState | undefined> {
    const { prefix, hasState } = one;
    if (!this.#states.has(prefix)) {
      const state = hasState ? await this.#parts.repository.readState(prefix) : undefined;
      this.#states.set(prefix, state && isLeftOver(one) ? { ...state, catalogue: undefined } : state);
    }
    return this.#states.get(prefix);
  }

  async isCurrent(one: ListedProposal): Promise<boolean> {
    return isCurrent(await this.stateOf(one));
  }

  async readCurrent(one: ListedProposal): Promise<Proposal | undefined> {
    return (await this.isCurrent(one)) ? this.#parts.repository.read(one.prefix) : undefined;
  }

  /**
   * Writes a proposal's state and the warnings from a reading of dates of last use, unless both are already stored.
   * @param next undefined if a current proposal's state stays
   * @throws Outdated
   */
  async writeWithUse(
    one: ListedProposal,
    reading: LastUseReading | undefined,
    next?: NewState,
  ): Promise<void> {
    const lastUse = await this.#lastUseAfter(one, reading);
    if (lastUse !== undefined) {
      const { reason = LATER_USE, remark, finding, catalogue } = (await this.stateOf(one)) ?? {};
      const said = { state: 'current', reason, remark, finding, catalogue } as const;
      await this.write(one, { ...(next ?? said), lastUse });
    } else if (next !== undefined) await this.write(one, next);
  }

  /**
   * Writes what people decided about a current proposal, unless that is already stored. A decision that has expired is
   * removed.
   * @param decisions a clause for each
   * @throws Outdated
   */
  async writeDecisions(one: ListedProposal, decisions: readonly string[]): Promise<void> {
    const before = await this.stateOf(one);
    if (!isCurrent(before) || isSame(before?.decisions ?? [], decisions)) return;
    const { reason = CURRENT, remark, catalogue } = before ?? {};
    await this.write(one, { state: 'current', reason, remark, catalogue, decisions });
  }

  /** Undefined if that is already stored. */
  async #lastUseAfter(
    one: ListedProposal,
    reading: LastUseReading | undefined,
  ): Promise<LastUseReading | undefined> {
    const proposal = reading && (await this.#parts.repository.read(one.prefix));
    if (!proposal) return undefined;
    const before = laterReading(readingIn(proposal), (await this.stateOf(one))?.lastUse);
    const after = laterReading(before, reading);
    const warningsOf = (said: LastUseReading | undefined): string => JSON.stringify(said?.warnings ?? []);
    return warningsOf(before) === warningsOf(after) ? undefined : after;
  }

  /** @throws Outdated if another process was faster, or may know better */
  async write(one: ListedProposal, next: NewState): Promise<void> {
    const { prefix, proposalId } = one;
    if (!this.isEarlier(one)) throw new Outdated(prefix);
    const before = await this.stateOf(one);
    const finding = next.finding ?? before?.finding;
    const lastUse = next.lastUse ?? before?.lastUse;
    const { state: name, reason, remark, catalogue } = next;
    const decisions = name === 'current' ? (next.decisions ?? before?.decisions ?? []) : [];
    const state: ProposalState = {
      schemaVersion: 1,
      proposalId,
      state: name,
      reason,
      remark,
      finding,
      catalogue,
      ...(decisions.length === 0 ? {} : { decisions }),
      ...(lastUse === undefined ? {} : { lastUse }),
    };
    await this.#store(one, state, before);
    this.#parts.noted(prefix, state);
  }

  /**
   * Writes a state again if the overview does not show it, because its event was lost or the proposal has expired. The
   * write causes a new event, and the notifier reads the state.
   * @param isSo returns what the overview should show; called only if it may show something else
   * @throws Outdated
   */
  async writeAgain(
    prefix: string,
    isShown: boolean,
    isSo: (one: ListedProposal, state: ProposalState | undefined) => Promise<boolean>,
  ): Promise<void> {
    if (this.#written.has(prefix)) return;
    const one = this.#listed.get(prefix);
    if (one) {
      const state = await this.stateOf(one);
      if (isShown !== (await isSo(one, state)))
        await this.write(one, state ?? { state: 'current', reason: CURRENT });
    } else if (isShown) {
      const proposalId = prefix.split('/').at(-2) ?? '';
      const gone = this.#leftOver.get(prefix) ?? { prefix, proposalId, hasState: false };
      const before = gone.hasState ? await this.#parts.repository.readState(prefix) : undefined;
      // The state stays as it was, because another process may store the proposal again at this moment.
      const state = before ?? { schemaVersion: 1, proposalId, state: 'current', reason: CURRENT };
      await this.#store(gone, state, before);
    }
  }

  async #store(one: ListedProposal, state: ProposalState, before: ProposalState | undefined): Promise<void> {
    const { repository } = this.#parts;
    const { prefix } = one;
    // No two states of a proposal have the same bytes, because the store tells objects apart by them.
    const numbered = { ...state, serial: (before?.serial ?? 0) + 1 };
    if (numbered.state === 'current') await repository.noteReopened(prefix);
    const stateVersion = await repository.mark(prefix, numbered, one.hasState ? one.stateVersion : undefined);
    if (stateVersion === undefined) throw new Outdated(prefix);
    if (this.#listed.has(prefix)) this.#listed.set(prefix, { ...one, hasState: true, stateVersion });
    this.#states.set(prefix, numbered);
    this.#written.add(prefix);
  }
}

export function isCurrent(state: ProposalState | undefined): boolean {
  return state === undefined || state.state === 'current';
}

/**
 * Whether a state is about an equal proposal that has expired. That one may have been made with another catalogue, so
 * the comparison with a catalogue that the state records says nothing about this one.
 */
function isLeftOver({ storedAt, stateAt }: ListedProposal): boolean {
  return storedAt !== undefined && stateAt !== undefined && stateAt < storedAt;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
