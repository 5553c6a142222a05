import { type App, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { expect, test } from 'vitest';

import { UnusedAccessRefinerMemberRole } from '../../lib/constructs/member-role.ts';
import { UnusedAccessRefiner } from '../../lib/constructs/unused-access-refiner.ts';
import { plainSynth } from '../../scripts/plain-synth.ts';
import {
  allTemplates,
  mainTemplate,
  memberTemplate,
  ofType,
  ORGANISATION,
  resource,
  statements,
} from './synth.ts';

const template = memberTemplate(ORGANISATION);

test('member accounts get one role and nothing else', () => {
  expect(Object.values(template.Resources).map(({ Type }) => Type)).toStrictEqual(['AWS::IAM::Role']);
});

/** The two roles of the stack, by their ARNs: their unique ids change when the stack is deployed anew. */
const WORKERS = {
  ArnEquals: { 'aws:PrincipalArn': [{ Ref: 'WorkerRoleArn' }, { Ref: 'AccountWorkerRoleArn' }] },
};

test('the role has the configured name and trusts only the workers, with the external id', () => {
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

test('with a known organisation, nobody outside it can assume the role', () => {
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

test('the names of the trusted roles stay the same when the main stack is deployed again', () => {
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

test('without member accounts there is no such stack, and the main stack is the only top-level one', () => {
  expect([...allTemplates({ email: 'you@example.org' }).keys()]).toStrictEqual(['UnusedAccessRefiner']);
  expect([...allTemplates(ORGANISATION).keys()]).toStrictEqual([
    'UnusedAccessRefiner',
    'Member-UnusedAccessRefiner',
  ]);
  expect(ofType(template, 'AWS::IAM::Policy')).toStrictEqual([]);
});

/** An app of somebody else's, with both constructs in accounts and Regions of their own. */
function otherApp(app: App): void {
  const shared = { rolePath: '/platform/' };
  const memberRole = { roleName: 'Reader', externalId: 'external-id' };
  const home = new Stack(app, 'Home', { env: { account: '123456789012', region: 'eu-west-1' } });
  const { workerRole, accountWorkerRole } = new UnusedAccessRefiner(home, 'UnusedAccess', {
    ...shared,
    email: ['you@example.org'],
    memberRole,
  });
  const there = new Stack(app, 'There', { env: { account: '210987654321', region: 'us-east-1' } });
  new UnusedAccessRefinerMemberRole(there, 'UnusedAccess', {
    ...shared,
    ...memberRole,
    workerRole,
    accountWorkerRole,
    organizationId: 'o-a1b2c3d4e5',
  });
}

test('as a construct, the role trusts the workers of a refiner in another account and Region', () => {
  const { Properties } = resource(plainSynth({}, otherApp).get('There')!, 'UnusedAccessReader');
  expect([Properties['Path'], Properties['RoleName']]).toStrictEqual(['/platform/', 'Reader']);
  const worker = 'arn:aws:iam::123456789012:role/platform/unused-access-refiner';
  expect(statements(Properties['AssumeRolePolicyDocument']).map(({ Condition }) => Condition)).toStrictEqual([
    {
      ArnEquals: {
        'aws:PrincipalArn': [`${worker}-refine-finding-eu-west-1`, `${worker}-refine-account-eu-west-1`],
      },
      StringEquals: { 'sts:ExternalId': 'external-id', 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
    },
  ]);
  expect(JSON.stringify(Properties['Policies'])).not.toContain('LastAccessed');
});

test.each([
  [{ externalId: '?' }, 'option memberExternalId is "?"; give an external id of 2 to 1,224 letters'],
  [{ roleName: 'a b' }, 'option memberRoleName is "a b"; give a role\'s name of at most 64 letters'],
  [{ rolePath: 'platform' }, 'option rolePath is "platform"; give a path such as /platform/'],
  [{ organizationId: 'r-ab12' }, 'option organizationId is "r-ab12"; give an organisation\'s id, o-…'],
])('as a construct, the role validates its properties: %o', (wrong, sentence) => {
  const fill = (app: App): void => {
    const stack = new Stack(app, 'There');
    const arn = 'arn:aws:iam::123456789012:role/worker';
    new UnusedAccessRefinerMemberRole(stack, 'UnusedAccess', {
      roleName: 'Reader',
      externalId: 'external-id',
      workerRole: iam.Role.fromRoleArn(stack, 'Worker', arn),
      accountWorkerRole: iam.Role.fromRoleArn(stack, 'AccountWorker', arn),
      ...wrong,
    });
  };
  expect(() => plainSynth({}, fill)).toThrow(sentence);
});
