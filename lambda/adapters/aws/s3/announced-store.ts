import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { ANNOUNCED_OBJECT } from '../../../contract/object-keys.ts';
import type { Announced, AnnouncedMark, AnnouncedStore } from '../../../ports/notify.ts';
import { AdapterError } from '../../../ports/system.ts';
import { readJson } from '../../../json/read-json.ts';
import { attempt, attemptUnless } from '../sdk/errors.ts';

/** `announced.json`: `{"schemaVersion":1,"digest":"0f3a…","proposals":5120}` */
const Stored = z.object({
  schemaVersion: z.literal(1),
  digest: z.string(),
  proposals: z.number().check(z.int(), z.nonnegative()),
});

/** `announced.json` at the top of the bucket, written only if nobody else wrote it meanwhile. */
export class S3AnnouncedStore implements AnnouncedStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async read(): Promise<AnnouncedMark> {
    const doing = `read s3://${this.#bucket}/${ANNOUNCED_OBJECT}`;
    const object = await attemptUnless(doing, ['NoSuchKey', 'NotFound'], () =>
      this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: ANNOUNCED_OBJECT })),
    );
    if (object === undefined) return { announced: undefined, version: undefined };
    const text = await attempt(doing, async () => (await object.Body?.transformToString('utf-8')) ?? '');
    const json = readJson(text);
    const stored = Stored.safeParse(json.ok ? json.value : undefined);
    if (!stored.success) {
      throw new AdapterError(
        `cannot ${doing}: it does not say what was announced; delete it, and the next overview tells about everything`,
        'permanent',
        'malformed',
      );
    }
    const { digest, proposals } = stored.data;
    return { announced: { digest, proposals }, version: object.ETag };
  }

  async write({ digest, proposals }: Announced, version: string | undefined): Promise<boolean> {
    const written = await attemptUnless(
      `write s3://${this.#bucket}/${ANNOUNCED_OBJECT}`,
      ['PreconditionFailed', 'ConditionalRequestConflict'],
      () =>
        this.#client.send(
          new PutObjectCommand({
            Bucket: this.#bucket,
            Key: ANNOUNCED_OBJECT,
            Body: `${JSON.stringify({ schemaVersion: 1, digest, proposals })}\n`,
            ContentType: 'application/json; charset=utf-8',
            ...(version === undefined ? { IfNoneMatch: '*' } : { IfMatch: version }),
          }),
        ),
    );
    return written !== undefined;
  }
}
