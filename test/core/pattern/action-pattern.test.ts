import { describe, expect, test } from 'vitest';
import { parseActionPattern } from '../../../lambda/core/pattern/action-pattern.ts';
import { foldCase } from '../../../lambda/core/pattern/matches.ts';

describe('reading one action pattern', () => {
  test.each([
    ['S3:getobject', { kind: 'literal', service: 's3', action: 'getobject' }],
    ['s3:Get*', { kind: 'wildcard', service: 's3', action: 'get*' }],
    ['s3:Get?bject', { kind: 'wildcard', service: 's3', action: 'get?bject' }],
    ['s3:*', { kind: 'wildcard', service: 's3', action: '*' }],
    ['execute-api:Invoke', { kind: 'literal', service: 'execute-api', action: 'invoke' }],
    ['constructor:__proto__', { kind: 'literal', service: 'constructor', action: '__proto__' }],
  ])('%s is understood and keeps its own spelling', (text, expected) => {
    expect(parseActionPattern(text)).toEqual({ ok: true, value: { text, ...expected } });
  });

  test.each(['*', '*:*'])('%s stands for everything', (text) => {
    expect(parseActionPattern(text)).toEqual({ ok: true, value: { kind: 'everything', text } });
  });

  test.each([
    ['GetObject', 'no service prefix'],
    ['', 'no service prefix'],
    ['s3:', 'names no action'],
    ['s3:Get:Object', 'more than one colon'],
    ['s*:GetObject', 'wildcard in its service prefix'],
    ['*:GetObject', 'wildcard in its service prefix'],
    ['s3 :GetObject', 'service prefix that IAM does not allow'],
    [':GetObject', 'service prefix that IAM does not allow'],
    ['s3:Get Object', 'space or a character outside ASCII'],
    ['s3:Get\u212aey', 'space or a character outside ASCII'],
  ])('%j is refused, and the sentence says that it has %s', (text, problem) => {
    const read = parseActionPattern(text);
    expect(read.ok ? '' : read.problem).toContain(problem);
    expect(read.ok ? '' : read.problem).toContain(JSON.stringify(text));
  });
});

describe('folding case', () => {
  test('folds ASCII letters and nothing else', () => {
    expect(foldCase('S3:GetObject')).toBe('s3:getobject');
    expect(foldCase('\u212aelvin \u0130stanbul \u00c9')).toBe('\u212aelvin \u0130stanbul \u00c9');
    expect(foldCase('\u212aABC')).toBe('\u212aabc');
  });
});
