import type { SectionName } from '../../lambda/ports/collect.ts';
import { count, counted } from '../../lambda/report/text/format.ts';
import { printable } from './terminal.ts';

interface Progress {
  readonly done: number;
  readonly total: number | undefined;
}

const NAMES: Readonly<Record<SectionName, string>> = {
  accountDetails: 'roles, users, groups and policies',
  findings: 'findings',
  lastAccessed: 'reports of last use',
  credentials: 'users',
};

/** Milliseconds between two lines. */
const PAUSE = 200;

/** One line that says how far each part is and how long it may take; it overwrites itself. */
export class CollectProgress {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #sections = new Map<SectionName, Progress>();
  #account = '';
  #began = 0;
  /** Of all sections, when the account began: what an earlier run had read takes no time now. */
  #before = new Map<SectionName, number>();
  #shownAt = 0;

  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** @param place of the account among so many, from 0 */
  begin(account: string, place = 0, accounts = 1): void {
    this.#account = accounts > 1 ? `${account} (${String(place + 1)} of ${String(accounts)})` : account;
    this.#sections.clear();
    this.#before = new Map();
    this.#began = this.#now();
  }

  observe(section: SectionName, done: number, total: number | undefined): void {
    if (!this.#before.has(section)) this.#before.set(section, done);
    this.#sections.set(section, { done, total });
    const now = this.#now();
    if (now - this.#shownAt < PAUSE) return;
    this.#shownAt = now;
    this.#write(`\r\u001b[K${printable(this.line())}`);
  }

  clear(): void {
    this.#write('\r\u001b[K');
  }

  /** `account 123456789012 (2 of 9): 40 of 120 findings, 3 of 10 users; about 2 min left` */
  line(): string {
    const parts = [...this.#sections].map(([name, { done, total }]) =>
      total === undefined
        ? `${counted(done, 'page')} of the account`
        : total === done
          ? `${count(done)} ${NAMES[name]}`
          : `${count(done)} of ${count(total)} ${NAMES[name]}`,
    );
    return `account ${this.#account}: ${parts.join(', ')}${this.#estimate()}`;
  }

  #estimate(): string {
    const passed = this.#now() - this.#began;
    let longest = 0;
    for (const [name, { done, total = done }] of this.#sections) {
      const fresh = done - (this.#before.get(name) ?? 0);
      if (fresh > 0) longest = Math.max(longest, ((total - done) / fresh) * passed);
    }
    if (longest < 1_000) return '';
    return longest < 60_000
      ? `; about ${String(Math.ceil(longest / 1_000))} s left`
      : `; about ${String(Math.ceil(longest / 60_000))} min left`;
  }
}
