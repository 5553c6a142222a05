import { existsSync } from 'node:fs';
import type { KeptCatalogue } from '../../core/catalogue/kept-catalogue.ts';
import { isJsonObject, type JsonValue } from '../../core/model/json.ts';
import { asKeptCatalogue, keptCatalogueSchema, renderKeptCatalogue } from '../../stored/catalogue.ts';
import { readJson } from '../../json/read-json.ts';
import { checkShape } from './check-shape.ts';
import { replaceFile } from './folder-store.ts';
import { InputError } from './input-error.ts';
import { explain, readText } from './read-text.ts';

/** Whether the JSON of a catalogue is a kept one; in one that a person wrote, `source` would be a service. */
export function isKeptCatalogue(value: JsonValue): boolean {
  return isJsonObject(value) && typeof value['source'] === 'string';
}

/**
 * What `writeKeptCatalogue` wrote.
 * @throws InputError that names the file and the place
 */
export function readKeptCatalogue(value: JsonValue, file: string): KeptCatalogue {
  return asKeptCatalogue(checkShape(keptCatalogueSchema, value, file));
}

/**
 * The catalogue of an earlier run; undefined where there is none.
 * @throws InputError when the file is something else, so that it is not written over
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
