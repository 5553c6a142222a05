import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import type { FindingReference } from '../../ports/findings.ts';
import { pool } from '../../ports/pool.ts';
import { isShared, type ProposalFacts, type ProposalReading } from '../../ports/proposals.ts';
import { isPassing, RESERVE, type SweepDependencies } from './slice.ts';

/** What the overview shows as current, or should show, and what it shows as settled although it has expired. */
export interface Shown {
  /** By finding: whom it is about, and the prefixes of those proposals that are shown as resting on it. */
  readonly byFinding: ReadonlyMap<string, AboutFinding>;
  /** By account: prefixes of those that are shown about what several share. */
  readonly shared: ReadonlyMap<string, readonly string[]>;
}

type AboutFinding = Pick<FindingReference, 'accountId' | 'resource'> & { readonly shown: readonly string[] };

/** Objects read at once. */
const READERS = 16;

/**
 * Reads the overview, and what became current again since the last sweeps. The notice of that may be lost, and its
 * finding may have ended without an event: then neither the overview nor the listing names it, and it is looked at here.
 * So is whether the settled proposals are still there, because nothing is said when one expires.
 * @param seen what the sweep listed, by finding
 * @throws AdapterError
 */
export async function readShown(
  seen: ReadonlyMap<string, FindingReference>,
  {
    overview,
    records,
    proposals,
    clock,
  }: Pick<SweepDependencies, 'overview' | 'records' | 'proposals' | 'clock'>,
): Promise<Shown> {
  const { rows } = await overview.read();
  const current = new Map(rows.flatMap((facts) => (facts.state ? [] : [[facts.prefix, facts] as const])));
  const shown = new ShownFindings();
  for (const facts of current.values()) shown.add(facts, true);
  const isKnown = (prefix: string): boolean => {
    const facts = current.get(prefix);
    return facts !== undefined && (isShared(facts) || seen.has(facts.findingId));
  };
  const settled = new Map(rows.flatMap((facts) => (facts.state ? [[facts.prefix, facts] as const] : [])));
  const reopened = (await records.reopened()).filter((prefix) => !isKnown(prefix));
  const half = clock.remainingMillis() / 2;
  const until = (): boolean => clock.remainingMillis() < Math.max(RESERVE, half);
  await pool(reopened, { width: READERS, until }, async (prefix) => {
    const reading = await proposals.read(prefix + PROPOSAL_OBJECT).catch(unlessPassing);
    if (reading.kind !== 'found') return;
    const { facts } = reading;
    // What was settled otherwise in the meantime is shown as it was settled before.
    const differs = facts.state?.name !== (settled.get(prefix) ?? facts).state?.name;
    if (facts.state === undefined || differs) shown.add(facts, facts.state !== undefined);
  });
  await pool([...settled.values()], { width: READERS, until }, async (facts) => {
    if (!(await proposals.has(facts.prefix + PROPOSAL_OBJECT))) shown.add(facts, true);
  });
  return shown;
}

/** One that can never be read stops no sweep; the notifier complains of it. */
function unlessPassing(error: unknown): ProposalReading {
  if (isPassing(error)) throw error;
  return { kind: 'gone' };
}

class ShownFindings implements Shown {
  readonly byFinding = new Map<string, AboutFinding & { readonly shown: string[] }>();
  readonly shared = new Map<string, string[]>();

  /** @param isShown false where the overview does not show it */
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
