import type { UnusedAccess } from '../model/unused-access.ts';
import { foldCase } from '../pattern/matches.ts';
import type { LevelOf } from './access-level.ts';
import { type Catalogue, type CatalogueService, makeService } from './catalogue.ts';

/**
 * The catalogue plus every action that the finding names, because a finding may have an action that the catalogue
 * lacks. Services and actions that only the finding has keep the finding's spelling.
 */
export interface Universe {
  readonly services: ReadonlyMap<string, CatalogueService>;
  readonly actionCount: number;
  /** The catalogue's. */
  readonly levelOf: LevelOf;
  /** Positions of the actions that the finding names one by one, by case-folded service. */
  readonly named: ReadonlyMap<string, readonly number[]>;
  /** Whether the catalogue itself, not only the finding, knows actions of the service (case-folded). */
  isKnownService(service: string): boolean;
}

export function makeUniverse(catalogue: Catalogue, unused: UnusedAccess): Universe {
  // Most findings name only actions of the catalogue; then its own map is used, and nothing is copied.
  let services: ReadonlyMap<string, CatalogueService> = catalogue.services;
  let actionCount = catalogue.actionCount;
  const named = new Map<string, readonly number[]>();
  for (const [key, names] of unused.actions) {
    const known = catalogue.services.get(key);
    const extra: string[] = [];
    const places: number[] = [];
    const position = known?.position;
    names.forEach(({ name }, action) => {
      const place = position?.get(action);
      if (place === undefined) extra.push(name);
      else places.push(place);
    });
    if (extra.length === 0) {
      named.set(key, places);
      continue;
    }
    const name = known?.name ?? unused.services.get(key)?.name ?? foldCase(key);
    const service = makeService(name, [...(known?.actions ?? []), ...extra], known?.untracked);
    services = new Map(services).set(key, service);
    named.set(
      key,
      [...names.keys()].flatMap((action) => service.position.get(action) ?? []),
    );
    actionCount += extra.length;
  }
  const isKnownService = (service: string): boolean =>
    (catalogue.services.get(service)?.actions.length ?? 0) > 0;
  return { services, actionCount, levelOf: catalogue.levelOf, named, isKnownService };
}
