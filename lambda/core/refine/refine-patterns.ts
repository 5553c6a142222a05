import { matchingActions } from '../catalogue/lookup.ts';
import type { ActionPattern } from '../pattern/action-pattern.ts';
import type { PatternChange } from '../proposal/schema.ts';
import { splitWildcard } from '../trie/split.ts';
import { byCodeUnit } from '../model/order.ts';
import { covers } from '../pattern/covers.ts';
import { foldCase } from '../pattern/fold.ts';
import { canBeSplit, type RefineContext, type ServiceFate } from './context.ts';
import { PASS_ROLE_REASON } from './lone-keepers.ts';
import { REASON } from './reasons.ts';

/** What becomes of one pattern of an Allow statement's `Action`. */
export interface PatternFate {
  readonly pattern: ActionPattern;
  readonly outcome: Exclude<PatternChange['outcome'], 'added'>;
  /** New patterns in its place, in the catalogue's spelling; empty unless narrowed. */
  readonly to: readonly NewPattern[];
  readonly reason: string;
}

export interface NewPattern {
  readonly text: string;
  /** Case-folded. */
  readonly service: string;
}

/** Decides one pattern by the law of `semantics.md`, "Action patterns in an Allow statement". */
export function refinePattern(pattern: ActionPattern, context: RefineContext): PatternFate {
  switch (pattern.kind) {
    case 'everything':
      return refineEverything(pattern, context);
    case 'literal':
      return refineLiteral(pattern, context);
    case 'wildcard':
      return refineWildcard(pattern, context);
    default:
      return pattern satisfies never;
  }
}

type ServicePattern = Extract<ActionPattern, { service: string }>;

function kept(pattern: ActionPattern, reason: string): PatternFate {
  return { pattern, outcome: 'kept', to: [], reason };
}

function removed(pattern: ActionPattern, reason: string): PatternFate {
  return { pattern, outcome: 'removed', to: [], reason };
}

function refineLiteral(pattern: ServicePattern, context: RefineContext): PatternFate {
  const fate = context.fateOf(pattern.service);
  const position = fate?.service.position.get(pattern.action);
  if (!fate || position === undefined) {
    const service = context.unused.services.get(pattern.service);
    if (!service) return kept(pattern, REASON.literalUnknown);
    if (isPassRole(pattern)) return kept(pattern, REASON.retained(PASS_ROLE_REASON));
    const keeper = context.keep.keepsWhole(pattern.service, pattern.action);
    return keeper === undefined
      ? removed(pattern, REASON.literalServiceUnused(service.name))
      : kept(pattern, REASON.retained(`the keep-list names ${keeper}`));
  }
  const why = fate.retained.get(position);
  if (why !== undefined) return kept(pattern, REASON.retained(why));
  if (fate.doomed[position] !== 1) return kept(pattern, literalKept(fate.service.untracked, pattern.action));
  return removed(
    pattern,
    fate.isUnused ? REASON.literalServiceUnused(fate.service.name) : REASON.literalUnused,
  );
}

function literalKept(untracked: ReadonlySet<string> | undefined, action: string): string {
  if (!untracked) return REASON.literalKept;
  return untracked.has(action) ? REASON.literalUntracked : REASON.literalTracked;
}

/** A catalogue of the user's own may lack the one action that outlives its service. */
function isPassRole({ service, action }: ServicePattern): boolean {
  return service === 'iam' && action === 'passrole';
}

function refineWildcard(pattern: ServicePattern, context: RefineContext): PatternFate {
  const fate = context.fateOf(pattern.service);
  const matched = fate ? matchingActions(fate.service, pattern.action) : [];
  if (!fate || matched.length === 0) {
    const service = context.unused.services.get(pattern.service);
    if (!service) return kept(pattern, REASON.wildcardUnknown);
    const keeper = context.keep.keepsWhole(pattern.service, pattern.action);
    return keeper === undefined
      ? goneButForKeepers(pattern, REASON.serviceUnused(service.name), context)
      : kept(pattern, REASON.retained(`the keep-list names ${keeper}`));
  }
  const parts = splitService(pattern.action, writtenAction(pattern), matched, fate, context);
  switch (parts.kind) {
    case 'untouched':
      return kept(pattern, parts.reason);
    case 'gone':
      return goneButForKeepers(
        pattern,
        fate.isUnused ? REASON.serviceUnused(fate.service.name) : REASON.wildcardUnused(matched.length),
        context,
      );
    case 'split':
      return {
        pattern,
        outcome: 'narrowed',
        to: withKeepers(parts.to, pattern.service, pattern.action, context),
        reason: REASON.narrowed(parts.doomed, matched.length - parts.doomed),
      };
    default:
      return parts satisfies never;
  }
}

/** A wildcard under which everything known goes; what is kept on purpose and known to nobody takes its place. */
function goneButForKeepers(pattern: ServicePattern, reason: string, context: RefineContext): PatternFate {
  const to = withKeepers([], pattern.service, pattern.action, context);
  if (to.length === 0) return removed(pattern, reason);
  const why = context
    .loneKeepersOf(pattern.service)
    .filter(({ text }) => to.some((part) => part.text === text))
    .map((keeper) => keeper.reason);
  return {
    pattern,
    outcome: 'narrowed',
    to,
    reason: `${reason}; ${[...new Set(why)].map(REASON.keptOfIt).join('; ')}`,
  };
}

/** The parts of a wildcard, and what the keep-list has under it that the universe does not know. */
function withKeepers(
  parts: readonly NewPattern[],
  service: string,
  action: string,
  context: RefineContext,
): readonly NewPattern[] {
  const keepers = context.loneKeepersOf(service).filter((keeper) => covers(action, keeper.action));
  if (keepers.length === 0) return parts;
  const isCovered = (keeper: string): boolean =>
    parts.some((part) => covers(foldCase(part.text.slice(part.text.indexOf(':') + 1)), keeper));
  const added = keepers.filter((keeper) => !isCovered(keeper.action)).map(({ text }) => ({ text, service }));
  return [...parts, ...added].sort((a, b) => byCodeUnit(a.text, b.text));
}

function writtenAction(pattern: ServicePattern): string {
  return pattern.text.slice(pattern.text.indexOf(':') + 1);
}

type ServiceSplit =
  | { readonly kind: 'untouched'; readonly reason: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'split'; readonly to: readonly NewPattern[]; readonly doomed: number };

/** Splits a wildcard over one service of the universe. */
function splitService(
  pattern: string,
  written: string,
  matched: readonly number[],
  fate: ServiceFate,
  context: RefineContext,
): ServiceSplit {
  const doomed: number[] = [];
  const stays: number[] = [];
  for (const action of matched) (fate.doomed[action] === 1 ? doomed : stays).push(action);
  if (doomed.length === 0) {
    const why = matched.map((action) => fate.retained.get(action)).find((reason) => reason !== undefined);
    return { kind: 'untouched', reason: why === undefined ? REASON.wildcardKept : REASON.retained(why) };
  }
  if (!canBeSplit(fate)) {
    return { kind: 'untouched', reason: REASON.unknownService(fate.service.name) };
  }
  if (doomed.length === matched.length) return { kind: 'gone' };
  const parts = splitWildcard({
    service: fate.service,
    pattern,
    written,
    kept: stays,
    doomed,
    generalize: context.generalize,
  });
  return {
    kind: 'split',
    to: parts.map((part) => newPattern(fate, part.text)),
    doomed: doomed.length,
  };
}

function newPattern(fate: ServiceFate, action: string): NewPattern {
  return { text: `${fate.service.name}:${action}`, service: fate.key };
}

/** `*`: every service of the universe on its own, in the order of their names. */
function refineEverything(pattern: ActionPattern, context: RefineContext): PatternFate {
  if (!context.touchesAnything) return kept(pattern, REASON.wildcardKept);
  const to: NewPattern[] = [];
  const count = { gone: 0, narrowed: 0, whole: 0 };
  const keys = new Set([...context.universe.services.keys(), ...context.servicesWithLoneKeepers]);
  for (const key of [...keys].sort(byCodeUnit)) {
    const fate = context.fateOf(key);
    if (!fate) {
      to.push(...withKeepers([], key, '*', context));
      continue;
    }
    const parts = splitEverythingOf(fate, context);
    if (parts.kind === 'gone') {
      count.gone += 1;
      to.push(...withKeepers([], key, '*', context));
    } else if (parts.kind === 'split') {
      count.narrowed += 1;
      to.push(...withKeepers(parts.to, key, '*', context));
    } else {
      count.whole += 1;
      const isListed = context.generalize === 'enumerate' && fate.isKnown;
      const listed = (isListed ? fate.service.actions : ['*']).map((action) => newPattern(fate, action));
      to.push(...withKeepers(listed, key, '*', context));
    }
  }
  return {
    pattern,
    outcome: to.length === 0 ? 'removed' : 'narrowed',
    to,
    reason: REASON.everythingNarrowed(count.gone, count.narrowed, count.whole),
  };
}

function splitEverythingOf(fate: ServiceFate, context: RefineContext): ServiceSplit {
  if (fate.doomedCount === 0) return wholeService(fate, context);
  const all = fate.service.folded;
  if (fate.doomedCount === all.length && canBeSplit(fate)) return { kind: 'gone' };
  return splitService(
    '*',
    '*',
    all.map((_, index) => index),
    fate,
    context,
  );
}

/** A service under `*` of which no action goes: it stays whole, unless it is unused and has no action anybody knows. */
function wholeService(fate: ServiceFate, context: RefineContext): ServiceSplit {
  const isEmpty = fate.isUnused && fate.service.actions.length === 0;
  return isEmpty && context.keep.keepsWhole(fate.key, '*') === undefined
    ? { kind: 'gone' }
    : { kind: 'untouched', reason: REASON.wildcardKept };
}
