import type { Catalogue } from '../../core/catalogue/catalogue.ts';
import {
  firstBaseline,
  contentVersion,
  FEWEST_SERVICES,
  findLosses,
  type KeptCatalogue,
  type KeptService,
  keepService,
  type Loss,
  REFERENCE_SOURCE,
} from '../../core/catalogue/kept-catalogue.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import { foldCase } from '../../core/pattern/matches.ts';
import { pool } from '../../ports/pool.ts';
import { AdapterError, type Clock, type Digest } from '../../ports/system.ts';
import type { ReferenceEntry, ReferenceSource, CatalogueStore } from '../../ports/catalogue.ts';

interface RefreshDependencies {
  readonly source: ReferenceSource;
  readonly clock: Clock;
  readonly digest: Digest;
  /** The embedded catalogue, with which the first refresh is compared. */
  readonly embedded: () => Catalogue;
  /** Services that may lose more than half of their actions, or disappear; see {@link Loss}. */
  readonly acceptLosses: boolean;
}

type RefreshOutcome =
  | {
      readonly kind: 'refreshed';
      readonly catalogue: KeptCatalogue;
      /** Whether any service or action was added or removed, or is tracked differently than before. */
      readonly isChanged: boolean;
      /** What it was compared with; `nothing` if not even the embedded one names the same services. */
      readonly against: 'previous' | 'embedded' | 'nothing';
      /** Services that were read again; the others had the same tag. */
      readonly read: number;
      /** Services that shrank by more than half or disappeared. Unless losses are accepted, they stay as they were. */
      readonly losses: readonly Loss[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** Requests in flight at once. It is a public server, and there is no hurry. */
const AT_ONCE = 8;
/** Milliseconds reserved for one answer with its retries, and for writing the result. */
const RESERVE = 60_000;

/**
 * Brings a catalogue up to date, completely or not at all. A service that cannot be read fails the whole refresh,
 * because the catalogue would lack its actions.
 * @throws AdapterError if the source cannot be read
 */
export async function refreshCatalogue(
  previous: KeptCatalogue | undefined,
  { source, clock, digest, embedded, acceptLosses }: RefreshDependencies,
): Promise<RefreshOutcome> {
  const entries = await source.services();
  if (entries.length < FEWEST_SERVICES) {
    return {
      kind: 'refused',
      reason: `the index lists ${String(entries.length)} services, fewer than the ${String(FEWEST_SERVICES)} that there certainly are`,
    };
  }
  const first = previous ? undefined : firstBaseline(embedded(), namesOf(entries));
  const before = previous?.services ?? first ?? [];
  const known = new Map(before.map((service) => [service.name, service]));
  const { services, read } = await readServices(entries, known, source, clock);
  const losses = findLosses(before, services);
  const kept = acceptLosses ? services : withLosses(services, losses, known);
  const version = contentVersion(kept, digest);
  const isChanged = version !== previous?.origin.version;
  const date = isChanged ? clock.now().slice(0, 10) : previous.origin.date;
  return {
    kind: 'refreshed',
    catalogue: { origin: { source: REFERENCE_SOURCE, version, date }, services: kept },
    isChanged,
    against: previous ? 'previous' : first ? 'embedded' : 'nothing',
    read,
    losses,
  };
}

function namesOf(entries: readonly ReferenceEntry[]): readonly string[] {
  return entries.map(({ service }) => service);
}

async function readServices(
  entries: readonly ReferenceEntry[],
  known: ReadonlyMap<string, KeptService>,
  source: ReferenceSource,
  clock: Clock,
): Promise<{ readonly services: readonly KeptService[]; readonly read: number }> {
  const services: KeptService[] = [];
  let read = 0;
  // Ends before the process is stopped, so that it can still report.
  const until = (): boolean => clock.remainingMillis() < RESERVE;
  const begun = await pool(entries, { width: AT_ONCE, until }, async (entry) => {
    const before = known.get(entry.service);
    const answer = await source.service(entry, before?.etag);
    if (answer.kind === 'same' && before) {
      services.push(before);
    } else if (answer.kind === 'fresh') {
      read += 1;
      services.push(keepService(entry.service, answer.actions, answer.etag));
    }
  });
  if (begun.length < entries.length) throw tooSlow(services.length, entries.length);
  return { services: services.sort(byName), read };
}

/** Keeps a service that shrank as it was, including its ETag: the new one would hide the loss next time. */
function withLosses(
  services: readonly KeptService[],
  losses: readonly Loss[],
  known: ReadonlyMap<string, KeptService>,
): readonly KeptService[] {
  // Service prefixes are compared without case.
  const lost = new Set(losses.map(({ service }) => foldCase(service)));
  const restored = losses.flatMap(({ service }) => known.get(service) ?? []);
  return [...services.filter(({ name }) => !lost.has(foldCase(name))), ...restored].sort(byName);
}

function tooSlow(done: number, all: number): AdapterError {
  return new AdapterError(
    `the time is up after ${String(done)} of ${String(all)} services; it will be retried`,
    'retry',
    'unavailable',
  );
}

function byName(a: KeptService, b: KeptService): number {
  return byCodeUnit(a.name, b.name);
}

export interface StoreFreshDependencies extends RefreshDependencies {
  readonly store: CatalogueStore;
}

export type StoreFreshOutcome =
  | {
      readonly kind: 'refreshed';
      readonly catalogue: KeptCatalogue;
      /**
       * `new`: the content changed. `tags`: only the ETags changed. `nothing`: nothing changed. `overtaken`: another
       * run wrote meanwhile, and its catalogue stays.
       */
      readonly written: 'new' | 'tags' | 'nothing' | 'overtaken';
      /** See {@link refreshCatalogue}. */
      readonly against: 'previous' | 'embedded' | 'nothing';
      /** Services that were read again. */
      readonly read: number;
      readonly losses: readonly Loss[];
      /** Why the stored catalogue was not used as the base, if it was not. */
      readonly invalid: string | undefined;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Brings the stored catalogue up to date. The version is stored first, and a second write makes it the latest, so a
 * run that is killed leaves either the old latest catalogue or the new one. Of two concurrent runs, the first to
 * finish wins; both read the reference within minutes, and a later run adds what was missed.
 * @throws AdapterError if the reference or the store fails
 */
export async function storeFreshCatalogue({
  store,
  ...dependencies
}: StoreFreshDependencies): Promise<StoreFreshOutcome> {
  const latest = await store.latest();
  const previous = latest.kind === 'found' ? latest.catalogue : undefined;
  const outcome = await refreshCatalogue(previous, dependencies);
  if (outcome.kind === 'refused') return outcome;
  const { catalogue, isChanged, against, read, losses } = outcome;
  const invalid = latest.kind === 'invalid' ? latest.problem : undefined;
  const done = (written: 'new' | 'tags' | 'nothing' | 'overtaken'): StoreFreshOutcome => {
    return { kind: 'refreshed', catalogue, written, against, read, losses, invalid };
  };
  if (isChanged) await store.keep(catalogue);
  else if (hasSameTags(previous, catalogue)) return done('nothing');
  if (!(await store.replaceLatest(catalogue, latest))) return done('overtaken');
  return done(isChanged ? 'new' : 'tags');
}

function hasSameTags(previous: KeptCatalogue | undefined, { services }: KeptCatalogue): boolean {
  return services.every(({ etag }, place) => etag === previous?.services[place]?.etag);
}
