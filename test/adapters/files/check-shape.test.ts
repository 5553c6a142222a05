import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkShape } from '../../../lambda/adapters/files/check-shape.ts';
import { readJson } from '../../../lambda/json/read-json.ts';

/** What a file says, checked against a schema. */
function check<T>(schema: z.core.$ZodType<T>, text: string, root?: string): T {
  const read = readJson(text);
  if (!read.ok) throw new TypeError(read.problem);
  return checkShape(schema, read.value, 'f.json', root);
}

test.each([
  ['the file, if that is all there is to say', '5', undefined, 'f.json: expected an object, found a number'],
  [
    'the member',
    '{"rules":[{"days":"5"}]}',
    undefined,
    'f.json: rules[0].days: expected a number, found a string',
  ],
  [
    'the member after the line',
    '{"rules":5}',
    'line 7',
    'f.json: line 7, rules: expected an array, found a number',
  ],
])('a value of another shape is refused with %s', (_, text, root, message) => {
  const schema = z.object({ rules: z.array(z.object({ days: z.number() })) });
  expect(() => check(schema, text, root)).toThrow(message);
});

test('a number is read whatever its spelling', () => {
  expect(check(z.array(z.number()), '[30, 30.0, 3e1]')).toEqual([30, 30, 30]);
});
