import { listedKey, sweptAccountKey } from '../../../contract/object-keys.ts';
import { AdapterError } from '../../../ports/system.ts';
import type { FindingReference } from '../../../ports/findings.ts';
import type { Listing, SweepRecords } from '../../../ports/sweep.ts';
import { parseRecord } from './parse-record.ts';
import type { S3Objects } from './objects.ts';
import { listingEndSchema, referenceSchema } from '../../../stored/sweep.ts';

/** What a sweep listed, as JSON Lines: one finding a line, and in a listing at last where the sweep goes on. */
export class S3SweepRecords implements SweepRecords {
  readonly #objects: S3Objects;
  /** What this process kept last, so that a sweep of one slice need not read what it wrote. */
  #last: { readonly key: string; readonly listing: Listing } | undefined;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  async keepListing(sweepId: string, number: number, listing: Listing): Promise<Listing> {
    const key = listedKey(sweepId, number);
    const { references, restarts, next } = listing;
    const text = `${referenceLines(references)}${JSON.stringify({ restarts, next })}\n`;
    if (!(await this.#objects.write(key, text, { ifNew: true }))) return this.listing(sweepId, number);
    this.#last = { key, listing };
    return listing;
  }

  async listing(sweepId: string, number: number): Promise<Listing> {
    const key = listedKey(sweepId, number);
    if (this.#last?.key === key) return this.#last.listing;
    const lines = await readLines(this.#objects, key);
    const end = lines.pop() ?? '';
    return {
      ...parseRecord(end, listingEndSchema, this.#objects.address(key)),
      references: lines.map((line) => parseRecord(line, referenceSchema, this.#objects.address(key))),
    };
  }

  async keepAccount(
    sweepId: string,
    accountId: string,
    references: readonly FindingReference[],
  ): Promise<void> {
    await this.#objects.write(sweptAccountKey(sweepId, accountId), referenceLines(references));
  }
}

function referenceLines(references: readonly FindingReference[]): string {
  return references
    .map(
      ({ analyzerArn, findingId, accountId, resource }) =>
        `${JSON.stringify({ analyzerArn, findingId, accountId, resource })}\n`,
    )
    .join('');
}

/** @throws AdapterError where there is no such object: it expires after a week */
export async function readLines(objects: S3Objects, key: string): Promise<string[]> {
  const text = await objects.read(key);
  if (text === undefined) {
    throw new AdapterError(
      `cannot read ${objects.address(key)}: it is missing or may not be read; if it has expired, the next sweep lists its findings again`,
      'permanent',
      'invalid',
    );
  }
  return text.split('\n').filter((line) => line !== '');
}
