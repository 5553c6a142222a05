import type { KeptCatalogue } from '../core/catalogue/kept-catalogue.ts';

/** The catalogue that was stored last. `mark` is its state, for {@link CatalogueStore.replaceLatest}. */
export type LatestCatalogue =
  | {
      readonly kind: 'found';
      readonly catalogue: KeptCatalogue;
      readonly mark: string;
      /** When it was written, milliseconds since 1970; absent where the store does not tell. */
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
