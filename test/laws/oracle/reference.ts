import { isIncluded } from './language.ts';
import { hasWildcard, literalHead, lower, quickMatch } from './matcher.ts';
import { wordPrefixes } from './words.ts';
import type { World, WorldAction, WorldService } from './world.ts';

export type Mode = 'shortest' | 'least' | 'enumerate';

/** One author's pattern, read. `everything` is `*` or `*:*`. */
export type ReadPattern =
  | { readonly text: string; readonly everything: true }
  | { readonly text: string; readonly everything: false; readonly service: string; readonly action: string };

export function readPattern(text: string): ReadPattern {
  const known = readPatterns.get(text);
  if (known) return known;
  const pattern = read(text);
  readPatterns.set(text, pattern);
  return pattern;
}

const readPatterns = new Map<string, ReadPattern>();

function read(text: string): ReadPattern {
  if (text === '*' || text === '*:*') return { text, everything: true };
  const folded = lower(text);
  const colon = folded.indexOf(':');
  return { text, everything: false, service: folded.slice(0, colon), action: folded.slice(colon + 1) };
}

export function matchesAction(pattern: ReadPattern, service: string, action: string): boolean {
  return pattern.everything || (pattern.service === service && quickMatch(pattern.action, action));
}

/** What becomes of one pattern. `kept-or-split`: the law does not say which. */
export type Decision = 'kept' | 'dropped' | 'split' | 'kept-or-split';

export function decisionOf(world: World, pattern: ReadPattern): Decision {
  const decision = decisionOfKnown(world, pattern);
  // What stays on purpose stays where no action of that name is known, too.
  return decision === 'dropped' && beyondUnder(world, pattern).length > 0 ? 'split' : decision;
}

/** What stays on purpose under a wildcard and is no action of the universe, case-folded and with its service. */
function beyondUnder(world: World, pattern: ReadPattern): readonly string[] {
  if (!pattern.everything && !hasWildcard(pattern.action)) return [];
  return [...world.beyond]
    .filter(([service]) => pattern.everything || pattern.service === service)
    .flatMap(([service, keepers]) =>
      keepers
        .filter(({ folded }) => pattern.everything || isIncluded(folded, pattern.action))
        .map(({ folded }) => `${service}:${folded}`),
    );
}

function decisionOfKnown(world: World, pattern: ReadPattern): Decision {
  if (pattern.everything) return decisionOfEverything(world);
  const { service, action } = pattern;
  if (!hasWildcard(action)) return world.mustGo(service, action) ? 'dropped' : 'kept';
  const isWholly = world.whollyUnused.has(service);
  if (world.services.get(service)?.judged === false) return 'kept';
  const under = (world.services.get(service)?.actions ?? []).filter(({ folded }) =>
    quickMatch(action, folded),
  );
  if (under.length === 0) {
    return isWholly && !world.keepsWhole(service, action) ? 'dropped' : 'kept';
  }
  if (under.every(({ removed }) => removed)) return 'dropped';
  if (under.some(({ removed }) => removed)) return 'split';
  return isWholly ? 'kept-or-split' : 'kept';
}

function decisionOfEverything(world: World): Decision {
  const services = [...world.services.values()];
  const all = services.flatMap(({ judged, actions }) => (judged ? actions : []));
  const isGone = ({ judged, wholly, actions }: WorldService): boolean =>
    judged && (actions.length === 0 ? wholly : actions.every(({ removed }) => removed));
  if (services.length > 0 && services.every(isGone))
    return onlyNamed(world).length === 0 ? 'dropped' : 'split';
  if (all.some(({ removed }) => removed)) return 'split';
  return world.whollyUnused.size > 0 ? 'kept-or-split' : 'kept';
}

/** How the law's "safe" is read where the rest of a pattern follows the prefix: by the prefix alone, or with the rest. */
export type SafetyReading = 'prefix' | 'whole-pattern';

/** What a split pattern becomes before redundant entries go, case-folded; undefined where the law leaves the form open. */
export function piecesOf(
  world: World,
  pattern: ReadPattern,
  mode: Mode,
  reading: SafetyReading,
): readonly string[] | undefined {
  const pieces = piecesOfKnown(world, pattern, mode, reading);
  return pieces && [...pieces, ...beyondUnder(world, pattern)];
}

function piecesOfKnown(
  world: World,
  pattern: ReadPattern,
  mode: Mode,
  reading: SafetyReading,
): readonly string[] | undefined {
  if (!pattern.everything) {
    const service = world.services.get(pattern.service);
    return service === undefined ? [] : splitService(pattern.service, service, pattern.action, mode, reading);
  }
  const pieces = [...world.services].flatMap(([key, service]) => {
    const isUntouched =
      service.actions.every(({ removed }) => !removed) && !(service.wholly && service.actions.length === 0);
    if (!service.judged || (isUntouched && mode !== 'enumerate')) return [`${key}:*`];
    return splitService(key, service, '*', mode, reading) ?? [];
  });
  return [...pieces, ...onlyNamed(world).map((key) => `${key}:*`)];
}

/** Services of which nobody knows an action and that somebody names: they stay under a split star unless they are unused. */
function onlyNamed(world: World): readonly string[] {
  return [...world.named].filter(
    (key) => !world.services.has(key) && (!world.whollyUnused.has(key) || world.keepsWhole(key, '*')),
  );
}

function splitService(
  key: string,
  service: WorldService,
  written: string,
  mode: Mode,
  reading: SafetyReading,
): readonly string[] | undefined {
  const action = written.replace(/\*{2,}/g, '*');
  const under = service.actions.filter(({ folded }) => quickMatch(action, folded));
  const kept = under.filter(({ removed }) => !removed);
  if (mode === 'enumerate') return kept.map(({ folded }) => `${key}:${folded}`);
  const star = action.indexOf('*');
  if (star < 0 || action.slice(0, star).includes('?')) return undefined;
  const rest = action.slice(star + 1);
  const gone = service.actions.filter(({ removed }) => removed);
  const pieces = new Set<string>();
  const safe = remember((prefix) => isSafe(prefix, rest, gone, reading));
  const named = remember((prefix) => nameFor(prefix, rest, service.actions, mode));
  for (const one of kept) {
    const prefix = wordPrefixes(one.name)
      .map(lower)
      .find((p) => p.length > star && quickMatch(`${p}*${rest}`, one.folded) && safe(p));
    pieces.add(`${key}:${prefix === undefined ? one.folded : named(prefix)}`);
  }
  return [...pieces];
}

function remember<T>(answer: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const value = known.get(key) ?? answer(key);
    known.set(key, value);
    return value;
  };
}

function isSafe(prefix: string, rest: string, gone: readonly WorldAction[], reading: SafetyReading): boolean {
  const unsafe = reading === 'prefix' ? `${prefix}*` : `${prefix}*${rest}`;
  return !gone.some(({ folded }) => quickMatch(unsafe, folded));
}

/** A prefix that covers one action is that action; in mode `least` it grows to all that its actions share. */
function nameFor(prefix: string, rest: string, actions: readonly WorldAction[], mode: Mode): string {
  const pattern = `${prefix}*${rest}`;
  const covered = actions.filter(({ folded }) => quickMatch(pattern, folded));
  const [first, second] = covered;
  if (first !== undefined && second === undefined) return first.folded;
  if (mode === 'shortest') return pattern;
  const shared = wordPrefixes(first?.name ?? '')
    .map(lower)
    .filter((p) =>
      covered.every(
        ({ name, folded }) => wordPrefixes(name).map(lower).includes(p) && quickMatch(`${p}*${rest}`, folded),
      ),
    );
  const longest = shared.findLast((p) => p.length >= prefix.length) ?? prefix;
  return `${longest}*${rest}`;
}

/** What is left of `pieces` when everything goes that another piece or a surviving pattern says already. */
export function withoutRedundant(pieces: readonly string[], survivors: readonly string[]): readonly string[] {
  const distinct = [...new Set(pieces)];
  const said = new Set(survivors);
  const wide = survivors.filter(hasWildcard);
  const others = [...distinct.entries()].filter(([, piece]) => hasWildcard(piece));
  return distinct.filter(
    (piece, index) =>
      !said.has(piece) &&
      !wide.some((survivor) => isSaid(piece, survivor)) &&
      !others.some(
        ([at, other]) => at !== index && isSaid(piece, other) && !(at > index && isSaid(other, piece)),
      ),
  );
}

/** Whether every action that `narrow` names is one of `wide`'s, over all strings. */
export function isSaid(narrow: string, wide: string): boolean {
  if (wide === '*' || wide === '*:*' || wide === narrow) return true;
  const a = readPattern(narrow);
  const b = readPattern(wide);
  if (a.everything || b.everything || a.service !== b.service) return false;
  const head = literalHead(b.action);
  return head !== b.action && a.action.startsWith(head) && isIncluded(a.action, b.action);
}
