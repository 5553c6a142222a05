import type { Catalogue } from '../core/catalogue/catalogue.ts';

export interface CatalogueSource {
  /** @throws AdapterError when it cannot be told for now which catalogue to use */
  load(): Promise<Catalogue>;
}
