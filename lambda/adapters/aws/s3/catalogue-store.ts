import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { catalogueKey, LATEST_CATALOGUE_OBJECT } from '../../../contract/object-keys.ts';
import {
  contentVersion,
  FEWEST_SERVICES,
  type KeptCatalogue,
} from '../../../core/catalogue/kept-catalogue.ts';
import { ok, refuse, type Result } from '../../../core/pattern/result.ts';
import type { CatalogueStore, LatestCatalogue } from '../../../ports/catalogue.ts';
import type { Digest } from '../../../ports/system.ts';
import { AdapterError } from '../../../ports/system.ts';
import { asKeptCatalogue, keptCatalogueSchema, renderKeptCatalogue } from '../../../stored/catalogue.ts';
import { attempt, attemptUnless, errorStatus } from '../sdk/errors.ts';

/**
 * Action catalogues in the bucket: `catalogue/<version>.json` is written once, `catalogue/latest.json` is the newest of
 * them. S3 replaces an object as a whole, so whoever reads the latest reads all of one catalogue.
 */
export class S3CatalogueStore implements CatalogueStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #digest: Digest;
  constructor(client: S3Client, bucket: string, digest: Digest) {
    this.#client = client;
    this.#bucket = bucket;
    this.#digest = digest;
  }

  /**
   * The roles may not list the bucket, and S3 then answers 403 where an object is missing. A permission that is really
   * missing shows when the next one is written.
   * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
   */
  async latest(): Promise<LatestCatalogue> {
    const answer = await this.#read(LATEST_CATALOGUE_OBJECT);
    if (answer === undefined) return { kind: 'none' };
    const { text, mark, storedAt } = answer;
    const catalogue = readStored(text, this.#digest);
    return catalogue.ok
      ? { kind: 'found', catalogue: catalogue.value, mark, storedAt }
      : {
          kind: 'invalid',
          problem: `${this.#address(LATEST_CATALOGUE_OBJECT)} ${catalogue.problem}`,
          mark,
        };
  }

  async version(version: string): Promise<KeptCatalogue | undefined> {
    if (!VERSION.test(version)) return undefined;
    const answer = await this.#read(catalogueKey(version));
    const catalogue = answer && readStored(answer.text, this.#digest);
    return catalogue?.ok === true && catalogue.value.origin.version === version ? catalogue.value : undefined;
  }

  async keep(catalogue: KeptCatalogue): Promise<void> {
    const key = catalogueKey(catalogue.origin.version);
    await attemptUnless(`write ${this.#address(key)}`, ['PreconditionFailed'], () =>
      this.#client.send(this.#command(key, catalogue, { IfNoneMatch: '*' })),
    );
  }

  async replaceLatest(catalogue: KeptCatalogue, before: LatestCatalogue): Promise<boolean> {
    const condition = before.kind === 'none' ? { IfNoneMatch: '*' as const } : { IfMatch: before.mark };
    const address = this.#address(LATEST_CATALOGUE_OBJECT);
    // NoSuchKey: what was to be replaced has been deleted meanwhile.
    const written = await attemptUnless(`write ${address}`, ['PreconditionFailed', 'NoSuchKey'], () =>
      this.#client.send(this.#command(LATEST_CATALOGUE_OBJECT, catalogue, condition)),
    );
    if (written === undefined && before.kind === 'none') {
      throw new AdapterError(
        `${address} seemed to be missing, but is there: another run wrote it meanwhile, or this role may not read it; it will be tried again`,
        'retry',
        'unavailable',
      );
    }
    return written !== undefined;
  }

  async #read(key: string): Promise<StoredText | undefined> {
    return attempt(`read ${this.#address(key)}`, async () => {
      try {
        const object = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
        return {
          text: (await object.Body?.transformToString('utf-8')) ?? '',
          mark: object.ETag ?? '',
          storedAt: object.LastModified?.getTime(),
        };
      } catch (error) {
        const status = errorStatus(error);
        if (status === 404 || status === 403) return undefined;
        throw error;
      }
    });
  }

  #command(
    Key: string,
    catalogue: KeptCatalogue,
    condition: { readonly IfMatch: string } | { readonly IfNoneMatch: '*' },
  ): PutObjectCommand {
    return new PutObjectCommand({
      Bucket: this.#bucket,
      Key,
      Body: renderKeptCatalogue(catalogue),
      ContentType: 'application/json; charset=utf-8',
      ...condition,
    });
  }

  #address(key: string): string {
    return `s3://${this.#bucket}/${key}`;
  }
}

interface StoredText {
  readonly text: string;
  readonly mark: string;
  readonly storedAt: number | undefined;
}

/** As digests begin: a version comes from a proposal and becomes part of a key. */
const VERSION = /^[0-9a-f]{12}$/;

/** The version is a digest of the content, so a change by hand or by accident shows. */
function readStored(text: string, digest: Digest): Result<KeptCatalogue> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('is not JSON');
  }
  const content = keptCatalogueSchema.safeParse(value);
  if (!content.success) {
    return refuse(`is not a catalogue at ${content.error.issues[0]?.path.join('.') ?? ''}`);
  }
  const catalogue = asKeptCatalogue(content.data);
  const { origin, services } = catalogue;
  if (services.length < FEWEST_SERVICES) {
    return refuse(
      `names ${String(services.length)} services, fewer than the ${String(FEWEST_SERVICES)} that there certainly are`,
    );
  }
  if (contentVersion(services, digest) !== origin.version) {
    return refuse(`does not hold what its version ${JSON.stringify(origin.version)} is a digest of`);
  }
  return ok(catalogue);
}
