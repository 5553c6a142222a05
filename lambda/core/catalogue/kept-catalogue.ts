import { byCodeUnit } from '../model/order.ts';
import { foldCase } from '../pattern/matches.ts';
import { type AccessLevel, packLevels } from './access-level.ts';
import type { BesideServices, Catalogue, CatalogueOrigin } from './catalogue.ts';
import { unpackCatalogue } from './packed-catalogue.ts';

/** One service as a catalogue that is kept up to date remembers it. */
export interface KeptService {
  readonly name: string;
  /** In official spelling, in the order of their case-folded names, without repetition. */
  readonly actions: readonly string[];
  /** Those that AWS cannot report as unused one by one; undefined where nobody said which these are. */
  readonly untracked: readonly string[] | undefined;
  /** What {@link packLevels} makes of their levels; left out where nobody said any. */
  readonly levels?: string | undefined;
  /** What the publisher calls this state of the service, to ask whether there is a later one. */
  readonly etag: string | undefined;
}

/** A catalogue with what it takes to bring it up to date. Services are in the order of their names. */
export interface KeptCatalogue {
  readonly origin: CatalogueOrigin;
  readonly services: readonly KeptService[];
}

/** An action as its publisher lists it. */
export interface ListedAction {
  readonly name: string;
  /** AWS can report this action as unused by itself. */
  readonly isTracked: boolean;
  /** Absent where the publisher does not say it. */
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

/** How a catalogue is called that was read from what AWS publishes. */
export const REFERENCE_SOURCE = 'AWS Service Authorization Reference';

const VERSION_DIGITS = 12;

/**
 * The version of a catalogue: the beginning of a digest over its services and actions. Tags and levels do not count.
 * @param digest SHA-256 in hexadecimal
 */
export function contentVersion(services: readonly KeptService[], digest: (text: string) => string): string {
  const content = services.map(
    ({ name, actions, untracked }) => `${name} ${actions.join(' ')}\n- ${untracked?.join(' ') ?? '?'}`,
  );
  return digest(content.join('\n')).slice(0, VERSION_DIGITS);
}

/** The catalogue as the engine takes it. */
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
 * The services that a catalogue read from elsewhere lacks beside the one that comes with the program: whether AWS has
 * retired them or the reading was at fault, a list in the place of `*` keeps them. What an action does is known from the
 * program's own where the other does not say it.
 */
export function besideEmbedded(embedded: Catalogue): BesideServices {
  return {
    prefixes: [...embedded.services.keys(), ...embedded.prefixes],
    levelOf: embedded.levelOf,
  };
}

/** The least number of services that AWS can be thought to have: an index with fewer is a broken one. */
export const FEWEST_SERVICES = 300;

/** A service that the later catalogue has less than half of, or not at all. */
export interface Loss {
  readonly service: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Services that shrank by more than half or are gone. Each may be a mistake of the publisher, and an action that the
 * catalogue forgets is one that a split wildcard would lose.
 */
export function findLosses(before: readonly KeptService[], after: readonly KeptService[]): readonly Loss[] {
  const later = new Map(after.map((service) => [foldCase(service.name), service.actions.length]));
  return before.flatMap(({ name, actions }) => {
    const left = later.get(foldCase(name)) ?? 0;
    return left * 2 < actions.length ? [{ service: name, before: actions.length, after: left }] : [];
  });
}

/**
 * What the first reading of a reference is compared with: the services of the catalogue that comes with the program, by
 * their prefixes, in whatever case. It says of none of them which actions are tracked.
 *
 * Undefined where less than half of its services are in the index: then the two do not name the same things, each
 * difference would be taken for a loss, and none of them would be one.
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
