import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countCharacters,
  equalJson,
  findDefect,
  isJsonObject,
  JsonDefect,
  JsonNumber,
  jsonObject,
  plainJson,
  renderJson,
  type JsonValue,
} from '../../../lambda/core/model/json.ts';

const json = fc.jsonValue() as fc.Arbitrary<JsonValue>;

describe('lossless JSON', () => {
  test('round-trips', () => {
    fc.assert(
      fc.property(json, fc.nat(4), (value, indent) => {
        expect(JSON.parse(renderJson(value, indent))).toEqual(value);
      }),
      { seed: 4 },
    );
  });

  test('is formatted as JavaScript does, with and without white space', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(renderJson(value, 0)).toBe(JSON.stringify(value));
        expect(renderJson(value, 2)).toBe(JSON.stringify(value, null, 2));
      }),
      { seed: 5 },
    );
  });

  test('keeps the author’s spelling of numbers', () => {
    const value = { size: new JsonNumber('1.0'), large: [new JsonNumber('12345678901234567890')] };
    expect(renderJson(value, 0)).toBe('{"size":1.0,"large":[12345678901234567890]}');
    expect(isJsonObject(value.size)).toBe(false);
  });

  test('is not written by JavaScript’s own writer, which would lose a number’s spelling or a defect', () => {
    expect(plainJson({ list: [1, 'two'] }, 0)).toBe('{"list":[1,"two"]}');
    expect(plainJson({ list: [1, new JsonNumber('1.0')] }, 0)).toBeUndefined();
    expect(plainJson({ list: [new JsonDefect('twice')] }, 0)).toBeUndefined();
    expect(renderJson({ list: [new JsonDefect('twice')] }, 0)).toBe('{"list":["twice"]}');
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => plainJson(circle, 0)).toThrow(TypeError);
  });

  test('has __proto__ as an ordinary key', () => {
    const value = jsonObject([
      ['__proto__', 'kept'],
      ['constructor', 1],
    ]);
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(renderJson(value, 0)).toBe('{"__proto__":"kept","constructor":1}');
    expect(({} as Record<string, unknown>)['kept']).toBeUndefined();
  });

  test('is equal regardless of the order of keys, and unequal otherwise', () => {
    expect(equalJson({ a: 1, b: [true] }, { b: [true], a: 1 })).toBe(true);
    const different: [JsonValue | undefined, JsonValue | undefined][] = [
      [{ a: 1 }, { a: 1, b: 1 }],
      [{ a: 1, b: 1 }, { a: 1 }],
      [{ a: 1 }, { b: 1 }],
      [
        [1, 2],
        [2, 1],
      ],
      [[1], { 0: 1 }],
      ['1', 1],
      [null, {}],
      [new JsonNumber('1.0'), new JsonNumber('1.00')],
      [new JsonNumber('1.0'), 1],
      [{ constructor: 1 }, {}],
      [{}, jsonObject([['__proto__', 1]])],
      [undefined, null],
    ];
    for (const [a, b] of different) {
      expect([a, b, equalJson(a, b), equalJson(b, a)]).toEqual([a, b, false, false]);
    }
  });

  test('reports a defect at any depth', () => {
    const defect = new JsonDefect('the key "a" stands twice');
    expect(findDefect({ x: [1, { y: defect }] })).toBe(defect);
    expect(findDefect({ x: [1, { y: 'fine' }] })).toBeUndefined();
  });
});

test('white space between tokens is not counted', () => {
  expect(countCharacters(JSON.parse('{ "Version": "2012-10-17" }'))).toBe(24);
});

test('white space within a string is counted, so that the answer is never too small', () => {
  expect(countCharacters({ Id: 'a b' })).toBe(12);
});
