import * as z from 'zod/mini';
import {
  contentVersion,
  FEWEST_SERVICES,
  type KeptCatalogue,
  type KeptService,
} from '../core/catalogue/kept-catalogue.ts';
import { ok, refuse, type Result } from '../core/pattern/result.ts';
import type { Digest } from '../ports/system.ts';
import { parseJson, placeIn } from './parts.ts';

const names = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9_.-]+(?: [A-Za-z0-9_.-]+)*$/,
      'expected the names of actions with a space between them',
    ),
  );

/** The catalogue as {@link renderKeptCatalogue} writes it, to a file and to the bucket. */
export const keptCatalogueSchema = z.object({
  source: z.string(),
  version: z.string(),
  date: z.string(),
  services: z.record(z.string(), names),
  untracked: z.record(z.string(), names),
  /** Services for which it is unknown which actions are tracked; absent if there are none. */
  trackingUnknown: z.optional(z.array(z.string())),
  /** The access levels, one letter for each action; absent in catalogues of versions that did not record them. */
  levels: z.optional(z.record(z.string(), z.string().check(z.regex(/^[lrtwp-]+$/)))),
  etags: z.record(z.string(), z.string()),
});

export function asKeptCatalogue(content: z.infer<typeof keptCatalogueSchema>): KeptCatalogue {
  const { source, version, date } = content;
  // Names are untrusted: as keys of an ordinary object, some of them would find inherited members.
  const untracked = new Map(Object.entries(content.untracked));
  const etags = new Map(Object.entries(content.etags));
  const levels = new Map(Object.entries(content.levels ?? {}));
  const unknown = new Set(content.trackingUnknown);
  return {
    origin: { source, version, date },
    services: Object.entries(content.services).map(([name, actions]) => ({
      name,
      actions: actions.split(' '),
      untracked: unknown.has(name) ? undefined : (untracked.get(name)?.split(' ') ?? []),
      ...(levels.has(name) ? { levels: levels.get(name) } : {}),
      etag: etags.get(name),
    })),
  };
}

/** Writes one line for each service: compact, and a diff of two versions shows what was added and removed. */
export function renderKeptCatalogue({ origin, services }: KeptCatalogue): string {
  const record = <T>(value: (service: KeptService) => T | undefined): Record<string, T> =>
    Object.fromEntries(
      services.flatMap((service) => {
        const found = value(service);
        return found === undefined ? [] : [[service.name, found] as const];
      }),
    );
  const unknown = services.filter(({ untracked }) => !untracked).map(({ name }) => name);
  const content = {
    ...origin,
    actions: services.reduce((sum, { actions }) => sum + actions.length, 0),
    services: record(({ actions }) => actions.join(' ')),
    untracked: record(({ untracked = [] }) => (untracked.length === 0 ? undefined : untracked.join(' '))),
    ...(unknown.length === 0 ? {} : { trackingUnknown: unknown }),
    ...(services.some(({ levels }) => levels !== undefined)
      ? { levels: record(({ levels }) => levels) }
      : {}),
    etags: record(({ etag }) => etag),
  };
  return `${JSON.stringify(content, null, 1)}\n`;
}

/** Reads a catalogue of the bucket. Its version is a digest of its content, so any change is detected. */
export function readStoredCatalogue(text: string, digest: Digest): Result<KeptCatalogue> {
  const json = parseJson(text);
  if (!json.ok) return refuse('is not JSON');
  const content = keptCatalogueSchema.safeParse(json.value);
  if (!content.success) return refuse(`is not a catalogue at ${placeIn(content.error)}`);
  const catalogue = asKeptCatalogue(content.data);
  const { origin, services } = catalogue;
  if (services.length < FEWEST_SERVICES) {
    return refuse(
      `names ${String(services.length)} services, fewer than the ${String(FEWEST_SERVICES)} that there certainly are`,
    );
  }
  if (contentVersion(services, digest) !== origin.version) {
    return refuse(`does not hold what its version ${JSON.stringify(origin.version)} is a digest of`);
  }
  return ok(catalogue);
}
