import { member, statementsOf, strings } from './json.ts';
import { isIncluded } from './language.ts';
import { lower, quickMatch } from './matcher.ts';

/** A finding's entry, with actions bare or prefixed. */
export interface Entry {
  readonly serviceNamespace: string;
  readonly actions?: readonly string[] | null;
}

/** Services with their actions, as a catalogue file gives them. */
export type RawCatalogue = readonly (readonly [string, readonly string[]])[];

export interface WorldAction {
  /** Official spelling, without the service. */
  readonly name: string;
  readonly folded: string;
  /** Has to go: unused and not retained. */
  readonly removed: boolean;
}

export interface WorldService {
  readonly name: string;
  readonly wholly: boolean;
  /**
   * Whether wildcards over the service can be judged at all. Where the catalogue lacks it, or has no action of it, a
   * wildcard may grant used actions that nobody has listed, so it stays, and what the finding names under it is retained.
   */
  readonly judged: boolean;
  readonly actions: readonly WorldAction[];
}

/** Everything that the law needs to know about a finding and a catalogue, by definition and nothing else. */
export interface World {
  readonly services: ReadonlyMap<string, WorldService>;
  readonly whollyUnused: ReadonlySet<string>;
  /** Services that the policy, the finding or the keep-list names, whoever else knows them. */
  readonly named: ReadonlySet<string>;
  /** Whether an action, known or not, has to go. Case-folded arguments. */
  mustGo(service: string, action: string): boolean;
  /** Whether the owner keeps everything that a wildcard can mean, known or not. Case-folded arguments. */
  keepsWhole(service: string, pattern: string): boolean;
  /** Whether anything of a service, known or not, may have to be retained: by the keep-list, or as PassRole. */
  mayRetainIn(service: string): boolean;
  /** What stays on purpose and is no action of these services, by service: as written, and case-folded without it. */
  readonly beyond: ReadonlyMap<string, readonly { readonly text: string; readonly folded: string }[]>;
}

export function makeWorld(
  catalogue: RawCatalogue,
  entries: readonly Entry[],
  keep: readonly string[],
  document: unknown = { Statement: [] },
): World {
  const wholly = new Set<string>();
  const named = new Map<string, Map<string, string>>();
  for (const entry of entries) {
    if (!entry.actions || entry.actions.length === 0) {
      wholly.add(lower(entry.serviceNamespace));
      continue;
    }
    for (const action of entry.actions) {
      const [service, name] = action.includes(':')
        ? [action.slice(0, action.indexOf(':')), action.slice(action.indexOf(':') + 1)]
        : [entry.serviceNamespace, action];
      const names = named.get(lower(service)) ?? new Map<string, string>();
      const spelling = names.get(lower(name));
      names.set(lower(name), spelling !== undefined && spelling < name ? spelling : name);
      named.set(lower(service), names);
    }
  }
  const keepPatterns = keep.map(lower);
  const isNamed = (service: string, action: string): boolean => named.get(service)?.has(action) ?? false;
  const isUnused = (service: string, action: string): boolean =>
    wholly.has(service) || isNamed(service, action);
  const isRetained = (service: string, action: string): boolean =>
    keepPatterns.some((pattern) => pattern === '*' || quickMatch(pattern, `${service}:${action}`)) ||
    (service === 'iam' && action === 'passrole' && !isNamed(service, action));
  const mustGo = (service: string, action: string): boolean =>
    isUnused(service, action) && !isRetained(service, action);

  const services = new Map(untouched(catalogue));
  for (const key of new Set([...wholly, ...named.keys()])) {
    const known = services.get(key);
    const extra = [...(named.get(key) ?? [])].filter(
      ([folded]) => !known?.actions.some((a) => a.folded === folded),
    );
    if (known === undefined && extra.length === 0) continue;
    const spelt = [...(known?.actions ?? []), ...extra.map(([folded, name]) => ({ name, folded }))];
    services.set(key, {
      name: known?.name ?? key,
      wholly: wholly.has(key),
      judged: (known?.actions.length ?? 0) > 0 || wholly.has(key),
      actions: spelt.map(({ name, folded }) => ({ name, folded, removed: mustGo(key, folded) })),
    });
  }
  const beyond = new Map<string, { text: string; folded: string }[]>();
  const isPassRoleSafe = wholly.has('iam') && !isNamed('iam', 'passrole');
  for (const text of isPassRoleSafe ? [...keep, 'iam:PassRole'] : keep) {
    const [service = '', folded = ''] = lower(text).split(':');
    const isKnown = catalogue.some(([name, actions]) => lower(name) === service && actions.length > 0);
    const isWildcardOverKnown = /[*?]/.test(folded) && isKnown;
    const isSomethingKnown = (services.get(service)?.actions ?? []).some((a) => quickMatch(folded, a.folded));
    if (service.startsWith('*') || isWildcardOverKnown || isSomethingKnown) continue;
    beyond.set(service, [...(beyond.get(service) ?? []), { text, folded }]);
  }
  return {
    services,
    whollyUnused: wholly,
    named: new Set(
      [...wholly, ...named.keys(), ...[...keep, ...patternsIn(document)].map(lower)]
        .map((text) => text.split(':')[0] ?? '')
        .filter((service) => service !== '*'),
    ),
    beyond,
    mustGo,
    mayRetainIn: (service) =>
      (service === 'iam' && !isNamed('iam', 'passrole')) ||
      keepPatterns.some((keeper) => keeper.startsWith('*') || keeper.startsWith(`${service}:`)),
    keepsWhole: (service, pattern) =>
      keepPatterns.some((keeper) => keeper === '*' || isIncluded(`${service}:${pattern}`, keeper)),
  };
}

function patternsIn(document: unknown): readonly string[] {
  return statementsOf(document).flatMap((statement) => [
    ...strings(member(statement, 'Action') ?? []),
    ...strings(member(statement, 'NotAction') ?? []),
  ]);
}

const untouchedServices = new WeakMap<RawCatalogue, ReadonlyMap<string, WorldService>>();

/** The catalogue as if no finding spoke of it; most services of most questions. */
function untouched(catalogue: RawCatalogue): ReadonlyMap<string, WorldService> {
  const known = untouchedServices.get(catalogue);
  if (known) return known;
  const services = new Map<string, WorldService>();
  for (const [name, actions] of catalogue) {
    const spellings = new Map<string, string>();
    for (const action of actions) if (!spellings.has(lower(action))) spellings.set(lower(action), action);
    services.set(lower(name), {
      name,
      wholly: false,
      judged: actions.length > 0,
      actions: [...spellings].map(([folded, action]) => ({ name: action, folded, removed: false })),
    });
  }
  untouchedServices.set(catalogue, services);
  return services;
}
