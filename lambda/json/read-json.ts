import { createScanner, type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import { JsonDefect, JsonNumber, type JsonValue } from '../core/model/json.ts';
import { ok, refuse, type Result } from '../core/pattern/result.ts';

/** Policies nest some ten levels, exports a few more. Deeper text is an accident or an attack on the stack. */
const DEEPEST = 500;

/** Where a text that is a part of a longer one begins there, and what it stands in. */
export interface JsonPlace {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** Objects and arrays around it; default 0. */
  readonly outer?: number;
}

/** A value and the place where it begins, as a line counted from 1. */
export interface PlacedJson {
  readonly value: JsonValue;
  readonly line: number;
}

/**
 * Reads JSON text and loses nothing: numbers that JavaScript would write differently keep their text, and an object
 * with a duplicate key becomes a {@link JsonDefect} in its place. A problem names line and column.
 */
export function readJson(text: string): Result<JsonValue> {
  const source = withoutMark(text);
  if (source.trim() === '') return refuse('the text is empty where JSON is expected');
  const read = readValue(source);
  return typeof read === 'string' ? refuse(read) : ok(read.value);
}

/** Reads the JSON text of a part of a longer text; a problem names line and column of that one. */
export function readJsonAt(text: string, place: JsonPlace): Result<JsonValue> {
  const read = readValue(text, place);
  return typeof read === 'string' ? refuse(read) : ok(read.value);
}

/** Whether so many levels are more than is read. */
export function isTooDeep(levels: number): boolean {
  return levels > DEEPEST;
}

/**
 * Reads one or more JSON values that follow each other, as in JSON Lines or in what several runs of a command print
 * into one file.
 */
export function readJsonSequence(text: string): Result<readonly PlacedJson[]> {
  const source = withoutMark(text);
  const values: PlacedJson[] = [];
  for (const { start, end, line } of valueRanges(source)) {
    const read = readValue(source.slice(start, end), { line, column: 1 });
    if (typeof read === 'string') return refuse(read);
    values.push({ value: read.value, line });
  }
  return ok(values);
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

interface OpenContainer {
  readonly entries: Record<string, JsonValue> | JsonValue[];
  key: string;
  duplicate: string | undefined;
}

const BEGINNING: JsonPlace = { line: 1, column: 1 };

function readValue(text: string, begin = BEGINNING): { readonly value: JsonValue } | string {
  const placeAt = (line: number, column: number): string =>
    placeText(begin.line + line, column + (line === 0 ? begin.column : 1));
  let result: JsonValue | undefined;
  let problem: string | undefined;
  const open: OpenContainer[] = [];
  const place = (value: JsonValue): void => {
    const parent = open.at(-1);
    if (!parent) result = value;
    else if (Array.isArray(parent.entries)) parent.entries.push(value);
    else parent.entries[parent.key] = value;
  };
  const close = (): void => {
    const closed = open.pop();
    if (closed) place(closed.duplicate === undefined ? closed.entries : new JsonDefect(closed.duplicate));
  };
  const push = (entries: OpenContainer['entries'], line: number, column: number): void => {
    if (open.length + (begin.outer ?? 0) >= DEEPEST) throw new TooDeep(placeAt(line, column));
    open.push({ entries, key: '', duplicate: undefined });
  };
  try {
    visit(
      text,
      {
        onObjectBegin: (_offset, _length, line, column) => {
          push(Object.create(null) as Record<string, JsonValue>, line, column);
        },
        onObjectEnd: close,
        onArrayBegin: (_offset, _length, line, column) => {
          push([], line, column);
        },
        onArrayEnd: close,
        onObjectProperty: (key, _offset, _length, line, column) => {
          const parent = open.at(-1);
          if (!parent) return;
          parent.key = key;
          if (Object.hasOwn(parent.entries, key)) {
            parent.duplicate ??= `the key ${JSON.stringify(key)} stands twice in one object (${placeAt(line, column)})`;
          }
        },
        onLiteralValue: (value: unknown, offset, length) => {
          place(
            typeof value === 'number'
              ? exactNumber(value, text.slice(offset, offset + length))
              : literal(value),
          );
        },
        onError: (code: ParseErrorCode, _offset, _length, line, column) => {
          problem ??= `${describe(code)} at ${placeAt(line, column)}`;
        },
      },
      { disallowComments: true },
    );
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return `nested more than ${String(DEEPEST)} levels deep at ${error.message}`;
  }
  if (problem !== undefined) return problem;
  return result === undefined ? 'the text holds no JSON value' : { value: result };
}

class TooDeep extends Error {
  override readonly name = 'TooDeep';
}

function placeText(line: number, column: number): string {
  return `line ${String(line)}, column ${String(column)}`;
}

function literal(value: unknown): JsonValue {
  return value === null || typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function exactNumber(value: number, text: string): JsonValue {
  return JSON.stringify(value) === text ? value : new JsonNumber(text);
}

function describe(code: ParseErrorCode): string {
  const words = printParseErrorCode(code).replace(/([a-z])([A-Z])/g, '$1 $2');
  return `not valid JSON: ${words.toLowerCase()}`;
}

/** Where each top-level value begins and ends. A scan of tokens, since a value may span lines. */
function* valueRanges(text: string): Generator<{ start: number; end: number; line: number }> {
  const scanner = createScanner(text, true);
  let depth = 0;
  let start = -1;
  let line = 1;
  for (;;) {
    scanner.scan();
    const offset = scanner.getTokenOffset();
    const end = offset + scanner.getTokenLength();
    if (offset >= text.length) break;
    if (start < 0) {
      start = offset;
      line = scanner.getTokenStartLine() + 1;
    }
    const first = text.charAt(offset);
    if (first === '{' || first === '[') depth += 1;
    if (first === '}' || first === ']') depth -= 1;
    if (depth <= 0) {
      yield { start, end, line };
      start = -1;
      depth = 0;
    }
  }
  if (start >= 0) yield { start, end: text.length, line };
}
