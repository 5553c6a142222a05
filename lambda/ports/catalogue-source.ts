import type { Catalogue } from '../core/catalogue/catalogue.ts';

export interface CatalogueSource {
  /** @throws AdapterError when it cannot be told for now which catalogue to use */
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
