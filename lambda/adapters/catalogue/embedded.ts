import type { Catalogue, CatalogueOrigin } from '../../core/catalogue/catalogue.ts';
import { type Packed, unpackCatalogue } from '../../core/catalogue/packed-catalogue.ts';
import data from './catalogue.json' with { type: 'json' };

let loaded: Catalogue | undefined;

/** The services with their levels. */
function packed(): readonly Packed[] {
  const levels = new Map(Object.entries<string>(data.levels));
  return Object.entries<string>(data.services).map(([name, actions]) => [
    name,
    actions,
    undefined,
    levels.get(name),
  ]);
}

/** Where the embedded catalogue comes from, without reading it. */
export function embeddedOrigin(): CatalogueOrigin {
  return { source: data.source, version: data.version, date: data.date };
}

/** The catalogue that comes with this version, made by `npm run generate -- catalogue`. Read once a process. */
export function embeddedCatalogue(): Catalogue {
  loaded ??= unpackCatalogue(embeddedOrigin(), packed(), data.actions, { prefixes: data.prefixes });
  return loaded;
}
