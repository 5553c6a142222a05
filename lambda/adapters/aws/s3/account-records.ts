import { accountPageKey, sweptAccountKey, unusedPartKey } from '../../../contract/object-keys.ts';
import type { AccountJob } from '../../../ports/account.ts';
import type { AccountPage } from '../../../ports/account.ts';
import type { AccountRecords, UnusedPart } from '../../../ports/account.ts';
import type { FindingReference } from '../../../ports/findings.ts';
import { parseRecord } from './parse-record.ts';
import type { S3Objects } from './objects.ts';
import { readLines } from './sweep-records.ts';
import { pageSchema, referenceSchema, unusedPartSchema } from '../../../stored/sweep.ts';

/** The work on one account: its findings as JSON Lines, everything else as JSON that is compressed. */
export class S3AccountRecords implements AccountRecords {
  readonly #objects: S3Objects;
  constructor(objects: S3Objects) {
    this.#objects = objects;
  }

  async references({ sweepId, accountId }: AccountJob): Promise<readonly FindingReference[]> {
    const key = sweptAccountKey(sweepId, accountId);
    const lines = await readLines(this.#objects, key);
    return lines.map((line) => parseRecord(line, referenceSchema, this.#objects.address(key)));
  }

  async page({ sweepId, accountId }: AccountJob, number: number): Promise<AccountPage | undefined> {
    const key = accountPageKey(sweepId, accountId, number);
    const text = await this.#objects.read(key);
    return text === undefined ? undefined : parseRecord(text, pageSchema, this.#objects.address(key));
  }

  async keepPage({ sweepId, accountId }: AccountJob, number: number, page: AccountPage): Promise<void> {
    await this.#objects.write(accountPageKey(sweepId, accountId, number), JSON.stringify(page));
  }

  async unused({ sweepId, accountId }: AccountJob, number: number): Promise<UnusedPart | undefined> {
    const key = unusedPartKey(sweepId, accountId, number);
    const text = await this.#objects.read(key);
    return text === undefined ? undefined : parseRecord(text, unusedPartSchema, this.#objects.address(key));
  }

  async keepUnused({ sweepId, accountId }: AccountJob, number: number, part: UnusedPart): Promise<void> {
    await this.#objects.write(unusedPartKey(sweepId, accountId, number), JSON.stringify(part));
  }
}
