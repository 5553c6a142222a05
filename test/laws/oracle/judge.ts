import {
  isObject,
  member,
  statementsOf,
  strings,
  text,
  withMember,
  type Plain,
  type PlainObject,
} from './json.ts';
import { escapes } from './language.ts';
import { hasWildcard, lower } from './matcher.ts';
import {
  decisionOf,
  isSaid,
  matchesAction,
  piecesOf,
  readPattern,
  withoutRedundant,
  type Decision,
  type Mode,
  type ReadPattern,
} from './reference.ts';
import { makeWorld, type Entry, type RawCatalogue, type World } from './world.ts';

/** One question to the refiner, in the words of its users. */
export interface Question {
  readonly document: unknown;
  readonly unused: readonly Entry[];
  readonly catalogue: RawCatalogue;
  readonly keep: readonly string[];
  readonly generalize: Mode;
}

/** Every law that the answer breaks, in words; empty when it is right. `policy` is null when nothing is left. */
export function judge(question: Question, policy: unknown): readonly string[] {
  const world = makeWorld(question.catalogue, question.unused, question.keep, question.document);
  const before = statementsOf(question.document);
  const expectedOrigins = survivingStatements(world, before, question.generalize);
  if (policy === null) {
    return expectedOrigins.length === 0
      ? []
      : [`dropped: the policy is gone, Statement[${expectedOrigins.join()}] remain`];
  }
  const after = statementsOf(policy);
  if (after.length !== expectedOrigins.length || after.length === 0) {
    return [
      `dropped: ${String(after.length)} statements are left, expected Statement[${expectedOrigins.join()}]`,
    ];
  }
  const problems = judgeFrame(question.document, policy, after.length);
  for (const [place, origin] of expectedOrigins.entries()) {
    const old = before[origin];
    const now = after[place];
    if (!old || !now) continue;
    problems.push(
      ...judgeStatement(world, old, now, question.generalize).map((p) => `Statement[${String(origin)}] ${p}`),
    );
  }
  return problems;
}

/** Which statements remain, by place. Deny always does; so does `NotAction`, which grants what nobody has listed. */
export function survivingStatements(
  world: World,
  statements: readonly PlainObject[],
  mode: Mode,
): readonly number[] {
  return [...statements.keys()].filter((index) => {
    const statement = statements[index];
    if (!statement || member(statement, 'Effect') !== 'Allow') return true;
    if (member(statement, 'NotAction') !== undefined) return true;
    return patternsOf(statement).some((pattern) => {
      const decision = decisionOf(world, pattern);
      // A list of literal actions can come out empty where a service has none that is known.
      return decision === 'split'
        ? piecesOf(world, pattern, mode, 'prefix')?.length !== 0
        : decision !== 'dropped';
    });
  });
}

function patternsOf(statement: PlainObject): readonly ReadPattern[] {
  return strings(member(statement, 'Action') ?? member(statement, 'NotAction')).map(readPattern);
}

/** Everything around the statements stays to the byte. */
function judgeFrame(document: unknown, policy: unknown, left: number): string[] {
  if (!isObject(document) || !isObject(policy)) return ['frame: not an object'];
  const mark = (object: PlainObject): string => text(withMember(object, 'Statement', '…'));
  const problems =
    mark(document) === mark(policy) ? [] : ['frame: Version, Id or the order of members changed'];
  const wasObject = !Array.isArray(member(document, 'Statement'));
  const isArray = Array.isArray(member(policy, 'Statement'));
  if (wasObject === isArray && left === 1) problems.push('frame: Statement changed between object and array');
  return problems;
}

/** What one Allow or Deny statement became. */
export function judgeStatement(
  world: World,
  old: PlainObject,
  now: PlainObject,
  mode: Mode,
): readonly string[] {
  if (member(old, 'Effect') !== 'Allow') return text(old) === text(now) ? [] : ['deny: changed'];
  const element = member(old, 'Action') === undefined ? 'NotAction' : 'Action';
  if (element === 'Action' && member(now, 'NotAction') !== undefined) return judgeComplement(world, old, now);
  if (member(now, element) === undefined) return [`element: ${element} is missing`];
  const mark = (object: PlainObject): string => text(withMember(object, element, '…'));
  const problems = mark(old) === mark(now) ? [] : ['rest: something other than the actions changed'];
  problems.push(...judgeExact(world, old, now));
  const list = strings(member(now, element));
  const value: Plain | undefined = member(now, element);
  if (list.length === 0) problems.push(`element: ${element} is empty`);
  if (typeof member(old, element) === 'string' && Array.isArray(value) && list.length === 1) {
    problems.push('form: one action as a string became an array');
  }
  if (Array.isArray(member(old, element)) && !Array.isArray(value))
    problems.push('form: an array became a string');
  const was = patternsOf(old);
  return [
    ...problems,
    ...(element === 'Action' ? judgeActions(world, was, list, mode) : judgeExceptions(world, was, list)),
  ];
}

/** `*` may become `NotAction`, which is narrower whatever it lists; only exactness and the rest can be wrong. */
function judgeComplement(world: World, old: PlainObject, now: PlainObject): readonly string[] {
  const problems = [...judgeExact(world, old, now)];
  if (!patternsOf(old).some(({ everything }) => everything))
    problems.push('element: Action became NotAction');
  const rest = (object: PlainObject, key: string): string => text(withMember(object, key, undefined));
  if (rest(old, 'Action') !== rest(now, 'NotAction'))
    problems.push('rest: something other than the actions changed');
  return problems;
}

/** `granted(after) = granted(before) − unused + retained`, action by action. */
function judgeExact(world: World, old: PlainObject, now: PlainObject): string[] {
  const [was, is] = [grants(old), grants(now)];
  const problems: string[] = [];
  for (const key of servicesOf(world, [old, now])) {
    const service = world.services.get(key);
    if (!service) continue;
    const [wasHere, isHere] = [was(key), is(key)];
    for (const { name, folded, removed } of service.actions) {
      const stays = !removed || (!service.judged && isUnderWildcard(old, key, folded));
      const expected = wasHere(folded) && stays;
      if (isHere(folded) === expected) continue;
      problems.push(`exact: ${key}:${name} ${expected ? 'is lost' : 'is still granted'}`);
      if (problems.length > 5) return problems;
    }
  }
  for (const [key, keepers] of world.beyond) {
    const lost = keepers.find(({ folded }) => isGranted(old, key, folded) && !isGranted(now, key, folded));
    if (lost) problems.push(`exact: ${lost.text} stays on purpose and is lost`);
  }
  return problems;
}

/** Whether a statement grants a literal, or all of a wildcard. */
function isGranted(statement: PlainObject, service: string, pattern: string): boolean {
  const isListed = patternsOf(statement).some(({ text }) => isSaid(`${service}:${pattern}`, lower(text)));
  return isListed !== (member(statement, 'NotAction') !== undefined);
}

function isUnderWildcard(statement: PlainObject, service: string, action: string): boolean {
  if (member(statement, 'NotAction') !== undefined) return false;
  return patternsOf(statement).some(
    (pattern) =>
      (pattern.everything || hasWildcard(pattern.action)) && matchesAction(pattern, service, action),
  );
}

/** The services that these statements can speak about. */
function servicesOf(world: World, statements: readonly PlainObject[]): ReadonlySet<string> {
  const patterns = statements.flatMap(patternsOf);
  const isOpen = statements.some((statement) => member(statement, 'NotAction') !== undefined);
  if (isOpen || patterns.some(({ everything }) => everything)) return new Set(world.services.keys());
  return new Set(patterns.flatMap((pattern) => (pattern.everything ? [] : [pattern.service])));
}

/** Whether a statement grants an action; by service, because most patterns speak of one. */
export function grants(statement: PlainObject): (service: string) => (action: string) => boolean {
  const isComplement = member(statement, 'NotAction') !== undefined;
  const patterns = patternsOf(statement);
  return (service) => {
    const here = patterns.filter((pattern) => pattern.everything || pattern.service === service);
    if (here.length === 0) return () => isComplement;
    const literals = new Set(
      here.flatMap((p) => (!p.everything && !hasWildcard(p.action) ? [p.action] : [])),
    );
    const wild = here.filter((p) => p.everything || hasWildcard(p.action));
    return (action) =>
      (literals.has(action) || wild.some((pattern) => matchesAction(pattern, service, action))) !==
      isComplement;
  };
}

function judgeActions(
  world: World,
  was: readonly ReadPattern[],
  list: readonly string[],
  mode: Mode,
): string[] {
  const problems: string[] = [];
  const authored = new Set(was.map((pattern) => pattern.text));
  const made = list.filter((entry) => !authored.has(entry));
  const wide = list.filter(hasWildcard).map((text): [string, string] => [text, lower(text)]);
  for (const entry of made) {
    const found = isWider(entry, was);
    if (found !== undefined) problems.push(`wider: ${entry} matches ${found}, which no old pattern does`);
    const folded = lower(entry);
    if (wide.some(([other, wider]) => other !== entry && isSaid(folded, wider))) {
      problems.push(`redundant: ${entry} says nothing that another pattern does not say`);
    }
    problems.push(...judgeSpelling(world, entry));
  }
  if (new Set(made.map(lower)).size !== made.length) problems.push('redundant: a new pattern stands twice');
  problems.push(...judgeGrammar(made), ...judgeWhole(world, was, list, mode));
  if (mode === 'enumerate' && made.some((entry) => hasWildcard(entry) && isJudged(world, entry))) {
    problems.push('enumerate: a wildcard was made where literal actions were asked for');
  }
  return [...problems, ...judgePlaces(world, was, list, mode)];
}

function isJudged(world: World, entry: string): boolean {
  const pattern = readPattern(entry);
  if (pattern.everything) return true;
  const isOwners = world.beyond.get(pattern.service)?.some(({ text }) => text === entry) === true;
  return !isOwners && world.services.get(pattern.service)?.judged === true;
}

function isWider(entry: string, was: readonly ReadPattern[]): string | undefined {
  if (was.some(({ everything }) => everything)) return undefined;
  const now = readPattern(entry);
  if (now.everything) return 'everything';
  const here = was.flatMap((pattern) =>
    !pattern.everything && pattern.service === now.service ? [pattern.action] : [],
  );
  return escapes(now.action, here);
}

/** What IAM takes: a service of letters, digits, dots and hyphens, one colon, and printable characters without a space. */
function judgeGrammar(made: readonly string[]): string[] {
  const taken = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?:[^\s:\u0000-\u0020\u007f-\uffff]+$/i;
  return made.filter((entry) => !taken.test(entry)).map((entry) => `grammar: IAM does not take ${entry}`);
}

/** Unknown is not unused: a wildcard under which nothing goes says more than the actions that are known under it. */
function judgeWhole(
  world: World,
  was: readonly ReadPattern[],
  list: readonly string[],
  mode: Mode,
): string[] {
  const due = was.flatMap((pattern) => {
    if (pattern.everything) {
      const pieces = decisionOf(world, pattern) === 'kept' ? ['*'] : piecesOf(world, pattern, mode, 'prefix');
      return pieces?.filter((piece) => piece === '*' || piece.endsWith(':*')) ?? [];
    }
    return hasWildcard(pattern.action) && decisionOf(world, pattern) === 'kept' ? [lower(pattern.text)] : [];
  });
  const now = list.map(lower);
  return due
    .filter((piece) => !now.some((entry) => isSaid(piece, entry)))
    .map((piece) => `unknown: ${piece} is not there as a whole, and nothing under it goes`);
}

/** New literals and prefixes use the catalogue's spelling. */
function judgeSpelling(world: World, entry: string): string[] {
  const pattern = readPattern(entry);
  if (pattern.everything) return [];
  if (world.beyond.get(pattern.service)?.some(({ text }) => text === entry) === true) return [];
  const head = entry.slice(entry.indexOf(':') + 1).split(/[*?]/)[0] ?? '';
  const service = world.services.get(pattern.service);
  if (!service && world.named.has(pattern.service))
    return entry === `${pattern.service}:*` ? [] : [`spelling: ${entry}`];
  const isSpelt =
    service?.name === entry.slice(0, entry.indexOf(':')) &&
    (head === '' ||
      service.actions.some(({ name }) => (/[*?]/.test(entry) ? name.startsWith(head) : name === head)));
  return isSpelt ? [] : [`spelling: ${entry} is not spelt as the catalogue spells it`];
}

/** Survivors keep spelling and order; what replaces a pattern stands in its place, and is exactly what the law names. */
function judgePlaces(
  world: World,
  was: readonly ReadPattern[],
  list: readonly string[],
  mode: Mode,
): string[] {
  const attempts = (['prefix', 'whole-pattern'] as const).map((reading) => {
    const slots = was.map((pattern) => {
      const decision = decisionOf(world, pattern);
      const isOpen = decision === 'kept-or-split' || isSaidByUnjudgedWildcard(world, pattern, was);
      const settled: Decision =
        !isOpen || decision === 'kept' ? decision : list.includes(pattern.text) ? 'kept' : orElse(decision);
      return {
        pattern,
        decision: settled,
        pieces: settled === 'split' ? piecesOf(world, pattern, mode, reading) : [],
      };
    });
    return placeAll(slots, list);
  });
  return attempts.find((problems) => problems.length === 0) ?? attempts[0] ?? [];
}

function orElse(decision: Decision): Decision {
  return decision === 'kept-or-split' ? 'split' : 'dropped';
}

/**
 * An unused literal beside a wildcard that retains it, over a service that the catalogue lacks: with it or without it
 * the statement grants the same, and the law is silent.
 */
function isSaidByUnjudgedWildcard(world: World, literal: ReadPattern, was: readonly ReadPattern[]): boolean {
  if (literal.everything || hasWildcard(literal.action)) return false;
  const { service, action } = literal;
  const isUnjudged = world.services.get(service)?.judged === false;
  return (
    isUnjudged &&
    was.some(
      (one) =>
        one !== literal &&
        one.text !== literal.text &&
        (one.everything || hasWildcard(one.action)) &&
        matchesAction(one, service, action),
    )
  );
}

interface Slot {
  readonly pattern: ReadPattern;
  readonly decision: Decision;
  /** Undefined where the law leaves the form open. */
  readonly pieces: readonly string[] | undefined;
}

function placeAll(slots: readonly Slot[], list: readonly string[]): string[] {
  let at = 0;
  const made: string[] = [];
  for (const [index, { pattern, decision, pieces }] of slots.entries()) {
    if (decision === 'dropped') continue;
    if (decision === 'kept') {
      if (list[at] !== pattern.text)
        return [misplaced(slots, list, `found ${String(list[at])} instead of ${pattern.text}`)];
      at += 1;
      continue;
    }
    const next = slots.slice(index + 1).find((slot) => slot.decision === 'kept')?.pattern.text;
    for (let entry = list[at]; entry !== undefined && entry !== next; entry = list[at]) {
      const folded = lower(entry);
      if (pieces ? !pieces.includes(folded) : isWider(entry, [pattern]) !== undefined) break;
      made.push(folded);
      at += 1;
    }
  }
  if (at < list.length)
    return [misplaced(slots, list, `${String(list[at])} is not what any pattern there becomes`)];
  if (slots.some(({ pieces }) => pieces === undefined)) return [];
  const survivors = slots
    .filter(({ decision }) => decision === 'kept')
    .map(({ pattern }) => lower(pattern.text));
  const expected = withoutRedundant(
    slots.flatMap(({ pieces }) => pieces ?? []),
    survivors,
  );
  const missing = expected.filter((piece) => !made.includes(piece));
  const extra = made.filter((piece) => !expected.includes(piece));
  return [...missing.map((p) => `pieces: ${p} is missing`), ...extra.map((p) => `pieces: ${p} is too much`)];
}

/** A lost or moved survivor is worse than a new pattern of the wrong form. */
function misplaced(slots: readonly Slot[], list: readonly string[], what: string): string {
  const survivors = slots.filter(({ decision }) => decision === 'kept').map(({ pattern }) => pattern.text);
  let at = 0;
  for (const entry of list) if (entry === survivors[at]) at += 1;
  const stale = slots.find(
    ({ decision, pattern }) =>
      decision !== 'kept' && list.includes(pattern.text) && !survivors.includes(pattern.text),
  );
  return at < survivors.length || stale !== undefined ? `survivor: ${what}` : `place: ${what}`;
}

/** `NotAction` keeps what it lists, in order, and lists more behind it. */
function judgeExceptions(world: World, was: readonly ReadPattern[], list: readonly string[]): string[] {
  const problems: string[] = [];
  for (const [index, { text: old }] of was.entries()) {
    if (list[index] !== old) problems.push(`survivor: ${old} is not where it was in NotAction`);
  }
  const added = list.slice(was.length);
  problems.push(...judgeGrammar(added));
  if (was.some(({ everything }) => everything))
    return added.length > 0 ? ['redundant: nothing was granted'] : problems;
  const retains = new Set<string>();
  const expected: string[] = [];
  for (const key of world.whollyUnused) {
    const actions = world.services.get(key)?.actions ?? [];
    if (actions.some(({ removed }) => !removed) || world.mayRetainIn(key)) retains.add(key);
    else expected.push(`${key}:*`);
  }
  for (const [key, service] of world.services) {
    if (retains.has(key) || service.wholly) continue;
    expected.push(
      ...service.actions.filter(({ removed }) => removed).map(({ folded }) => `${key}:${folded}`),
    );
  }
  const listed = was.map((pattern) => lower(pattern.text));
  const due = withoutRedundant(expected, listed);
  const now = list.map(lower);
  for (const entry of due.filter((one) => one.endsWith(':*') && !now.some((other) => isSaid(one, other))))
    problems.push(`unknown: ${entry} is wholly unused and not listed as a whole`);
  const made = added.map(lower).filter((entry) => !retains.has(entry.slice(0, entry.indexOf(':'))));
  problems.push(
    ...due.filter((entry) => !made.includes(entry)).map((entry) => `exceptions: ${entry} is missing`),
  );
  for (const entry of made.filter((one) => !due.includes(one))) {
    const isSaidAlready = [...listed, ...due].some((other) => isSaid(entry, other));
    problems.push(
      isSaidAlready ? `redundant: ${entry} is listed already` : `exceptions: ${entry} is too much`,
    );
  }
  if (new Set(added).size !== added.length) problems.push('redundant: an exception stands twice');
  return problems;
}
