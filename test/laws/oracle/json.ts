/** Plain JSON as `JSON.parse` returns it. The oracle has its own reading of JSON and shares no type with the core. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;
export interface PlainObject {
  readonly [key: string]: Plain;
}

export function isObject(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One member of an object; inherited names (`constructor`) are not members. */
export function member(object: PlainObject, key: string): Plain | undefined {
  return Object.getOwnPropertyDescriptor(object, key)?.value as Plain | undefined;
}

/** Compact text of a value, with the members in the order in which they stand. */
export function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.getOwnPropertyNames(value)
    .map((key) => `${JSON.stringify(key)}:${text(member(value, key))}`)
    .join()}}`;
}

/** The same object with one member replaced, or left out when `value` is undefined; `__proto__` is a key like any other. */
export function withMember(object: PlainObject, key: string, value: Plain | undefined): PlainObject {
  const copy: Record<string, Plain> = {};
  const names = Object.getOwnPropertyNames(object);
  for (const name of names.includes(key) ? names : [...names, key]) {
    const next = name === key ? value : member(object, name);
    if (next === undefined) continue;
    Object.defineProperty(copy, name, { value: next, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

/** A list element that may also be written as one string. */
export function strings(value: Plain | undefined): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter((item): item is string => typeof item === 'string');
}

export function statementsOf(document: unknown): readonly PlainObject[] {
  if (!isObject(document)) return [];
  const element = member(document, 'Statement');
  const items: readonly unknown[] = Array.isArray(element) ? element : [element];
  return items.filter(isObject);
}

/** Freezes a value with everything in it, so that a write to an input throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const key of Object.getOwnPropertyNames(value)) {
      deepFreeze((value as Record<string, unknown>)[key]);
    }
  }
  return value;
}
