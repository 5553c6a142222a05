import { isUtf8 } from 'node:buffer';
import { JsonTextError } from './json-text-error.ts';
import { readJsonAt } from '../../json/read-json.ts';

/** Fills `into` with what stands at a position and returns how many bytes that were; 0 at the end. */
export type ReadBytes = (into: Uint8Array, position: number) => number;

/** One value of a longer text, cut out but not read. */
export interface JsonSlice {
  readonly text: string;
  /** Bytes from the beginning of the file: the first of the value, and the first after it. */
  readonly start: number;
  readonly end: number;
  /** Where it begins, counted from 1; a column is a UTF-16 code unit. */
  readonly line: number;
  readonly column: number;
  /** How deep objects and arrays stand in each other; 0 for a value that is neither. */
  readonly levels: number;
}

export interface CursorOptions {
  /** Bytes to ask for at one time; default 1 MiB. */
  readonly block?: number;
  /** Bytes that one value may have; default 500 MiB, since JavaScript holds no longer text. */
  readonly largest?: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const SLASH = 0x2f;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Characters that end a number or a word. */
const DELIMITERS = new Set([...'}{][":,/ \t\r\n'].map((character) => character.charCodeAt(0)));

/** A number at the beginning of a word. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/;

/** What is looked at to say why a text is no JSON. */
const EXCERPT = 1024;

/**
 * Walks through JSON text that is read in blocks and cuts values out of it. Only brackets and strings are looked at: whether
 * a slice is JSON is for its reader to say. All that structure is made of is ASCII, and in UTF-8 no byte of another
 * character looks like it, so bytes do.
 */
export class JsonCursor {
  readonly #read: ReadBytes;
  readonly #block: number;
  readonly #largest: number;
  #window: Buffer;
  /** Where the window begins in the file, and how many of its bytes are filled. */
  #base = 0;
  #length = 0;
  /** The next byte, counted from the beginning of the window. */
  #at = 0;
  #line = 1;
  /** Where the line begins in the file, and how many bytes more than code units of it have gone by. */
  #lineStart = 0;
  #surplus = 0;
  #lastReturn = -2;

  /** @throws JsonTextError when it begins as a text in UTF-16 does */
  constructor(read: ReadBytes, { block = 1024 * 1024, largest = 500 * 1024 * 1024 }: CursorOptions = {}) {
    this.#read = read;
    this.#block = block;
    this.#largest = largest;
    this.#window = Buffer.allocUnsafe(block);
    this.#skipMark();
  }

  /** The line that it stands in, counted from 1. */
  get line(): number {
    return this.#line;
  }

  /** The next byte that is not white space, or -1 at the end. */
  peek(): number {
    for (;;) {
      while (this.#at < this.#length) {
        const byte = this.#window[this.#at] ?? 0;
        if (byte === LINE_FEED || byte === RETURN) this.#newLine(this.#base + this.#at, byte);
        else if (byte !== SPACE && byte !== TAB) return byte;
        this.#at += 1;
      }
      if (!this.#fill(this.#at)) return -1;
    }
  }

  /** Goes past the byte that {@link peek} has seen. */
  skip(): void {
    this.#at += 1;
  }

  /**
   * Cuts out the value that begins at the byte that {@link peek} has seen, up to the end of the text where it has none.
   * @throws JsonTextError when it is not UTF-8, or larger than one value may be
   */
  cut(): JsonSlice {
    const start = this.#base + this.#at;
    const line = this.#line;
    const column = this.#column();
    const first = this.#window[this.#at] ?? 0;
    const isContainer = first === OPEN_BRACE || first === OPEN_BRACKET;
    const { levels, seen } = isContainer || first === QUOTE ? this.#passNested() : this.#passWord(first);
    const from = start - this.#base;
    const bytes = this.#window.subarray(from, this.#at);
    if (seen < 0x80) {
      const text = bytes.toString('latin1');
      return { text, start, end: this.#base + this.#at, line, column, levels };
    }
    const text = decode(bytes);
    // A line that began within the value has gone by in part only.
    const ofLine = this.#lineStart > start ? text.slice(tailStart(text)) : text;
    const lineBytes = this.#base + this.#at - Math.max(this.#lineStart, start);
    this.#surplus += lineBytes - ofLine.length;
    return { text, start, end: this.#base + this.#at, line, column, levels };
  }

  /**
   * Why the text cannot go on as it does. `before` is a short text after which the reader of JSON expects what is expected
   * here, so that it finds the fault and names it as in a text that it has read from the beginning.
   */
  refusal(before: string): JsonTextError {
    while (this.#length - this.#at < EXCERPT && this.#fill(this.#at));
    const rest = this.#window.subarray(this.#at, Math.min(this.#length, this.#at + EXCERPT)).toString();
    const place = { line: this.#line, column: this.#column() - before.length };
    const read = readJsonAt(before + rest, place);
    return new JsonTextError(read.ok ? 'not valid JSON' : read.problem);
  }

  #passNested(): { readonly levels: number; readonly seen: number } {
    let from = this.#at;
    let at = this.#at;
    let length = this.#length;
    let window: Uint8Array = this.#window;
    let depth = 0;
    let levels = 0;
    let seen = 0;
    let isString = false;
    let isEscaped = false;
    do {
      if (at === length) {
        this.#at = at;
        if (!this.#fill(from)) return { levels, seen };
        at -= from;
        from = 0;
        length = this.#length;
        window = this.#window;
      }
      const byte = window[at] ?? 0;
      at += 1;
      seen |= byte;
      if (isString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) isString = false;
      } else if (byte === QUOTE) isString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        depth += 1;
        if (depth > levels) levels = depth;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
      else if (byte === LINE_FEED || byte === RETURN) this.#newLine(this.#base + at - 1, byte);
    } while (isString || depth > 0);
    this.#at = at;
    return { levels, seen };
  }

  /** A number, `true`, or what is no JSON: a single character that has no place here, or a comment. */
  #passWord(first: number): { readonly levels: number; readonly seen: number } {
    let from = this.#at;
    let seen = first;
    this.#at += 1;
    if (DELIMITERS.has(first) && first !== SLASH) return { levels: 0, seen };
    for (;;) {
      if (this.#at === this.#length) {
        if (!this.#fill(from)) break;
        from = 0;
      }
      const byte = this.#window[this.#at] ?? 0;
      if (first === SLASH ? byte === LINE_FEED || byte === RETURN : DELIMITERS.has(byte)) break;
      seen |= byte;
      this.#at += 1;
    }
    this.#endNumber(from);
    return { levels: 0, seen };
  }

  /** `1-0` and `01` are two numbers with a comma missing, and not one that is wrong. */
  #endNumber(from: number): void {
    const word = this.#window.subarray(from, this.#at).toString('latin1');
    const length = NUMBER.exec(word)?.[0].length ?? 0;
    if (length > 0 && /^[-0-9]/.test(word.slice(length))) this.#at = from + length;
  }

  #newLine(offset: number, byte: number): void {
    if (byte === RETURN) this.#lastReturn = offset;
    if (byte === RETURN || this.#lastReturn !== offset - 1) this.#line += 1;
    this.#lineStart = offset + 1;
    this.#surplus = 0;
  }

  #column(): number {
    return this.#base + this.#at - this.#lineStart - this.#surplus + 1;
  }

  /** Reads on; what stands in the window from `keep` on stays, and comes to its beginning. False at the end of the text. */
  #fill(keep: number): boolean {
    if (keep > 0) {
      this.#window.copyWithin(0, keep, this.#length);
      this.#base += keep;
      this.#length -= keep;
      this.#at -= keep;
    }
    if (this.#length > this.#largest) {
      const size = `${String(Math.round(this.#largest / 1048576))} MiB`;
      throw new JsonTextError(`the value at line ${String(this.#line)} is larger than ${size}`);
    }
    if (this.#window.length - this.#length < this.#block) {
      const larger = Buffer.allocUnsafe(Math.max(this.#window.length * 2, this.#length + this.#block));
      this.#window.copy(larger, 0, 0, this.#length);
      this.#window = larger;
    }
    const count = this.#read(
      this.#window.subarray(this.#length, this.#length + this.#block),
      this.#base + this.#length,
    );
    this.#length += count;
    return count > 0;
  }

  #skipMark(): void {
    while (this.#length < 3 && this.#fill(0));
    const [first = 0, second = 0, third = 0] = this.#window.subarray(0, this.#length);
    // What `>` of Windows PowerShell writes.
    if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
      throw new JsonTextError('a text in UTF-16; save it in UTF-8');
    }
    if (first !== 0xef || second !== 0xbb || third !== 0xbf) return;
    this.#at = 3;
    this.#lineStart = 3;
  }
}

function decode(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  throw new JsonTextError('not a text in UTF-8; is it compressed or another kind of file?');
}

function tailStart(text: string): number {
  return Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
}
