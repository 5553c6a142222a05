import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { gunzipSync, gzipSync } from 'node:zlib';
import { attempt, attemptUnless, errorStatus } from '../sdk/errors.ts';

/** Texts in one bucket, for adapters that only keep and read whole objects. */
export class S3Objects {
  readonly #client: S3Client;
  readonly #bucket: string;
  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  /** For messages: `s3://bucket/key`. */
  address(key: string): string {
    return `s3://${this.#bucket}/${key}`;
  }

  /** Undefined where there is none: S3 answers 403 to a role that may not list. @throws AdapterError */
  async read(key: string): Promise<string | undefined> {
    return attempt(`read ${this.address(key)}`, async () => {
      const bytes = await this.#bytes(key);
      if (bytes === undefined) return undefined;
      return (key.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString('utf8');
    });
  }

  /**
   * @param options with `ifNew` nothing is written where an object is there already
   * @returns whether the object was written
   * @throws AdapterError
   */
  async write(key: string, text: string, options: { readonly ifNew?: true } = {}): Promise<boolean> {
    const answer = await attemptUnless(`write ${this.address(key)}`, ['PreconditionFailed'], () =>
      this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: key.endsWith('.gz') ? gzipSync(text) : text,
          ContentType: key.endsWith('.gz') ? 'application/gzip' : 'application/jsonl; charset=utf-8',
          ...(options.ifNew ? { IfNoneMatch: '*' } : {}),
        }),
      ),
    );
    return answer !== undefined;
  }

  async #bytes(key: string): Promise<Uint8Array | undefined> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      const status = errorStatus(error);
      if (status === 404 || status === 403) return undefined;
      throw error;
    }
  }
}
