import { byCodeUnit } from '../model/order.ts';
import { foldCase } from '../pattern/matches.ts';
import { type AccessLevel, packLevels } from './access-level.ts';
import type { BesideServices, Catalogue, CatalogueOrigin } from './catalogue.ts';
import { unpackCatalogue } from './packed-catalogue.ts';

/** One service of a catalogue that is kept up to date. */
export interface KeptService {
  readonly name: string;
  /** In official spelling, in the order of their case-folded names, without repetition. */
  readonly actions: readonly string[];
  /** The actions that AWS cannot report as unused one by one; undefined if this is not known. */
  readonly untracked: readonly string[] | undefined;
  /** Their access levels, packed by {@link packLevels}; left out if none is known. */
  readonly levels?: string | undefined;
  /** The publisher's name for this version of the service (an entity tag), to ask whether there is a later one. */
  readonly etag: string | undefined;
}

/** A catalogue with the data to update it. Services are in the order of their names. */
export interface KeptCatalogue {
  readonly origin: CatalogueOrigin;
  readonly services: readonly KeptService[];
}

/** An action as its publisher lists it. */
export interface ListedAction {
  readonly name: string;
  /** Whether AWS can report this action as unused one by one. */
  readonly isTracked: boolean;
  /** Absent if the publisher does not have it. */
  readonly level?: AccessLevel | undefined;
}

/** A service from what its publisher lists, in any order. */
export function keepService(
  name: string,
  actions: readonly ListedAction[],
  etag: string | undefined,
): KeptService {
  const byKey = new Map<string, ListedAction>();
  for (const action of actions) {
    const key = foldCase(action.name);
    const known = byKey.get(key);
    if (!known || action.name < known.name) byKey.set(key, action);
  }
  const sorted = [...byKey].sort(([a], [b]) => byCodeUnit(a, b)).map(([, action]) => action);
  return {
    name,
    actions: sorted.map((action) => action.name),
    untracked: sorted.filter(({ isTracked }) => !isTracked).map((action) => action.name),
    ...(sorted.some(({ level }) => level !== undefined)
      ? { levels: packLevels(sorted.map(({ level }) => level)) }
      : {}),
    etag,
  };
}

/** The source name of a catalogue that was read from what AWS publishes. */
export const REFERENCE_SOURCE = 'AWS Service Authorization Reference';

const VERSION_DIGITS = 12;

/**
 * The version of a catalogue: the beginning of a digest of its services and actions. Entity tags and levels do not
 * count.
 * @param digest SHA-256 in hexadecimal
 */
export function contentVersion(services: readonly KeptService[], digest: (text: string) => string): string {
  const content = services.map(
    ({ name, actions, untracked }) => `${name} ${actions.join(' ')}\n- ${untracked?.join(' ') ?? '?'}`,
  );
  return digest(content.join('\n')).slice(0, VERSION_DIGITS);
}

/** The catalogue in the form that the engine uses. */
export function asCatalogue({ origin, services }: KeptCatalogue, beside: BesideServices = {}): Catalogue {
  const packed = services.map(
    ({ name, actions, untracked, levels }) =>
      [name, actions.join(' '), untracked?.join(' '), levels] as const,
  );
  return unpackCatalogue(
    origin,
    packed,
    services.reduce((sum, { actions }) => sum + actions.length, 0),
    beside,
  );
}

/**
 * A catalogue that was read from elsewhere, with the services of the built-in one that it lacks added as existing:
 * whether AWS has retired them or the reading was at fault, a list that replaces `*` keeps them. Access levels that
 * it lacks come from the built-in catalogue.
 */
export function besideEmbedded(embedded: Catalogue): BesideServices {
  return {
    prefixes: [...embedded.services.keys(), ...embedded.prefixes],
    levelOf: embedded.levelOf,
  };
}

/** An index with fewer services is broken. */
export const FEWEST_SERVICES = 300;

/** A service of which the later catalogue has less than half of the actions, or none. */
export interface Loss {
  readonly service: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Services that lost more than half of their actions or are gone. The publisher may have made a mistake, and a split
 * wildcard would lose an action that the catalogue no longer has.
 */
export function findLosses(before: readonly KeptService[], after: readonly KeptService[]): readonly Loss[] {
  const later = new Map(after.map((service) => [foldCase(service.name), service.actions.length]));
  return before.flatMap(({ name, actions }) => {
    const left = later.get(foldCase(name)) ?? 0;
    return left * 2 < actions.length ? [{ service: name, before: actions.length, after: left }] : [];
  });
}

/**
 * The baseline for the first reading of a reference: the services of the built-in catalogue, by their prefixes,
 * regardless of case. They have no information about tracked actions.
 * Undefined if the index has less than half of the built-in services: then the two use different names, and every
 * difference would look like a loss.
 * @param names of the services that the index lists
 */
export function firstBaseline(
  embedded: Catalogue,
  names: Iterable<string>,
): readonly KeptService[] | undefined {
  const listed = new Set([...names].map(foldCase));
  const services = [...embedded.services];
  const found = services.filter(([key]) => listed.has(key)).length;
  if (found * 2 < services.length) return undefined;
  return services.map(([, { name, actions }]) => ({
    name,
    actions,
    untracked: undefined,
    etag: undefined,
  }));
}
