import { type ParseErrorCode, printParseErrorCode, visit } from 'jsonc-parser';
import { JsonDefect, JsonNumber, type JsonValue } from '../core/model/json.ts';
import { ok, refuse, type Result } from '../core/pattern/result.ts';

/**
 * The deepest nesting accepted. Policies nest about ten levels, exports a few more; deeper text is an accident or an
 * attack on the stack.
 */
const DEEPEST = 500;

/** Where a text begins within a longer one, counted from 1. */
interface JsonPlace {
  readonly line: number;
  readonly column: number;
}

/** A value, and the line on which it begins, counted from 1. */
interface PlacedJson {
  readonly value: JsonValue;
  readonly line: number;
}

/**
 * Reads JSON text without loss: numbers that JavaScript would write differently keep their text, and an object with a
 * duplicate key becomes a {@link JsonDefect} in its place. A problem names line and column.
 */
export function readJson(text: string): Result<JsonValue> {
  const source = withoutMark(text);
  if (source.trim() === '') return refuse('the text is empty where JSON is expected');
  const read = readValue(source);
  return typeof read === 'string' ? refuse(read) : ok(read.value);
}

/**
 * Reads one or more JSON values that follow each other, as in JSON Lines or in what several runs of a command print
 * into one file.
 */
export function readJsonSequence(text: string): Result<readonly PlacedJson[]> {
  const source = withoutMark(text);
  const values: PlacedJson[] = [];
  const reader = new SequenceReader(source);
  for (let at = reader.next(); at !== undefined; at = reader.next()) {
    const read = reader.read(at);
    if (typeof read === 'string') return refuse(read);
    values.push({ value: read.value, line: at.line });
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
  return readPlain(text) ?? readExactly(text, begin);
}

/** Characters. Beyond this length the copies that {@link readPlain} compares cost more memory than they save time. */
const LARGE = 64 * 1024 * 1024;
const WHITE_SPACE = /[ \t\r\n]+/g;

/**
 * The result of `JSON.parse` if it is lossless; undefined otherwise. `JSON.parse` is twice as fast as the reader
 * below, but it drops the first of two equal keys and changes how a number is written. Either shows when the value is
 * written again: the text then has other tokens.
 */
function readPlain(text: string): { readonly value: JsonValue } | undefined {
  if (text.length > LARGE) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const again = JSON.stringify(value);
    // White space is removed from both, also within strings: different tokens stay different.
    const isExact = again === text || withoutSpace(again) === withoutSpace(text);
    return isExact ? { value: asJsonValue(value, 0) } : undefined;
  } catch {
    return undefined;
  }
}

function withoutSpace(text: string): string {
  return text.replace(WHITE_SPACE, '');
}

/**
 * Takes the prototypes away from plain data, so that a key such as `__proto__` is like any other. The objects stay those
 * that `JSON.parse` made: V8 keeps what `Object.create(null)` makes as a hash table, which takes several times the memory
 * and is slower to read and to write.
 */
function asJsonValue(plain: unknown, depth: number): JsonValue {
  if (plain === null || typeof plain !== 'object') return plain as JsonValue;
  if (depth >= DEEPEST) throw new RangeError('too deep');
  if (Array.isArray(plain)) {
    for (let i = 0; i < plain.length; i += 1) asJsonValue(plain[i], depth + 1);
    return plain as JsonValue[];
  }
  for (const member of Object.values(plain)) asJsonValue(member, depth + 1);
  return Object.setPrototypeOf(plain, null) as JsonValue;
}

function readExactly(text: string, begin: JsonPlace): { readonly value: JsonValue } | string {
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
    if (open.length >= DEEPEST) throw new TooDeep(placeAt(line, column));
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
            parent.duplicate ??= `the key ${JSON.stringify(key)} occurs twice in one object (${placeAt(line, column)})`;
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

/** Where a value begins. */
interface ValueStart extends JsonPlace {
  readonly start: number;
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const SLASH = 0x2f;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** The characters that end a number or a literal such as `true`. */
const DELIMITERS = new Set([...'{}[]",:/ \t\r\n'].map((character) => character.charCodeAt(0)));
const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Reads the values of a text one after the other. A value may span lines. */
class SequenceReader {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The start of the next value; undefined at the end of the text. */
  next(): ValueStart | undefined {
    let start = this.#at;
    while (start < this.#text.length && isSpace(this.#text.charCodeAt(start))) start += 1;
    this.#pass(start);
    if (start >= this.#text.length) return undefined;
    return { start, line: this.#line, column: start - this.#lineStart + 1 };
  }

  /** The value that starts there, or what is wrong with it. */
  read({ start, ...begin }: ValueStart): { readonly value: JsonValue } | string {
    // Most values are a whole line, as in JSON Lines; their end need not be searched for by brackets and strings.
    const lineFeed = this.#text.indexOf('\n', start);
    const endOfLine = lineFeed < 0 ? this.#text.length : lineFeed;
    const line = readPlain(this.#text.slice(start, endOfLine));
    const end = line ? endOfLine : endOfValue(this.#text, start);
    this.#pass(end);
    return line ?? readValue(this.#text.slice(start, end), begin);
  }

  /** Goes on to that position, and counts the lines up to it. */
  #pass(end: number): void {
    const passed = this.#text.slice(this.#at, end);
    if (!passed.includes('\n') && !passed.includes('\r')) this.#at = end;
    for (let at = this.#at; at < end; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code !== LINE_FEED && (code !== RETURN || this.#text.charCodeAt(at + 1) === LINE_FEED)) continue;
      this.#line += 1;
      this.#lineStart = at + 1;
    }
    this.#at = end;
  }
}

function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfContainer(text, start);
  if (first === QUOTE) return endOfString(text, start);
  let at = start + 1;
  if (first === SLASH) {
    while (at < text.length && text.charCodeAt(at) !== LINE_FEED && text.charCodeAt(at) !== RETURN) at += 1;
  } else if (!DELIMITERS.has(first)) {
    while (at < text.length && !DELIMITERS.has(text.charCodeAt(at))) at += 1;
  }
  return at;
}

function endOfContainer(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at + 1;
  }
  return text.length;
}
