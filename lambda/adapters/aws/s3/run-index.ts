import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { INDEX_DATA_OBJECT, INDEX_OBJECT } from '../../../contract/object-keys.ts';
import { subjectOf } from '../../../core/lifecycle/subject.ts';
import { byCodeUnit } from '../../../core/model/order.ts';
import { AdapterError } from '../../../ports/system.ts';
import { isShared, type ProposalFacts } from '../../../ports/proposals.ts';
import type { RunIndex } from '../../../ports/proposals.ts';
import { attempt, attemptUnless } from '../sdk/errors.ts';
import { readIndexData, renderIndexData } from '../../../stored/overview.ts';

/** Notifiers run side by side, so somebody else may have been faster; that often in a row is no coincidence. */
const ATTEMPTS = 8;

interface State {
  readonly proposals: readonly ProposalFacts[];
  /** Undefined where there is no overview yet. */
  readonly etag: string | undefined;
}

/**
 * The overview in the bucket: `index.json` holds what is known, `index.html` shows it. `index.json` is written only if
 * nobody else wrote it meanwhile. The page is written behind it, and once more when the data is newer by then, so that
 * whoever writes last writes what is true.
 */
export class S3RunIndex implements RunIndex {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #render: (proposals: readonly ProposalFacts[]) => string;
  constructor(client: S3Client, bucket: string, render: (proposals: readonly ProposalFacts[]) => string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#render = render;
  }

  async update(added: readonly ProposalFacts[]): Promise<void> {
    for (let tries = 1; tries <= ATTEMPTS; tries += 1) {
      const state = await this.#read();
      const proposals = merge(state.proposals, added);
      const etag = await this.#writeData(proposals, state.etag);
      if (etag === undefined) continue;
      await this.#write(INDEX_OBJECT, 'text/html; charset=utf-8', this.#render(proposals), {});
      if ((await this.#currentEtag()) === etag) return;
    }
    throw new AdapterError(
      `cannot keep s3://${this.#bucket}/${INDEX_OBJECT} current: others wrote it ${String(ATTEMPTS)} times meanwhile; it will be tried again`,
      'retry',
      'unavailable',
    );
  }

  async all(): Promise<readonly ProposalFacts[]> {
    return (await this.#read()).proposals;
  }

  async #read(): Promise<State> {
    const doing = `read s3://${this.#bucket}/${INDEX_DATA_OBJECT}`;
    const object = await attemptUnless(doing, ['NoSuchKey', 'NotFound'], () =>
      this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: INDEX_DATA_OBJECT })),
    );
    if (object === undefined) return { proposals: [], etag: undefined };
    const text = await attempt(doing, async () => (await object.Body?.transformToString('utf-8')) ?? '');
    const proposals = readIndexData(text);
    if (proposals === undefined) {
      throw new AdapterError(
        `cannot ${doing}: it is not an overview of version 1 or 2; restore an earlier version, or delete it to begin anew`,
        'permanent',
        'malformed',
      );
    }
    return { proposals, etag: object.ETag };
  }

  /** ETag of what was written; undefined when somebody else was faster. */
  async #writeData(
    proposals: readonly ProposalFacts[],
    etag: string | undefined,
  ): Promise<string | undefined> {
    const condition = etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: etag };
    return this.#write(
      INDEX_DATA_OBJECT,
      'application/json; charset=utf-8',
      renderIndexData(proposals),
      condition,
    );
  }

  async #write(
    key: string,
    contentType: string,
    body: string,
    condition: Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>,
  ): Promise<string | undefined> {
    const written = await attemptUnless(
      `write s3://${this.#bucket}/${key}`,
      ['PreconditionFailed', 'ConditionalRequestConflict'],
      () =>
        this.#client.send(
          new PutObjectCommand({
            Bucket: this.#bucket,
            Key: key,
            Body: body,
            ContentType: contentType,
            ...condition,
          }),
        ),
    );
    return written?.ETag;
  }

  async #currentEtag(): Promise<string | undefined> {
    const head = await attempt(`look at s3://${this.#bucket}/${INDEX_DATA_OBJECT}`, () =>
      this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: INDEX_DATA_OBJECT })),
    );
    return head.ETag;
  }
}

/**
 * All proposals by the order of their keys; a newer one stands in the place of an older one about the same subject. One
 * that is no longer current never takes the place of another.
 */
function merge(known: readonly ProposalFacts[], added: readonly ProposalFacts[]): readonly ProposalFacts[] {
  const bySubject = new Map(known.map((facts) => [placeOf(facts), facts]));
  for (const facts of added) {
    const there = bySubject.get(placeOf(facts));
    if (facts.state !== undefined && there !== undefined && there.prefix !== facts.prefix) continue;
    bySubject.set(placeOf(facts), facts);
  }
  return [...bySubject.values()].sort((a, b) => byCodeUnit(a.prefix, b.prefix));
}

/** The same for proposals of which only one can be current. */
function placeOf(facts: ProposalFacts): string {
  return isShared(facts) ? facts.subject.arn : subjectOf(facts);
}
