import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import type { FindingReference } from '../../ports/findings.ts';
import { pool } from '../../ports/pool.ts';
import { isShared, type ProposalFacts, type ProposalReading, equalFacts } from '../../ports/proposals.ts';
import { isPassing, RESERVE, type SweepDependencies } from './slice.ts';

/** What the overview shows, or should show, as current, and what it wrongly shows as settled. */
export interface Shown {
  /** By finding: its principal, and the prefixes of the proposals that are shown as based on it. */
  readonly byFinding: ReadonlyMap<string, AboutFinding>;
  /** By account: prefixes of the shown proposals about shared policies and groups. */
  readonly shared: ReadonlyMap<string, readonly string[]>;
}

type AboutFinding = Pick<FindingReference, 'accountId' | 'resource'> & { readonly shown: readonly string[] };

/** Objects read at once. */
const READERS = 16;

/**
 * Reads the overview, and the proposals that became current again since the last sweeps. Their notices may be lost,
 * and their findings may have ended without an event, so that neither the overview nor the listing names them. A
 * proposal that the overview shows with outdated facts does not count as shown, so that its state is written again.
 * Settled proposals are checked for existence, because an expired proposal causes no event.
 * @throws AdapterError
 */
export async function readShown({
  overview,
  records,
  proposals,
  clock,
}: Pick<SweepDependencies, 'overview' | 'records' | 'proposals' | 'clock'>): Promise<Shown> {
  const { rows } = await overview.read();
  const byPrefix = new Map(rows.map((facts) => [facts.prefix, facts]));
  const shown = new ShownFindings();
  const outdated = new Set<string>();
  const half = clock.remainingMillis() / 2;
  const until = (): boolean => clock.remainingMillis() < Math.max(RESERVE, half);
  const noted = await records.reopened();
  const isShown = (prefix: string): boolean =>
    byPrefix.get(prefix)?.state === undefined && byPrefix.has(prefix);
  // Proposals that the overview does not show come first, in case the time runs short: nothing else may point to them.
  const inOrder = [...noted.filter((prefix) => !isShown(prefix)), ...noted.filter(isShown)];
  await pool(inOrder, { width: READERS, until }, async (prefix) => {
    const reading = await proposals.read(prefix + PROPOSAL_OBJECT).catch(unlessPassing);
    if (reading.kind !== 'found') return;
    const { facts } = reading;
    const row = byPrefix.get(prefix);
    if (row && equalFacts(row, facts)) return;
    if (facts.state === undefined) {
      shown.add(facts, false);
      if (row && findingOf(row) === findingOf(facts)) outdated.add(prefix);
    } else if (row?.state !== undefined) {
      // The overview still shows the earlier reason for which it was settled.
      shown.add(facts, true);
    }
  });
  for (const facts of rows) if (facts.state === undefined) shown.add(facts, !outdated.has(facts.prefix));
  const settled = rows.filter(({ state }) => state !== undefined);
  await pool(settled, { width: READERS, until }, async (facts) => {
    if (!(await proposals.has(facts.prefix + PROPOSAL_OBJECT))) shown.add(facts, true);
  });
  return shown;
}

function findingOf(facts: ProposalFacts): string | undefined {
  return isShared(facts) ? undefined : facts.findingId;
}

/** A proposal that can never be read does not stop a sweep; the notifier reports it. */
function unlessPassing(error: unknown): ProposalReading {
  if (isPassing(error)) throw error;
  return { kind: 'gone' };
}

class ShownFindings implements Shown {
  readonly byFinding = new Map<string, AboutFinding & { readonly shown: string[] }>();
  readonly shared = new Map<string, string[]>();

  /** @param isShown false if the overview does not show it */
  add(facts: ProposalFacts, isShown: boolean): void {
    const prefixes = isShared(facts) ? this.#sharedIn(facts.subject.accountId) : this.#restingOn(facts);
    if (isShown) prefixes.push(facts.prefix);
  }

  #sharedIn(accountId: string): string[] {
    const prefixes = this.shared.get(accountId) ?? [];
    this.shared.set(accountId, prefixes);
    return prefixes;
  }

  #restingOn({ findingId, principal }: Exclude<ProposalFacts, { readonly subject: unknown }>): string[] {
    const { accountId, arn: resource } = principal;
    const about = this.byFinding.get(findingId) ?? { accountId, resource, shown: [] };
    this.byFinding.set(findingId, about);
    return about.shown;
  }
}
