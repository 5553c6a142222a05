import type { Expectation } from './expected.ts';
import { names, type ReadPattern, type ReadStatement } from './grant-reading.ts';
import { doesMatch, isContained, lettersOfEach, runsOf } from './matching.ts';

/** Whether both have the same patterns, in the same order and spelling. */
export function samePatterns(a: ReadStatement, b: ReadStatement): boolean {
  return (
    a.isNegated === b.isNegated &&
    a.patterns.length === b.patterns.length &&
    a.patterns.every(({ text }, index) => text === b.patterns[index]?.text)
  );
}

/** Law 5: nothing is wider than what it replaces, over all strings. */
export function checkWidth(before: ReadStatement, after: readonly ReadStatement[]): readonly string[] {
  for (const part of after) {
    if (before.isNegated) {
      if (!part.isNegated) return ['NotAction became Action'];
      const lost = before.patterns.find((pattern) => !isListed(part, pattern));
      if (lost) return [`NotAction no longer lists ${lost.text}`];
    } else if (part.isNegated) {
      if (!before.hasEverything) return ['Action became NotAction, which is wider'];
    } else {
      const wide = part.patterns.find((pattern) => !isListed(before, pattern));
      if (wide) return [`${wide.text} is wider than the statement was`];
    }
  }
  return [];
}

/** Whether one pattern of the statement contains everything that `pattern` matches. */
function isListed(statement: ReadStatement, pattern: ReadPattern): boolean {
  const { service, action } = pattern;
  if (statement.hasEverything) return true;
  if (service === '*') return false;
  const own = statement.services.get(service);
  if (!own) return false;
  if (!pattern.runs && own.literals.has(action)) return true;
  return own.wildcards.some((wide) => wide.action === action || isWithin(pattern, wide));
}

/** Whether the wide pattern contains the other. Most wide ones are a plain prefix, which is checked first. */
function isWithin({ action, runs }: ReadPattern, wide: ReadPattern): boolean {
  if (!wide.runs) return action === wide.action;
  if (!runs) return doesMatch(wide.runs, action);
  const { prefix, head, letters } = wide.runs;
  if (prefix !== undefined) return action.startsWith(prefix);
  if (!action.startsWith(head) || (letters & ~runs.letters) !== 0) return false;
  return isContained(action, wide.action);
}

/**
 * Rule 3: unknown is not unused. A pattern that the universe cannot judge must stay unless its whole service is unused.
 * A wildcard that loses no action must stay whole, because it grants more than its known actions.
 */
export function checkUnknown(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
): readonly string[] {
  if (before.isNegated) {
    // Two lists of exclusions would together grant what either of them omits.
    return after.length === 1 ? [] : ['an Allow with NotAction is gone or stands more than once'];
  }
  if (after.length > 1 && after.some(({ isNegated }) => isNegated))
    return ['NotAction took the place of Action more than once'];
  for (const pattern of before.patterns) {
    const { service, action, runs, text } = pattern;
    if (service === '*') continue;
    if (!runs) {
      const stays = after.some((part) => names(part, service, action) !== part.isNegated);
      const isUnknown = !expectation.isServiceUnused(service) && !expectation.knows(service, action);
      if (!stays && isUnknown) return [`${text} is unknown, not unused, and was lost`];
    } else if (staysWhole(before, pattern, expectation)) {
      const stays = after.some((part) => part.isNegated || isListed(part, pattern));
      if (!stays) return [`nothing under ${text} is unused, and it does not stay as a whole`];
    }
  }
  return before.hasEverything ? checkEverything(before, after, expectation) : [];
}

/** A list that replaces `*` grants each known service as a whole, unless one of its actions is removed. */
function checkEverything(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
): readonly string[] {
  if (after.some(({ isNegated, hasEverything }) => isNegated || hasEverything)) return [];
  for (const service of expectation.servicesOfEverything) {
    const isListable = expectation.isEnumerating && expectation.isCatalogued(service);
    const isUnused = expectation.isServiceUnused(service) && !expectation.keepsWhole(service, '*');
    if (isListable || isUnused || losesSome(before, service, expectation)) continue;
    if (!after.some((part) => isListed(part, wholeOf(service))))
      return [`nothing of ${service} is unused, and "*" was replaced without all of it`];
  }
  return [];
}

function losesSome(statement: ReadStatement, service: string, expectation: Expectation): boolean {
  const { all, named } = expectation.unusedIn(service);
  if (!all && named.size === 0) return false;
  return expectation
    .actionsOf(service)
    .some((action) => (all || named.has(action)) && !expectation.isRetained(statement, service, action));
}

function wholeOf(service: string): ReadPattern {
  const name = `${service}:*`;
  return { text: name, name, service, action: '*', runs: runsOf('*') };
}

/** No new pattern is contained in another pattern of its statement; it would only make the policy longer. */
export function checkRedundancy(before: ReadStatement, after: readonly ReadStatement[]): readonly string[] {
  for (const part of after) {
    // The author may have repeated a pattern, so a text counts as the author's as often as the author wrote it.
    const authors = new Map<string, number>();
    if (part.isNegated === before.isNegated)
      for (const { text } of before.patterns) authors.set(text, (authors.get(text) ?? 0) + 1);
    const byName = new Map<string, number>();
    for (const { name } of part.patterns) byName.set(name, (byName.get(name) ?? 0) + 1);
    for (const pattern of part.patterns) {
      const left = authors.get(pattern.text) ?? 0;
      authors.set(pattern.text, left - 1);
      const isRepeated = byName.get(pattern.name) !== 1;
      if (left <= 0 && (isRepeated || isWithinAnother(part, pattern)))
        return [`${pattern.text} says nothing that another pattern does not say`];
    }
  }
  return [];
}

function isWithinAnother(part: ReadStatement, pattern: ReadPattern): boolean {
  if (pattern.service === '*') return false;
  if (part.hasEverything) return true;
  const wide = part.services.get(pattern.service)?.wildcards ?? [];
  return wide.some((other) => other !== pattern && isWithin(pattern, other));
}

/**
 * A wholly unused service is removed beyond the catalogue too: each of its remaining patterns must match a retained
 * action or be on the keep-list, and a NotAction must list the whole service.
 */
export function checkUnusedServices(
  after: readonly ReadStatement[],
  expectation: Expectation,
): readonly string[] {
  for (const part of after) {
    if (part.isNegated) {
      const open = expectation.unusedServices.find(
        (service) => !expectation.mayRetain(service) && !isListed(part, wholeOf(service)),
      );
      if (open !== undefined) return [`${open} is wholly unused and NotAction does not list all of it`];
      continue;
    }
    for (const { service, action, runs, text } of part.patterns) {
      if (service === '*' || !expectation.isServiceUnused(service) || expectation.keepsWhole(service, action))
        continue;
      const isAlive = runs
        ? expectation.actionsOf(service).some((known) => doesMatch(runs, known))
        : expectation.knows(service, action) || expectation.isExempt(service, action);
      if (!isAlive) return [`${text} stays although its service is wholly unused`];
    }
  }
  return [];
}

/** Retained actions stay even if the universe does not have them; the check of its actions does not cover these. */
export function checkBeyond(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
): readonly string[] {
  const grants = (statement: ReadStatement, pattern: ReadPattern): boolean =>
    isListed(statement, pattern) !== statement.isNegated;
  const lost = expectation.beyond.find(
    (pattern) => grants(before, pattern) && !after.some((part) => grants(part, pattern)),
  );
  return lost ? [`${lost.text} stays on purpose and was lost`] : [];
}

/**
 * Rule 3 for NotAction: every new entry must have been reported, either a whole service or an action by name. Only
 * fitting writes other wildcards there, and none of them excludes a whole service that is not reported as such.
 */
export function checkListed(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
  strict: boolean,
): readonly string[] {
  for (const part of after) {
    if (!part.isNegated) continue;
    for (const pattern of part.patterns) {
      const { service, action, runs, text } = pattern;
      if (before.isNegated && isListed(before, pattern)) continue;
      if (service !== '*' && expectation.isServiceUnused(service)) continue;
      const isReported = runs
        ? !strict &&
          expectation.isCatalogued(service) &&
          !isContained('*', action) &&
          expectation.actionsOf(service).some((known) => doesMatch(runs, known))
        : expectation.isUnused(service, action);
      if (!isReported) return [`${text} is listed in NotAction and was not reported unused`];
    }
  }
  return [];
}

/** Rule 1: every pattern that loses no action stays as the author wrote it, in the author's order. */
export function checkSurvivors(
  before: ReadStatement,
  after: ReadStatement | undefined,
  expectation: Expectation,
): readonly string[] {
  if (after && (samePatterns(before, after) || after.isNegated !== before.isNegated)) return [];
  let from = 0;
  for (const pattern of before.patterns) {
    if (!before.isNegated && !staysWhole(before, pattern, expectation)) continue;
    let at = from;
    while (after?.patterns[at] && after.patterns[at]?.text !== pattern.text) at += 1;
    if (!after?.patterns[at]) return [`the pattern ${JSON.stringify(pattern.text)} was lost or moved`];
    from = at + 1;
  }
  return [];
}

/** Cached, because two rules need it for each pattern, and it goes through all actions of a service. */
const answered = new WeakMap<Expectation, WeakMap<ReadPattern, boolean>>();

function staysWhole(before: ReadStatement, pattern: ReadPattern, expectation: Expectation): boolean {
  const known = answered.get(expectation) ?? new WeakMap<ReadPattern, boolean>();
  answered.set(expectation, known);
  const answer = known.get(pattern) ?? losesNothing(before, pattern, expectation);
  known.set(pattern, answer);
  return answer;
}

/** Whether no action that the pattern matches is removed. */
function losesNothing(before: ReadStatement, pattern: ReadPattern, expectation: Expectation): boolean {
  const isRemoved = (s: string, a: string): boolean =>
    expectation.isUnused(s, a) && !expectation.isRetained(before, s, a);
  const { service, action, runs } = pattern;
  if (service === '*') {
    for (const s of expectation.services)
      if (expectation.actionsOf(s).some((a) => isRemoved(s, a))) return false;
    return true;
  }
  if (!runs) {
    // A literal that the finding reports is removed even if a wildcard beside it retains the action.
    return expectation.knows(service, action)
      ? !expectation.isUnused(service, action) || expectation.isExempt(service, action)
      : !expectation.isServiceUnused(service) || expectation.isExempt(service, action);
  }
  let isKnown = false;
  const actions = expectation.actionsOf(service);
  const letters = lettersOfEach(actions);
  // By index: this loop is the verifier's longest, and `entries` makes an array for each action.
  for (let i = 0; i < actions.length; i += 1) {
    const known = actions[i] ?? '';
    if ((runs.letters & ~(letters[i] ?? -1)) !== 0 || !doesMatch(runs, known)) continue;
    if (isRemoved(service, known)) return false;
    isKnown = true;
  }
  return isKnown || !expectation.isServiceUnused(service);
}
