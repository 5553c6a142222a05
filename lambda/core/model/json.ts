import { byCodeUnit } from './order.ts';

/**
 * A JSON value that loses nothing of the text it was read from.
 *
 * Two things differ from what `JSON.parse` returns. A number whose text JavaScript would write differently
 * (`1.0`, `12345678901234567890`) is a {@link JsonNumber} that keeps its text. And objects have no prototype,
 * so that a key such as `__proto__` is a key like any other.
 */
export type JsonValue =
  null | boolean | number | string | JsonNumber | JsonDefect | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** A number in the author's own spelling. */
export class JsonNumber {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  get text(): string {
    return this.#text;
  }
  toJSON(): never {
    throw new NotPlain();
  }
}

/**
 * Replaces a JSON object with a fault that affects only this object (a duplicate key), so that the rest of the file
 * stays usable. Code that needs the object refuses it with this sentence.
 */
export class JsonDefect {
  readonly #problem: string;
  constructor(problem: string) {
    this.#problem = problem;
  }
  get problem(): string {
    return this.#problem;
  }
  toJSON(): never {
    throw new NotPlain();
  }
}

/** Stops `JSON.stringify` at a value that it would write as an empty object. */
class NotPlain extends Error {
  override readonly name = 'NotPlain';
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof JsonNumber) &&
    !(value instanceof JsonDefect)
  );
}

export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * An object without a prototype, from key-value pairs in their order. Not `Object.create(null)`, which V8 stores as a
 * hash table: that takes more memory and is slower to read and write.
 */
export function jsonObject(entries: Iterable<readonly [string, JsonValue]>): JsonObject {
  return Object.setPrototypeOf(Object.fromEntries(entries), null) as JsonObject;
}

/** The first defect within a value, or undefined. */
export function findDefect(value: JsonValue | undefined): JsonDefect | undefined {
  if (value instanceof JsonDefect) return value;
  if (isJsonArray(value)) {
    for (const item of value) {
      const defect = findDefect(item);
      if (defect) return defect;
    }
  } else if (isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      const defect = findDefect(value[key]);
      if (defect) return defect;
    }
  }
  return undefined;
}

/**
 * JSON text of a value.
 *
 * @param indent spaces for each level; 0 writes no white space, which is the text whose length IAM counts (white
 * space within strings included)
 */
export function renderJson(value: JsonValue, indent = 2): string {
  return plainJson(value, indent) ?? render(value, indent, '\n');
}

/**
 * The text that JavaScript's own writer gives, many times faster, or undefined if a {@link JsonNumber} or a
 * {@link JsonDefect} is anywhere within the value.
 */
export function plainJson(value: unknown, indent: number): string | undefined {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

function render(value: JsonValue, indent: number, newline: string): string {
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof JsonDefect) return JSON.stringify(value.problem);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = indent > 0 ? newline + ' '.repeat(indent) : '';
  const outer = indent > 0 ? newline : '';
  if (isJsonArray(value)) {
    if (value.length === 0) return '[]';
    return `[${value.map((item) => inner + render(item, indent, inner)).join(',')}${outer}]`;
  }
  const object: JsonObject = value as JsonObject;
  const keys = Object.keys(object);
  if (keys.length === 0) return '{}';
  const colon = indent > 0 ? ': ' : ':';
  const members = keys.map(
    (key) => inner + JSON.stringify(key) + colon + render(object[key] ?? null, indent, inner),
  );
  return `{${members.join(',')}${outer}}`;
}

/** Whether two values are the same JSON: the order of an object's keys does not count, everything else does. */
export function equalJson(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (a instanceof JsonNumber || b instanceof JsonNumber) {
    return a instanceof JsonNumber && b instanceof JsonNumber && a.text === b.text;
  }
  if (isJsonArray(a)) {
    return isJsonArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]))
  );
}

/**
 * Characters of a document as IAM counts them against its quotas: those of its JSON text without white space.
 *
 * AWS says only that "IAM does not count white space". Whether that includes white space within a string (a condition
 * value such as `"a b"`) is not documented, so it is counted here: the answer is never too small.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function countCharacters(document: JsonValue): number {
  if (typeof document !== 'object' || document === null) return renderJson(document, 0).length;
  let characters = counted.get(document);
  if (characters === undefined) counted.set(document, (characters = renderJson(document, 0).length));
  return characters;
}

/** Remembered, because fitting, plan and summary count the same documents. */
const counted = new WeakMap<object, number>();

/**
 * The text by which two policy documents are compared: without white space, with keys in the order of their code
 * units, and with each array of one element as that element, which means the same everywhere in a policy. IAM may
 * return a document with such differences from what it was given.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_policies.html
 */
export function canonicalDocument(document: JsonValue): string {
  if (typeof document !== 'object' || document === null) return renderJson(document, 0);
  let text = written.get(document);
  if (text === undefined) written.set(document, (text = renderJson(canonical(document), 0)));
  return text;
}

/** Remembered, because the id of a proposal and the checks of its plan use the same documents. */
const written = new WeakMap<object, string>();

function canonical(value: JsonValue): JsonValue {
  if (isJsonArray(value)) {
    const [only] = value;
    return value.length === 1 && only !== undefined ? canonical(only) : value.map(canonical);
  }
  if (!isJsonObject(value)) return value;
  return jsonObject(
    Object.keys(value)
      .sort(byCodeUnit)
      .map((key) => [key, canonical(value[key] ?? null)]),
  );
}

/** The elements of an array, or the value itself as the only one: a policy may have either. */
export function asArray(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonArray(value) ? value : value === undefined ? [] : [value];
}
