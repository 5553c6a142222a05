import { type Catalogue, makeService } from '../catalogue/catalogue.ts';
import { byCodeUnit } from '../model/order.ts';
import { type UnusedAccess, type UnusedName, later } from '../model/unused-access.ts';

/** The unused access of one principal: what its finding reports, or everything if the principal itself is unused. */
export type Unused = UnusedAccess | 'everything';

/**
 * The access that is unused to all of several principals, in the form of a finding.
 * A service is wholly unused if all report it wholly unused. If one reports the whole service and another some of its
 * actions, these actions are unused to all. `iam:PassRole` is unused to all only if all name it, because AWS never
 * records its use, so a finding that reports all of iam says nothing about it. The order of the principals does not
 * matter; of two spellings the smaller counts, and of two dates the later. For no principal, nothing is unused.
 * O(p · a) for p principals and the a entries of the first of them.
 */
export function unusedToAll(all: readonly Unused[]): Unused {
  const reported = all.filter((unused) => unused !== 'everything');
  const [first, ...others] = reported;
  if (!first) return all.length > 0 ? 'everything' : { services: new Map(), actions: new Map() };
  const services = new Map<string, UnusedName>();
  const actions = new Map<string, ReadonlyMap<string, UnusedName>>();
  for (const key of [...new Set([...first.services.keys(), ...first.actions.keys()])].sort(byCodeUnit)) {
    const whole = common(reported.map(({ services: names }) => names.get(key)));
    if (whole) services.set(key, whole);
    // A report of the whole service includes every action of it; the names then come from the other reports.
    const partial = whole ? reported : reported.filter((unused) => !unused.services.has(key));
    const named = commonNames(partial.map((unused) => unused.actions.get(key)));
    if (key === 'iam' && ![first, ...others].every((unused) => unused.actions.get(key)?.has('passrole'))) {
      named.delete('passrole');
    }
    if (named.size > 0) actions.set(key, named);
  }
  return { services, actions };
}

function commonNames(all: readonly (ReadonlyMap<string, UnusedName> | undefined)[]): Map<string, UnusedName> {
  const [first] = all;
  const names = new Map<string, UnusedName>();
  for (const key of [...(first?.keys() ?? [])].sort(byCodeUnit)) {
    const name = common(all.map((one) => one?.get(key)));
    if (name) names.set(key, name);
  }
  return names;
}

/** One entry for all of them, or undefined if one of them has none. */
function common(entries: readonly (UnusedName | undefined)[]): UnusedName | undefined {
  let result: UnusedName | undefined;
  for (const entry of entries) {
    if (!entry) return undefined;
    if (!result) result = entry;
    else if (entry !== result) {
      const name = entry.name < result.name ? entry.name : result.name;
      result = { name, lastAccessed: later(result.lastAccessed, entry.lastAccessed) };
    }
  }
  return result;
}

/**
 * The catalogue with everything that any of the findings names. If one principal's finding names an action that the
 * catalogue lacks and another's does not, the other may use it, and splitting a wildcard must not lose it.
 * For a service that the catalogue lacks, only the prefix is added, so that the service survives the split of `*`;
 * wildcards over it are left alone (docs/adr/0002). If the whole service is unused to all, so is every action of it.
 */
export function withReported(
  catalogue: Catalogue,
  all: readonly Unused[],
  unusedByAll: UnusedAccess,
): Catalogue {
  const extra = new Map<string, Map<string, string>>();
  const prefixes = new Set<string>();
  for (const unused of all) {
    if (unused === 'everything') continue;
    for (const key of [...unused.services.keys(), ...unused.actions.keys()]) {
      const known = catalogue.services.get(key);
      if (!known?.actions.length && !unusedByAll.services.has(key)) {
        prefixes.add(key);
        continue;
      }
      for (const [action, { name }] of unused.actions.get(key) ?? []) {
        if (known?.position.has(action) === true) continue;
        const names = extra.get(key) ?? new Map<string, string>();
        extra.set(key, names);
        const before = names.get(action);
        if (before === undefined || name < before) names.set(action, name);
      }
    }
  }
  if (extra.size === 0 && prefixes.size === 0) return catalogue;
  const services = new Map(catalogue.services);
  let { actionCount } = catalogue;
  // In a fixed order, so that the order of the findings does not matter.
  for (const [key, names] of [...extra].sort(([a], [b]) => byCodeUnit(a, b))) {
    const known = catalogue.services.get(key);
    const actions = [...(known?.actions ?? []), ...names.values()];
    services.set(key, makeService(known?.name ?? key, actions, known?.untracked));
    actionCount += names.size;
  }
  return {
    ...catalogue,
    services,
    prefixes: [...new Set([...catalogue.prefixes, ...prefixes])].sort(byCodeUnit),
    actionCount,
  };
}
