import { catalogueKey, LATEST_CATALOGUE_OBJECT } from '../../../contract/object-keys.ts';
import type { KeptCatalogue } from '../../../core/catalogue/kept-catalogue.ts';
import type { CatalogueStore, LatestCatalogue } from '../../../ports/catalogue.ts';
import { AdapterError, type Digest } from '../../../ports/system.ts';
import { readStoredCatalogue, renderKeptCatalogue } from '../../../stored/catalogue.ts';
import type { S3Objects } from './objects.ts';

/** The beginning of a digest. Checked because a version comes from a proposal and becomes part of a key. */
const VERSION = /^[0-9a-f]{12}$/;

/**
 * The action catalogues in the bucket. `catalogue/<version>.json` is written once; `catalogue/latest.json` is the
 * newest of them. S3 replaces objects as a whole, so a reader of the latest gets one complete catalogue.
 */
export class S3CatalogueStore implements CatalogueStore {
  readonly #objects: S3Objects;
  readonly #digest: Digest;
  constructor(objects: S3Objects, digest: Digest) {
    this.#objects = objects;
    this.#digest = digest;
  }

  async latest(): Promise<LatestCatalogue> {
    const object = await this.#objects.get(LATEST_CATALOGUE_OBJECT);
    if (object === undefined) return { kind: 'none' };
    const { text, etag: mark, storedAt } = object;
    const catalogue = readStoredCatalogue(text, this.#digest);
    if (catalogue.ok) return { kind: 'found', catalogue: catalogue.value, mark, storedAt };
    const problem = `${this.#objects.address(LATEST_CATALOGUE_OBJECT)} ${catalogue.problem}`;
    return { kind: 'invalid', problem, mark };
  }

  async version(version: string): Promise<KeptCatalogue | undefined> {
    if (!VERSION.test(version)) return undefined;
    const object = await this.#objects.get(catalogueKey(version));
    const catalogue = object && readStoredCatalogue(object.text, this.#digest);
    return catalogue?.ok === true && catalogue.value.origin.version === version ? catalogue.value : undefined;
  }

  async keep(catalogue: KeptCatalogue): Promise<void> {
    const key = catalogueKey(catalogue.origin.version);
    await this.#objects.put(key, renderKeptCatalogue(catalogue), { onlyIf: 'absent' });
  }

  async replaceLatest(catalogue: KeptCatalogue, before: LatestCatalogue): Promise<boolean> {
    const onlyIf = before.kind === 'none' ? 'absent' : { etag: before.mark };
    const text = renderKeptCatalogue(catalogue);
    const written = await this.#objects.put(LATEST_CATALOGUE_OBJECT, text, { onlyIf });
    if (written === undefined && before.kind === 'none') {
      throw new AdapterError(
        `${this.#objects.address(LATEST_CATALOGUE_OBJECT)} seemed to be missing, but is there: another run wrote it meanwhile, or this role may not read it; it will be retried`,
        'retry',
        'unavailable',
      );
    }
    return written !== undefined;
  }
}
