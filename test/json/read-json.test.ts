import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPolicyText } from '../../lambda/json/policy-text.ts';
import { readJson, readJsonSequence } from '../../lambda/json/read-json.ts';
import { findDefect, renderJson } from '../../lambda/core/model/json.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What was read, as text without white space; a problem as it is. */
function read(text: string): string {
  const result = readJson(text);
  return result.ok ? renderJson(result.value, 0) : result.problem;
}

describe('reading JSON', () => {
  test('accepts exactly the texts that JSON.parse accepts, with the same result', () => {
    const fragments = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"__proto__"',
      '1',
      '-0',
      '1.0',
      '1e5',
      'tr',
      'true',
      'null',
      ' ',
      '\n',
      '\u00a0',
      '"',
      '\\',
      '\\u00e9',
      '\\x',
      '//',
      '/**/',
      "'",
      '+1',
      '.5',
      '0x1',
      '01',
      '\t',
      '\u0001',
      '\u2028',
      'NaN',
    ];
    const fuzz = fc.array(fc.constantFrom(...fragments), { maxLength: 12 }).map((parts) => parts.join(''));
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom(...fragments, ''))
      .map(([text, at, part]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + part + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fuzz, damaged, fc.json()), (text) => {
        const result = readJson(text);
        expect(result.ok).toBe(isJson(text));
        if (!result.ok || findDefect(result.value)) return;
        expect(JSON.parse(renderJson(result.value))).toEqual(JSON.parse(text));
      }),
      { numRuns: 4000 },
    );
  });

  test.each(['1.0', '-0', '1e400', '12345678901234567890', '1E+2', '0.10', '0', '-1.5', '1e21'])(
    'keeps the spelling of the number %s',
    (number) => {
      expect(read(`{"a":[${number}]}`)).toBe(`{"a":[${number}]}`);
    },
  );

  test('keeps keys such as __proto__ and the order of keys', () => {
    expect(read('{"b":1,"__proto__":{"x":1},"a":2,"constructor":3}')).toBe(
      '{"b":1,"__proto__":{"x":1},"a":2,"constructor":3}',
    );
  });

  test.each([
    ['{"a":1,"b":{"a":1},"a":2}', 'the key "a" occurs twice in one object (line 1, column 20)'],
    ['[{},\n {"\\u0061":1, "a":2}]', 'the key "a" occurs twice in one object (line 2, column 15)'],
  ])('marks the object with a duplicate key in %s', (text, problem) => {
    const result = readJson(text);
    expect(result.ok && findDefect(result.value)?.problem).toBe(problem);
  });

  test('reads 500 levels and refuses 501', () => {
    expect(read('['.repeat(500) + ']'.repeat(500))).toBe('['.repeat(500) + ']'.repeat(500));
    expect(read(`\n${'['.repeat(501)}${']'.repeat(501)}`)).toBe(
      'nested more than 500 levels deep at line 2, column 501',
    );
  });
});

describe('reading a sequence of values', () => {
  test('finds the beginning of each, however they are separated', () => {
    const sequence = readJsonSequence('\uFEFF{"a":\n1}{"b":2}\n\n[3]\r\n{"}":"{"}');
    expect(sequence.ok && sequence.value.map(({ value, line }) => [line, renderJson(value, 0)])).toEqual([
      [1, '{"a":1}'],
      [2, '{"b":2}'],
      [4, '[3]'],
      [5, '{"}":"{"}'],
    ]);
  });

  test.each([
    ['{"a":1}\n{"a":1.0}\n', [1, 2]],
    ['{"a":1}\r\n{"a":1.0}\r\n', [1, 2]],
    ['{"a":1}\r{"a":1.0}', [1, 2]],
    ['\n {"a":1} \n\n\t{"a":1.0}', [2, 4]],
    ['{"a":1} {"a":1.0}\n', [1, 1]],
    ['{"a":\r1}\n{"a":1.0}', [1, 3]],
  ])('finds the lines of %j', (text, lines) => {
    const sequence = readJsonSequence(text);
    const values = sequence.ok ? sequence.value : [];
    expect(values.map(({ value }) => renderJson(value, 0))).toEqual(['{"a":1}', '{"a":1.0}']);
    expect(values.map(({ line }) => line)).toEqual(lines);
  });

  test('names the line of the file, and not of the value, in an error', () => {
    expect(readJsonSequence('{"a":1}\n{\n"b":}\n')).toEqual({
      ok: false,
      problem: 'not valid JSON: value expected at line 3, column 5',
    });
  });
});

describe("the text of a policy as IAM's API returns it", () => {
  test('is percent-encoded, and a plus sign is a plus sign', () => {
    expect(readPolicyText('%7B%22a%22%3A%22x+y%25%F0%9F%A6%86%22%7D')).toMatchObject({
      readable: true,
      value: { a: 'x+y%🦆' },
    });
  });

  test('is not decoded if it begins with a brace, even with percent signs', () => {
    expect(readPolicyText(' {"a":"100%20"}')).toMatchObject({ readable: true, value: { a: '100%20' } });
  });

  test.each([
    ['%7', 'the policy document is not percent-encoded as IAM documents it'],
    ['%C3%28', 'the policy document is not percent-encoded as IAM documents it'],
    ['%257B%257D', 'the policy document is not JSON: not valid JSON: invalid symbol at line 1, column 1'],
    ['', 'the policy document is not JSON: the text is empty where JSON is expected'],
    [undefined, 'IAM returned no document for this policy'],
  ])('that is %s is unreadable, and says why', (text, problem) => {
    expect(readPolicyText(text)).toMatchObject({ readable: false, problem });
  });
});
