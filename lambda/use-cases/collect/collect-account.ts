import { byCodeUnit } from '../../core/model/order.ts';
import { type PrincipalRef, readPrincipalArn } from '../../core/model/principal.ts';
import type { EvidenceSource } from '../../core/model/unused-access.ts';
import type {
  AccountReader,
  CollectedFinding,
  CollectedUser,
  CollectionManifest,
  CollectionStore,
  ListedFinding,
  Section,
  SectionName,
} from '../../ports/collect.ts';
import { pool } from '../../ports/pool.ts';
import { AdapterError, type Clock } from '../../ports/system.ts';
import { ownedByAws } from '../propose/skip-reason.ts';

export interface CollectRequest {
  readonly caller: string;
  /** The account's name in AWS Organizations; undefined if it was not read, and then an earlier name is kept. */
  readonly accountName?: string | undefined;
  readonly region: string;
  readonly source: EvidenceSource;
  readonly unusedDays: number;
  /** Null if findings come from reports of last use. */
  readonly analyzerArn: string | null;
  /** Whether reports of last use are read; with the source `last-accessed` they always are, for all principals. */
  readonly lastAccessed: boolean;
  /** Milliseconds after which the data of an earlier run is read again. */
  readonly maxAge: number;
}

/** Called on progress: `done` of `total` entries of a section. */
type ObserveCollection = (section: SectionName, done: number, total: number | undefined) => void;

/** Calls in flight at once in each section; the account's pace decides how many of them wait. */
const WIDTH = 20;

/**
 * Reads one account into its folder, or continues where an earlier run stopped. Sections are read concurrently. A
 * failure is recorded in the manifest and does not stop the rest.
 * @throws InputError and file-system errors: the credentials have expired, or the folder cannot be written
 */
export async function collectAccount(
  request: CollectRequest,
  reader: AccountReader,
  store: CollectionStore,
  clock: Clock,
  observe: ObserveCollection = () => undefined,
): Promise<CollectionManifest> {
  const run = new Collection(request, reader, store, clock, observe);
  return run.run();
}

class Collection {
  readonly #request: CollectRequest;
  readonly #reader: AccountReader;
  readonly #store: CollectionStore;
  readonly #clock: Clock;
  readonly #observe: ObserveCollection;
  readonly #failed: { readonly section: SectionName; readonly what: string; readonly reason: string }[] = [];
  readonly #sections: Record<SectionName, Section | null> = {
    accountDetails: null,
    findings: null,
    lastAccessed: null,
    credentials: null,
  };
  readonly #startedAt: string;
  /** The manifest of an interrupted run to continue. */
  readonly #unfinished: CollectionManifest | undefined;
  readonly #accountName: string | undefined;

  constructor(
    request: CollectRequest,
    reader: AccountReader,
    store: CollectionStore,
    clock: Clock,
    observe: ObserveCollection,
  ) {
    this.#request = request;
    this.#reader = reader;
    this.#store = store;
    this.#clock = clock;
    this.#observe = observe;
    this.#startedAt = clock.now();
    const previous = store.manifest();
    this.#accountName = request.accountName ?? previous?.accountName;
    this.#unfinished = previous?.state === 'running' ? previous : undefined;
  }

  async run(): Promise<CollectionManifest> {
    const { analyzerArn, source, lastAccessed } = this.#request;
    // Sections of an earlier run are not complete until this run has read them again.
    this.#write('running');
    const details = this.#section('accountDetails', () => this.#details());
    const listed =
      analyzerArn === null ? undefined : this.#section('findings', () => this.#list(analyzerArn));
    const sections: Promise<unknown>[] = [details];
    if (listed !== undefined && analyzerArn !== null) {
      sections.push(this.#after(listed, 'findings', (list) => this.#findings(analyzerArn, list)));
    }
    if (source === 'last-accessed') {
      sections.push(this.#after(details, 'lastAccessed', (arns) => this.#reports(arns)));
    } else if (lastAccessed && listed) {
      const principals = listed.then((list) => list && [...new Set(list.map(({ resource }) => resource))]);
      sections.push(this.#after(principals, 'lastAccessed', (arns) => this.#reports(arns)));
    }
    if (source === 'last-accessed' || lastAccessed) {
      sections.push(this.#section('credentials', () => this.#credentials()));
    }
    // All sections end before an error is thrown, so that none continues in the background.
    for (const outcome of await Promise.allSettled(sections)) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
    const manifest = this.#write(this.#failed.length === 0 ? 'complete' : 'partial');
    this.#store.tidy();
    return manifest;
  }

  /** Pages of an interrupted run are reused while they are fresh. A complete description is always read again. */
  async #details(): Promise<readonly string[]> {
    const before = this.#unfinished?.sections.accountDetails;
    const isFresh = before !== null && before !== undefined && this.#isFresh(before.readAt);
    const known = isFresh && before.state === 'complete' ? this.#store.knownPrincipals() : undefined;
    if (known) {
      this.#sections.accountDetails = before ?? null;
      this.#observe('accountDetails', before?.count ?? 0, before?.count);
      return known;
    }
    const readAt = isFresh ? before.readAt : this.#clock.now();
    let { count, marker } = this.#store.detailsPages(!isFresh);
    this.#note('accountDetails', { state: 'partial', readAt, count: 0 });
    while (marker !== null) {
      const page = await this.#page(marker ?? null);
      if (page === 'expired') {
        // IAM no longer accepts the marker of the interrupted run.
        ({ count, marker } = this.#store.detailsPages(true));
        continue;
      }
      count += 1;
      this.#store.addDetailsPage(count, page);
      marker = page.marker;
      this.#observe('accountDetails', count, undefined);
    }
    const { entries, principals } = this.#store.finishDetails();
    this.#note('accountDetails', { state: 'complete', readAt, count: entries });
    this.#observe('accountDetails', entries, entries);
    return principals;
  }

  async #page(marker: string | null) {
    try {
      return await this.#reader.detailsPage(marker);
    } catch (error) {
      if (marker !== null && error instanceof AdapterError && error.code === 'invalid') return 'expired';
      throw error;
    }
  }

  async #list(analyzerArn: string): Promise<readonly ListedFinding[]> {
    this.#note('findings', { state: 'partial', readAt: this.#clock.now(), count: 0 });
    return this.#reader.findings(analyzerArn);
  }

  /** A finding that has not changed is not read again. */
  async #findings(analyzerArn: string, list: readonly ListedFinding[]): Promise<void> {
    const known = this.#store.knownFindings();
    const kept = new Map<string, CollectedFinding>();
    const wanted = list.filter((one) => {
      const before = known.get(one.id);
      if (before?.updatedAt !== one.updatedAt) return true;
      kept.set(one.id, before);
      return false;
    });
    await this.#each(
      'findings',
      wanted,
      kept.size,
      ({ id }) => `finding ${id}`,
      async ({ id }) => {
        const finding = await this.#reader.finding(analyzerArn, id);
        if (finding === undefined) return;
        this.#store.addFinding(finding);
        kept.set(id, finding);
      },
    );
    const sorted = [...kept.values()].sort(
      (a, b) => byCodeUnit(a.resource, b.resource) || byCodeUnit(a.id, b.id),
    );
    this.#store.finishFindings(sorted);
    this.#end('findings', sorted.length);
  }

  async #reports(arns: readonly string[]): Promise<void> {
    const readAt = this.#clock.now();
    const refs = arns
      .flatMap((arn) => readPrincipalArn(arn) ?? [])
      .filter((ref) => ownedByAws(ref) === undefined)
      .sort((a, b) => byCodeUnit(a.arn, b.arn));
    this.#note('lastAccessed', { state: 'partial', readAt, count: 0 });
    const stale = refs.filter((ref) => !this.#isYoung(this.#store.reportAge(ref)));
    const gone = new Set<PrincipalRef>();
    const what = (ref: PrincipalRef): string => `last use of ${ref.arn}`;
    await this.#each('lastAccessed', stale, refs.length - stale.length, what, async (ref) => {
      const report = await this.#reader.lastAccessed(ref.arn);
      if (report === undefined) gone.add(ref);
      else this.#store.writeReport(ref, report);
    });
    this.#store.keepReports(refs.filter((ref) => !gone.has(ref)));
    this.#end(
      'lastAccessed',
      this.#hasFailed('lastAccessed')
        ? refs.filter((ref) => this.#store.reportAge(ref) !== undefined).length
        : refs.length - gone.size,
    );
  }

  async #credentials(): Promise<void> {
    const before = this.#unfinished?.sections.credentials;
    const isFresh = before !== null && before !== undefined && this.#isFresh(before.readAt);
    const readAt = isFresh ? before.readAt : this.#clock.now();
    this.#note('credentials', { state: 'partial', readAt, count: 0 });
    const users = await this.#reader.users();
    const known = this.#store.knownUsers(!isFresh);
    const kept = new Map<string, CollectedUser>();
    const nameOf = (user: (typeof users)[number]): string => String(Reflect.get(Object(user), 'UserName'));
    const wanted = users.filter((user) => {
      const found = known.get(nameOf(user));
      if (found) kept.set(found.name, found);
      return !found;
    });
    const what = (user: (typeof users)[number]): string => `credentials of user ${nameOf(user)}`;
    await this.#each('credentials', wanted, kept.size, what, async (user) => {
      const found = await this.#reader.credentials(user);
      if (found === undefined) return;
      this.#store.addUser(found);
      kept.set(found.name, found);
    });
    this.#store.finishUsers([...kept.values()].sort((a, b) => byCodeUnit(a.name, b.name)));
    this.#end('credentials', kept.size);
  }

  /**
   * Handles the entries of a section concurrently. A failed entry is recorded. Denied access ends the section, because
   * it affects all other entries too.
   */
  async #each<T>(
    section: SectionName,
    items: readonly T[],
    kept: number,
    what: (item: T) => string,
    work: (item: T) => Promise<void>,
  ): Promise<void> {
    const total = items.length + kept;
    let done = kept;
    this.#observe(section, done, total);
    await pool(items, { width: WIDTH }, async (item) => {
      try {
        await work(item);
      } catch (error) {
        if (!(error instanceof AdapterError) || error.code === 'access-denied') throw error;
        this.#failed.push({ section, what: what(item), reason: error.message });
      }
      done += 1;
      this.#observe(section, done, total);
    });
  }

  /** Undefined if the section failed, which is recorded. */
  async #section<T>(name: SectionName, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AdapterError)) throw error;
      this.#failed.push({ section: name, what: WORDS[name], reason: error.message });
      this.#note(name, {
        state: 'failed',
        readAt: this.#sections[name]?.readAt ?? this.#startedAt,
        count: 0,
      });
      return undefined;
    }
  }

  async #after<T>(
    before: Promise<T | undefined>,
    name: SectionName,
    work: (value: T) => Promise<void>,
  ): Promise<void> {
    const value = await before;
    if (value !== undefined) await this.#section(name, () => work(value));
  }

  #end(name: SectionName, count: number): void {
    const readAt = this.#sections[name]?.readAt ?? this.#startedAt;
    this.#note(name, { state: this.#hasFailed(name) ? 'partial' : 'complete', readAt, count });
  }

  #hasFailed(name: SectionName): boolean {
    return this.#failed.some(({ section }) => section === name);
  }

  #note(name: SectionName, section: Section): void {
    this.#sections[name] = section;
    this.#write('running');
  }

  #isFresh(time: string): boolean {
    return this.#isYoung(Date.parse(this.#clock.now()) - Date.parse(time));
  }

  #isYoung(age: number | undefined): boolean {
    return age !== undefined && age <= this.#request.maxAge;
  }

  #write(state: CollectionManifest['state']): CollectionManifest {
    const { caller, region, source, unusedDays, analyzerArn } = this.#request;
    const before = this.#unfinished;
    const manifest: CollectionManifest = {
      schemaVersion: 1,
      accountId: this.#reader.accountId,
      ...(this.#accountName === undefined ? {} : { accountName: this.#accountName }),
      caller,
      region,
      source,
      unusedDays,
      analyzerArn,
      state,
      startedAt: before?.startedAt ?? this.#startedAt,
      finishedAt: state === 'running' ? null : this.#clock.now(),
      sections:
        state === 'running' && before
          ? // The progress of an interrupted run counts until this run gets as far.
            {
              accountDetails: this.#sections.accountDetails ?? before.sections.accountDetails,
              findings: this.#sections.findings ?? before.sections.findings,
              lastAccessed: this.#sections.lastAccessed ?? before.sections.lastAccessed,
              credentials: this.#sections.credentials ?? before.sections.credentials,
            }
          : this.#sections,
      failed: this.#failed
        .map(({ what, reason }) => ({ what, reason }))
        .sort((a, b) => byCodeUnit(a.what, b.what)),
    };
    this.#store.writeManifest(manifest);
    return manifest;
  }
}

/** Names of sections that failed as a whole, for the manifest. */
const WORDS: Readonly<Record<SectionName, string>> = {
  accountDetails: 'roles, users, groups and policies',
  findings: 'findings',
  lastAccessed: 'reports of last use',
  credentials: 'users',
};
