import { type ActionPattern, parseActionPattern } from '../pattern/action-pattern.ts';
import {
  findDefect,
  isJsonArray,
  isJsonObject,
  jsonObject,
  type JsonObject,
  type JsonValue,
} from './json.ts';
import { ok, refuse, type Result } from '../pattern/result.ts';

/** A parsed statement: its own JSON, unchanged, and its action element. */
export interface Statement {
  /** Index in the document, from 0. */
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  readonly element: 'Action' | 'NotAction';
  readonly patterns: readonly ActionPattern[];
  /** The statement exactly as the author wrote it. */
  readonly source: JsonObject;
}

/** A parsed identity policy: its own JSON, unchanged, and its statements. */
export interface Policy {
  readonly statements: readonly Statement[];
  readonly source: JsonObject;
}

const POLICY_ELEMENTS = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const VERSIONS = new Set(['2012-10-17', '2008-10-17']);

/**
 * Parses an identity policy, or says in one sentence why IAM would not have accepted it. A document that is not
 * understood as a whole is refused as a whole: skipping a Deny would look like granting access.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(document: JsonValue): Result<Policy> {
  const defect = findDefect(document);
  if (defect) return refuse(defect.problem);
  if (!isJsonObject(document)) return refuse('the policy document is not a JSON object');
  for (const key of Object.keys(document)) {
    if (!POLICY_ELEMENTS.has(key)) return refuse(unknownElement(key, POLICY_ELEMENTS, 'the policy'));
  }
  const version = document['Version'];
  if (version !== undefined && !(typeof version === 'string' && VERSIONS.has(version))) {
    return refuse('Version must be "2012-10-17" or "2008-10-17"');
  }
  const id = document['Id'];
  if (id !== undefined && typeof id !== 'string') return refuse('Id must be a string');
  const element = document['Statement'];
  if (element === undefined) return refuse('the policy has no Statement');
  const sources = isJsonArray(element) ? element : [element];
  if (sources.length === 0) return refuse('Statement is empty, which IAM does not allow');
  const statements: Statement[] = [];
  const sids = new Set<string>();
  for (const [index, source] of sources.entries()) {
    const statement = parseStatement(source, index);
    if (!statement.ok) return refuse(`Statement[${String(index)}]: ${statement.problem}`);
    const { sid } = statement.value;
    // IAM stores any number of empty Sids (Terraform writes them); only real ones must differ.
    if (sid !== undefined && sid !== '') {
      if (sids.has(sid)) return refuse(`Statement[${String(index)}]: the Sid "${sid}" is used twice`);
      sids.add(sid);
    }
    statements.push(statement.value);
  }
  return ok({ statements, source: document });
}

function parseStatement(source: JsonValue, index: number): Result<Statement> {
  if (!isJsonObject(source)) return refuse('is not a JSON object');
  for (const key of Object.keys(source)) {
    if (key === 'Principal' || key === 'NotPrincipal') {
      return refuse(`has a ${key}, which belongs in a resource policy and not in an identity policy`);
    }
    if (!STATEMENT_ELEMENTS.has(key)) return refuse(unknownElement(key, STATEMENT_ELEMENTS, 'the statement'));
  }
  const sid = source['Sid'];
  if (sid !== undefined && typeof sid !== 'string') return refuse('Sid must be a string');
  if (sid !== undefined && !/^[A-Za-z0-9]*$/.test(sid)) {
    return refuse(`the Sid ${JSON.stringify(sid)} may hold only letters and digits`);
  }
  const effect = source['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') return refuse('Effect must be "Allow" or "Deny"');
  const element = oneOf(source, 'Action', 'NotAction');
  if (!element.ok) return element;
  const resource = oneOf(source, 'Resource', 'NotResource');
  if (!resource.ok) return resource;
  const resources = stringList(source[resource.value], resource.value);
  if (!resources.ok) return resources;
  const condition = checkCondition(source['Condition']);
  if (!condition.ok) return condition;
  const texts = stringList(source[element.value], element.value);
  if (!texts.ok) return texts;
  const patterns: ActionPattern[] = [];
  for (const text of texts.value) {
    const pattern = parseActionPattern(text);
    if (!pattern.ok) return pattern;
    patterns.push(pattern.value);
  }
  return ok({ index, sid, effect, element: element.value, patterns, source });
}

function oneOf<A extends string, B extends string>(source: JsonObject, a: A, b: B): Result<A | B> {
  const hasA = Object.hasOwn(source, a);
  if (hasA && Object.hasOwn(source, b)) return refuse(`has both ${a} and ${b}; IAM allows one of them`);
  if (hasA) return ok(a);
  return Object.hasOwn(source, b) ? ok(b) : refuse(`has neither ${a} nor ${b}`);
}

function stringList(value: JsonValue | undefined, name: string): Result<readonly string[]> {
  const items = isJsonArray(value) ? value : [value];
  if (items.length === 0) return refuse(`${name} is empty, which IAM does not allow`);
  const texts: string[] = [];
  for (const item of items) {
    if (typeof item !== 'string') return refuse(`${name} must be a string or an array of strings`);
    texts.push(item);
  }
  return ok(texts);
}

function checkCondition(condition: JsonValue | undefined): Result<null> {
  if (condition === undefined) return ok(null);
  if (!isJsonObject(condition)) return refuse('Condition must be an object of operators');
  for (const operator of Object.keys(condition)) {
    const keys = condition[operator];
    if (!isJsonObject(keys)) {
      return refuse(
        `the condition operator ${JSON.stringify(operator)} must hold an object of condition keys`,
      );
    }
    for (const key of Object.keys(keys)) {
      // JavaScript would move a key such as "10" to the front, so the document could not be written back as it was.
      if (!key.includes(':')) {
        return refuse(`the condition key ${JSON.stringify(key)} has no prefix; write it as service:key`);
      }
      const value = keys[key];
      const values = isJsonArray(value) ? value : [value];
      if (values.some((item) => item === null || isJsonObject(item) || isJsonArray(item))) {
        return refuse(`the condition key ${JSON.stringify(key)} must hold a value or an array of values`);
      }
    }
  }
  return ok(null);
}

function unknownElement(key: string, known: ReadonlySet<string>, place: string): string {
  const meant = [...known].find((name) => name.toLowerCase() === key.toLowerCase());
  const hint = meant === undefined ? '' : `; did you mean ${meant}`;
  return `${place} has an element ${JSON.stringify(key)} that IAM does not know${hint}`;
}

/** What replaces a statement: the same statement with another action element, or nothing. */
export interface StatementEdit {
  readonly element: 'Action' | 'NotAction';
  readonly patterns: readonly string[];
}

/**
 * The statement with another action element and everything else as the author wrote it, in the author's order. A
 * single pattern stays a string if the author wrote a string.
 */
export function editStatement(statement: Statement, edit: StatementEdit): JsonObject {
  const wasString = typeof statement.source[statement.element] === 'string';
  const [only] = edit.patterns;
  const value: JsonValue =
    wasString && edit.patterns.length === 1 && only !== undefined ? only : [...edit.patterns];
  return jsonObject(
    Object.keys(statement.source).map((key) =>
      key === statement.element ? [edit.element, value] : [key, statement.source[key] ?? null],
    ),
  );
}

/**
 * The document with other statements. `Statement` stays an object if the author wrote one and one statement is left.
 */
export function withStatements(policy: Policy, statements: readonly JsonObject[]): JsonObject {
  const wasObject = !isJsonArray(policy.source['Statement']);
  const [only] = statements;
  const value: JsonValue =
    wasObject && statements.length === 1 && only !== undefined ? only : [...statements];
  return jsonObject(
    Object.keys(policy.source).map((key) => [
      key,
      key === 'Statement' ? value : (policy.source[key] ?? null),
    ]),
  );
}
