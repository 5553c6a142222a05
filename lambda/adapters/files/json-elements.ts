import type { z } from 'zod';
import type { JsonValue } from '../../core/model/json.ts';
import type { CursorOptions, JsonSlice } from '../json/json-cursor.ts';
import { JsonCursor } from '../json/json-cursor.ts';
import { JsonTextError } from '../json/json-text-error.ts';
import { readPlainJson } from '../json/plain-json.ts';
import { isTooDeep, readJsonAt } from '../../json/read-json.ts';
import type { ByteSource } from './byte-source.ts';
import { checkPlainShape, checkShape } from './check-shape.ts';
import { InputError } from './input-error.ts';

/** A value of a file: plain data where that loses nothing of its text. */
export type Element =
  | { readonly isPlain: true; readonly value: unknown }
  | { readonly isPlain: false; readonly value: JsonValue };

/** Where a value stands that was read already, so that it can be read again. Plain data. */
export interface ElementPlace extends Pick<JsonSlice, 'start' | 'end' | 'line' | 'column'> {
  /** Objects and arrays around it. */
  readonly outer: number;
  readonly isPlain: boolean;
}

/**
 * Works through a file once.
 * @throws InputError that names the file, for whatever is wrong with its text and when it changes meanwhile
 */
export function walkFile<T>(
  source: ByteSource,
  walk: (cursor: JsonCursor) => T,
  options: CursorOptions = {},
): T {
  try {
    const cursor = new JsonCursor((into, position) => source.readInto(into, position), options);
    if (cursor.peek() === -1) throw new JsonTextError('the text is empty where JSON is expected');
    const result = walk(cursor);
    source.checkUnchanged();
    return result;
  } catch (error) {
    if (error instanceof JsonTextError) throw new InputError(`${source.file}: ${error.message}`);
    throw error;
  }
}

/** @throws JsonTextError when it is no JSON */
export function readElement(slice: JsonSlice, outer: number): Element {
  if (!isTooDeep(slice.levels + outer)) {
    const value = readPlainJson(slice.text);
    if (value !== undefined) return { isPlain: true, value };
  }
  return { isPlain: false, value: readExactly(slice.text, slice, outer) };
}

export function placeOf(
  { start, end, line, column }: JsonSlice,
  outer: number,
  isPlain: boolean,
): ElementPlace {
  return { start, end, line, column, outer, isPlain };
}

/**
 * Reads a value again that was read without a fault.
 * @throws AdapterError with code `unavailable` when the file has changed
 */
export function readAgain(source: ByteSource, place: ElementPlace): Element {
  const text = source.read(place.start, place.end).toString();
  return place.isPlain
    ? { isPlain: true, value: JSON.parse(text) as unknown }
    : { isPlain: false, value: readExactly(text, place, place.outer) };
}

/** {@link checkShape} for either kind of value. */
export function checkElement<T>(
  schema: z.core.$ZodType<T>,
  element: Element,
  file: string,
  root: string,
  opaque?: ReadonlySet<string>,
): T {
  return element.isPlain
    ? checkPlainShape(schema, element.value, file, root)
    : checkShape(schema, element.value, file, root, opaque);
}

function readExactly(
  text: string,
  { line, column }: Pick<JsonSlice, 'line' | 'column'>,
  outer: number,
): JsonValue {
  const read = readJsonAt(text, { line, column, outer });
  if (!read.ok) throw new JsonTextError(read.problem);
  return read.value;
}
