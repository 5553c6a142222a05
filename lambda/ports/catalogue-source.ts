import type { Catalogue } from '../core/catalogue/catalogue.ts';

export interface CatalogueSource {
  load(): Promise<Catalogue>;
}
