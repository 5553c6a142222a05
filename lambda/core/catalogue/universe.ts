import type { UnusedAccess } from '../model/unused-access.ts';
import { foldCase } from '../pattern/fold.ts';
import { type Catalogue, type CatalogueService, makeService } from './catalogue.ts';

/**
 * The catalogue plus every action the finding itself names: a finding may know an action that the catalogue does
 * not. Services and actions that only the finding knows keep the finding's spelling.
 */
export interface Universe {
  readonly services: ReadonlyMap<string, CatalogueService>;
  readonly actionCount: number;
  /** Whether the catalogue itself, not only the finding, knows the service (case-folded). */
  isKnownService(service: string): boolean;
}

export function makeUniverse(catalogue: Catalogue, unused: UnusedAccess): Universe {
  // Findings mostly name what the catalogue knows; then its own map serves, and nothing is copied.
  let services: ReadonlyMap<string, CatalogueService> = catalogue.services;
  let actionCount = catalogue.actionCount;
  for (const [key, names] of unused.actions) {
    const known = catalogue.services.get(key);
    const extra: string[] = [];
    const position = known?.position;
    for (const [action, { name }] of names) if (!position?.has(action)) extra.push(name);
    if (extra.length === 0) continue;
    const name = known?.name ?? unused.services.get(key)?.name ?? foldCase(key);
    services = new Map(services).set(
      key,
      makeService(name, [...(known?.actions ?? []), ...extra], known?.untracked),
    );
    actionCount += extra.length;
  }
  return { services, actionCount, isKnownService: (service) => catalogue.services.has(service) };
}
