/** What is known to have become of one finding. */
export interface LedgerEntry {
  /** How often a `proposal.json` of it came to be where none was. */
  readonly created: number;
  /** As the functions' log lines say, the last word wins. */
  readonly said: Said | undefined;
  /** Why it failed last, where a log line says so. */
  readonly failure: string | undefined;
  /** Whether its message lies with the dead letters. */
  readonly dead: boolean;
}

export type Said = 'proposed' | 'unchanged' | 'skipped' | 'gone' | 'unreachable';

export type Ending = Said | 'dead-letter';

export interface Balance {
  readonly endings: Readonly<Record<Ending, number>>;
  /** Why findings are dead letters, and how many for each reason. */
  readonly deadLetterReasons: Readonly<Record<string, number>>;
  /** One line for each finding that is missing, was proposed twice, or ended in another way than it must have. */
  readonly problems: readonly string[];
}

const WORDS: Readonly<Record<string, Said>> = {
  'proposal is stored': 'proposed',
  'proposal exists': 'proposed',
  'nothing to change': 'unchanged',
  'finding is skipped': 'skipped',
  'finding is gone': 'gone',
  'principal is gone': 'gone',
  'finding is left to the next sweep': 'unreachable',
};

/** Which ending a finding must have; `undefined` where any is right. */
export type ExpectedEnding = (finding: number) => Ending | undefined;

/** Keeps the account of every finding, in a few bytes each. */
export class Ledger {
  readonly #created: Uint8Array;
  readonly #said: (Said | undefined)[];
  readonly #failures = new Map<number, string>();
  readonly #accountFailures = new Map<string, string>();
  readonly #dead = new Set<number>();
  /** Accounts of which a function said that they cannot be reached. */
  readonly unreachable = new Set<string>();
  readonly #indexOf: (findingId: string) => number | undefined;
  constructor(findings: number, indexOf: (findingId: string) => number | undefined) {
    this.#created = new Uint8Array(findings);
    this.#said = Array.from({ length: findings }, () => undefined);
    this.#indexOf = indexOf;
  }

  proposalCreated(findingId: string): void {
    const index = this.#indexOf(findingId);
    if (index !== undefined) this.#created[index] = (this.#created[index] ?? 0) + 1;
  }

  /** One line that a function printed; most are about nothing that matters here. */
  logLine(line: string): void {
    if (!line.includes('"findingId"') && !line.includes('"accountId"')) return;
    let facts: Readonly<Record<string, unknown>>;
    try {
      facts = JSON.parse(line) as Readonly<Record<string, unknown>>;
    } catch {
      // A process that is killed may leave half a line; what it said is told again by the next.
      return;
    }
    if (facts['findingId'] === undefined) {
      const { accountId, error, code, message } = facts;
      if (message === 'account cannot be reached') this.unreachable.add(String(accountId));
      if (typeof error === 'string') this.#accountFailures.set(String(accountId), String(code ?? error));
      return;
    }
    const index = this.#indexOf(String(facts['findingId']));
    if (index === undefined) return;
    const said = WORDS[String(facts['message'])];
    if (said !== undefined) this.#said[index] = said;
    else if (typeof facts['error'] === 'string')
      this.#failures.set(index, String(facts['code'] ?? facts['error']));
  }

  deadLetter(findingId: string): void {
    const index = this.#indexOf(findingId);
    if (index !== undefined) this.#dead.add(index);
  }

  /** The message of a whole account lies with the dead letters, and with it what nothing else is known of. */
  deadAccount(accountId: string, first: number, size: number): void {
    const reason = this.#accountFailures.get(accountId);
    for (let index = first; index < first + size; index += 1) {
      this.#dead.add(index);
      if (reason !== undefined && !this.#failures.has(index)) this.#failures.set(index, reason);
    }
  }

  /** The findings of an account that cannot be reached are left to the next sweep, each unless more is known of it. */
  leftAccount(first: number, size: number): void {
    for (let index = first; index < first + size; index += 1) this.#said[index] ??= 'unreachable';
  }

  entry(index: number): LedgerEntry {
    return {
      created: this.#created[index] ?? 0,
      said: this.#said[index],
      failure: this.#failures.get(index),
      dead: this.#dead.has(index),
    };
  }

  balance(expected: ExpectedEnding = () => undefined): Balance {
    const endings = { proposed: 0, unchanged: 0, skipped: 0, gone: 0, unreachable: 0, 'dead-letter': 0 };
    const deadLetterReasons: Record<string, number> = {};
    const problems: string[] = [];
    for (const index of this.#created.keys()) {
      const entry = this.entry(index);
      const name = `finding ${String(index)}`;
      if (entry.created > 1) problems.push(`${name} was proposed ${String(entry.created)} times`);
      if (entry.said === 'proposed' && entry.created === 0) {
        problems.push(`${name} is said to be proposed, but no proposal of it was written`);
      }
      const ending = endingOf(entry);
      if (ending === undefined) {
        problems.push(`${name} is lost: no proposal, no word about it, no dead letter`);
        continue;
      }
      endings[ending] += 1;
      if (ending === 'dead-letter') {
        const reason = entry.failure ?? 'no reason';
        if (entry.failure === undefined) problems.push(`${name} is a dead letter without a reason`);
        deadLetterReasons[reason] = (deadLetterReasons[reason] ?? 0) + 1;
      }
      const wanted = expected(index);
      if (wanted !== undefined && wanted !== ending) {
        problems.push(`${name} must end as ${wanted} and ended as ${ending}`);
      }
    }
    return { endings, deadLetterReasons, problems };
  }
}

function endingOf({ created, said, dead }: LedgerEntry): Ending | undefined {
  if (created > 0) return 'proposed';
  if (said !== undefined && said !== 'proposed') return said;
  return dead ? 'dead-letter' : undefined;
}
