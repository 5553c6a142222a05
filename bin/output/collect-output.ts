import type { SectionName, CollectionManifest } from '../../lambda/ports/collect.ts';
import { count } from '../../lambda/core/model/wording.ts';
import { counted } from '../../lambda/report/text/format.ts';
import { printable, printStatus } from './terminal.ts';
import path from 'node:path';

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

/** Milliseconds between two updates. */
const PAUSE = 200;

/** Prints one line, which overwrites itself, with the progress of each section and the remaining time. */
export class CollectProgress {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  readonly #sections = new Map<SectionName, Progress>();
  #account = '';
  #began = 0;
  /** The counts of all sections at the beginning, because entries that an earlier run read take no time now. */
  #before = new Map<SectionName, number>();
  #shownAt = 0;

  constructor(write: (text: string) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** @param place index of the account among all `accounts`, from 0 */
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

const WORDS: readonly (readonly [SectionName, string])[] = [
  ['accountDetails', 'roles, users, groups and policies'],
  ['findings', 'findings'],
  ['lastAccessed', 'reports of last use'],
  ['credentials', 'users with the ages of their credentials'],
];

/** How many reasons of failures are printed, and how many names for each. */
const MOST_FAILURES = 20;
const MOST_NAMES = 5;

/**
 * Prints how much was read of an account, and what was not, which sets exit status 1.
 * @param folder the folder of the account
 */
export function printCollected(manifest: CollectionManifest, folder: string, quiet: boolean): void {
  const { sections, failed, accountId } = manifest;
  if (!quiet) {
    const parts = WORDS.flatMap(([name, words]) => {
      const section = sections[name];
      return section === null || section.state === 'failed' ? [] : [`${count(section.count)} ${words}`];
    });
    printStatus(`${folder}: ${parts.join(', ') || 'nothing'}`);
  }
  // Failures with the same reason, such as a role that cannot be assumed, are one line.
  const byReason = new Map<string, string[]>();
  for (const { what, reason } of failed) byReason.set(reason, [...(byReason.get(reason) ?? []), what]);
  for (const [reason, whats] of [...byReason].slice(0, MOST_FAILURES)) {
    const rest = whats.length - MOST_NAMES;
    const names = `${whats.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`;
    printStatus(`account ${accountId}: ${names}: ${reason}`);
  }
  if (byReason.size > MOST_FAILURES) {
    printStatus(
      `account ${accountId}: and ${count(byReason.size - MOST_FAILURES)} more; all are in ${path.join(folder, 'manifest.json')}`,
    );
  }
  if (failed.length > 0) process.exitCode = 1;
}
