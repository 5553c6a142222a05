import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { KeptCatalogue, KeptService } from '../../core/catalogue/kept-catalogue.ts';
import { isJsonObject, type JsonValue } from '../../core/model/json.ts';
import { readJson } from '../json/read-json.ts';
import { checkShape } from './check-shape.ts';
import { replaceFile } from './folder-store.ts';
import { InputError } from './input-error.ts';
import { explain, readText } from './read-text.ts';

const namesSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+(?: [A-Za-z0-9_.-]+)*$/, 'expected the names of actions with a space between them');
const fileSchema = z.object({
  source: z.string(),
  version: z.string(),
  date: z.string(),
  services: z.record(z.string(), namesSchema),
  untracked: z.record(z.string(), namesSchema),
  etags: z.record(z.string(), z.string()),
});

/** Whether the JSON of a catalogue is a kept one; in one that a person wrote, `source` would be a service. */
export function isKeptCatalogue(value: JsonValue): boolean {
  return isJsonObject(value) && typeof value['source'] === 'string';
}

/**
 * What `writeKeptCatalogue` wrote.
 * @throws InputError that names the file and the place
 */
export function readKeptCatalogue(value: JsonValue, file: string): KeptCatalogue {
  const { source, version, date, services, untracked, etags } = checkShape(fileSchema, value, file);
  return {
    origin: { source, version, date },
    services: Object.entries(services).map(([name, actions]): KeptService => {
      return {
        name,
        actions: actions.split(' '),
        untracked: untracked[name]?.split(' ') ?? [],
        etag: etags[name],
      };
    }),
  };
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
export function writeKeptCatalogue(file: string, { origin, services }: KeptCatalogue): void {
  const record = <T>(value: (service: KeptService) => T | undefined): Record<string, T> =>
    Object.fromEntries(
      services.flatMap((service) => {
        const found = value(service);
        return found === undefined ? [] : [[service.name, found] as const];
      }),
    );
  const content = {
    ...origin,
    actions: services.reduce((sum, { actions }) => sum + actions.length, 0),
    services: record(({ actions }) => actions.join(' ')),
    untracked: record(({ untracked }) => (untracked.length === 0 ? undefined : untracked.join(' '))),
    etags: record(({ etag }) => etag),
  };
  try {
    replaceFile(file, `${JSON.stringify(content, null, 1)}\n`);
  } catch (error) {
    throw new InputError(`${file}: ${explain(error)}`);
  }
}
