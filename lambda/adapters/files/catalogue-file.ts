import * as z from 'zod';
import { type Catalogue, makeCatalogue } from '../../core/catalogue/catalogue.ts';
import { type JsonObject, renderJson, isJsonObject, type JsonValue } from '../../core/model/json.ts';
import { readJson } from '../../json/read-json.ts';
import { foldCase } from '../../core/pattern/matches.ts';
import { embeddedCatalogue } from '../catalogue/embedded.ts';
import { sha256 } from '../node.ts';
import { asCatalogue, besideEmbedded, type KeptCatalogue } from '../../core/catalogue/kept-catalogue.ts';
import { checkShape } from './check-shape.ts';
import { InputError } from './input-error.ts';
import { nameOf, readText, type TextFile, explain } from './read-text.ts';
import { existsSync } from 'node:fs';
import { asKeptCatalogue, keptCatalogueSchema, renderKeptCatalogue } from '../../stored/catalogue.ts';
import { replaceFile } from './folder-store.ts';

const NAME = /^[A-Za-z0-9_.-]+$/;
const namesSchema = z.array(
  z.string().regex(NAME, 'expected the name of an action, without service or wildcard'),
);

/**
 * Reads a catalogue file: a user's JSON object `{service: [actionName, …]}`, whose version becomes a digest of its
 * content, or a file that `catalogue update` wrote. A user's catalogue also gets the names of the services that only
 * the embedded one has, because a list that replaces `*` would remove them.
 * @throws InputError that names the file and the place
 */
export function readCatalogueFile(place: TextFile): Catalogue {
  const file = nameOf(place);
  const json = readJson(readText(place));
  if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
  const embedded = embeddedCatalogue();
  if (isKeptCatalogue(json.value)) {
    return asCatalogue(readKeptCatalogue(json.value, file), besideEmbedded(embedded));
  }
  const shape = z.custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object {service: [actionName, …]}',
  );
  const entries = Object.entries(checkShape(shape, json.value, file)).map(([service, actions]) => {
    if (!NAME.test(service))
      throw new InputError(`${file}: ${JSON.stringify(service)} is not a service prefix`);
    // Service names are untrusted and may be `__proto__`, so they are never keys of an ordinary object here.
    return [service, checkShape(namesSchema, actions, file, service)] as const;
  });
  if (entries.length === 0) throw new InputError(`${file}: the catalogue names no service`);
  const version = sha256(renderJson(json.value, 0)).slice(0, 12);
  const known = new Set(entries.map(([service]) => foldCase(service)));
  const missing = [...embedded.services.keys()].filter((service) => !known.has(service));
  return makeCatalogue({ source: 'file', version, date: '' }, entries, {
    prefixes: embedded.prefixes,
    missing,
    levelOf: embedded.levelOf,
  });
}

/** Whether `catalogue update` wrote the catalogue. In a user's own catalogue, `source` would be a service. */
function isKeptCatalogue(value: JsonValue): boolean {
  return isJsonObject(value) && typeof value['source'] === 'string';
}

/**
 * What `writeKeptCatalogue` wrote.
 * @throws InputError that names the file and the place
 */
function readKeptCatalogue(value: JsonValue, file: string): KeptCatalogue {
  return asKeptCatalogue(checkShape(keptCatalogueSchema, value, file));
}

/**
 * The catalogue of an earlier run; undefined if there is none.
 * @throws InputError if the file is something else, so that it is not overwritten
 */
export function previousCatalogue(file: string): KeptCatalogue | undefined {
  if (!existsSync(file)) return undefined;
  const json = readJson(readText(file));
  if (!json.ok) throw new InputError(`${file}: ${json.problem}`);
  if (!isKeptCatalogue(json.value)) {
    throw new InputError(`${file}: is not a catalogue that this command has written; name another file`);
  }
  return readKeptCatalogue(json.value, file);
}

/** @throws InputError that names the file */
export function writeKeptCatalogue(file: string, catalogue: KeptCatalogue, mode?: number): void {
  try {
    replaceFile(file, renderKeptCatalogue(catalogue), mode);
  } catch (error) {
    throw new InputError(`${file}: ${explain(error)}`);
  }
}
