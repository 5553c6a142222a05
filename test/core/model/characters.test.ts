import { expect, test } from 'vitest';
import { countCharacters } from '../../../lambda/core/model/characters.ts';
import { DEFAULT_QUOTAS } from '../../../lambda/core/fit/quotas.ts';

test('white space between tokens is not counted', () => {
  expect(countCharacters(JSON.parse('{ "Version": "2012-10-17" }'))).toBe(24);
});

test('white space within a string is counted, so that the answer is never too small', () => {
  expect(countCharacters({ Id: 'a b' })).toBe(12);
});

test('the quotas are those that AWS documents', () => {
  expect(DEFAULT_QUOTAS).toEqual({
    role: { managedPolicyCharacters: 6144, inlineCharacters: 10240, attachedManagedPolicies: 20 },
    user: { managedPolicyCharacters: 6144, inlineCharacters: 2048, attachedManagedPolicies: 10 },
    group: { managedPolicyCharacters: 6144, inlineCharacters: 5120, attachedManagedPolicies: 10 },
    policy: { managedPolicyCharacters: 6144, inlineCharacters: 0, attachedManagedPolicies: 1 },
  });
});
