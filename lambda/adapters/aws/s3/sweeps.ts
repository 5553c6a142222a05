import { accountPageKey, listedKey, sweptAccountKey, unusedPartKey } from '../../../contract/object-keys.ts';
import type { Result } from '../../../core/pattern/result.ts';
import type { AccountJob, AccountPage, AccountRecords, UnusedPart } from '../../../ports/account.ts';
import type { FindingReference } from '../../../ports/findings.ts';
import type { Listing, SweepRecords } from '../../../ports/sweep.ts';
import { AdapterError } from '../../../ports/system.ts';
import {
  readAccountPage,
  readListing,
  readReferences,
  readUnusedPart,
  renderListing,
  renderReferences,
} from '../../../stored/sweep.ts';
import type { S3Objects } from './objects.ts';

const LINES = { contentType: 'application/jsonl; charset=utf-8' };
const REMEDY = 'the next sweep writes its own';
/** The roles may not list what belongs to sweeps. */
const HOW = { mayList: false };

/** What a sweep listed. */
export class S3SweepRecords implements SweepRecords {
  readonly #objects: S3Objects;
  /** What this process kept last, so that a sweep of one slice need not read what it wrote. */
  #last: { readonly key: string; readonly listing: Listing } | undefined;
  constructor(objects: S3Objects) {
    this.#objects = objects;
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

  async keepAccount(
    sweepId: string,
    accountId: string,
    references: readonly FindingReference[],
  ): Promise<void> {
    await this.#objects.put(sweptAccountKey(sweepId, accountId), renderReferences(references), LINES);
  }
}

/** The work on one account. */
export class S3AccountRecords implements AccountRecords {
  readonly #objects: S3Objects;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  references({ sweepId, accountId }: AccountJob): Promise<readonly FindingReference[]> {
    return readKept(this.#objects, sweptAccountKey(sweepId, accountId), readReferences);
  }

  async page({ sweepId, accountId }: AccountJob, number: number): Promise<AccountPage | undefined> {
    const key = accountPageKey(sweepId, accountId, number);
    return (await this.#objects.read(key, readAccountPage, REMEDY, HOW))?.value;
  }

  async keepPage({ sweepId, accountId }: AccountJob, number: number, page: AccountPage): Promise<void> {
    await this.#objects.put(accountPageKey(sweepId, accountId, number), JSON.stringify(page));
  }

  async unused({ sweepId, accountId }: AccountJob, number: number): Promise<UnusedPart | undefined> {
    const key = unusedPartKey(sweepId, accountId, number);
    return (await this.#objects.read(key, readUnusedPart, REMEDY, HOW))?.value;
  }

  async keepUnused({ sweepId, accountId }: AccountJob, number: number, part: UnusedPart): Promise<void> {
    await this.#objects.put(unusedPartKey(sweepId, accountId, number), JSON.stringify(part));
  }
}

/** @throws AdapterError where there is no such object: it expires after a week */
async function readKept<T>(objects: S3Objects, key: string, parse: (text: string) => Result<T>): Promise<T> {
  const kept = await objects.read(key, parse, REMEDY, HOW);
  if (kept !== undefined) return kept.value;
  throw new AdapterError(
    `cannot read ${objects.address(key)}: it is missing or may not be read; if it has expired, the next sweep lists its findings again`,
    'permanent',
    'invalid',
  );
}
