import type { Catalogue, CatalogueService } from '../catalogue/catalogue.ts';
import { makeUniverse, type Universe } from '../catalogue/universe.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { type JsonValue, isJsonObject, asArray } from '../model/json.ts';
import { byCodeUnit } from '../model/order.ts';
import type { Generalize, StarForm } from '../model/proposed-policy.ts';
import { type KeepList, type UncataloguedKeep, uncataloguedKeep, PASS_ROLE_REASON } from './keep-list.ts';
import { parseActionPattern } from '../pattern/action-pattern.ts';

/** The decision about one service of the universe. */
export interface ServiceDecision {
  readonly key: string;
  readonly service: CatalogueService;
  /** The catalogue itself knows actions of the service. */
  readonly isKnown: boolean;
  /** The finding calls the whole service unused. */
  readonly isUnused: boolean;
  readonly removedCount: number;
  /** 1 at the positions of the removed actions. */
  readonly removed: Uint8Array;
  /** Why an unused action stays, by position. */
  readonly retained: ReadonlyMap<number, string>;
}

/** Everything that the refinement of one principal's statements needs; made once for each finding. */
export interface RefineContext {
  readonly universe: Universe;
  readonly unused: UnusedAccess;
  readonly keep: KeepList;
  readonly generalize: Generalize;
  readonly star: StarForm;
  /** All policies of the principal: a `*` that becomes a list keeps the services that they name. */
  readonly documents: readonly JsonValue[];
  /** Services of the built-in catalogue that the one in use lacks. While there are any, no list can replace `*`. */
  readonly missing: readonly string[];
  /**
   * Sorted case-folded prefixes of all services that a list that replaces `*` has to consider: those of the
   * catalogue, of the principal's policies, of the finding, and of keep-list actions that the catalogue lacks.
   */
  readonly servicesOfEverything: readonly string[];
  /** The decision about a service, by its folded prefix; undefined if the universe lacks it. */
  decisionOf(service: string): ServiceDecision | undefined;
  /** Retained actions of a service that the universe lacks; mostly none. */
  uncataloguedKeepOf(service: string): readonly UncataloguedKeep[];
  readonly servicesWithUncataloguedKeep: Iterable<string>;
  /** Whether splitting `*` would remove anything. */
  readonly touchesAnything: boolean;
}

interface RefineSettings {
  readonly keep: KeepList;
  readonly generalize: Generalize;
  /** @default `list` */
  readonly star?: StarForm;
  /** @default none: only the catalogue and the finding name services */
  readonly documents?: readonly JsonValue[];
}

const NONE: readonly UncataloguedKeep[] = [];

export function makeContext(
  catalogue: Catalogue,
  unused: UnusedAccess,
  settings: RefineSettings,
): RefineContext {
  const universe = makeUniverse(catalogue, unused);
  const decisions = new Map<string, ServiceDecision>();
  const lone = uncataloguedKeep(universe, unused, settings.keep);
  const documents = settings.documents ?? [];
  let servicesOfEverything: readonly string[] | undefined;
  const context: RefineContext = {
    universe,
    unused,
    keep: settings.keep,
    generalize: settings.generalize,
    star: settings.star ?? 'list',
    documents,
    missing: catalogue.missing,
    get servicesOfEverything() {
      servicesOfEverything ??= [
        ...new Set([
          ...universe.services.keys(),
          ...catalogue.prefixes,
          ...unused.services.keys(),
          ...unused.actions.keys(),
          ...namedServices(documents),
          ...lone.keys(),
        ]),
      ].sort(byCodeUnit);
      return servicesOfEverything;
    },
    decisionOf(key) {
      const known = decisions.get(key);
      if (known) return known;
      const service = universe.services.get(key);
      if (!service) return undefined;
      const decision = judgeService(key, service, universe, unused, settings.keep);
      decisions.set(key, decision);
      return decision;
    },
    uncataloguedKeepOf: (key) => lone.get(key) ?? NONE,
    get servicesWithUncataloguedKeep() {
      return lone.keys();
    },
    get touchesAnything() {
      return [...unused.services.keys(), ...unused.actions.keys()].some((key) => {
        const decision = context.decisionOf(key);
        return decision !== undefined && decision.removedCount > 0 && canBeSplit(decision);
      });
    },
  };
  return context;
}

/**
 * Whether wildcards over the service may be split. If the catalogue lacks the service, used actions may be unlisted,
 * so wildcards change only if the finding reports the whole service unused. See docs/adr/0002.
 */
export function canBeSplit(decision: ServiceDecision): boolean {
  return decision.isKnown || decision.isUnused;
}

function judgeService(
  key: string,
  service: CatalogueService,
  universe: Universe,
  unused: UnusedAccess,
  keep: KeepList,
): ServiceDecision {
  const isUnused = unused.services.has(key);
  const named = unused.actions.get(key);
  const removed = new Uint8Array(service.folded.length);
  const retained = new Map<number, string>();
  const mayKeep = keep.concerns(key);
  let removedCount = 0;
  const judge = (index: number): void => {
    const action = service.folded[index] ?? '';
    const keepEntry = mayKeep ? keep.keeps(key, action) : undefined;
    if (keepEntry !== undefined) {
      retained.set(index, keep.why(keepEntry));
    } else if (key === 'iam' && action === 'passrole' && named?.has(action) !== true) {
      retained.set(index, PASS_ROLE_REASON);
    } else {
      removed[index] = 1;
      removedCount += 1;
    }
  };
  if (isUnused) {
    for (let i = 0; i < service.folded.length; i += 1) judge(i);
  } else {
    for (const index of universe.named.get(key) ?? []) judge(index);
  }
  return {
    key,
    service,
    isKnown: universe.isKnownService(key),
    isUnused,
    removedCount,
    removed,
    retained,
  };
}

/**
 * Case-folded prefixes of the services that policies name, in any statement, also in documents that cannot be refined
 * as a whole: their authors knew these services.
 */
function namedServices(documents: readonly JsonValue[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const document of documents) {
    for (const statement of asArray(isJsonObject(document) ? document['Statement'] : undefined)) {
      if (!isJsonObject(statement)) continue;
      for (const text of [...asArray(statement['Action']), ...asArray(statement['NotAction'])]) {
        const pattern = typeof text === 'string' ? parseActionPattern(text) : undefined;
        if (pattern?.ok === true && pattern.value.kind !== 'everything') found.add(pattern.value.service);
      }
    }
  }
  return found;
}
