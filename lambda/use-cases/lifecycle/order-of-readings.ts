import type { ProposalState } from '../../core/lifecycle/proposal-state.ts';
import type { ListedProposal, ProposalRepository } from '../../ports/proposals.ts';

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

/** What was written about one proposal, and when. */
type Written = Pick<ListedProposal, 'prefix' | 'hasState' | 'stateVersion' | 'storedAt' | 'stateAt'>;

/**
 * Whether everything that is said of a proposal was said before a reading began.
 * @param since when it began, by the store's time; undefined where it began after the proposal was listed
 */
export function isEarlier({ storedAt, stateAt, hasState }: Written, since: number | undefined): boolean {
  if (since === undefined) return true;
  const unknown = storedAt === undefined || (hasState && stateAt === undefined);
  return !unknown && Math.max(storedAt, stateAt ?? 0) < since - CLOCKS;
}

/**
 * Says something of a proposal on the strength of a reading that began after it was listed, or at `since`.
 * @param before what was said of it before
 * @returns what is written about it now
 * @throws Outdated where somebody else was faster, or may know better
 */
export async function say<W extends Written>(
  one: W,
  state: ProposalState,
  before: ProposalState | undefined,
  since: number | undefined,
  repository: Pick<ProposalRepository, 'mark'>,
): Promise<W> {
  if (!isEarlier(one, since)) throw new Outdated(one.prefix);
  const serial = (before?.serial ?? 0) + 1;
  const version = one.hasState ? one.stateVersion : undefined;
  const stateVersion = await repository.mark(one.prefix, { ...state, serial }, version);
  if (stateVersion === undefined) throw new Outdated(one.prefix);
  return { ...one, hasState: true, stateVersion };
}
