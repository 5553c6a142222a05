import { expect, test } from 'vitest';

import { addStacks } from '../../lib/build-app.ts';
import { plainSynth } from '../../lib/plain-synth.ts';
import { mainTemplate, memberTemplate, ofType, ORGANISATION, resource, statements } from './synth.ts';

const template = memberTemplate(ORGANISATION);

test('member accounts get one role and nothing else', () => {
  expect(Object.values(template.Resources).map(({ Type }) => Type)).toStrictEqual(['AWS::IAM::Role']);
});

/** The two roles of the stack, by their ARNs: their unique ids change when the stack is deployed anew. */
const WORKERS = {
  ArnEquals: { 'aws:PrincipalArn': [{ Ref: 'WorkerRoleArn' }, { Ref: 'AccountWorkerRoleArn' }] },
};

test('the role has the configured name and trusts the workers alone, with the external id', () => {
  const { Properties } = resource(template, 'Reader');
  expect(Properties['RoleName']).toBe('RefinerReader');
  const account = { 'Fn::Select': [4, { 'Fn::Split': [':', { Ref: 'WorkerRoleArn' }] }] };
  expect(Properties['AssumeRolePolicyDocument']).toStrictEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: {
          AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', account, ':root']] },
        },
        Action: 'sts:AssumeRole',
        Condition: { ...WORKERS, StringEquals: { 'sts:ExternalId': 'an-external-id' } },
      },
    ],
  });
});

test('where the organisation is known, nobody outside of it can assume the role', () => {
  const { Properties } = resource(
    memberTemplate({ ...ORGANISATION, organizationId: 'o-a1b2c3d4e5' }),
    'Reader',
  );
  expect(statements(Properties['AssumeRolePolicyDocument']).map(({ Condition }) => Condition)).toStrictEqual([
    {
      ...WORKERS,
      StringEquals: { 'sts:ExternalId': 'an-external-id', 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
    },
  ]);
});

test('the names of the roles that it trusts stay when the main stack is deployed anew', () => {
  const main = mainTemplate(ORGANISATION);
  const names = ['WorkerRefineRole', 'AccountWorkerRefineRole'].map(
    (role) => resource(main, role).Properties['RoleName'],
  );
  expect(names).toStrictEqual(
    ['refine-finding', 'refine-account'].map((name) => ({
      'Fn::Join': ['', [`unused-access-refiner-${name}-`, { Ref: 'AWS::Region' }]],
    })),
  );
});

test('the template suits a StackSet: two parameters, no assets, no bootstrap, no account, no Region', () => {
  expect(Object.keys(template.Parameters ?? {})).toStrictEqual(['WorkerRoleArn', 'AccountWorkerRoleArn']);
  expect(template.Parameters?.['WorkerRoleArn']).toMatchObject({ Type: 'String' });
  expect(template.Parameters?.['AccountWorkerRoleArn']).toMatchObject({ Type: 'String' });
  expect(template.Rules).toBeUndefined();
  expect(JSON.stringify(template)).not.toMatch(/cdk-hnb659fds|\d{12}|us-east-1/);
});

test.each(['WorkerRoleArn', 'AccountWorkerRoleArn'])('%s is checked to be the ARN of a role', (name) => {
  const pattern = new RegExp(`^${String(template.Parameters?.[name]?.['AllowedPattern'])}$`);
  expect('arn:aws-us-gov:iam::123456789012:role/UnusedAccessRefiner-WorkerRefineRole-1').toMatch(pattern);
  expect('arn:aws:iam::123456789012:root').not.toMatch(pattern);
  expect('*').not.toMatch(pattern);
});

test('without member accounts there is no such stack, and the main stack is the only one at the top', () => {
  expect([...plainSynth({ email: 'you@example.org' }, addStacks).keys()]).toStrictEqual([
    'UnusedAccessRefiner',
  ]);
  expect([...plainSynth(ORGANISATION, addStacks).keys()]).toStrictEqual([
    'UnusedAccessRefiner',
    'Member-UnusedAccessRefiner',
  ]);
  expect(ofType(template, 'AWS::IAM::Policy')).toStrictEqual([]);
});
