import { matchingActions } from '../catalogue/catalogue.ts';
import type { ActionPattern } from '../pattern/action-pattern.ts';
import type { PatternChange } from '../model/proposed-policy.ts';
import { splitWildcard } from './split.ts';
import { byCodeUnit } from '../model/order.ts';
import { covers } from '../pattern/covers.ts';
import { foldCase } from '../pattern/matches.ts';
import { canBeSplit, type RefineContext, type ServiceDecision } from './context.ts';
import { PASS_ROLE_REASON } from './keep-list.ts';
import { REASON } from './reasons.ts';

/** The outcome for one pattern of an Allow statement's `Action`. */
interface PatternDecision {
  readonly pattern: ActionPattern;
  readonly outcome: Exclude<PatternChange['outcome'], 'added'>;
  /** The new patterns that replace it, in the catalogue's spelling; empty unless narrowed. */
  readonly to: readonly NewPattern[];
  readonly reason: string;
}

export interface NewPattern {
  readonly text: string;
  /** Case-folded. */
  readonly service: string;
}

/** Decides one pattern by the rules of docs/semantics.md, "Action patterns in an Allow statement". */
export function refinePattern(pattern: ActionPattern, context: RefineContext): PatternDecision {
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

function kept(pattern: ActionPattern, reason: string): PatternDecision {
  return { pattern, outcome: 'kept', to: [], reason };
}

function removed(pattern: ActionPattern, reason: string): PatternDecision {
  return { pattern, outcome: 'removed', to: [], reason };
}

function refineLiteral(pattern: ServicePattern, context: RefineContext): PatternDecision {
  const decision = context.decisionOf(pattern.service);
  const position = decision?.service.position.get(pattern.action);
  if (!decision || position === undefined) {
    const service = context.unused.services.get(pattern.service);
    if (!service) return kept(pattern, REASON.literalUnknown);
    if (isPassRole(pattern)) return kept(pattern, REASON.retained(PASS_ROLE_REASON));
    const keepEntry = context.keep.keepsWhole(pattern.service, pattern.action);
    return keepEntry === undefined
      ? removed(pattern, REASON.literalServiceUnused(service.name))
      : kept(pattern, REASON.retained(context.keep.why(keepEntry)));
  }
  const why = decision.retained.get(position);
  if (why !== undefined) return kept(pattern, REASON.retained(why));
  if (decision.removed[position] !== 1)
    return kept(pattern, literalKept(decision.service.untracked, pattern.action));
  return removed(
    pattern,
    decision.isUnused ? REASON.literalServiceUnused(decision.service.name) : REASON.literalUnused,
  );
}

function literalKept(untracked: ReadonlySet<string> | undefined, action: string): string {
  if (!untracked) return REASON.literalKept;
  return untracked.has(action) ? REASON.literalUntracked : REASON.literalTracked;
}

/** The user's own catalogue may lack `iam:PassRole`, which stays when all of iam is unused. */
function isPassRole({ service, action }: ServicePattern): boolean {
  return service === 'iam' && action === 'passrole';
}

function refineWildcard(pattern: ServicePattern, context: RefineContext): PatternDecision {
  const decision = context.decisionOf(pattern.service);
  const matched = decision ? matchingActions(decision.service, pattern.action) : [];
  if (!decision || matched.length === 0) {
    const service = context.unused.services.get(pattern.service);
    if (!service) return kept(pattern, REASON.wildcardUnknown);
    const keepEntry = context.keep.keepsWhole(pattern.service, pattern.action);
    return keepEntry === undefined
      ? removedExceptKept(pattern, REASON.serviceUnused(service.name), context)
      : kept(pattern, REASON.retained(context.keep.why(keepEntry)));
  }
  const parts = splitService(pattern.action, writtenAction(pattern), matched, decision, context);
  switch (parts.kind) {
    case 'untouched':
      return kept(pattern, parts.reason);
    case 'gone':
      return removedExceptKept(
        pattern,
        decision.isUnused
          ? REASON.serviceUnused(decision.service.name)
          : REASON.wildcardUnused(matched.length),
        context,
      );
    case 'split':
      return {
        pattern,
        outcome: 'narrowed',
        to: withUncataloguedKeep(parts.to, pattern.service, pattern.action, context),
        reason: REASON.narrowed(parts.removed, matched.length - parts.removed),
      };
    default:
      return parts satisfies never;
  }
}

/** A wildcard of which every known action is removed. Retained actions that the universe lacks replace it. */
function removedExceptKept(pattern: ServicePattern, reason: string, context: RefineContext): PatternDecision {
  const to = withUncataloguedKeep([], pattern.service, pattern.action, context);
  if (to.length === 0) return removed(pattern, reason);
  const why = context
    .uncataloguedKeepOf(pattern.service)
    .filter(({ text }) => to.some((part) => part.text === text))
    .map((keepEntry) => keepEntry.reason);
  return {
    pattern,
    outcome: 'narrowed',
    to,
    reason: `${reason}; ${[...new Set(why)].map(REASON.keptOfIt).join('; ')}`,
  };
}

/** The parts of a wildcard, and what the keep-list has under it that the universe does not know. */
function withUncataloguedKeep(
  parts: readonly NewPattern[],
  service: string,
  action: string,
  context: RefineContext,
): readonly NewPattern[] {
  const keepEntries = context
    .uncataloguedKeepOf(service)
    .filter((keepEntry) => covers(action, keepEntry.action));
  if (keepEntries.length === 0) return parts;
  const isCovered = (keepEntry: string): boolean =>
    parts.some((part) => covers(foldCase(part.text.slice(part.text.indexOf(':') + 1)), keepEntry));
  const added = keepEntries
    .filter((keepEntry) => !isCovered(keepEntry.action))
    .map(({ text }) => ({ text, service }));
  return [...parts, ...added].sort((a, b) => byCodeUnit(a.text, b.text));
}

function writtenAction(pattern: ServicePattern): string {
  return pattern.text.slice(pattern.text.indexOf(':') + 1);
}

type ServiceSplit =
  | { readonly kind: 'untouched'; readonly reason: string }
  | { readonly kind: 'gone' }
  | { readonly kind: 'split'; readonly to: readonly NewPattern[]; readonly removed: number };

/** Splits a wildcard over one service of the universe. */
function splitService(
  pattern: string,
  written: string,
  matched: readonly number[],
  decision: ServiceDecision,
  context: RefineContext,
): ServiceSplit {
  const removed: number[] = [];
  const stays: number[] = [];
  for (const action of matched) (decision.removed[action] === 1 ? removed : stays).push(action);
  if (removed.length === 0) {
    const why = matched.map((action) => decision.retained.get(action)).find((reason) => reason !== undefined);
    return { kind: 'untouched', reason: why === undefined ? REASON.wildcardKept : REASON.retained(why) };
  }
  if (!canBeSplit(decision)) {
    return { kind: 'untouched', reason: REASON.unknownService(decision.service.name) };
  }
  if (removed.length === matched.length) return { kind: 'gone' };
  const parts = splitWildcard({
    service: decision.service,
    pattern,
    written,
    kept: stays,
    removed,
    generalize: context.generalize,
  });
  return {
    kind: 'split',
    to: parts.map((part) => newPattern(decision, part.text)),
    removed: removed.length,
  };
}

function newPattern(decision: ServiceDecision, action: string): NewPattern {
  return { text: `${decision.service.name}:${action}`, service: decision.key };
}

/** `*`: every known service is decided on its own, in the order of their names. */
function refineEverything(pattern: ActionPattern, context: RefineContext): PatternDecision {
  if (!context.touchesAnything) return kept(pattern, REASON.wildcardKept);
  const to: NewPattern[] = [];
  const count = { gone: 0, narrowed: 0, whole: 0 };
  for (const key of context.servicesOfEverything) {
    const decision = context.decisionOf(key);
    if (!decision) {
      const isGone = context.unused.services.has(key) && context.keep.keepsWhole(key, '*') === undefined;
      count[isGone ? 'gone' : 'whole'] += 1;
      const whole = isGone ? [] : [{ text: `${key}:*`, service: key }];
      to.push(...withUncataloguedKeep(whole, key, '*', context));
      continue;
    }
    const parts = splitEverythingOf(decision, context);
    if (parts.kind === 'gone') {
      count.gone += 1;
      to.push(...withUncataloguedKeep([], key, '*', context));
    } else if (parts.kind === 'split') {
      count.narrowed += 1;
      to.push(...withUncataloguedKeep(parts.to, key, '*', context));
    } else {
      count.whole += 1;
      const isListed = context.generalize === 'enumerate' && decision.isKnown;
      const listed = (isListed ? decision.service.actions : ['*']).map((action) =>
        newPattern(decision, action),
      );
      to.push(...withUncataloguedKeep(listed, key, '*', context));
    }
  }
  return {
    pattern,
    outcome: to.length === 0 ? 'removed' : 'narrowed',
    to,
    reason: REASON.everythingNarrowed(count.gone, count.narrowed, count.whole),
  };
}

function splitEverythingOf(decision: ServiceDecision, context: RefineContext): ServiceSplit {
  if (decision.removedCount === 0) return wholeService(decision, context);
  const all = decision.service.folded;
  if (decision.removedCount === all.length && canBeSplit(decision)) return { kind: 'gone' };
  return splitService(
    '*',
    '*',
    all.map((_, index) => index),
    decision,
    context,
  );
}

/**
 * A service under `*` of which no action is removed: it stays whole, unless it is wholly unused and has no known
 * action.
 */
function wholeService(decision: ServiceDecision, context: RefineContext): ServiceSplit {
  const isEmpty = decision.isUnused && decision.service.actions.length === 0;
  return isEmpty && context.keep.keepsWhole(decision.key, '*') === undefined
    ? { kind: 'gone' }
    : { kind: 'untouched', reason: REASON.wildcardKept };
}
