import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { type JsonValue, renderJson } from '../../core/model/json.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import { readJson } from '../../json/read-json.ts';
import {
  type CollectedFinding,
  type CollectedUser,
  type CollectionManifest,
  type CollectionStore,
  DETAILS_LISTS,
  type DetailsPage,
} from '../../ports/collect.ts';
import { readManifest, renderManifest } from '../../stored/collection.ts';
import { InputError } from './input-error.ts';
import { releaseLock, takeLock } from './process-lock.ts';
import { explain, readText } from './read-text.ts';

export const MANIFEST = 'manifest.json';
const DETAILS = 'account-details.json';
const FINDINGS = 'findings.jsonl';
const USERS = 'credentials.jsonl';
const REPORTS = 'last-accessed';
/** The subfolder for incomplete files, which is what an interrupted run has read so far. */
const UNFINISHED = '.unfinished';

/** The mode of folders: only the user can read what was collected. */
const FOLDER = 0o700;
export const COLLECTED_FILE_MODE = 0o600;

/** Creates the folder for collections. */
export function makeCollectionFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER });
  } catch (error) {
    throw new InputError(`${folder}: ${explain(error)}`);
  }
}

/** The lock file that a run holds while it writes into the folder of collections. */
const LOCK = '.collecting';
/** How often to try to take the lock: an attempt removes the lock of a dead process, and the next one succeeds. */
const TRIES = 3;

/**
 * Locks the folder of collections, because two runs would overwrite each other's unfinished files.
 * @returns a function that unlocks it; the end of the process does so too
 * @throws InputError that names the run that holds the lock
 */
export function holdCollectionFolder(folder: string): () => void {
  const lock = path.join(folder, LOCK);
  let owner: number | undefined;
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      owner = takeLock(lock);
      if (owner !== 0) break;
    }
  } catch (error) {
    throw new InputError(`${lock}: ${explain(error)}`);
  }
  if (owner !== undefined) {
    const who = owner > 0 ? `process ${String(owner)}` : 'its process is not known';
    throw new InputError(
      `${folder}: another collect is at work in it (${who}); wait until it has ended, or name another folder with --out; if there is none, remove ${lock}`,
    );
  }
  const release = (): void => {
    process.off('exit', release);
    releaseLock(lock);
  };
  process.once('exit', release);
  return release;
}

/** Whether a run that reads an account into this folder was interrupted. */
export function isUnfinished(folder: string): boolean {
  return existsSync(path.join(folder, UNFINISHED));
}

/** The path of a file in a folder, compressed or not; undefined if there is none. */
export function present(folder: string, name: string): string | undefined {
  return [name, `${name}.gz`].map((each) => path.join(folder, each)).find((each) => existsSync(each));
}

/** The manifest of an account's folder; undefined if there is none. */
export function manifestIn(folder: string): CollectionManifest | undefined {
  const file = present(folder, MANIFEST);
  if (file === undefined) return undefined;
  const manifest = readManifest(readText(file));
  if (!manifest.ok) throw new InputError(`${file}: ${manifest.problem}; name another folder, or remove it`);
  return manifest.value;
}

/**
 * The folder of one account on this machine. Files are complete as soon as they have their name, because they are
 * renamed. Until then, lines are appended to a file in `.unfinished`; its last line may be incomplete, and is then
 * read again.
 */
export class CollectionFolder implements CollectionStore {
  readonly #folder: string;
  readonly #now: () => number;

  /** @throws InputError if the folder cannot be created */
  constructor(root: string, accountId: string, now: () => number) {
    this.#folder = path.join(root, accountId);
    this.#now = now;
    makeCollectionFolder(this.#folder);
    makeCollectionFolder(this.#place(UNFINISHED));
  }

  manifest(): CollectionManifest | undefined {
    return manifestIn(this.#folder);
  }

  writeManifest(manifest: CollectionManifest): void {
    this.#replace(MANIFEST, renderManifest(manifest));
  }

  detailsPages(fresh: boolean): { readonly count: number; readonly marker: string | null | undefined } {
    if (fresh) {
      for (const name of this.#pages()) rmSync(this.#place(UNFINISHED, name));
      return { count: 0, marker: undefined };
    }
    const names = this.#pages();
    const last = names.at(-1);
    return { count: names.length, marker: last === undefined ? undefined : this.#page(last).marker };
  }

  addDetailsPage(place: number, page: DetailsPage): void {
    this.#replace(
      path.join(UNFINISHED, `page-${String(place).padStart(6, '0')}.json`),
      renderJson(page as never, 0),
    );
  }

  finishDetails(): { readonly entries: number; readonly principals: readonly string[] } {
    const names = this.#pages();
    const principals: string[] = [];
    let entries = 0;
    this.#write(DETAILS, (write) => {
      write('{');
      for (const [index, list] of DETAILS_LISTS.entries()) {
        write(`${index === 0 ? '' : ','}\n    "${list}": [`);
        let isFirst = true;
        for (const name of names) {
          for (const entry of this.#page(name).lists[list]) {
            write(`${isFirst ? '' : ','}\n        ${renderJson(entry, 4).replaceAll('\n', '\n        ')}`);
            isFirst = false;
            entries += 1;
            if (list === 'RoleDetailList' || list === 'UserDetailList')
              principals.push(memberOf(entry, 'Arn'));
          }
        }
        write(isFirst ? ']' : '\n    ]');
      }
      write('\n}\n');
    });
    this.#replace(path.join(UNFINISHED, 'principals.json'), JSON.stringify(principals));
    for (const name of names) rmSync(this.#place(UNFINISHED, name));
    return { entries, principals };
  }

  knownPrincipals(): readonly string[] | undefined {
    const file = this.#place(UNFINISHED, 'principals.json');
    // Trust boundary: this program wrote it.
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly string[]) : undefined;
  }

  knownFindings(): ReadonlyMap<string, CollectedFinding> {
    const known = new Map<string, CollectedFinding>();
    for (const name of [FINDINGS, path.join(UNFINISHED, FINDINGS)]) {
      for (const { line, value } of this.#lines(name)) {
        const id = memberOf(value, 'id');
        const finding = {
          id,
          updatedAt: memberOf(value, 'updatedAt'),
          resource: memberOf(value, 'resource'),
          line,
        };
        if (id !== '') known.set(id, finding);
      }
    }
    this.#mend(FINDINGS);
    return known;
  }

  addFinding({ line }: CollectedFinding): void {
    this.#append(FINDINGS, line);
  }

  finishFindings(findings: readonly CollectedFinding[]): void {
    this.#finishLines(FINDINGS, findings);
  }

  reportAge(ref: PrincipalRef): number | undefined {
    const stats = statSync(this.#place(reportOf(ref)), { throwIfNoEntry: false });
    return stats && Math.max(0, this.#now() - stats.mtimeMs);
  }

  writeReport(ref: PrincipalRef, report: JsonValue): void {
    const name = reportOf(ref);
    makeCollectionFolder(path.dirname(this.#place(name)));
    this.#replace(name, `${renderJson(report, 4)}\n`);
  }

  keepReports(refs: readonly PrincipalRef[]): void {
    const kept = new Set(refs.map(reportOf));
    for (const type of ['role', 'user']) {
      const folder = path.join(REPORTS, type);
      if (!existsSync(this.#place(folder))) continue;
      for (const name of readdirSync(this.#place(folder))) {
        if (!kept.has(path.join(folder, name))) rmSync(this.#place(folder, name));
      }
    }
  }

  knownUsers(fresh: boolean): ReadonlyMap<string, CollectedUser> {
    if (fresh) rmSync(this.#place(UNFINISHED, USERS), { force: true });
    const known = this.#lines(path.join(UNFINISHED, USERS)).map(({ line, value }) => {
      const name = memberOf(value, 'UserName');
      return [name, { name, line }] as const;
    });
    this.#mend(USERS);
    return new Map(known);
  }

  addUser({ line }: CollectedUser): void {
    this.#append(USERS, line);
  }

  finishUsers(users: readonly CollectedUser[]): void {
    this.#finishLines(USERS, users);
  }

  tidy(): void {
    rmSync(this.#place(UNFINISHED), { recursive: true, force: true });
  }

  #place(...parts: readonly string[]): string {
    return path.join(this.#folder, ...parts);
  }

  #pages(): readonly string[] {
    return readdirSync(this.#place(UNFINISHED))
      .filter((name) => /^page-\d{6}\.json$/.test(name))
      .sort();
  }

  #page(name: string): DetailsPage {
    const page = readJson(readFileSync(this.#place(UNFINISHED, name), 'utf8'));
    if (!page.ok)
      throw new InputError(`${this.#place(UNFINISHED, name)}: ${page.problem}; remove the folder`);
    // Trust boundary: this program wrote it, and the line is complete.
    return page.value as unknown as DetailsPage;
  }

  /** The complete lines, each with its value. */
  #lines(name: string): readonly { readonly line: string; readonly value: JsonValue }[] {
    const file = this.#place(name);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const value = line === '' ? undefined : readJson(line);
        return value?.ok === true ? [{ line, value: value.value }] : [];
      });
  }

  /** Removes an incomplete last line, which the next line would otherwise be appended to. */
  #mend(name: string): void {
    const unfinished = path.join(UNFINISHED, name);
    if (!existsSync(this.#place(unfinished))) return;
    this.#replace(
      unfinished,
      this.#lines(unfinished)
        .map(({ line }) => `${line}\n`)
        .join(''),
    );
  }

  #append(name: string, line: string): void {
    this.#attempt(name, () => {
      appendFileSync(this.#place(UNFINISHED, name), `${line}\n`, { mode: COLLECTED_FILE_MODE });
    });
  }

  #finishLines(name: string, lines: readonly { readonly line: string }[]): void {
    this.#write(name, (write) => {
      for (const { line } of lines) write(`${line}\n`);
    });
    rmSync(this.#place(UNFINISHED, name), { force: true });
  }

  #replace(name: string, text: string): void {
    this.#write(name, (write) => {
      write(text);
    });
  }

  /** Writes a file under another name and renames it: a reader sees the old file or the new one, never a part. */
  #write(name: string, fill: (write: (text: string) => void) => void): void {
    const partial = this.#place(UNFINISHED, `partial-${path.basename(name)}`);
    this.#attempt(name, () => {
      const file = openSync(partial, 'w', COLLECTED_FILE_MODE);
      try {
        const chunks: string[] = [];
        let size = 0;
        const flush = (): void => {
          writeSync(file, chunks.join(''));
          chunks.length = 0;
          size = 0;
        };
        fill((text) => {
          chunks.push(text);
          size += text.length;
          if (size > MOST_IN_MEMORY) flush();
        });
        flush();
      } finally {
        closeSync(file);
      }
      renameSync(partial, this.#place(name));
    });
  }

  #attempt(name: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      throw error instanceof InputError ? error : new InputError(`${this.#place(name)}: ${explain(error)}`);
    }
  }
}

/** How many characters of a file are buffered before they are written. */
const MOST_IN_MEMORY = 1_000_000;

function reportOf({ type, name }: PrincipalRef): string {
  return path.join(REPORTS, type, `${name}.json`);
}

function memberOf(value: JsonValue, name: string): string {
  const member = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof member === 'string' ? member : '';
}
