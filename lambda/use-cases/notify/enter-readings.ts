import { subjectOf } from '../../core/lifecycle/subject.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { isShared, type Overview, type ProposalFacts, type ProposalReading } from '../../ports/proposals.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import { RESERVE } from './read-proposals.ts';

/** What was read of one stored proposal, for the overview. */
export interface OverviewEntry {
  /** Key of the proposal's folder. */
  readonly prefix: string;
  readonly reading: ProposalReading;
  /** Whether the proposal itself was stored: the message that says so comes again until people are told. */
  readonly isNews: boolean;
}

export interface EnterDependencies {
  readonly overview: Overview;
  /** Pure: the page for people. */
  readonly page: (rows: readonly ProposalFacts[]) => string;
  /** Reads one proposal again. */
  readonly again: (entry: OverviewEntry) => Promise<ProposalReading>;
  readonly clock: Clock;
}

/** Notifiers run side by side, so somebody else may have been faster; that often in a row is no coincidence. */
const ATTEMPTS = 8;

/**
 * Enters what was read into the overview. Whatever would change a row, or stand beside one about the same subject, is
 * read again after the overview was, and the overview is written only if nobody else wrote it meanwhile: so of two
 * readings the later one stands there, whoever writes first. See docs/lifecycle.md.
 * @returns what is current and people have not been told of
 * @throws AdapterError
 */
export async function enterReadings(
  entries: readonly OverviewEntry[],
  { overview, page, again, clock }: EnterDependencies,
): Promise<readonly ProposalFacts[]> {
  return amend(overview, page, clock, async (rows) => {
    const overviewRows = new OverviewRows(rows);
    const untold: ProposalFacts[] = [];
    for (const entry of entries) {
      const reading = overviewRows.isKnown(entry) ? await again(entry) : entry.reading;
      const facts = overviewRows.enter({ ...entry, reading });
      if (facts) untold.push(facts);
    }
    return { rows: overviewRows.all(), result: untold };
  });
}

/** Notes that people were told of proposals that the overview says they were not told of. @throws AdapterError */
export async function noteTold(
  prefixes: ReadonlySet<string>,
  { overview, page, clock }: Omit<EnterDependencies, 'again'>,
): Promise<void> {
  await amend(overview, page, clock, (rows) => {
    const noted = rows.map((facts) => {
      if (!prefixes.has(facts.prefix) || facts.untold === undefined) return facts;
      return { ...facts, untold: undefined };
    });
    return Promise.resolve({ rows: noted, result: undefined });
  });
}

async function amend<T>(
  overview: Overview,
  page: EnterDependencies['page'],
  clock: Clock,
  change: (
    rows: readonly ProposalFacts[],
  ) => Promise<{ readonly rows: readonly ProposalFacts[]; readonly result: T }>,
): Promise<T> {
  for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
    if (tries > 1 && clock.remainingMillis() < RESERVE) break;
    const { rows: known, version } = await overview.read();
    const { rows, result } = await change(known);
    if (known.length === 0 && rows.length === 0) return result;
    if (await overview.write(rows, page(rows), version)) return result;
  }
  throw new AdapterError(
    'cannot keep the overview current: others write it all the time; it will be tried again',
    'retry',
    'unavailable',
  );
}

/**
 * The rows of the overview: of each subject what is current, or the last that was. A proposal that is settled never
 * takes the place of another.
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

  /** Whether something else than what was read stands there about the same proposal or the same subject. */
  isKnown({ prefix, reading }: OverviewEntry): boolean {
    const own = this.#rows.get(prefix);
    if (reading.kind === 'gone') return own !== undefined;
    return this.#beside(reading.facts).length > 0 || (own !== undefined && !isSame(own, reading.facts));
  }

  /** What it is to be told of. */
  enter({ prefix, reading, isNews }: OverviewEntry): ProposalFacts | undefined {
    const own = this.#rows.get(prefix);
    if (reading.kind === 'gone') {
      this.#delete(prefix);
      return undefined;
    }
    const { facts } = reading;
    const beside = this.#beside(facts);
    // Without a row nobody can say that somebody was told.
    const isUntold = isNews || own === undefined || own.untold === true;
    if (facts.state !== undefined) {
      if (beside.length > 0) this.#delete(prefix);
      else this.#set(isUntold ? { ...facts, untold: true } : facts);
      return undefined;
    }
    for (const other of beside) if (other.state !== undefined) this.#delete(other.prefix);
    // The message of a new proposal comes again until it is told; of anything else it is the row that has to say so.
    this.#set(isUntold && !isNews ? { ...facts, untold: true } : facts);
    return isUntold ? facts : undefined;
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

/** The same for proposals of which only one can be current. */
function placeOf(facts: ProposalFacts): string {
  return isShared(facts) ? facts.subject.arn : subjectOf(facts);
}

/** Who was told, and who owns it, is not read with a proposal. */
function isSame(a: ProposalFacts, b: ProposalFacts): boolean {
  return (
    a.state?.name === b.state?.name &&
    a.state?.reason === b.state?.reason &&
    (isShared(a) || isShared(b) || (a.findingId === b.findingId && a.remark === b.remark))
  );
}
