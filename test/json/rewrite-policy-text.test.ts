import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson } from '../../lambda/json/read-json.ts';
import { rewritePolicyText } from '../../lambda/json/rewrite-policy-text.ts';
import { isJsonObject, type JsonObject, renderJson } from '../../lambda/core/model/json.ts';

function document(text: string): JsonObject {
  const json = readJson(text);
  if (!json.ok || !isJsonObject(json.value)) throw new TypeError(text);
  return json.value;
}

describe("rewriting the author's text of a policy", () => {
  test('changes lists of actions in their original format', () => {
    const before = `{ "Statement" : [ {"Action":["a:1","a:2",  "a:3"], "Effect":"Allow"},
      {"Effect":"Allow", "Action": [
          "b:1",
          "b:2" ] } ] }`;
    const after = document(
      '{"Statement":[{"Action":["a:3","a:9"],"Effect":"Allow"},{"Effect":"Allow","Action":["b:1","b:7","b:8"]}]}',
    );
    expect(rewritePolicyText(before, after))
      .toBe(`{ "Statement" : [ {"Action":["a:3","a:9"], "Effect":"Allow"},
      {"Effect":"Allow", "Action": [
          "b:1",
          "b:7",
          "b:8" ] } ] }`);
  });

  test('can turn Action into NotAction, and a string into a list', () => {
    const after = document(
      '{"Statement":{"Effect":"Allow","NotAction":["s3:GetObject","sqs:*"],"Resource":"*"}}',
    );
    expect(
      rewritePolicyText('{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}', after),
    ).toBe('{"Statement": {"Effect": "Allow", "NotAction": ["s3:GetObject", "sqs:*"], "Resource": "*"}}');
  });

  test('parses as the requested document, whatever is removed and however it is formatted', () => {
    const actions = fc.uniqueArray(fc.constantFrom('a:1', 'a:2', 'a:3', 'a:4'), { minLength: 1 });
    const statement = fc.record({
      Sid: fc.constantFrom('A', 'B'),
      Effect: fc.constant('Allow'),
      Action: actions,
      Resource: fc.constant('*'),
    });
    const input = fc.record({
      statements: fc.array(statement, { minLength: 1, maxLength: 5 }),
      kept: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      changed: fc.array(actions, { minLength: 5, maxLength: 5 }),
      indent: fc.constantFrom(0, 1, 4, '\t'),
    });
    fc.assert(
      fc.property(input, ({ statements, kept, changed, indent }) => {
        const before = JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, indent);
        const left = statements.flatMap((one, index) =>
          kept[index] === true ? [{ ...one, Action: changed[index] }] : [],
        );
        fc.pre(left.length > 0);
        const after = document(JSON.stringify({ Version: '2012-10-17', Statement: left }));
        const text = rewritePolicyText(before, after);
        expect(renderJson(document(text), 0)).toBe(renderJson(after, 0));
      }),
      { numRuns: 1000 },
    );
  });
});
