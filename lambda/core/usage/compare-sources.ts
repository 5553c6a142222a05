import { byCodeUnit } from '../model/order.ts';
import type { UnusedAccess } from '../model/unused-access.ts';

/** What one source reports unused: service prefixes, and `service:Action`. Sorted, as the source spells them. */
interface UnusedNames {
  readonly services: readonly string[];
  readonly actions: readonly string[];
}

/** What each of two sources reports about one principal and the other does not report. */
export interface SourceDifference {
  readonly onlyAnalyzer: UnusedNames;
  readonly onlyLastAccessed: UnusedNames;
}

/** A whole service covers each of its actions; an action does not cover its service. */
export function compareSources(analyzer: UnusedAccess, lastAccessed: UnusedAccess): SourceDifference {
  return {
    onlyAnalyzer: without(analyzer, lastAccessed),
    onlyLastAccessed: without(lastAccessed, analyzer),
  };
}

function without(one: UnusedAccess, other: UnusedAccess): UnusedNames {
  const services = [...one.services].flatMap(([key, { name }]) => (other.services.has(key) ? [] : [name]));
  const actions = [...one.actions].flatMap(([key, names]) =>
    // Already covered by the whole service.
    other.services.has(key) || one.services.has(key)
      ? []
      : [...names].flatMap(([action, { name }]) =>
          other.actions.get(key)?.has(action) === true ? [] : [`${key}:${name}`],
        ),
  );
  return { services: services.sort(byCodeUnit), actions: actions.sort(byCodeUnit) };
}
