import { describe, expect, test } from 'vitest';
import { JsonDefect, type JsonValue } from '../../../lambda/core/model/json.ts';
import { parsePolicy } from '../../../lambda/core/model/policy.ts';

const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' } as const;

function problemOf(document: JsonValue): string {
  const parsed = parsePolicy(document);
  return parsed.ok ? 'understood' : parsed.problem;
}

describe('understanding a policy', () => {
  test.each<[string, JsonValue]>([
    ['a statement as an object', { Statement: allow }],
    ['no Version', { Statement: [allow] }],
    ['the Version of 2008', { Version: '2008-10-17', Statement: [allow] }],
    ['an Id', { Id: 'x', Statement: [allow] }],
    [
      'empty Sids, twice',
      {
        Statement: [
          { ...allow, Sid: '' },
          { ...allow, Sid: '' },
        ],
      },
    ],
    ['a Sid that JavaScript objects know', { Statement: { ...allow, Sid: 'constructor' } }],
    ['a NotResource', { Statement: { Effect: 'Deny', Action: '*', NotResource: ['a', 'b'] } }],
    ['a NotAction', { Statement: { Effect: 'Allow', NotAction: ['iam:*'], Resource: '*' } }],
    [
      'an action of a service named constructor',
      { Statement: { ...allow, Action: 'constructor:__proto__' } },
    ],
    ['a condition', { Statement: { ...allow, Condition: { Bool: { 'aws:SecureTransport': [true] } } } }],
  ])('accepts %s', (_what, document) => {
    expect(problemOf(document)).toBe('understood');
  });

  test.each<[string, JsonValue, string]>([
    ['a number', 1, 'not a JSON object'],
    ['an array', [allow], 'not a JSON object'],
    ['no Statement', { Version: '2012-10-17' }, 'no Statement'],
    ['an empty Statement', { Statement: [] }, 'Statement is empty'],
    ['a statement that is a string', { Statement: ['x'] }, 'Statement[0]'],
    ['a misspelt element', { statement: [allow] }, 'did you mean Statement'],
    ['a misspelt statement element', { Statement: { ...allow, action: 's3:*' } }, 'did you mean Action'],
    ['an unknown Version', { Version: '2012-10-18', Statement: allow }, 'Version'],
    ['a Principal', { Statement: { ...allow, Principal: '*' } }, 'Principal'],
    ['an effect in another case', { Statement: { ...allow, Effect: 'allow' } }, 'Effect'],
    ['both Action and NotAction', { Statement: { ...allow, NotAction: 'x:y' } }, 'both Action and NotAction'],
    [
      'neither Action nor NotAction',
      { Statement: { Effect: 'Deny', Resource: '*' } },
      'neither Action nor NotAction',
    ],
    ['neither Resource nor NotResource', { Statement: { Effect: 'Deny', Action: '*' } }, 'neither Resource'],
    [
      'both Resource and NotResource',
      { Statement: { ...allow, NotResource: '*' } },
      'both Resource and NotResource',
    ],
    ['an empty Action', { Statement: { ...allow, Action: [] } }, 'Action is empty'],
    ['an action that is a number', { Statement: { ...allow, Action: [1] } }, 'Action must be'],
    ['a wildcard in a service', { Statement: { ...allow, Action: 's*:GetObject' } }, 's*:GetObject'],
    ['a Sid with a dash', { Statement: { ...allow, Sid: 'a-b' } }, 'a-b'],
    [
      'a Sid twice',
      {
        Statement: [
          { ...allow, Sid: 'A' },
          { ...allow, Sid: 'A' },
        ],
      },
      'used twice',
    ],
    ['a condition that is a string', { Statement: { ...allow, Condition: 'x' } }, 'Condition'],
    ['a condition operator without keys', { Statement: { ...allow, Condition: { Bool: true } } }, 'Bool'],
    ['a duplicate key', { Statement: new JsonDefect('the key "Effect" stands twice') }, 'stands twice'],
    [
      'a Deny that is not understood',
      { Statement: [allow, { ...allow, Effect: 'Deny', Action: 'GetObject' }] },
      'Statement[1]',
    ],
  ])('refuses %s, and says so', (_what, document, problem) => {
    expect(problemOf(document)).toContain(problem);
    expect(problemOf(document)).not.toContain('\n');
  });
});
