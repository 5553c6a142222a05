import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonCursor, type JsonSlice, type ReadBytes } from '../../../lambda/adapters/json/json-cursor.ts';
import { memberParts, sequenceParts } from '../../../lambda/adapters/json/json-parts.ts';
import { JsonTextError } from '../../../lambda/adapters/json/json-text-error.ts';
import { readJson, readJsonAt } from '../../../lambda/json/read-json.ts';
import { renderJson } from '../../../lambda/core/model/json.ts';

/** A file that gives as many bytes at a time as the sizes say, in turn. */
function bytesOf(text: string, sizes: readonly number[]): ReadBytes {
  const bytes = Buffer.from(text);
  let turn = 0;
  return (into, position) => {
    const size = sizes[turn % sizes.length] ?? 1;
    turn += 1;
    return bytes.copy(into, 0, position, Math.min(position + size, position + into.length));
  };
}

/** A cursor's text, byte for byte, is cut as `sizes` say. */
function cursorOf(text: string, sizes: readonly number[] = [1]): JsonCursor {
  return new JsonCursor(bytesOf(text, sizes), { block: 16 });
}

function problemOf(walk: () => unknown): string | undefined {
  try {
    walk();
    return undefined;
  } catch (error) {
    if (error instanceof JsonTextError) return error.message;
    throw error;
  }
}

/** What the parts of an object say together, or the first problem. */
function members(text: string, sizes: readonly number[]): string {
  const said: string[] = [];
  const problem = problemOf(() => {
    const cursor = cursorOf(text, sizes);
    if (cursor.peek() === -1) throw new JsonTextError('the text is empty where JSON is expected');
    for (const { key, index, slice } of memberParts(cursor)) {
      const place = `${key}${index === undefined ? '' : `[${String(index)}]`}`;
      said.push(slice ? `${place}=${valueOf(slice, index === undefined ? 1 : 2)}` : place);
    }
  });
  return problem ?? said.join('\n');
}

function valueOf(slice: JsonSlice, outer = 0): string {
  const read = readJsonAt(slice.text, { ...slice, outer });
  if (!read.ok) throw new JsonTextError(read.problem);
  return renderJson(read.value, 0);
}

const SPLITS = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
const SPACES = fc.constantFrom('', ' ', '\n', '\r\n', '\r', '\t', ' \n ');
const NAMES = fc.constantFrom('a', '"', '\\', 'é', '🦆', '\u2028', '}', '{"[', ' ', '\u0000');
const VALUES = fc.oneof(
  fc.json(),
  NAMES.map((text) => JSON.stringify(text)),
  fc.constantFrom('1.0', '-0', '"\\u00e9"'),
);

/** Text of an object with a list in it, white space wherever it may stand. */
const TEXTS = fc
  .tuple(fc.array(VALUES, { maxLength: 4 }), VALUES, NAMES, fc.array(SPACES, { minLength: 6, maxLength: 6 }))
  .map(([list, value, name, [a = '', b = '', c = '', d = '', e = '', f = '']]) => {
    const elements = list.map((item) => `${b}${item}${c}`).join(',') || d;
    return `${a}{${b}"list"${c}:${d}[${elements}]${e},${JSON.stringify(`_${name}`)}:${f}${value}${a}}${e}`;
  });

function lineOf(problem: string): string | undefined {
  return /line \d+/.exec(problem)?.[0];
}

describe('cutting an object into its members', () => {
  test('gives the same parts wherever the bytes are split', () => {
    fc.assert(
      fc.property(TEXTS, SPLITS, (text, sizes) => {
        expect(members(text, sizes)).toBe(members(text, [16]));
        const whole = readJson(text);
        if (!whole.ok) throw new Error(whole.problem);
        const object = whole.value as { readonly list: readonly unknown[] };
        const lines = members(text, sizes)
          .split('\n')
          .filter((line) => line.startsWith('list['));
        expect(lines).toHaveLength(object.list.length + 1);
      }),
      { numRuns: 1000 },
    );
  });

  test('refuses a damaged text at the line that the reader of a whole text names', () => {
    const damage = fc.constantFrom(
      '',
      '"',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\\',
      'x',
      '//',
      '1',
      '\n',
      '\u00a0',
      'é',
    );
    fc.assert(
      fc.property(TEXTS, fc.nat(), damage, fc.boolean(), SPLITS, (text, at, part, isCut, sizes) => {
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + (isCut ? '' : part + text.slice(place + 1));
        const whole = readJson(damaged);
        // Another text that is JSON, or half a character, which is no text.
        if (whole.ok || !/^[ \t\r\n]*\{/.test(damaged) || Buffer.from(damaged).toString() !== damaged) return;
        // Of two faults in one place either may be named.
        expect(lineOf(members(damaged, sizes))).toBe(lineOf(whole.problem));
      }),
      {
        numRuns: 3000,
        examples: [
          [' {"list":[\r\n-0] ,"_a":"a"} ', 11, '1', false, [1]],
          ['{"list":[0\n],"_a":"a"}', 10, '1', false, [3]],
        ],
      },
    );
  });

  test('names the place of a key that stands twice, escapes and wide characters before it', () => {
    expect(members('{"é🦆":["🦆é"], "a":1,\n "🦆":"é", "\\u0061":2}', [3])).toBe(
      'the key "a" stands twice in one object (line 2, column 12)',
    );
    expect(members('{"é🦆":["🦆é"],"a":1,"a":2}', [3])).toBe(
      'the key "a" stands twice in one object (line 1, column 22)',
    );
  });
});

describe('cutting a text into values', () => {
  function values(text: string, sizes: readonly number[] = [2]): readonly string[] {
    return [...sequenceParts(cursorOf(text, sizes))].map(
      ({ slice, value, line, index }) =>
        `${String(value)} line ${String(line)}${index === undefined ? '' : ` [${String(index)}]`} ${valueOf(slice)}`,
    );
  }

  test('counts values, lines and elements', () => {
    expect(values('\uFEFF{"a":\n1}{"b":2}\n\n[3,\r\n{"]":"["}]\r{"}":"{"}')).toEqual([
      '0 line 1 {"a":1}',
      '1 line 2 {"b":2}',
      '2 line 4 [0] 3',
      '2 line 4 [1] {"]":"["}',
      '3 line 6 {"}":"{"}',
    ]);
  });

  test('remembers the bytes of each, so that it can be read again', () => {
    const text = '\uFEFF["é", {"🦆":"\\""}]';
    const parts = [...sequenceParts(cursorOf(text))];
    expect(
      parts.map(({ slice: { start, end } }) => Buffer.from(text).subarray(start, end).toString()),
    ).toEqual(['"é"', '{"🦆":"\\""}']);
  });
});

describe('a text that is refused at once', () => {
  test.each([
    ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), 'a text in UTF-16; save it in UTF-8'],
    [
      'bytes that are no characters',
      Buffer.from([0x22, 0xc3, 0x28, 0x22]),
      'not a text in UTF-8; is it compressed or another kind of file?',
    ],
  ])('is %s', (_, bytes, problem) => {
    const read: ReadBytes = (into, position) => bytes.copy(into, 0, position, position + 1);
    expect(problemOf(() => [...sequenceParts(new JsonCursor(read))])).toBe(problem);
  });

  test('holds one value that is larger than memory has room for', () => {
    const read = bytesOf(`[1,\n"${'x'.repeat(3_000_000)}"]`, [65_536]);
    const cursor = new JsonCursor(read, { block: 65_536, largest: 2 * 1024 * 1024 });
    expect(problemOf(() => [...sequenceParts(cursor)])).toBe('the value at line 2 is larger than 2 MiB');
  });

  test('is not one of many values that are larger together', () => {
    const read = bytesOf(
      `[${Array(3000)
        .fill(`"${'x'.repeat(1000)}"`)
        .join(',')}]`,
      [65_536],
    );
    const cursor = new JsonCursor(read, { block: 65_536, largest: 2 * 1024 * 1024 });
    expect([...sequenceParts(cursor)]).toHaveLength(3000);
  });
});
