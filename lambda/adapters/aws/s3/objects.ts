import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Result } from '../../../core/pattern/result.ts';
import { AdapterError } from '../../../ports/system.ts';
import { s3ClientSettings } from '../sdk/client-settings.ts';
import { attempt, attemptUnless, errorStatus } from '../sdk/errors.ts';

export interface StoredObject {
  readonly text: string;
  /** Identifies this state of the object, for {@link Put.onlyIf}. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly storedAt: number | undefined;
}

export interface Put {
  /** @default 'application/json' */
  readonly contentType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Writes only if there is no such object, or only if it has not changed since it was read. */
  readonly onlyIf?: 'absent' | { readonly etag: string };
  /**
   * Whether a conflict with a concurrent write counts as an unmet condition. If not set, it is an error to retry,
   * because S3 does not say that the other write succeeded.
   */
  readonly conflictIsLate?: boolean;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const MISSING = ['NoSuchKey', 'NotFound'];
/** The object exists already, has changed, or was deleted since it was read. */
const LATE = ['PreconditionFailed', 'NoSuchKey'];

/**
 * The objects of one bucket, as text. Objects whose key ends with `.gz` are compressed. Every error of S3 is mapped
 * here: a missing object and an unmet condition are undefined, everything else is an `AdapterError`. Sources:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
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

  /** @throws AdapterError */
  async get(key: string): Promise<StoredObject | undefined> {
    return this.#unlessMissing(`read ${this.address(key)}`, key, async () => {
      const { Body, ETag, LastModified } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: key }),
      );
      const text = key.endsWith('.gz')
        ? gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString('utf8')
        : ((await Body?.transformToString('utf-8')) ?? '');
      return { text, etag: ETag ?? '', storedAt: LastModified?.getTime() };
    });
  }

  /**
   * Reads and parses an object.
   * @param remedy what a person should do if the object cannot be parsed
   * @throws AdapterError, permanent (malformed) if `parse` refuses it
   */
  async read<T>(
    key: string,
    parse: (text: string) => Result<T>,
    remedy: string,
  ): Promise<(Omit<StoredObject, 'text'> & { readonly value: T }) | undefined> {
    const object = await this.get(key);
    if (object === undefined) return undefined;
    const { text, ...rest } = object;
    const parsed = parse(text);
    if (parsed.ok) return { ...rest, value: parsed.value };
    const message = `cannot read ${this.address(key)}: ${parsed.problem}; ${remedy}`;
    throw new AdapterError(message, 'permanent', 'malformed');
  }

  /**
   * @returns undefined if the condition does not hold and nothing was written
   * @throws AdapterError
   */
  async put(
    key: string,
    text: string,
    { contentType = JSON_TYPE, metadata, onlyIf, conflictIsLate = false }: Put = {},
  ): Promise<{ readonly etag: string } | undefined> {
    const isCompressed = key.endsWith('.gz');
    const late = conflictIsLate ? [...LATE, 'ConditionalRequestConflict'] : LATE;
    const written = await attemptUnless(`write ${this.address(key)}`, onlyIf ? late : [], () =>
      this.#client.send(
        new PutObjectCommand({
          Bucket: this.#bucket,
          Key: key,
          Body: isCompressed ? gzipSync(text) : text,
          ContentType: isCompressed ? 'application/gzip' : contentType,
          ...(metadata && { Metadata: { ...metadata } }),
          ...(onlyIf && (onlyIf === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: onlyIf.etag })),
        }),
      ),
    );
    return written && { etag: written.ETag ?? '' };
  }

  /** @throws AdapterError */
  async head(
    key: string,
  ): Promise<
    (Omit<StoredObject, 'text'> & { readonly metadata: Readonly<Record<string, string>> }) | undefined
  > {
    return this.#unlessMissing(`look for ${this.address(key)}`, key, async () => {
      const { ETag, LastModified, Metadata } = await this.#client.send(
        new HeadObjectCommand({ Bucket: this.#bucket, Key: key }),
      );
      return { etag: ETag ?? '', storedAt: LastModified?.getTime(), metadata: Metadata ?? {} };
    });
  }

  /**
   * Every key below a prefix, sorted, with its ETag and the time when its object was written (milliseconds since
   * 1970). A listing includes everything that was written before it.
   * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel
   * @throws AdapterError
   */
  async list(prefix: string): Promise<ReadonlyMap<string, Omit<StoredObject, 'text'>>> {
    const keys = new Map<string, Omit<StoredObject, 'text'>>();
    let token: string | undefined;
    do {
      const page = await attempt(`list ${this.address(prefix)}`, () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
        ),
      );
      for (const { Key, LastModified, ETag } of page.Contents ?? []) {
        if (Key !== undefined) keys.set(Key, { storedAt: LastModified?.getTime(), etag: ETag ?? '' });
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  /**
   * For a missing object, S3 answers 403 instead of 404 if the caller may not list the bucket, and does not document
   * whether a permission limited to a prefix is enough. So after a refusal the key is listed: if it is not in the
   * listing, the object is missing; otherwise the refusal is an error.
   */
  #unlessMissing<T>(doing: string, key: string, call: () => Promise<T>): Promise<T | undefined> {
    return attemptUnless(doing, MISSING, async () => {
      try {
        return await call();
      } catch (error) {
        if (!isRefusal(error) || (await this.list(key)).has(key)) throw error;
        return undefined;
      }
    });
  }
}

/**
 * Names of access-denied errors. HEAD has no body, so its 403 has no error name, except for a wrong clock or expired
 * credentials.
 */
const REFUSED = ['AccessDenied', 'Forbidden', '403', 'Unknown', 'UnknownError'];

function isRefusal(error: unknown): boolean {
  return errorStatus(error) === 403 && error instanceof Error && REFUSED.includes(error.name);
}

/**
 * The objects of any bucket, with the caller's own credentials, found as every AWS tool finds them.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function objectsForCaller(
  bucket: string,
  environment: Readonly<Record<string, string | undefined>>,
): S3Objects {
  // The bucket may be in another Region than the caller's settings.
  return new S3Objects(
    new S3Client({ ...s3ClientSettings(environment), followRegionRedirects: true }),
    bucket,
  );
}
