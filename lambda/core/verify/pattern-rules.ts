import type { Expectation } from './expected.ts';
import { names, type ReadPattern, type ReadStatement } from './grant-reading.ts';
import { doesMatch, isContained, runsOf } from './matching.ts';

/** Whether both list the same patterns in the same order and spelling. */
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
  return own.wildcards.some((wide) => wide.action === action || isWithin(action, wide));
}

/** Whether the wide pattern contains the action pattern; most wide ones are a prefix, where one look answers it. */
function isWithin(action: string, wide: ReadPattern): boolean {
  const prefix = wide.runs?.prefix;
  return prefix === undefined ? isContained(action, wide.action) : action.startsWith(prefix);
}

/** Law 3: unknown is not unused. What the universe cannot judge must stay unless its service is wholly unused. */
export function checkUnknown(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
): readonly string[] {
  if (before.isNegated) return [];
  for (const pattern of before.patterns) {
    const { service, action, runs, text } = pattern;
    if (service === '*' || expectation.isServiceUnused(service)) continue;
    if (!runs) {
      const stays = after.some((part) => names(part, service, action) !== part.isNegated);
      if (!stays && !expectation.knows(service, action))
        return [`${text} is unknown, not unused, and was lost`];
    } else if (!expectation.actionsOf(service).some((known) => doesMatch(runs, known))) {
      const stays = after.some((part) => part.isNegated || isListed(part, pattern));
      if (!stays) return [`${text} matches nothing known and was lost`];
    }
  }
  return [];
}

/**
 * A wholly unused service goes beyond the catalogue too: what is left of it must match an action that stays on purpose
 * or be on the keep-list, and a NotAction must list all of it.
 */
export function checkUnusedServices(
  after: readonly ReadStatement[],
  expectation: Expectation,
): readonly string[] {
  for (const part of after) {
    if (part.isNegated) {
      const open = expectation.unusedServices.find(
        (service) =>
          !expectation.mayRetain(service) &&
          !isListed(part, { text: '', service, action: '*', runs: runsOf('*') }),
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

/** What stays on purpose stays where nobody knows it too: the universe's actions say nothing about it. */
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

/** Law 3 for NotAction: whatever it lists anew must have been reported, a service as a whole or an action by name. */
export function checkListed(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
): readonly string[] {
  for (const part of after) {
    if (!part.isNegated) continue;
    for (const pattern of part.patterns) {
      const { service, action, runs, text } = pattern;
      if (before.isNegated && isListed(before, pattern)) continue;
      if (service !== '*' && expectation.isServiceUnused(service)) continue;
      const isReported = runs
        ? expectation.isCatalogued(service) &&
          expectation.actionsOf(service).some((known) => doesMatch(runs, known))
        : expectation.isUnused(service, action);
      if (!isReported) return [`${text} is listed in NotAction and was not reported unused`];
    }
  }
  return [];
}

/** Law 1: every pattern under which nothing goes stays as the author wrote it, in the author's order. */
export function checkSurvivors(
  before: ReadStatement,
  after: ReadStatement | undefined,
  expectation: Expectation,
): readonly string[] {
  if (after && samePatterns(before, after)) return [];
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

function staysWhole(before: ReadStatement, pattern: ReadPattern, expectation: Expectation): boolean {
  const goes = (s: string, a: string): boolean =>
    expectation.isUnused(s, a) && !expectation.isRetained(before, s, a);
  const { service, action, runs } = pattern;
  if (service === '*') {
    for (const s of expectation.services) if (expectation.actionsOf(s).some((a) => goes(s, a))) return false;
    return true;
  }
  if (!runs) {
    // What a wildcard beside it retains does not keep the literal: it goes when the finding reports it.
    return expectation.knows(service, action)
      ? !expectation.isUnused(service, action) || expectation.isExempt(service, action)
      : !expectation.isServiceUnused(service) || expectation.isExempt(service, action);
  }
  let isKnown = false;
  for (const known of expectation.actionsOf(service)) {
    if (!doesMatch(runs, known)) continue;
    if (goes(service, known)) return false;
    isKnown = true;
  }
  return isKnown || !expectation.isServiceUnused(service);
}
