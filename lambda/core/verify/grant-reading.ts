import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { doesMatch, lettersOfEach, type Runs, runsOf } from './matching.ts';

/** One pattern as the verifier reads it. `service` is `*` for everything; both parts are case-folded. */
export interface ReadPattern {
  readonly text: string;
  /** The text case-folded; `*:*` for everything, however that is written. */
  readonly name: string;
  readonly service: string;
  readonly action: string;
  /** Undefined for a literal. */
  readonly runs: Runs | undefined;
}

/** One statement as the verifier reads it, straight from the JSON and without the engine's parser. */
export interface ReadStatement {
  readonly source: JsonObject;
  readonly isAllow: boolean;
  readonly isNegated: boolean;
  readonly patterns: readonly ReadPattern[];
  /** `*` or `*:*` is among the patterns. */
  readonly hasEverything: boolean;
  /** The patterns by their case-folded service prefixes. */
  readonly services: ReadonlyMap<string, ServicePatterns>;
}

interface ServicePatterns {
  /** Case-folded. */
  readonly literals: ReadonlySet<string>;
  readonly wildcards: readonly ReadPattern[];
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
  const services = new Map<string, { literals: Set<string>; wildcards: ReadPattern[] }>();
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
    let own = services.get(service);
    if (!own) {
      own = { literals: new Set(), wildcards: [] };
      services.set(service, own);
    }
    if (pattern.runs) own.wildcards.push(pattern);
    else own.literals.add(action);
  }
  const isAllow = source['Effect'] === 'Allow';
  return { source, isAllow, isNegated, patterns, hasEverything, services };
}

/**
 * The form of an action that IAM accepts: a service without wildcard, one colon, a name without spaces, in printable
 * ASCII.
 */
const SERVICE = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const NAME = /^[!-9;-~]+$/;

function readPattern(text: string): ReadPattern | string {
  if (text === '*' || text === '*:*') {
    return { text, name: '*:*', service: '*', action: '*', runs: runsOf('*') };
  }
  const name = fold(text);
  const colon = name.indexOf(':');
  const service = name.slice(0, Math.max(colon, 0));
  const action = name.slice(colon + 1);
  if (!SERVICE.test(service) || !NAME.test(action)) {
    return `the action ${JSON.stringify(text)} is not one that IAM takes`;
  }
  const isWildcard = action.includes('*') || action.includes('?');
  return { text, name, service, action, runs: isWildcard ? runsOf(action) : undefined };
}

/** Case-folded services that the statements of a document name, even if IAM would not accept the document. */
export function servicesNamedIn(document: JsonValue): readonly string[] {
  const found: string[] = [];
  const element = isJsonObject(document) ? document['Statement'] : undefined;
  for (const source of isJsonArray(element) ? element : [element]) {
    if (!isJsonObject(source)) continue;
    for (const list of [source['Action'], source['NotAction']]) {
      for (const text of isJsonArray(list) ? list : [list]) {
        const pattern = typeof text === 'string' ? readPattern(text) : 'not a string';
        if (typeof pattern !== 'string' && pattern.service !== '*') found.push(pattern.service);
      }
    }
  }
  return found;
}

/** Folds ASCII capitals and nothing else. */
export function fold(text: string): string {
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > LAST_ASCII) {
      return text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
    }
  }
  return text.toLowerCase();
}

const LAST_ASCII = 127;

/** Whether a wildcard of the statement, not only a literal, names the action. */
export function isWildcardGrant(statement: ReadStatement, service: string, action: string): boolean {
  if (statement.hasEverything) return true;
  return matchesAny(statement.services.get(service)?.wildcards ?? [], action);
}

/** @param letters those of the action, from {@link lettersOfEach} @default any */
function matchesAny(wildcards: readonly ReadPattern[], action: string, letters = -1): boolean {
  for (const { runs } of wildcards) {
    if (runs && (runs.letters & ~letters) === 0 && doesMatch(runs, action)) return true;
  }
  return false;
}

/** Whether the statement's patterns name the action (both parts case-folded), whatever the element means. */
export function names(statement: ReadStatement, service: string, action: string): boolean {
  if (statement.services.get(service)?.literals.has(action)) return true;
  return isWildcardGrant(statement, service, action);
}

const NOTHING: ServicePatterns = { literals: new Set(), wildcards: [] };

/** The service's actions (case-folded) that an Allow statement grants: 1 at the positions of the granted ones. */
export function grantedOf(statement: ReadStatement, service: string, actions: readonly string[]): Uint8Array {
  const granted = new Uint8Array(actions.length);
  const { literals, wildcards } = statement.services.get(service) ?? NOTHING;
  const letters = lettersOfEach(actions);
  for (let i = 0; i < actions.length; i += 1) {
    const action = actions[i] ?? '';
    const isNamed =
      statement.hasEverything ||
      (literals.size > 0 && literals.has(action)) ||
      matchesAny(wildcards, action, letters[i]);
    if (isNamed !== statement.isNegated) granted[i] = 1;
  }
  return granted;
}
