import type { AccessLevel, LevelOf } from '../catalogue/access-level.ts';
import type { CatalogueService } from '../catalogue/catalogue.ts';
import type { Universe } from '../catalogue/universe.ts';
import type { Granted } from '../verify/granted.ts';
import { type HighImpact, highImpactIn, highImpactOf, type Impact, IMPACTS } from './high-impact.ts';

/** The number of actions of each access level. `unknown`: the catalogue does not have the level. */
export type LevelCounts = Readonly<Record<KnownLevel, number>>;

type KnownLevel = AccessLevel | 'unknown';

/** What a set of actions can do. */
export interface RiskOf {
  readonly levels: LevelCounts;
  /** The actions of the curated list among them, riskiest first. */
  readonly highImpact: readonly string[];
}

/** The removed and the remaining actions: of the whole, and of each of its policies in their order. */
export interface Risk {
  readonly removed: RiskOf;
  readonly remaining: RiskOf;
  readonly policies: readonly { readonly removed: RiskOf; readonly remaining: RiskOf }[];
}

export const NO_LEVELS: LevelCounts = {
  list: 0,
  read: 0,
  tagging: 0,
  write: 0,
  permissions: 0,
  unknown: 0,
};

export const NO_RISK: RiskOf = { levels: NO_LEVELS, highImpact: [] };

/** The risk of the granted actions without those that `but` grants too, both in this universe. */
export function riskOf(granted: Granted, universe: Universe, but?: Granted): RiskOf {
  const levels = { ...NO_LEVELS };
  const found: { readonly action: string; readonly high: HighImpact }[] = [];
  for (const [key, { actions, has }] of granted) {
    const without = but?.get(key)?.has;
    const listed = highImpactIn(key);
    const ownLevels = levelsOf(key, actions, universe.levelOf);
    for (let i = 0; i < has.length; i += 1) {
      if (has[i] !== 1 || without?.[i] === 1) continue;
      const action = actions[i] ?? '';
      levels[ownLevels[i] ?? 'unknown'] += 1;
      const why = listed?.get(action);
      if (why !== undefined)
        found.push({ action: nameOf(universe.services.get(key), key, action), high: why });
    }
  }
  const highImpact = found
    .sort((a, b) => rankOf(a.high) - rankOf(b.high) || a.high.place - b.high.place)
    .map(({ action }) => action);
  return { levels, highImpact };
}

/**
 * Cached by the source of the levels and by list of actions, because the catalogue's lists recur with every
 * principal.
 */
const known = new WeakMap<LevelOf, WeakMap<readonly string[], readonly KnownLevel[]>>();

/** The level of each action of a service, position by position. */
function levelsOf(key: string, actions: readonly string[], levelOf: LevelOf): readonly KnownLevel[] {
  let lists = known.get(levelOf);
  if (!lists) known.set(levelOf, (lists = new WeakMap()));
  let levels = lists.get(actions);
  if (!levels) lists.set(actions, (levels = actions.map((action) => levelOf(key, action) ?? 'unknown')));
  return levels;
}

function nameOf(service: CatalogueService | undefined, key: string, action: string): string {
  const place = service?.position.get(action) ?? -1;
  return `${service?.name ?? key}:${service?.actions[place] ?? action}`;
}

function rankOf({ impact }: HighImpact): number {
  return IMPACTS.indexOf(impact);
}

/**
 * The weight of an action of the curated list. Deletions weigh least, because services have several of them, which
 * would together outweigh an action that gains permissions.
 */
const WEIGHTS: Readonly<Record<Impact, number>> = {
  escalation: 3,
  exposure: 2,
  secrets: 2,
  data: 2,
  destruction: 1,
};

/** The numbers by which proposals are ordered, so that an overview need not hold the names of actions. */
interface RiskRank {
  /** The sum over the actions of the curated list. */
  readonly weight: number;
  readonly levels: LevelCounts;
}

export function rankOfRisk({ levels, highImpact }: RiskOf): RiskRank {
  const weight = highImpact.reduce((sum, action) => {
    const high = highImpactOf(action);
    return sum + (high ? WEIGHTS[high.impact] : 0);
  }, 0);
  return { weight, levels };
}

/** Negative if `a` is riskier: by high-impact actions, then changes of permissions, writes, tags, reads, lists. */
export function byRisk(a: RiskRank, b: RiskRank): number {
  return (
    b.weight - a.weight ||
    b.levels.permissions - a.levels.permissions ||
    changes(b.levels) - changes(a.levels) ||
    b.levels.tagging - a.levels.tagging ||
    b.levels.read - a.levels.read ||
    b.levels.list - a.levels.list
  );
}

/** An action of an unknown level may write. */
function changes({ write, unknown }: LevelCounts): number {
  return write + unknown;
}

/** The levels that `--min-effect` takes, from the mildest. */
export const EFFECTS = ['list', 'read', 'write', 'permissions'] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * Whether any of the actions is of that level or above. Tags count as writes, because conditions may depend on them,
 * and so do actions of an unknown level. An action that can gain permissions counts as one that changes them.
 */
export function hasEffect({ levels, highImpact }: RiskOf, least: Effect): boolean {
  const { list, read, tagging, write, permissions, unknown } = levels;
  const escalates = highImpact.some((action) => highImpactOf(action)?.impact === 'escalation');
  if (permissions > 0 || escalates) return true;
  if (least === 'permissions') return false;
  if (write + tagging + unknown > 0) return true;
  if (least === 'write') return false;
  if (read > 0) return true;
  return least === 'list' && list > 0;
}

/** The largest number of reads and lists that are "a few". */
const FEW = 10;

/** Whether a change is hardly worth a review: the policies grow, and only a few harmless reads are removed. */
export function isHardlyWorth(
  { levels, highImpact }: RiskOf,
  {
    charactersBefore,
    charactersAfter,
  }: { readonly charactersBefore: number; readonly charactersAfter: number },
): boolean {
  const { list, read, tagging, write, permissions, unknown } = levels;
  return (
    charactersAfter > charactersBefore &&
    highImpact.length === 0 &&
    tagging + write + permissions + unknown === 0 &&
    list + read <= FEW
  );
}

/** The risk of a proposal for an overview or a message, without the lists. */
export interface RiskFacts {
  readonly removed: RiskSummary;
  /** Absent if nothing remains, or if it was not determined. */
  readonly remaining?: RiskSummary | undefined;
  /** The first removed high-impact actions, the riskiest first. */
  readonly riskiest: readonly string[];
  /** The policies grow, and only a few reads are removed. */
  readonly isHardlyWorth?: true | undefined;
}

export interface RiskSummary extends RiskRank {
  /** The number of actions of the curated list. */
  readonly highImpact: number;
}

/** The number of high-impact actions that an overview names. */
const MOST_NAMED = 3;

/** The member `risk` of a proposal's facts; empty if the proposal does not have it. */
export function riskFacts(proposal: {
  readonly risk?: { readonly removed: RiskOf; readonly remaining?: RiskOf };
  readonly summary?: { readonly charactersBefore: number; readonly charactersAfter: number };
}): { readonly risk?: RiskFacts } {
  const { risk, summary } = proposal;
  if (risk === undefined) return {};
  const facts: RiskFacts = {
    removed: summaryOf(risk.removed),
    ...(risk.remaining === undefined ? {} : { remaining: summaryOf(risk.remaining) }),
    riskiest: risk.removed.highImpact.slice(0, MOST_NAMED),
    ...(summary !== undefined && isHardlyWorth(risk.removed, summary) ? { isHardlyWorth: true } : {}),
  };
  return { risk: facts };
}

function summaryOf(risk: RiskOf): RiskSummary {
  return { ...rankOfRisk(risk), highImpact: risk.highImpact.length };
}
