import { subjectOf } from '../../core/lifecycle/proposal-state.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import {
  isShared,
  type Overview,
  type ProposalFacts,
  type ProposalReading,
  equalFacts,
} from '../../ports/proposals.ts';
import { pool } from '../../ports/pool.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';

/** What was read of one stored proposal, for the overview. */
export interface OverviewEntry {
  /** Prefix of the proposal. */
  readonly prefix: string;
  readonly reading: ProposalReading;
  /** Whether the proposal itself was stored. Its message is retried until people have been notified. */
  readonly isNew: boolean;
  /** False if the owner could not be read. The overview then keeps the owner that it shows. */
  readonly isOwnerKnown: boolean;
}

interface UpdateDependencies {
  readonly overview: Overview;
  /** Pure; renders the page for people. */
  readonly page: (rows: readonly ProposalFacts[]) => string;
  /** Reads one proposal again. */
  readonly again: (entry: OverviewEntry) => Promise<ProposalReading>;
  readonly clock: Clock;
}

/** Notifiers run concurrently, so another one may be faster. That many times in a row is not chance. */
const ATTEMPTS = 8;

interface UpdatedOverview {
  /** Current proposals that people have not been notified of. */
  readonly unannounced: readonly ProposalFacts[];
  /** Everything that was entered, as last read, by prefix. */
  readonly facts: ReadonlyMap<string, ProposalFacts>;
  /** Prefixes of proposals that were not entered because time ran short. */
  readonly late: readonly string[];
}

/** Milliseconds reserved for writing the overview and for the messages. */
const WRITE_RESERVE = 10_000;
/** Proposals read again at once. */
const READERS = 16;

/**
 * Enters what was read into the overview. A reading that would change a row, or that is about the same subject as
 * another row, is repeated after the overview was read. The overview is written only if nobody else has written it
 * meanwhile. So the later of two readings is kept, whoever writes first. See docs/lifecycle.md.
 * @throws AdapterError
 */
export async function updateOverview(
  entries: readonly OverviewEntry[],
  { overview, page, again, clock }: UpdateDependencies,
): Promise<UpdatedOverview> {
  return amend(overview, page, clock, async (rows) => {
    const overviewRows = new OverviewRows(rows);
    const places = countedPlaces(entries);
    const known = entries.filter(
      (entry) => overviewRows.isKnown(entry) || (places.get(placeIn(entry) ?? '') ?? 0) > 1,
    );
    const until = (place: number): boolean => place >= READERS && clock.remainingMillis() < WRITE_RESERVE;
    const readings = new Map<OverviewEntry, ProposalReading>();
    const begun = await pool(known, { width: READERS, until }, async (entry) => {
      readings.set(entry, await again(entry));
    });
    const late = new Set(known.slice(begun.length));
    const unannounced: ProposalFacts[] = [];
    const entered = new Map<string, ProposalFacts>();
    for (const entry of entries) {
      if (late.has(entry)) continue;
      const reading = readings.get(entry) ?? entry.reading;
      if (reading.kind === 'found') entered.set(entry.prefix, reading.facts);
      const facts = overviewRows.enter({ ...entry, reading });
      if (facts) unannounced.push(facts);
    }
    const result = { unannounced, facts: entered, late: [...late].map(({ prefix }) => prefix) };
    return { rows: overviewRows.all(), result };
  });
}

/** How many of the entries are about each subject. */
function countedPlaces(entries: readonly OverviewEntry[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const place of entries.flatMap((entry) => placeIn(entry) ?? [])) {
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  return places;
}

function placeIn({ reading }: OverviewEntry): string | undefined {
  return reading.kind === 'found' ? placeOf(reading.facts) : undefined;
}

/** Records in the overview that people have been notified of these proposals. @throws AdapterError */
export async function noteNotified(
  prefixes: ReadonlySet<string>,
  { overview, page, clock }: Omit<UpdateDependencies, 'again'>,
): Promise<void> {
  await amend(overview, page, clock, (rows) => {
    const noted = rows.map((facts) => {
      if (!prefixes.has(facts.prefix) || facts.unannounced === undefined) return facts;
      return { ...facts, unannounced: undefined };
    });
    return Promise.resolve({ rows: noted, result: undefined });
  });
}

async function amend<T>(
  overview: Overview,
  page: UpdateDependencies['page'],
  clock: Clock,
  change: (
    rows: readonly ProposalFacts[],
  ) => Promise<{ readonly rows: readonly ProposalFacts[]; readonly result: T }>,
): Promise<T> {
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    if (tries > 1 && clock.remainingMillis() < WRITE_RESERVE) break;
    const { rows: known, version } = await overview.read();
    const { rows, result } = await change(known);
    if (known.length === 0 && rows.length === 0) return result;
    if (await overview.write(rows, page(rows), version)) return result;
  }
  throw new AdapterError(
    'cannot keep the overview current: others write it all the time; it will be retried',
    'retry',
    'unavailable',
  );
}

/**
 * The rows of the overview. For each subject they show the current proposals, or else the last one that was current. A
 * settled proposal never replaces another one.
 */
class OverviewRows {
  readonly #rows = new Map<string, ProposalFacts>();
  readonly #places = new Map<string, Set<string>>();
  constructor(rows: readonly ProposalFacts[]) {
    for (const facts of rows) this.#set(facts);
  }

  all(): readonly ProposalFacts[] {
    return [...this.#rows.values()].sort((a, b) => byCodeUnit(a.prefix, b.prefix));
  }

  /** Whether the rows differ about the same proposal, or contain anything about the same subject. */
  isKnown({ prefix, reading }: OverviewEntry): boolean {
    const own = this.#rows.get(prefix);
    if (reading.kind === 'gone') return own !== undefined;
    return this.#beside(reading.facts).length > 0 || (own !== undefined && !equalFacts(own, reading.facts));
  }

  /** @returns the proposal if people have to be notified of it */
  enter({ prefix, reading, isNew, isOwnerKnown }: OverviewEntry): ProposalFacts | undefined {
    const own = this.#rows.get(prefix);
    if (reading.kind === 'gone') {
      this.#delete(prefix);
      return undefined;
    }
    const beside = this.#beside(reading.facts);
    const facts =
      isOwnerKnown || reading.facts.owner !== undefined
        ? reading.facts
        : { ...reading.facts, owner: (own ?? beside[0])?.owner };
    // Without a row, it is unknown whether anybody was notified.
    const isUnannounced = isNew || own === undefined || own.unannounced === true;
    if (facts.state !== undefined) {
      if (beside.length > 0) this.#delete(prefix);
      else this.#set(isUnannounced ? { ...facts, unannounced: true } : facts);
      return undefined;
    }
    for (const other of beside) if (other.state !== undefined) this.#delete(other.prefix);
    // The message of a new proposal is retried until people are notified. For all other messages, the row records it.
    this.#set(isUnannounced && !isNew ? { ...facts, unannounced: true } : facts);
    return isUnannounced ? facts : undefined;
  }

  #beside(facts: ProposalFacts): readonly ProposalFacts[] {
    return [...(this.#places.get(placeOf(facts)) ?? [])].flatMap((prefix) => {
      const row = this.#rows.get(prefix);
      return row === undefined || prefix === facts.prefix ? [] : [row];
    });
  }

  #set(facts: ProposalFacts): void {
    this.#rows.set(facts.prefix, facts);
    const place = placeOf(facts);
    this.#places.set(place, (this.#places.get(place) ?? new Set()).add(facts.prefix));
  }

  #delete(prefix: string): void {
    this.#rows.delete(prefix);
  }
}

/** A key that is equal for proposals of which only one can be current. */
function placeOf(facts: ProposalFacts): string {
  return isShared(facts) ? facts.subject.arn : subjectOf(facts);
}
