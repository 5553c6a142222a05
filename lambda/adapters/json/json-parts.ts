import type { JsonCursor, JsonSlice } from './json-cursor.ts';
import { JsonTextError } from './json-text-error.ts';
import { readJsonAt } from '../../json/read-json.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A member of the object at the top of a text, or an element of an array that is such a member. */
export interface MemberPart {
  readonly key: string;
  /** Undefined where the value is no array; -1 where an array begins, before its elements. */
  readonly index: number | undefined;
  /** Undefined at the beginning of an array. */
  readonly slice: JsonSlice | undefined;
}

/** A value of a text that holds one value or several, or an element of an array among them. */
export interface SequencePart {
  readonly slice: JsonSlice;
  /** Which value, counted from 0, and the line where it begins, counted from 1. */
  readonly value: number;
  readonly line: number;
  /** Undefined where the value is no array. */
  readonly index: number | undefined;
}

/**
 * The parts of a text that is one object, which the cursor stands at.
 * @throws JsonTextError when a key stands there twice, or when the text is not JSON between the parts
 */
export function* memberParts(cursor: JsonCursor): Generator<MemberPart> {
  const keys = new Set<string>();
  let before = '{';
  cursor.skip();
  if (cursor.peek() === CLOSE_BRACE) cursor.skip();
  else
    do {
      if (cursor.peek() !== QUOTE) throw cursor.refusal(before);
      const key = readKey(cursor.cut(), keys);
      if (cursor.peek() !== COLON) throw cursor.refusal('{"k"');
      cursor.skip();
      before = '{"k":';
      if (cursor.peek() === OPEN_BRACKET) {
        yield { key, index: -1, slice: undefined };
        for (const [index, slice] of elements(cursor, before)) yield { key, index, slice };
      } else {
        if (!isValueAhead(cursor)) throw cursor.refusal(before);
        yield { key, index: undefined, slice: cursor.cut() };
      }
      before = '{"k":0,';
    } while (goesOn(cursor, CLOSE_BRACE, '{"k":0 '));
  if (cursor.peek() !== -1) throw cursor.refusal('{}');
}

/** Every value of a text, in its order. */
export function* sequenceParts(cursor: JsonCursor): Generator<SequencePart> {
  for (let value = 0; ; value += 1) {
    const first = cursor.peek();
    if (first === -1) return;
    const { line } = cursor;
    if (first === OPEN_BRACKET) {
      for (const [index, slice] of elements(cursor, '')) yield { slice, value, line, index };
    } else yield { slice: cursor.cut(), value, line, index: undefined };
  }
}

function* elements(cursor: JsonCursor, outer: string): Generator<readonly [number, JsonSlice]> {
  cursor.skip();
  if (cursor.peek() === CLOSE_BRACKET) {
    cursor.skip();
    return;
  }
  let index = 0;
  do {
    if (!isValueAhead(cursor)) throw cursor.refusal(index === 0 ? `${outer}[` : `${outer}[0,`);
    yield [index, cursor.cut()];
    index += 1;
  } while (goesOn(cursor, CLOSE_BRACKET, `${outer}[0 `));
}

/** Goes past a comma, or past the end of an object or array. */
function goesOn(cursor: JsonCursor, close: number, before: string): boolean {
  const byte = cursor.peek();
  if (byte !== COMMA && byte !== close) throw cursor.refusal(before);
  cursor.skip();
  return byte === COMMA;
}

function isValueAhead(cursor: JsonCursor): boolean {
  return ![-1, COMMA, COLON, CLOSE_BRACKET, CLOSE_BRACE].includes(cursor.peek());
}

function readKey(slice: JsonSlice, keys: Set<string>): string {
  const read = readJsonAt(slice.text, slice);
  if (!read.ok) throw new JsonTextError(read.problem);
  const key = String(read.value);
  if (keys.has(key)) {
    const place = `line ${String(slice.line)}, column ${String(slice.column)}`;
    throw new JsonTextError(`the key ${JSON.stringify(key)} stands twice in one object (${place})`);
  }
  keys.add(key);
  return key;
}
