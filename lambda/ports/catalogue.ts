import type { Catalogue } from '../core/catalogue/catalogue.ts';
import type { KeptCatalogue, ListedAction } from '../core/catalogue/kept-catalogue.ts';

export interface CatalogueSource {
  /** @throws AdapterError if it is not known at present which catalogue to use */
  load(): Promise<Catalogue>;
}

export interface DatedCatalogueSource extends CatalogueSource {
  /**
   * Since when proposals may have been made with this catalogue, milliseconds since 1970. What was stored before was
   * made with another one; what was stored since may have been.
   * @throws AdapterError as {@link CatalogueSource.load}
   */
  since(): Promise<number>;
}

/** The catalogue that was stored last. `mark` is its state, for {@link CatalogueStore.replaceLatest}. */
export type LatestCatalogue =
  | {
      readonly kind: 'found';
      readonly catalogue: KeptCatalogue;
      readonly mark: string;
      /** When it was written, milliseconds since 1970; absent if the store does not have the time. */
      readonly storedAt?: number | undefined;
    }
  | { readonly kind: 'none' }
  /** Something is there that is no catalogue of ours, or no longer what was written. */
  | { readonly kind: 'invalid'; readonly problem: string; readonly mark: string };

/** Where catalogues are kept between runs and for those that use them. */
export interface CatalogueStore {
  /** @throws AdapterError when it cannot be read for now */
  latest(): Promise<LatestCatalogue>;
  /**
   * One that was kept, by its version; undefined where it is not there, or is no longer what was written.
   * @throws AdapterError when it cannot be read for now
   */
  version(version: string): Promise<KeptCatalogue | undefined>;
  /**
   * Keeps a catalogue under its version, for ever. A version that is there already stays as it is.
   * @throws AdapterError when it cannot be written
   */
  keep(catalogue: KeptCatalogue): Promise<void>;
  /**
   * Makes a catalogue the latest, unless somebody else has changed the latest since it was read.
   * @returns whether it is the latest now
   * @throws AdapterError when it cannot be written
   */
  replaceLatest(catalogue: KeptCatalogue, before: LatestCatalogue): Promise<boolean>;
}

/** Where AWS publishes which services and actions there are. */
export interface ReferenceSource {
  /** @throws AdapterError when it cannot be read */
  services(): Promise<readonly ReferenceEntry[]>;
  /**
   * @param etag of the state that is known already
   * @throws AdapterError when it cannot be read, or is not of the documented shape
   */
  service(entry: ReferenceEntry, etag: string | undefined): Promise<ReferenceAnswer>;
}

export interface ReferenceEntry {
  readonly service: string;
  readonly url: string;
}

export type ReferenceAnswer =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'fresh';
      readonly etag: string | undefined;
      readonly actions: readonly ListedAction[];
    };
