import { expect, test } from 'vitest';
import { readTrust } from '../../../lambda/core/model/trust.ts';

const trust = (Principal: unknown, more: Readonly<Record<string, unknown>> = {}) =>
  // Trust boundary: JSON that a test writes.
  JSON.parse(JSON.stringify({ Statement: [{ Effect: 'Allow', Principal, ...more }] })) as never;
const CONDITION = { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } };

test.each([
  ['a service', trust({ Service: 'lambda.amazonaws.com' }), ['the service lambda.amazonaws.com']],
  [
    'services, sorted',
    trust({ Service: ['ecs-tasks.amazonaws.com', 'ec2.amazonaws.com'] }),
    ['the service ec2.amazonaws.com', 'the service ecs-tasks.amazonaws.com'],
  ],
  ['an account by its id', trust({ AWS: '111122223333' }), ['account 111122223333']],
  ['an account by its root', trust({ AWS: 'arn:aws:iam::111122223333:root' }), ['account 111122223333']],
  [
    'a role, without its path',
    trust({ AWS: 'arn:aws-cn:iam::111122223333:role/team/Deployer' }),
    ['role Deployer of account 111122223333'],
  ],
  ['a user', trust({ AWS: 'arn:aws:iam::111122223333:user/ana' }), ['user ana of account 111122223333']],
  [
    'a session',
    trust({ AWS: 'arn:aws:sts::111122223333:assumed-role/Deployer/ana' }),
    ['role Deployer/ana of account 111122223333'],
  ],
  ['a principal that is gone', trust({ AWS: 'AROAEXAMPLE' }), ['AROAEXAMPLE']],
  ['anybody', trust('*'), ['anybody, of any account']],
  ['anybody, written as an AWS principal', trust({ AWS: '*' }), ['anybody, of any account']],
  [
    'everybody but some',
    trust(undefined, { NotPrincipal: { AWS: '111122223333' } }),
    ['everybody but those that the policy names'],
  ],
  [
    'an identity provider',
    trust({ Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com' }),
    ['sign-ins through token.actions.githubusercontent.com'],
  ],
  [
    'a provider without an ARN',
    trust({ Federated: 'cognito-identity.amazonaws.com' }),
    ['sign-ins through cognito-identity.amazonaws.com'],
  ],
  ['another kind of principal', trust({ CanonicalUser: 'abc' }), ['CanonicalUser abc']],
  ['a condition', trust({ AWS: '111122223333' }, CONDITION), ['account 111122223333, under a condition']],
  ['a condition that is empty', trust({ AWS: '111122223333' }, { Condition: {} }), ['account 111122223333']],
  ['a denial', trust({ AWS: '111122223333' }, { Effect: 'Deny' }), []],
  ['nobody', trust({}), []],
])('%s', (_, document, phrases) => {
  expect(readTrust(document)).toEqual(phrases);
});

test('a single statement counts, a duplicate counts once, and a text that is not a policy gives nothing', () => {
  const statement = { Effect: 'Allow', Principal: { AWS: '111122223333' } };
  expect(readTrust({ Statement: statement })).toEqual(['account 111122223333']);
  expect(readTrust({ Statement: [statement, statement, 'x'] })).toEqual(['account 111122223333']);
  expect(readTrust([])).toEqual([]);
  expect(readTrust({})).toEqual([]);
});
