import { byCodeUnit } from '../model/order.ts';
import type { UnusedAccess } from '../model/unused-access.ts';

/** What one source calls unused: service prefixes, and `service:Action`. Sorted, as the source spells them. */
export interface UnusedNames {
  readonly services: readonly string[];
  readonly actions: readonly string[];
}

/** What each of two sources reports about one principal and the other does not. */
export interface SourceDifference {
  readonly onlyAnalyzer: UnusedNames;
  readonly onlyLastAccessed: UnusedNames;
}

/** A service as a whole includes its actions; an action does not make up for its service. */
export function compareSources(analyzer: UnusedAccess, lastAccessed: UnusedAccess): SourceDifference {
  return {
    onlyAnalyzer: without(analyzer, lastAccessed),
    onlyLastAccessed: without(lastAccessed, analyzer),
  };
}

function without(one: UnusedAccess, other: UnusedAccess): UnusedNames {
  const services = [...one.services].flatMap(([key, { name }]) => (other.services.has(key) ? [] : [name]));
  const actions = [...one.actions].flatMap(([key, names]) =>
    // Its own service as a whole says it already.
    other.services.has(key) || one.services.has(key)
      ? []
      : [...names].flatMap(([action, { name }]) =>
          other.actions.get(key)?.has(action) === true ? [] : [`${key}:${name}`],
        ),
  );
  return { services: services.sort(byCodeUnit), actions: actions.sort(byCodeUnit) };
}
