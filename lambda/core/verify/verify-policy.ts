import type { Catalogue } from '../catalogue/catalogue.ts';
import { equalJson, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { type Law, makeLaw } from './expected.ts';
import { grants, names, patternPairs, type ReadStatement, readStatements } from './grant-reading.ts';
import { isContained, runsOf } from './matching.ts';

/** One document that stands in the place of the original, and where each of its statements came from. */
export interface ClaimedDocument {
  readonly document: JsonValue;
  /** For each statement of the document, the index of the original statement. */
  readonly origins: readonly number[];
}

export interface VerifyInput {
  readonly before: JsonValue;
  /** Empty when nothing is left of the policy. */
  readonly after: readonly ClaimedDocument[];
  readonly unused: UnusedAccess;
  readonly keep: readonly string[];
  readonly catalogue: Catalogue;
  /** Also demands that surviving patterns keep their spelling and order; false after fitting to a size. */
  readonly strict: boolean;
}

/** Positions of granted actions by case-folded service, over the universe. */
export type Granted = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * A refinement that the verifier has accepted. Only this module makes one, so whoever holds one holds the proof:
 * proposals are built from these and from nothing else.
 */
export class VerifiedPolicy {
  readonly #input: VerifyInput;
  private constructor(
    input: VerifyInput,
    /** What the Allow statements grant, case-folded, before and after. */
    readonly grantedBefore: Granted,
    readonly grantedAfter: Granted,
    readonly statementsChecked: number,
    readonly actionsChecked: number,
  ) {
    this.#input = input;
  }

  get before(): JsonValue {
    return this.#input.before;
  }

  get after(): readonly JsonValue[] {
    return this.#input.after.map(({ document }) => document);
  }

  static verify(input: VerifyInput): VerifyResult {
    const tally = new Tally();
    const problems = checkPolicy(input, tally);
    if (problems.length > 0) return { ok: false, problems };
    return {
      ok: true,
      verified: new VerifiedPolicy(input, tally.before, tally.after, tally.statements, tally.actions),
    };
  }
}

export type VerifyResult =
  | { readonly ok: true; readonly verified: VerifiedPolicy }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Checks a claimed refinement against the law by going through the actions of the universe one by one. A checker that
 * throws has not accepted anything: an exception is a problem like any other.
 */
export function verifyPolicy(input: VerifyInput): VerifyResult {
  try {
    return VerifiedPolicy.verify(input);
  } catch (error) {
    return {
      ok: false,
      problems: [`the verifier failed: ${error instanceof Error ? error.message : 'unknown'}`],
    };
  }
}

class Tally {
  statements = 0;
  actions = 0;
  readonly before = new Map<string, Set<string>>();
  readonly after = new Map<string, Set<string>>();

  static note(granted: Map<string, Set<string>>, service: string, action: string): void {
    const set = granted.get(service);
    if (set) set.add(action);
    else granted.set(service, new Set([action]));
  }
}

function checkPolicy(input: VerifyInput, tally: Tally): readonly string[] {
  const before = readStatements(input.before);
  if (typeof before === 'string') return [`before: ${before}`];
  const problems: string[] = [];
  const parts = new Map<number, ReadStatement[]>();
  for (const [place, claim] of input.after.entries()) {
    const statements = readStatements(claim.document);
    if (typeof statements === 'string') return [`after[${String(place)}]: ${statements}`];
    problems.push(
      ...checkDocument(input.before, claim, statements).map((p) => `after[${String(place)}]: ${p}`),
    );
    for (const [index, statement] of statements.entries()) {
      const origin = claim.origins[index];
      if (origin === undefined) continue;
      const list = parts.get(origin) ?? [];
      parts.set(origin, [...list, statement]);
    }
  }
  if (problems.length > 0) return problems;
  const law = makeLaw(input.catalogue, input.unused, input.keep);
  for (const [index, statement] of before.entries()) {
    const found = checkStatement(statement, parts.get(index) ?? [], law, input.strict, tally);
    problems.push(...found.map((problem) => `Statement[${String(index)}]: ${problem}`));
  }
  return problems;
}

/** What must hold of a document as a whole: the same policy elements, statements in order, Sids unique. */
function checkDocument(
  before: JsonValue,
  claim: ClaimedDocument,
  statements: readonly ReadStatement[],
): readonly string[] {
  const problems: string[] = [];
  if (!isJsonObject(before) || !isJsonObject(claim.document)) return ['a document is not an object'];
  for (const key of new Set([...Object.keys(before), ...Object.keys(claim.document)])) {
    if (key !== 'Statement' && !equalJson(before[key], claim.document[key]))
      problems.push(`${key} was changed`);
  }
  if (claim.origins.length !== statements.length) problems.push('not every statement names its origin');
  claim.origins.forEach((origin, index) => {
    const previous = claim.origins[index - 1];
    if (previous !== undefined && previous >= origin) problems.push('the order of statements was changed');
  });
  const element = before['Statement'];
  const count = isJsonArray(element) ? element.length : 1;
  if (claim.origins.some((origin) => origin < 0 || origin >= count))
    problems.push('an origin does not exist');
  const sids = statements.map(({ source }) => source['Sid']).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size !== sids.length) problems.push('two statements have the same Sid');
  return problems;
}

function checkStatement(
  before: ReadStatement,
  after: readonly ReadStatement[],
  law: Law,
  strict: boolean,
  tally: Tally,
): readonly string[] {
  tally.statements += 1;
  const isSplit = after.length > 1;
  if (strict && isSplit) return ['it stands more than once'];
  for (const part of after) {
    const changed = changedElement(before.source, part.source, isSplit);
    if (changed !== undefined) return [`${changed} was changed`];
  }
  if (!before.isAllow) {
    const only = after[0];
    if (!only || isSplit) return ['a Deny is gone or stands twice'];
    return equalJson(before.source, only.source) ? [] : ['a Deny was changed'];
  }
  return [
    ...checkGranted(before, after, law, tally),
    ...checkWidth(before, after),
    ...checkUnknown(before, after, law),
    ...(strict ? checkSurvivors(before, after[0], law) : []),
  ];
}

/** The first element other than the actions that differs; the Sid of a part may differ when a statement is split. */
function changedElement(before: JsonObject, after: JsonObject, isSplit: boolean): string | undefined {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (key === 'Action' || key === 'NotAction' || (key === 'Sid' && isSplit)) continue;
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
  law: Law,
  tally: Tally,
): readonly string[] {
  for (const service of servicesOf([before, ...after], law)) {
    for (const action of law.actionsOf(service)) {
      tally.actions += 1;
      const was = grants(before, service, action);
      const must = was && (!law.isUnused(service, action) || law.isRetained(before, service, action));
      const is = after.some((part) => grants(part, service, action));
      if (is !== must) return [`${service}:${action} is ${is ? 'still granted' : 'no longer granted'}`];
      if (was) Tally.note(tally.before, service, action);
      if (is) Tally.note(tally.after, service, action);
    }
  }
  return [];
}

function servicesOf(statements: readonly ReadStatement[], law: Law): Iterable<string> {
  if (statements.some(({ isNegated, hasEverything }) => isNegated || hasEverything)) return law.services;
  const services = new Set<string>();
  for (const statement of statements) {
    for (const service of statement.services) if (law.hasService(service)) services.add(service);
  }
  return services;
}

/** Law 5: nothing is wider than what it replaces, over all strings. */
function checkWidth(before: ReadStatement, after: readonly ReadStatement[]): readonly string[] {
  const old = patternPairs(before);
  const oldTexts = new Set(old.map(([service, action]) => `${service}:${action}`));
  const oldWildcards = old.filter(([, action]) => /[*?]/.test(action));
  const isWithin = ([service, action]: readonly [string, string]): boolean =>
    oldTexts.has(`${service}:${action}`) ||
    oldWildcards.some(([s, a]) => s === '*' || (s === service && isContained(action, a)));
  for (const part of after) {
    if (before.isNegated) {
      if (!part.isNegated) return ['NotAction became Action'];
      const lists = patternPairs(part);
      const lost = old.find(
        ([service, action]) =>
          !lists.some(([s, a]) => s === '*' || (s === service && isContained(action, a))),
      );
      if (lost) return [`NotAction no longer lists ${lost.join(':')}`];
    } else if (part.isNegated) {
      if (!before.hasEverything) return ['Action became NotAction, which is wider'];
    } else {
      const wide = patternPairs(part).find((pair) => !isWithin(pair));
      if (wide) return [`${wide.join(':')} is wider than the statement was`];
    }
  }
  return [];
}

/** Law 3: unknown is not unused. What the universe cannot judge must stay unless its service is wholly unused. */
function checkUnknown(before: ReadStatement, after: readonly ReadStatement[], law: Law): readonly string[] {
  if (before.isNegated) return [];
  for (const [service, action] of patternPairs(before)) {
    if (service === '*' || law.isServiceUnused(service)) continue;
    const isLiteral = !/[*?]/.test(action);
    if (isLiteral) {
      const isListed = law.actionsOf(service).includes(action);
      if (!isListed && !after.some((part) => names(part, service, action) !== part.isNegated)) {
        return [`${service}:${action} is unknown, not unused, and was lost`];
      }
    } else if (
      !law.actionsOf(service).some((known) => names(single(before, service, action), service, known))
    ) {
      if (!after.some((part) => part.isNegated || holds(part, service, action))) {
        return [`${service}:${action} matches nothing known and was lost`];
      }
    }
  }
  return [];
}

function holds(part: ReadStatement, service: string, action: string): boolean {
  return patternPairs(part).some(([s, a]) => s === '*' || (s === service && isContained(action, a)));
}

function single(statement: ReadStatement, service: string, action: string): ReadStatement {
  return {
    ...statement,
    hasEverything: false,
    literals: new Map(),
    wildcards: new Map([[service, new Map([[action, runsOf(action)]])]]),
  };
}

/** Law 1: every pattern under which nothing goes stays as the author wrote it, in the author's order. */
function checkSurvivors(
  before: ReadStatement,
  after: ReadStatement | undefined,
  law: Law,
): readonly string[] {
  const pairs = patternPairs(before);
  const mustStay = before.isNegated
    ? before.written
    : before.written.filter((_, index) => {
        const [service, action] = pairs[index] ?? ['', ''];
        return staysWhole(before, service, action, law);
      });
  let from = 0;
  for (const text of mustStay) {
    const at = after ? after.written.indexOf(text, from) : -1;
    if (at < 0) return [`the pattern ${JSON.stringify(text)} was lost or moved`];
    from = at + 1;
  }
  return [];
}

function staysWhole(before: ReadStatement, service: string, action: string, law: Law): boolean {
  const goes = (s: string, a: string): boolean => law.isUnused(s, a) && !law.isRetained(before, s, a);
  if (service === '*') {
    for (const s of law.services) if (law.actionsOf(s).some((a) => goes(s, a))) return false;
    return true;
  }
  const pattern = single(before, service, action);
  const under = law.actionsOf(service).filter((a) => a === action || names(pattern, service, a));
  if (under.length === 0) return !law.isServiceUnused(service);
  return !under.some((a) => goes(service, a));
}
