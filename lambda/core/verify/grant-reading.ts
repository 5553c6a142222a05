import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { doesMatch, type Runs, runsOf } from './matching.ts';

/** One statement as the verifier reads it, straight from the JSON and with nothing of the engine's parser. */
export interface ReadStatement {
  readonly source: JsonObject;
  readonly isAllow: boolean;
  readonly isNegated: boolean;
  /** The patterns as written. */
  readonly written: readonly string[];
  /** `*` or `*:*` is among the patterns. */
  readonly hasEverything: boolean;
  /** Case-folded service prefixes that the patterns name. */
  readonly services: ReadonlySet<string>;
  /** Case-folded patterns by service, without the prefix; a literal is in the set, a wildcard in the map. */
  readonly literals: ReadonlyMap<string, ReadonlySet<string>>;
  readonly wildcards: ReadonlyMap<string, ReadonlyMap<string, Runs>>;
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
  const texts: string[] = [];
  let hasEverything = false;
  const services = new Set<string>();
  const literals = new Map<string, Set<string>>();
  const wildcards = new Map<string, Map<string, Runs>>();
  for (const text of written) {
    if (typeof text !== 'string') return 'an action is not a string';
    texts.push(text);
    if (text === '*' || text === '*:*') {
      hasEverything = true;
      continue;
    }
    const [service = '', action, ...more] = fold(text).split(':');
    if (service === '' || action === undefined || action === '' || more.length > 0) {
      return `the action ${JSON.stringify(text)} is not of the form service:Action`;
    }
    services.add(service);
    if (action.includes('*') || action.includes('?')) {
      const list = wildcards.get(service) ?? new Map<string, Runs>();
      wildcards.set(service, list);
      list.set(action, runsOf(action));
    } else {
      const set = literals.get(service) ?? new Set<string>();
      literals.set(service, set);
      set.add(action);
    }
  }
  const isAllow = source['Effect'] === 'Allow';
  return { source, isAllow, isNegated, written: texts, hasEverything, services, literals, wildcards };
}

/** Folds ASCII capitals, letter by letter. */
export function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 32));
}

/** Whether a wildcard of the statement, not only a literal, names the action. */
export function isWildcardGrant(statement: ReadStatement, service: string, action: string): boolean {
  if (statement.hasEverything) return true;
  for (const runs of statement.wildcards.get(service)?.values() ?? []) {
    if (doesMatch(runs, action)) return true;
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

/** Every pattern as `[service, action]`, case-folded; `['*', '*']` for everything. */
export function patternPairs(statement: ReadStatement): readonly (readonly [string, string])[] {
  return statement.written.map((text) => {
    if (text === '*' || text === '*:*') return ['*', '*'] as const;
    const [service = '', action = ''] = fold(text).split(':');
    return [service, action] as const;
  });
}
