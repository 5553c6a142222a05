import { foldCase } from '../pattern/fold.ts';
import type { Catalogue } from './catalogue.ts';
import type { KeptService } from './kept-catalogue.ts';

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
