import { equalJson, type JsonObject } from '../model/json.ts';
import type { Expectation } from './expected.ts';
import { eitherOf, Tally } from './granted.ts';
import { grantedOf, type ReadStatement } from './grant-reading.ts';
import {
  checkBeyond,
  checkListed,
  checkRedundancy,
  checkSurvivors,
  checkUnknown,
  checkUnusedServices,
  checkWidth,
  samePatterns,
} from './pattern-rules.ts';

/** Everything that must hold for one original statement and the statements that replace it. */
export function checkStatement(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
  strict: boolean,
  tally: Tally,
): readonly string[] {
  tally.statements += 1;
  const isSplit = after.length > 1;
  if (strict && isSplit) return ['it stands more than once'];
  for (const part of after) {
    const changed = changedElement(before.source, part.source);
    if (changed !== undefined) return [`${changed} was changed`];
  }
  if (!before.isAllow) {
    const only = after[0];
    if (!only || isSplit) return ['a Deny is gone or stands twice'];
    return equalJson(before.source, only.source) ? [] : ['a Deny was changed'];
  }
  return [
    ...checkGranted(before, after, expectation, tally),
    ...checkWidth(before, after),
    ...checkUnknown(before, after, expectation),
    ...checkUnusedServices(after, expectation),
    ...checkBeyond(before, after, expectation),
    ...checkListed(before, after, expectation, strict),
    ...checkRedundancy(before, after),
    ...(strict ? checkSurvivors(before, after[0], expectation) : []),
  ];
}

/** The first element other than the actions that differs. */
function changedElement(before: JsonObject, after: JsonObject): string | undefined {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (key === 'Action' || key === 'NotAction') continue;
    if (!Object.hasOwn(before, key) || !Object.hasOwn(after, key) || !equalJson(before[key], after[key])) {
      return key;
    }
  }
  return undefined;
}

/** Law 4: granted(after) = granted(before) − unused + retained, both ways, action by action. */
function checkGranted(
  before: ReadStatement,
  after: readonly ReadStatement[],
  expectation: Expectation,
  tally: Tally,
): readonly string[] {
  const [only] = after;
  // A wildcard over an unknown service cannot be split, but NotAction can name an action of it.
  const isExcluding = !before.isNegated && after.some(({ isNegated }) => isNegated);
  const isUntouched = after.length === 1 && only !== undefined && samePatterns(before, only);
  for (const service of servicesOf([before, ...after], expectation)) {
    const actions = expectation.actionsOf(service);
    const unused = expectation.unusedIn(service);
    const was = grantedOf(before, service, actions);
    const is = isUntouched ? was : grantedByAny(after, service, actions);
    tally.actions += actions.length;
    for (let i = 0; i < actions.length; i += 1) {
      const action = actions[i] ?? '';
      const must =
        was[i] === 1 &&
        (!(unused.all || unused.named.has(action)) ||
          (isExcluding
            ? expectation.isExempt(service, action)
            : expectation.isRetained(before, service, action)));
      const does = is[i] === 1;
      if (does !== must) return [`${service}:${action} is ${does ? 'still granted' : 'no longer granted'}`];
    }
    Tally.note(tally.before, service, { actions, has: was });
    Tally.note(tally.after, service, { actions, has: is });
  }
  return [];
}

function grantedByAny(
  statements: readonly ReadStatement[],
  service: string,
  actions: readonly string[],
): Uint8Array {
  const [only] = statements;
  if (!only) return new Uint8Array(actions.length);
  const first = grantedOf(only, service, actions);
  if (statements.length === 1) return first;
  return eitherOf([first, ...statements.slice(1).map((part) => grantedOf(part, service, actions))]);
}

function servicesOf(statements: readonly ReadStatement[], expectation: Expectation): Iterable<string> {
  if (statements.some(({ isNegated, hasEverything }) => isNegated || hasEverything))
    return expectation.services;
  const services = new Set<string>();
  for (const statement of statements) {
    for (const service of statement.services.keys())
      if (expectation.hasService(service)) services.add(service);
  }
  return services;
}
