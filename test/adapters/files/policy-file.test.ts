import { expect, test } from 'vitest';
import { readPolicyFile } from '../../../lambda/adapters/files/policy-file.ts';

const DOCUMENT = { Version: '2012-10-17', Statement: [] };
const ENCODED = '%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D';
const read = (content: unknown) => readPolicyFile({ name: 'p.json', text: JSON.stringify(content) });

test.each<readonly [string, unknown, readonly string[]]>([
  ['alone', DOCUMENT, []],
  [
    'as get-policy-version prints it',
    { PolicyVersion: { Document: DOCUMENT } },
    ['PolicyVersion', 'Document'],
  ],
  ['as get-role-policy prints it', { RoleName: 'r', PolicyDocument: DOCUMENT }, ['PolicyDocument']],
  ['as the API returns it', { PolicyDocument: ENCODED }, ['PolicyDocument']],
  ['in a version', { VersionId: 'v1', Document: DOCUMENT }, ['Document']],
  ['as a plan has it', { policyDocument: DOCUMENT }, ['policyDocument']],
  ['in a policy', { Policy: DOCUMENT }, ['Policy']],
  ['in the document of a policy', { Policy: { Document: DOCUMENT } }, ['Policy', 'Document']],
  ['in a named policy', { Policy: { PolicyDocument: DOCUMENT } }, ['Policy', 'PolicyDocument']],
])('a policy document is read %s', (_, content, path) => {
  expect(read(content)).toEqual({ text: JSON.stringify(content), document: DOCUMENT, path });
});

test.each<readonly [string, unknown, string]>([
  [
    'what get-policy prints',
    { Policy: { PolicyName: 'p', DefaultVersionId: 'v1' } },
    'p.json: what get-policy prints, which lacks the document; give what aws iam get-policy-version prints',
  ],
  [
    'a list of inline policies',
    { PolicyNames: ['p'] },
    'p.json: a list of policies, which lacks their documents; give what aws iam get-role-policy or get-policy-version prints',
  ],
  [
    'a list of attached policies',
    { AttachedPolicies: [] },
    'p.json: a list of policies, which lacks their documents; give what aws iam get-role-policy or get-policy-version prints',
  ],
  ['an object without statements', { Version: '2012-10-17' }, 'p.json: the policy has no Statement'],
  ['a document that is not encoded right', { PolicyDocument: '%7B' }, 'p.json: the policy has no Statement'],
])('%s is no policy document', (_, content, message) => {
  expect(() => read(content)).toThrow(message);
});
