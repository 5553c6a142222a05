import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import { unpackCatalogue } from '../../core/catalogue/packed-catalogue.ts';
import data from './catalogue.json' with { type: 'json' };

let loaded: Catalogue | undefined;

/** The catalogue that comes with this version, made by `npm run generate -- catalogue`. Read once a process. */
export function embeddedCatalogue(): Catalogue {
  loaded ??= unpackCatalogue(
    { source: data.source, version: data.version, date: data.date },
    Object.entries<string>(data.services),
    data.actions,
    { prefixes: data.prefixes },
  );
  return loaded;
}
