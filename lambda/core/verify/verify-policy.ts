import type { Catalogue } from '../catalogue/catalogue.ts';
import { equalJson, isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import { type Law, makeLaw } from './expected.ts';
import { grantedOf, names, type ReadPattern, type ReadStatement, readStatements } from './grant-reading.ts';
import { doesMatch, isContained, runsOf } from './matching.ts';

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

/** What is granted of one service of the universe: `has` is 1 at the positions of the granted ones. */
export interface GrantedActions {
  /** Case-folded; in the same order for every policy that is judged by one catalogue and one finding. */
  readonly actions: readonly string[];
  readonly has: Uint8Array;
}

/** Granted actions by case-folded service; services of which nothing is granted are left out. */
export type Granted = ReadonlyMap<string, GrantedActions>;

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
  readonly before = new Map<string, GrantedActions>();
  readonly after = new Map<string, GrantedActions>();

  static note(granted: Map<string, GrantedActions>, service: string, more: GrantedActions): void {
    if (!more.has.includes(1)) return;
    const known = granted.get(service);
    granted.set(service, known ? { ...known, has: eitherOf([known.has, more.has]) } : more);
  }
}

function eitherOf(all: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = all;
  const either = Uint8Array.from(first ?? []);
  for (const other of others) {
    for (let i = 0; i < other.length; i += 1) if (other[i] === 1) either[i] = 1;
  }
  return either;
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
    ...checkUnusedServices(after, law),
    ...checkBeyond(before, after, law),
    ...checkListed(before, after, law),
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
  const [only] = after;
  const isUntouched = after.length === 1 && only !== undefined && samePatterns(before, only);
  for (const service of servicesOf([before, ...after], law)) {
    const actions = law.actionsOf(service);
    const unused = law.unusedIn(service);
    const was = grantedOf(before, service, actions);
    const is = isUntouched ? was : grantedByAny(after, service, actions);
    tally.actions += actions.length;
    for (let i = 0; i < actions.length; i += 1) {
      const action = actions[i] ?? '';
      const must =
        was[i] === 1 &&
        (!(unused.all || unused.named.has(action)) || law.isRetained(before, service, action));
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

function samePatterns(a: ReadStatement, b: ReadStatement): boolean {
  return (
    a.isNegated === b.isNegated &&
    a.patterns.length === b.patterns.length &&
    a.patterns.every(({ text }, index) => text === b.patterns[index]?.text)
  );
}

function servicesOf(statements: readonly ReadStatement[], law: Law): Iterable<string> {
  if (statements.some(({ isNegated, hasEverything }) => isNegated || hasEverything)) return law.services;
  const services = new Set<string>();
  for (const statement of statements) {
    for (const service of statement.services.keys()) if (law.hasService(service)) services.add(service);
  }
  return services;
}

/** Law 5: nothing is wider than what it replaces, over all strings. */
function checkWidth(before: ReadStatement, after: readonly ReadStatement[]): readonly string[] {
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
function checkUnknown(before: ReadStatement, after: readonly ReadStatement[], law: Law): readonly string[] {
  if (before.isNegated) return [];
  for (const pattern of before.patterns) {
    const { service, action, runs, text } = pattern;
    if (service === '*' || law.isServiceUnused(service)) continue;
    if (!runs) {
      const stays = after.some((part) => names(part, service, action) !== part.isNegated);
      if (!stays && !law.knows(service, action)) return [`${text} is unknown, not unused, and was lost`];
    } else if (!law.actionsOf(service).some((known) => doesMatch(runs, known))) {
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
function checkUnusedServices(after: readonly ReadStatement[], law: Law): readonly string[] {
  for (const part of after) {
    if (part.isNegated) {
      const open = law.unusedServices.find(
        (service) =>
          !law.mayRetain(service) && !isListed(part, { text: '', service, action: '*', runs: runsOf('*') }),
      );
      if (open !== undefined) return [`${open} is wholly unused and NotAction does not list all of it`];
      continue;
    }
    for (const { service, action, runs, text } of part.patterns) {
      if (service === '*' || !law.isServiceUnused(service) || law.keepsWhole(service, action)) continue;
      const isAlive = runs
        ? law.actionsOf(service).some((known) => doesMatch(runs, known))
        : law.knows(service, action) || law.isExempt(service, action);
      if (!isAlive) return [`${text} stays although its service is wholly unused`];
    }
  }
  return [];
}

/** What stays on purpose stays where nobody knows it too: the universe's actions say nothing about it. */
function checkBeyond(before: ReadStatement, after: readonly ReadStatement[], law: Law): readonly string[] {
  const grants = (statement: ReadStatement, pattern: ReadPattern): boolean =>
    isListed(statement, pattern) !== statement.isNegated;
  const lost = law.beyond.find(
    (pattern) => grants(before, pattern) && !after.some((part) => grants(part, pattern)),
  );
  return lost ? [`${lost.text} stays on purpose and was lost`] : [];
}

/** Law 3 for NotAction: whatever it lists anew must have been reported, a service as a whole or an action by name. */
function checkListed(before: ReadStatement, after: readonly ReadStatement[], law: Law): readonly string[] {
  for (const part of after) {
    if (!part.isNegated) continue;
    for (const pattern of part.patterns) {
      const { service, action, runs, text } = pattern;
      if (before.isNegated && isListed(before, pattern)) continue;
      if (service !== '*' && law.isServiceUnused(service)) continue;
      const isReported = runs
        ? law.isCatalogued(service) && law.actionsOf(service).some((known) => doesMatch(runs, known))
        : law.isUnused(service, action);
      if (!isReported) return [`${text} is listed in NotAction and was not reported unused`];
    }
  }
  return [];
}

/** Law 1: every pattern under which nothing goes stays as the author wrote it, in the author's order. */
function checkSurvivors(
  before: ReadStatement,
  after: ReadStatement | undefined,
  law: Law,
): readonly string[] {
  if (after && samePatterns(before, after)) return [];
  let from = 0;
  for (const pattern of before.patterns) {
    if (!before.isNegated && !staysWhole(before, pattern, law)) continue;
    let at = from;
    while (after?.patterns[at] && after.patterns[at]?.text !== pattern.text) at += 1;
    if (!after?.patterns[at]) return [`the pattern ${JSON.stringify(pattern.text)} was lost or moved`];
    from = at + 1;
  }
  return [];
}

function staysWhole(before: ReadStatement, pattern: ReadPattern, law: Law): boolean {
  const goes = (s: string, a: string): boolean => law.isUnused(s, a) && !law.isRetained(before, s, a);
  const { service, action, runs } = pattern;
  if (service === '*') {
    for (const s of law.services) if (law.actionsOf(s).some((a) => goes(s, a))) return false;
    return true;
  }
  if (!runs) {
    // What a wildcard beside it retains does not keep the literal: it goes when the finding reports it.
    return law.knows(service, action)
      ? !law.isUnused(service, action) || law.isExempt(service, action)
      : !law.isServiceUnused(service) || law.isExempt(service, action);
  }
  let isKnown = false;
  for (const known of law.actionsOf(service)) {
    if (!doesMatch(runs, known)) continue;
    if (goes(service, known)) return false;
    isKnown = true;
  }
  return isKnown || !law.isServiceUnused(service);
}
