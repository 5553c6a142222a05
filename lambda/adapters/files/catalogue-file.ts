import { z } from 'zod';
import { type Catalogue, makeCatalogue } from '../../core/catalogue/catalogue.ts';
import { type JsonObject, renderJson } from '../../core/model/json.ts';
import { readJson } from '../../json/read-json.ts';
import { sha256 } from '../node.ts';
import { asCatalogue } from '../../core/catalogue/kept-catalogue.ts';
import { checkShape } from './check-shape.ts';
import { InputError } from './input-error.ts';
import { isKeptCatalogue, readKeptCatalogue } from './kept-catalogue-file.ts';
import { readText } from './read-text.ts';

const NAME = /^[A-Za-z0-9_.-]+$/;
const namesSchema = z.array(
  z.string().regex(NAME, 'expected the name of an action, without service or wildcard'),
);

/**
 * A catalogue of the user's own: a JSON object `{service: [actionName, …]}`, whose version is a digest of its content, or
 * what `catalogue update` has written.
 * @throws InputError that names the file and the place
 */
export function readCatalogueFile(file: string): Catalogue {
  const json = readJson(readText(file));
  if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
  if (isKeptCatalogue(json.value)) return asCatalogue(readKeptCatalogue(json.value, file));
  const shape = z.custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object {service: [actionName, …]}',
  );
  const entries = Object.entries(checkShape(shape, json.value, file)).map(([service, actions]) => {
    if (!NAME.test(service))
      throw new InputError(`${file}: ${JSON.stringify(service)} is not a service prefix`);
    // Service names come from outside and may be `__proto__`: they are never keys of an ordinary object here.
    return [service, checkShape(namesSchema, actions, file, service)] as const;
  });
  if (entries.length === 0) throw new InputError(`${file}: the catalogue names no service`);
  const version = sha256(renderJson(json.value, 0)).slice(0, 12);
  return makeCatalogue({ source: 'file', version, date: '' }, entries);
}
