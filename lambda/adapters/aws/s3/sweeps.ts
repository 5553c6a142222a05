import {
  accountPageKey,
  askedReportsKey,
  begunKey,
  listedKey,
  REOPENED_PREFIX,
  sweptAccountKey,
  unusedPartKey,
  usesKey,
} from '../../../contract/object-keys.ts';
import type { Result } from '../../../core/pattern/result.ts';
import type {
  AccountJob,
  AccountPage,
  AccountRecords,
  UnusedPart,
  AskedReport,
  PrincipalUse,
  UseRecords,
} from '../../../ports/account.ts';
import type { FoundInAccount, Listing, SweepRecords } from '../../../ports/sweep.ts';
import { AdapterError } from '../../../ports/system.ts';
import {
  readAccountPage,
  readListing,
  readFoundInAccount,
  readUnusedPart,
  renderFoundInAccount,
  renderListing,
} from '../../../stored/sweep.ts';
import { readAsked, readUses, renderUses } from '../../../stored/last-use.ts';
import type { S3Objects } from './objects.ts';

const LINES = { contentType: 'application/jsonl; charset=utf-8' };
const REMEDY = 'the next sweep writes its own';

/** The objects of a sweep's listing. */
export class S3SweepRecords implements SweepRecords {
  readonly #objects: S3Objects;
  /** What this process stored last, so that a sweep of one slice need not read it back. */
  #last: { readonly key: string; readonly listing: Listing } | undefined;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  async begin(sweepId: string): Promise<number> {
    const key = begunKey(sweepId);
    await this.#objects.put(key, '{}\n', { onlyIf: 'absent', conflictIsLate: true });
    return (await this.#objects.head(key))?.storedAt ?? 0;
  }

  async keepListing(sweepId: string, number: number, listing: Listing): Promise<Listing> {
    const key = listedKey(sweepId, number);
    const kept = await this.#objects.put(key, renderListing(listing), { ...LINES, onlyIf: 'absent' });
    if (kept === undefined) return this.listing(sweepId, number);
    this.#last = { key, listing };
    return listing;
  }

  async listing(sweepId: string, number: number): Promise<Listing> {
    const key = listedKey(sweepId, number);
    return this.#last?.key === key ? this.#last.listing : readKept(this.#objects, key, readListing);
  }

  async keepAccount(sweepId: string, accountId: string, found: FoundInAccount): Promise<void> {
    // A retried slice of the sweep does not overwrite the object, because the account's job may have read it.
    const once = { ...LINES, onlyIf: 'absent' } as const;
    await this.#objects.put(sweptAccountKey(sweepId, accountId), renderFoundInAccount(found), once);
  }

  async reopened(): Promise<readonly string[]> {
    const keys = await this.#objects.list(REOPENED_PREFIX);
    return [...keys.keys()].map((key) => `${key.slice(REOPENED_PREFIX.length)}/`);
  }
}

/** The objects of the work on one account. */
export class S3AccountRecords implements AccountRecords, UseRecords {
  readonly #objects: S3Objects;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  swept({ sweepId, accountId }: AccountJob): Promise<FoundInAccount> {
    return readKept(this.#objects, sweptAccountKey(sweepId, accountId), readFoundInAccount);
  }

  async page({ sweepId, accountId }: AccountJob, number: number): Promise<AccountPage | undefined> {
    const key = accountPageKey(sweepId, accountId, number);
    return (await this.#objects.read(key, readAccountPage, REMEDY))?.value;
  }

  async keepPage(job: AccountJob, number: number, page: AccountPage): Promise<AccountPage> {
    const key = accountPageKey(job.sweepId, job.accountId, number);
    return this.#keep(key, JSON.stringify(page), page, () => this.page(job, number));
  }

  async unused({ sweepId, accountId }: AccountJob, number: number): Promise<UnusedPart | undefined> {
    const key = unusedPartKey(sweepId, accountId, number);
    return (await this.#objects.read(key, readUnusedPart, REMEDY))?.value;
  }

  async keepUnused(job: AccountJob, number: number, part: UnusedPart): Promise<UnusedPart> {
    const key = unusedPartKey(job.sweepId, job.accountId, number);
    return this.#keep(key, JSON.stringify(part), part, () => this.unused(job, number));
  }

  async asked(
    { sweepId, accountId }: AccountJob,
    number: number,
  ): Promise<readonly AskedReport[] | undefined> {
    return (await this.#objects.read(askedReportsKey(sweepId, accountId, number), readAsked, REMEDY))?.value;
  }

  async keepAsked(job: AccountJob, number: number, asked: readonly AskedReport[]): Promise<void> {
    const key = askedReportsKey(job.sweepId, job.accountId, number);
    await this.#objects.put(key, JSON.stringify(asked));
  }

  async uses(
    { sweepId, accountId }: AccountJob,
    number: number,
  ): Promise<readonly PrincipalUse[] | undefined> {
    return (await this.#objects.read(usesKey(sweepId, accountId, number), readUses, REMEDY))?.value;
  }

  async keepUses(
    job: AccountJob,
    number: number,
    uses: readonly PrincipalUse[],
  ): Promise<readonly PrincipalUse[]> {
    const key = usesKey(job.sweepId, job.accountId, number);
    return this.#keep(key, renderUses(uses), uses, () => this.uses(job, number));
  }

  /**
   * Stores it unless another copy of the job was faster.
   * @returns what is stored
   * @throws AdapterError (retry) if two copies wrote at the same moment and neither is stored
   */
  async #keep<T>(key: string, text: string, own: T, stored: () => Promise<T | undefined>): Promise<T> {
    const written = await this.#objects.put(key, text, {
      onlyIf: 'absent',
      conflictIsLate: true,
    });
    const there = written ? own : await stored();
    if (there !== undefined) return there;
    throw new AdapterError(
      `cannot write ${this.#objects.address(key)}: another copy of the account's job writes it at the same moment; it will be retried`,
      'retry',
      'unavailable',
    );
  }
}

/** @throws AdapterError if there is no such object, because it expires after a week */
async function readKept<T>(objects: S3Objects, key: string, parse: (text: string) => Result<T>): Promise<T> {
  const kept = await objects.read(key, parse, REMEDY);
  if (kept !== undefined) return kept.value;
  throw new AdapterError(
    `cannot read ${objects.address(key)}: it is missing or may not be read; if it has expired, the next sweep lists its findings again`,
    'permanent',
    'invalid',
  );
}
