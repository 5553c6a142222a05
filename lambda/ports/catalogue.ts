import type { Catalogue } from '../core/catalogue/catalogue.ts';
import type { KeptCatalogue, ListedAction } from '../core/catalogue/kept-catalogue.ts';

export interface CatalogueSource {
  /** @throws AdapterError if it cannot be determined at present which catalogue to use */
  load(): Promise<Catalogue>;
}

export interface DatedCatalogueSource extends CatalogueSource {
  /**
   * The earliest time at which a proposal may have been made with this catalogue, in milliseconds since 1970.
   * Proposals stored before then were made with another one.
   * @throws AdapterError as {@link CatalogueSource.load}
   */
  since(): Promise<number>;
}

/** The catalogue that was stored last. `mark` identifies its state, for {@link CatalogueStore.replaceLatest}. */
export type LatestCatalogue =
  | {
      readonly kind: 'found';
      readonly catalogue: KeptCatalogue;
      readonly mark: string;
      /** When it was written, milliseconds since 1970; absent if the store does not record it. */
      readonly storedAt?: number | undefined;
    }
  | { readonly kind: 'none' }
  /** The object is not a catalogue that we wrote, or it was changed afterwards. */
  | { readonly kind: 'invalid'; readonly problem: string; readonly mark: string };

/** Stores catalogues between runs, and for the functions that use them. */
export interface CatalogueStore {
  /** @throws AdapterError if it cannot be read at present */
  latest(): Promise<LatestCatalogue>;
  /**
   * A stored catalogue, by its version; undefined if it is missing or was changed afterwards.
   * @throws AdapterError if it cannot be read at present
   */
  version(version: string): Promise<KeptCatalogue | undefined>;
  /**
   * Stores a catalogue under its version, permanently. An existing version is not overwritten.
   * @throws AdapterError when it cannot be written
   */
  keep(catalogue: KeptCatalogue): Promise<void>;
  /**
   * Makes a catalogue the latest, unless the latest has changed since it was read.
   * @returns whether it is the latest now
   * @throws AdapterError when it cannot be written
   */
  replaceLatest(catalogue: KeptCatalogue, before: LatestCatalogue): Promise<boolean>;
}

/** AWS's published list of services and their actions. */
export interface ReferenceSource {
  /** @throws AdapterError when it cannot be read */
  services(): Promise<readonly ReferenceEntry[]>;
  /**
   * @param etag of the version that is already known
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
