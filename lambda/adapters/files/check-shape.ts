import * as z from 'zod';
import { isJsonArray, JsonDefect, JsonNumber, jsonObject, type JsonValue } from '../../core/model/json.ts';
import { InputError } from './input-error.ts';

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Checks an untrusted JSON value against its schema. A duplicate key is an error, and numbers become plain numbers.
 * @throws InputError that names the file and the position, and says what was expected and what was found
 */
export function checkShape<T>(schema: z.core.$ZodType<T>, value: JsonValue, file: string, root = ''): T {
  return parse(schema, plain(value, { file, opaque: NOTHING, hasNulls: true }), file, root);
}

/**
 * The same for the output of other programs: a null member counts as absent, because some SDKs write every member.
 * `opaque` names members whose values are not checked: policy documents, which are read one by one later.
 * @throws InputError as {@link checkShape} does
 */
export function checkInput<T>(
  schema: z.core.$ZodType<T>,
  value: JsonValue,
  file: string,
  root = '',
  opaque: ReadonlySet<string> = NOTHING,
): T {
  return parse(schema, plain(value, { file, opaque, hasNulls: false }), file, root);
}

function parse<T>(schema: z.core.$ZodType<T>, value: JsonValue, file: string, root: string): T {
  const result = z.safeParse(schema, value, { error: describeIssue });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue ? pathText(root, issue.path) : root;
  const separator = place === '' ? '' : ` ${place}:`;
  throw new InputError(`${file}:${separator} ${issue?.message ?? 'not of the expected shape'}`);
}

interface PlainOptions {
  readonly file: string;
  readonly opaque: ReadonlySet<string>;
  readonly hasNulls: boolean;
}

/**
 * Finds defects before the schema is applied: a schema would take a defect for an empty object, and its content would
 * be lost silently.
 */
function plain(value: JsonValue, options: PlainOptions): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof JsonDefect) throw new InputError(`${options.file}: ${value.problem}`);
  if (value instanceof JsonNumber) return Number(value.text);
  if (isJsonArray(value)) {
    const items = value.map((item) => plain(item, options));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  const keys = Object.keys(value);
  const members = keys.map((key) => plainMember(key, value[key] ?? null, options));
  // Usually no member changes, and then nothing is copied.
  if (members.every((member, index) => member === value[keys[index] ?? ''])) return value;
  return jsonObject(
    keys.flatMap((key, index) => {
      const member = members[index];
      return member === undefined ? [] : [[key, member] as const];
    }),
  );
}

/** Undefined if the member counts as absent. */
function plainMember(key: string, member: JsonValue, options: PlainOptions): JsonValue | undefined {
  if (member === null && !options.hasNulls) return undefined;
  return options.opaque.has(key) ? member : plain(member, options);
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

function describeIssue(issue: RawIssue): string {
  const found = kindOf(issue.input);
  if (issue.code === 'invalid_type') {
    return `expected ${EXPECTED.get(issue.expected) ?? issue.expected}, found ${found}`;
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => JSON.stringify(value));
    const text = typeof issue.input === 'string' ? JSON.stringify(issue.input) : found;
    return `expected ${values.join(' or ')}, found ${text}`;
  }
  return issue.message ?? `found ${found}, which is not of the expected form`;
}

const EXPECTED: ReadonlyMap<string, string> = new Map([
  ['string', 'a string'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
  ['array', 'an array'],
  ['object', 'an object'],
]);

function kindOf(input: unknown): string {
  if (input === undefined) return 'nothing';
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'an array';
  if (typeof input === 'object') return 'an object';
  return typeof input === 'boolean' ? String(input) : `a ${typeof input}`;
}

/** `Policies[3].Arn`; a position that begins with a line is `line 7, findingDetails[0]`. */
function pathText(root: string, path: readonly PropertyKey[]): string {
  const within = path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${String(part)}]`;
    const name = String(part);
    return `${text}${text === '' ? '' : '.'}${/^[\w-]+$/.test(name) ? name : JSON.stringify(name)}`;
  }, '');
  if (root === '' || within === '') return root + within;
  const separator = root.startsWith('line ') ? ', ' : within.startsWith('[') ? '' : '.';
  return root + separator + within;
}
