import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { doesMatch, type Runs, runsOf } from './matching.ts';

/** One pattern as the verifier reads it. `service` is `*` for everything; both parts are case-folded. */
export interface ReadPattern {
  readonly text: string;
  readonly service: string;
  readonly action: string;
  /** Undefined for a literal. */
  readonly runs: Runs | undefined;
}

/** One statement as the verifier reads it, straight from the JSON and with nothing of the engine's parser. */
export interface ReadStatement {
  readonly source: JsonObject;
  readonly isAllow: boolean;
  readonly isNegated: boolean;
  readonly patterns: readonly ReadPattern[];
  /** `*` or `*:*` is among the patterns. */
  readonly hasEverything: boolean;
  /** Case-folded service prefixes that the patterns name. */
  readonly services: ReadonlySet<string>;
  /** Case-folded literal actions, and wildcards, by service. */
  readonly literals: ReadonlyMap<string, ReadonlySet<string>>;
  readonly wildcards: ReadonlyMap<string, readonly ReadPattern[]>;
}

/** The statements of a document, or a sentence that says what is wrong with it. */
export function readStatements(document: JsonValue): readonly ReadStatement[] | string {
  if (!isJsonObject(document)) return 'the document is not an object';
  const element = document['Statement'];
  const sources = isJsonArray(element) ? element : [element];
  if (sources.length === 0) return 'the document has no statements';
  const statements: ReadStatement[] = [];
  for (const source of sources) {
    const statement = readStatement(source);
    if (typeof statement === 'string') return statement;
    statements.push(statement);
  }
  return statements;
}

function readStatement(source: JsonValue | undefined): ReadStatement | string {
  if (!isJsonObject(source)) return 'a statement is not an object';
  const isNegated = 'NotAction' in source;
  if (isNegated === 'Action' in source) return 'a statement needs Action or NotAction, and not both';
  const element = source[isNegated ? 'NotAction' : 'Action'];
  const written = isJsonArray(element) ? element : [element];
  if (written.length === 0) return 'a statement lists no actions';
  const patterns: ReadPattern[] = [];
  const services = new Set<string>();
  const literals = new Map<string, Set<string>>();
  const wildcards = new Map<string, ReadPattern[]>();
  let hasEverything = false;
  for (const text of written) {
    const pattern = typeof text === 'string' ? readPattern(text) : 'an action is not a string';
    if (typeof pattern === 'string') return pattern;
    patterns.push(pattern);
    const { service, action } = pattern;
    if (service === '*') {
      hasEverything = true;
      continue;
    }
    services.add(service);
    if (pattern.runs) {
      const list = wildcards.get(service);
      if (list) list.push(pattern);
      else wildcards.set(service, [pattern]);
    } else {
      const set = literals.get(service);
      if (set) set.add(action);
      else literals.set(service, new Set([action]));
    }
  }
  const isAllow = source['Effect'] === 'Allow';
  return { source, isAllow, isNegated, patterns, hasEverything, services, literals, wildcards };
}

function readPattern(text: string): ReadPattern | string {
  if (text === '*' || text === '*:*') return { text, service: '*', action: '*', runs: runsOf('*') };
  const [service = '', action = '', ...more] = fold(text).split(':');
  if (service === '' || action === '' || more.length > 0) {
    return `the action ${JSON.stringify(text)} is not of the form service:Action`;
  }
  return { text, service, action, runs: /[*?]/.test(action) ? runsOf(action) : undefined };
}

/** Folds ASCII capitals and nothing else. */
export function fold(text: string): string {
  return /[^ -~]/.test(text)
    ? text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32))
    : text.toLowerCase();
}

/** Whether a wildcard of the statement, not only a literal, names the action. */
export function isWildcardGrant(statement: ReadStatement, service: string, action: string): boolean {
  if (statement.hasEverything) return true;
  for (const { runs } of statement.wildcards.get(service) ?? []) {
    if (runs && doesMatch(runs, action)) return true;
  }
  return false;
}

/** Whether the statement's patterns name the action (both parts case-folded), whatever the element means. */
export function names(statement: ReadStatement, service: string, action: string): boolean {
  if (statement.literals.get(service)?.has(action)) return true;
  return isWildcardGrant(statement, service, action);
}

/** Whether an Allow statement grants the action. */
export function grants(statement: ReadStatement, service: string, action: string): boolean {
  return names(statement, service, action) !== statement.isNegated;
}
