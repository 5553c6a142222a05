import { type CatalogueService, documentedUntracked, matchesSome } from '../catalogue/catalogue.ts';
import type { Universe } from '../catalogue/universe.ts';
import { isJsonArray, isJsonObject, type JsonValue } from '../model/json.ts';
import type { LastAccess, ServiceLastAccess } from '../model/unused-access.ts';
import { byCodeUnit } from '../model/order.ts';
import { foldCase, isWildcard } from '../pattern/matches.ts';
import type { RefineContext } from '../refine/context.ts';
import { countGranted, type Granted, type GrantedActions } from '../verify/granted.ts';
import type { RetainedAction } from '../model/proposed-policy.ts';
import type { StayingActions, StayReason } from './schema.ts';

interface StayingInput {
  /** What the principal's own policies grant afterwards, according to the verifier. */
  readonly granted: Granted;
  /** The documents of the principal's own policies afterwards. */
  readonly documents: readonly JsonValue[];
  readonly retained: readonly RetainedAction[];
  /** Whether a policy could not be refined, so that unused actions may stay in it. */
  readonly hasRefused: boolean;
  readonly context: RefineContext;
  /** Undefined if AWS was not asked. */
  readonly lastAccess: LastAccess | undefined;
}

/** The order of the reasons: from the best known to the least known. */
const ORDER: readonly StayReason[] = [
  'used',
  'tracked-not-reported',
  'not-tracked',
  'tracking-unknown',
  'unknown-to-catalogue',
  'retained',
  'residue',
];

/** The reason for each action that the principal's own policies still grant. None of the reasons is a guess. */
export function stayingActions(input: StayingInput): readonly StayingActions[] {
  const counts = new ReasonCounts();
  const retained = new Set(input.retained.map(({ action }) => action));
  for (const [key, granted] of input.granted) {
    const service = input.context.universe.services.get(key);
    if (service) counts.note(service.name, reasonsOf(key, service, granted, retained, input));
  }
  for (const pattern of unknownPatterns(input)) counts.noteUnknown(pattern);
  return counts.entries();
}

/** Names of a service's staying actions by reason; left out if all of them stay for the same reason. */
type ServiceReasons =
  | { readonly only: StayReason; readonly count: number }
  | {
      readonly names: ReadonlyMap<StayReason, readonly string[]>;
      readonly dates: ReadonlyMap<string, string>;
    };

function reasonsOf(
  key: string,
  service: CatalogueService,
  granted: GrantedActions,
  retained: ReadonlySet<string>,
  { context, lastAccess, hasRefused }: StayingInput,
): ServiceReasons {
  const { unused, universe } = context;
  const isKnownService = universe.isKnownService(key);
  const used = lastAccess?.get(key);
  const decision = unused.services.has(key) || unused.actions.has(key) ? context.decisionOf(key) : undefined;
  const staysUnused = hasRefused || (decision !== undefined && decision.retained.size > 0);
  const documented = documentedUntracked(key);
  // Nothing distinguishes the actions of this service from each other.
  if (!service.untracked && !documented && !used && isKnownService && !(decision && staysUnused)) {
    return { only: 'tracking-unknown', count: countGranted(granted) };
  }
  const names = new Map<StayReason, string[]>();
  const dates = new Map<string, string>();
  granted.actions.forEach((action, index) => {
    const position = granted.has[index] === 1 ? service.position.get(action) : undefined;
    if (position === undefined) return;
    const name = `${service.name}:${service.actions[position] ?? action}`;
    const reason = retained.has(name)
      ? 'retained'
      : decision?.removed[position] === 1
        ? 'residue'
        : isKnownService
          ? reasonOf(service.untracked, documented, used, action)
          : 'unknown-to-catalogue';
    const list = names.get(reason);
    if (list) list.push(name);
    else names.set(reason, [name]);
    const date = reason === 'used' ? used?.actions.get(action) : undefined;
    if (date !== undefined) dates.set(name, date);
  });
  const [first] = names;
  return names.size === 1 && first && dates.size === 0
    ? { only: first[0], count: first[1].length }
    : { names, dates };
}

/** AWS's own report on the principal is more precise than the catalogue: it lists everything that it tracks. */
function reasonOf(
  untracked: ReadonlySet<string> | undefined,
  documented: ReadonlySet<string> | undefined,
  used: ServiceLastAccess | undefined,
  action: string,
): StayReason {
  if (used?.actions.get(action) !== undefined) return 'used';
  if (used?.actions.has(action) === true) return 'tracked-not-reported';
  if (!untracked) return documented?.has(action) === true ? 'not-tracked' : 'tracking-unknown';
  return untracked.has(action) ? 'not-tracked' : 'tracked-not-reported';
}

/** Patterns of Allow statements that match nothing in the catalogue or the finding, as written. */
function unknownPatterns({ documents, context }: StayingInput): readonly string[] {
  const found = new Set<string>();
  for (const document of documents) {
    for (const text of allowedPatterns(document)) if (!isKnown(text, context.universe)) found.add(text);
  }
  return [...found];
}

/**
 * The documents were parsed before and are well-formed. Parsing them again would take longer than everything else
 * here.
 */
function allowedPatterns(document: JsonValue): readonly string[] {
  const element = isJsonObject(document) ? document['Statement'] : undefined;
  const statements = isJsonArray(element) ? element : [element];
  return statements.flatMap((statement) => {
    if (!isJsonObject(statement) || statement['Effect'] !== 'Allow') return [];
    const action = statement['Action'];
    return (isJsonArray(action) ? action : [action]).filter((text) => typeof text === 'string');
  });
}

function isKnown(text: string, universe: Universe): boolean {
  const pattern = foldCase(text);
  const colon = pattern.indexOf(':');
  if (pattern === '*' || pattern === '*:*' || colon < 0) return true;
  const service = universe.services.get(pattern.slice(0, colon));
  const action = pattern.slice(colon + 1);
  if (!service) return false;
  if (action === '*') return true;
  return isWildcard(action) ? matchesSome(service, action) : service.position.has(action);
}

class ReasonCounts {
  readonly #counts = new Map<StayReason, number>();
  readonly #actions = new Map<StayReason, string[]>();
  readonly #dates = new Map<string, string>();

  note(service: string, reasons: ServiceReasons): void {
    if ('only' in reasons) {
      this.#add(reasons.only, reasons.count, [`${service}:*`]);
      return;
    }
    for (const [reason, names] of reasons.names) this.#add(reason, names.length, names);
    for (const [name, date] of reasons.dates) this.#dates.set(name, date);
  }

  noteUnknown(pattern: string): void {
    this.#add('unknown-to-catalogue', 1, [pattern]);
  }

  #add(reason: StayReason, count: number, actions: readonly string[]): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
    const list = this.#actions.get(reason);
    if (list) list.push(...actions);
    else this.#actions.set(reason, [...actions]);
  }

  entries(): readonly StayingActions[] {
    return ORDER.flatMap((reason) => {
      const actions = this.#actions.get(reason)?.sort();
      if (!actions) return [];
      const entry = { reason, count: this.#counts.get(reason) ?? 0, actions };
      if (reason !== 'used') return [entry];
      const dates = [...this.#dates].sort(([a], [b]) => byCodeUnit(a, b));
      return [{ ...entry, lastAccessed: Object.fromEntries(dates) }];
    });
  }
}
