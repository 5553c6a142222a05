import type { Catalogue } from '../catalogue/catalogue.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { doesMatch, isContained, runsOf } from './matching.ts';
import type { JsonValue } from '../model/json.ts';
import {
  fold,
  isWildcardGrant,
  type ReadPattern,
  type ReadStatement,
  servicesNamedIn,
} from './grant-reading.ts';

/** What the rules require for one action in one statement, decided action by action. */
export interface Expectation {
  /** Case-folded service prefixes of the universe. */
  readonly services: Iterable<string>;
  hasService(service: string): boolean;
  /** Case-folded actions of a service in the universe. */
  actionsOf(service: string): readonly string[];
  knows(service: string, action: string): boolean;
  isUnused(service: string, action: string): boolean;
  /** The same question for all actions of one service. */
  unusedIn(service: string): UnusedIn;
  isServiceUnused(service: string): boolean;
  /** An unused action that stays wherever it is granted: on the keep-list, or `iam:PassRole`. */
  isExempt(service: string, action: string): boolean;
  /** An unused action that is retained in this statement, unless a `NotAction` replaces the statement. */
  isRetained(statement: ReadStatement, service: string, action: string): boolean;
  /**
   * Case-folded known services: those of the catalogue, all policies of the principal, the finding and the keep-list.
   * A list that replaces `*` still grants each of them, unless it is unused.
   */
  readonly servicesOfEverything: Iterable<string>;
  /** Wildcards are forbidden: a service may be replaced by all actions that the catalogue has of it. */
  readonly isEnumerating: boolean;
  /** Case-folded prefixes of the services that the finding calls wholly unused. */
  readonly unusedServices: readonly string[];
  /** The catalogue itself, not only the finding, knows actions of the service. */
  isCatalogued(service: string): boolean;
  /** Some action of the service may be retained. */
  mayRetain(service: string): boolean;
  /** One pattern of the keep-list contains everything that the pattern matches. */
  keepsWhole(service: string, action: string): boolean;
  /**
   * Retained actions that the universe lacks: literals of the keep-list, its wildcards over services that the
   * catalogue lacks, and `iam:PassRole` if the finding reports all of iam unused. Going through the universe does not
   * cover these.
   */
  readonly beyond: readonly ReadPattern[];
}

/** What a finding reports unused in one service: all of it, or actions by name (case-folded). */
interface UnusedIn {
  readonly all: boolean;
  readonly named: ReadonlyMap<string, unknown>;
}

const NONE: ReadonlyMap<string, unknown> = new Map();

export function makeExpectation({
  catalogue,
  unused,
  keep,
  documents,
  isEnumerating,
}: {
  readonly catalogue: Catalogue;
  readonly unused: UnusedAccess;
  readonly keep: readonly string[];
  readonly documents: readonly JsonValue[];
  readonly isEnumerating: boolean;
}): Expectation {
  // Filled only with services that a statement names, because a finding may have hundreds.
  const universe = new Map<string, readonly string[]>();
  const actionsOf = (service: string): readonly string[] => {
    let actions = universe.get(service);
    if (!actions) {
      const known = catalogue.services.get(service);
      const position = known?.position;
      const extra: string[] = [];
      for (const action of unused.actions.get(service)?.keys() ?? []) {
        if (position?.has(action) !== true) extra.push(action);
      }
      actions = extra.length === 0 ? (known?.folded ?? []) : [...(known?.folded ?? []), ...extra];
      universe.set(service, actions);
    }
    return actions;
  };
  const isCatalogued = (service: string): boolean =>
    (catalogue.services.get(service)?.folded.length ?? 0) > 0;
  const isNamed = (service: string, action: string): boolean =>
    unused.actions.get(service)?.has(action) ?? false;
  const keepEntries = keep.map((text) => {
    const [service = '', action = ''] = text === '*' ? ['*', '*'] : fold(text).split(':');
    return { service, action, runs: runsOf(action) };
  });
  const isPassRoleSafe = unused.services.has('iam') && !isNamed('iam', 'passrole');
  const purposes = isPassRoleSafe ? [...keep, 'iam:PassRole'] : keep;
  const beyond = purposes.flatMap((text): readonly ReadPattern[] => {
    const [service = '', action] = fold(text).split(':');
    // A pattern for every service keeps everything in the universe, so it adds nothing here.
    if (service === '*' || action === undefined) return [];
    const runs = runsOf(action);
    const isWildcard = /[*?]/.test(action);
    if (isWildcard && isCatalogued(service)) return [];
    if (actionsOf(service).some((known) => doesMatch(runs, known))) return [];
    return [{ text, name: fold(text), service, action, runs: isWildcard ? runs : undefined }];
  });
  const isKept = (service: string, action: string): boolean =>
    keepEntries.some(
      (keepEntry) =>
        (keepEntry.service === '*' || keepEntry.service === service) && doesMatch(keepEntry.runs, action),
    );
  const isExempt = (service: string, action: string): boolean =>
    isKept(service, action) || (service === 'iam' && action === 'passrole' && !isNamed(service, action));
  let services: ReadonlySet<string> | undefined;
  return {
    get servicesOfEverything() {
      return new Set([
        ...catalogue.services.keys(),
        ...catalogue.prefixes,
        ...documents.flatMap(servicesNamedIn),
        ...unused.services.keys(),
        ...unused.actions.keys(),
        ...keepEntries.flatMap(({ service }) => (service === '*' ? [] : [service])),
      ]);
    },
    isEnumerating,
    get services() {
      services ??= new Set([...catalogue.services.keys(), ...unused.actions.keys()]);
      return services;
    },
    hasService: (service) => catalogue.services.has(service) || unused.actions.has(service),
    actionsOf,
    knows: (service, action) =>
      (catalogue.services.get(service)?.position.has(action) ?? false) || isNamed(service, action),
    isUnused: (service, action) => unused.services.has(service) || isNamed(service, action),
    unusedIn: (service) => ({
      all: unused.services.has(service),
      named: unused.actions.get(service) ?? NONE,
    }),
    isServiceUnused: (service) => unused.services.has(service),
    unusedServices: [...unused.services.keys()],
    isCatalogued,
    mayRetain: (service) =>
      keepEntries.some((keepEntry) => keepEntry.service === '*' || keepEntry.service === service) ||
      (service === 'iam' && !isNamed('iam', 'passrole')),
    keepsWhole: (service, action) =>
      keepEntries.some(
        (keepEntry) =>
          (keepEntry.service === '*' || keepEntry.service === service) &&
          isContained(action, keepEntry.action),
      ),
    beyond,
    isExempt,
    isRetained: (statement, service, action) => {
      if (isExempt(service, action)) return true;
      if (statement.isNegated) return false;
      // A list from a catalogue that lacks services would remove more from a `*` than is unused.
      if (statement.hasEverything && catalogue.missing.length > 0) return true;
      // A wildcard over a service that the catalogue lacks may grant used actions that nobody has listed.
      if (isCatalogued(service) || unused.services.has(service)) return false;
      return isWildcardGrant(statement, service, action);
    },
  };
}
