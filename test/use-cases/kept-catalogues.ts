import { sha256 } from '../../lambda/adapters/node.ts';
import {
  contentVersion,
  type KeptCatalogue,
  keepService,
  REFERENCE_SOURCE,
} from '../../lambda/core/catalogue/kept-catalogue.ts';
import type { ReferenceSource } from '../../lambda/ports/catalogue.ts';

/** Actions by service: 300 services, and what a test changes about them. `!` says that AWS does not track an action. */
export function reference(
  changes: Readonly<Record<string, readonly string[]>> = {},
): Map<string, readonly string[]> {
  const services = new Map<string, readonly string[]>();
  for (let n = 100; n < 400; n += 1) services.set(`svc${String(n)}`, ['GetThing', 'PutThing', '!Poll']);
  for (const [name, actions] of Object.entries(changes)) services.set(name, actions);
  return services;
}

const tracked = (text: string) => ({ name: text.replace('!', ''), isTracked: !text.startsWith('!') });

/** What is stored when this reference was read on that day. */
export function keptCatalogue(
  date: string,
  services: ReadonlyMap<string, readonly string[]> = reference(),
): KeptCatalogue {
  const kept = [...services].map(([name, actions]) =>
    keepService(name, actions.map(tracked), `"${actions.join('-')}"`),
  );
  const version = contentVersion(kept, sha256);
  return { origin: { source: REFERENCE_SOURCE, version, date }, services: kept };
}

/** A publisher with conditional requests; `salt` changes its tags alone. */
export function publisher(services: ReadonlyMap<string, readonly string[]>, salt = ''): ReferenceSource {
  return {
    services: () =>
      Promise.resolve([...services.keys()].map((service) => ({ service, url: `x:${service}` }))),
    service: ({ service }, known) => {
      const actions = services.get(service) ?? [];
      const etag = `"${salt}${actions.join('-')}"`;
      return Promise.resolve(
        known === etag ? { kind: 'same' } : { kind: 'fresh', etag, actions: actions.map(tracked) },
      );
    },
  };
}
