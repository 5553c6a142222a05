import { expect, test } from 'vitest';

import { ConfigError } from '../../lib/config/config.ts';
import { PLATFORM } from './configurations.ts';
import { actions, allTemplates, mainTemplate, ofType, ORGANISATION, resource, statements } from './synth.ts';

const OPTIONS = {
  ...ORGANISATION,
  permissionsBoundary: 'platform/WorkloadBoundary',
  tags: ['costCenter=4711', 'team=identity'],
  tracing: false,
  ...PLATFORM,
};
const templates = allTemplates(OPTIONS);
const main = templates.get('iam-reviews')!;
const plain = mainTemplate({ email: 'you@example.org' });
const member = templates.get('Member-UnusedAccessRefiner')!;

test('every role has the permissions boundary, in member accounts too', () => {
  const roles = [...ofType(main, 'AWS::IAM::Role'), ...ofType(member, 'AWS::IAM::Role')];
  expect(roles).toHaveLength(9);
  for (const { Properties } of roles) {
    expect(Properties['PermissionsBoundary']).toStrictEqual({
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':iam::',
          { Ref: 'AWS::AccountId' },
          ':policy/platform/WorkloadBoundary',
        ],
      ],
    });
  }
});

test('every taggable resource has the tags of the options, in member accounts too', () => {
  for (const type of ['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::Lambda::Function', 'AWS::KMS::Key']) {
    for (const { Properties } of ofType(main, type)) {
      expect(Properties['Tags']).toEqual([
        { Key: 'application', Value: 'unused-access-refiner' },
        { Key: 'costCenter', Value: '4711' },
        { Key: 'team', Value: 'identity' },
      ]);
    }
  }
  expect(ofType(member, 'AWS::IAM::Role')[0]?.Properties['Tags']).toContainEqual({
    Key: 'costCenter',
    Value: '4711',
  });
});

test('without tracing no function sends traces, and no role may', () => {
  for (const { Properties } of ofType(main, 'AWS::Lambda::Function')) {
    expect(Properties).not.toHaveProperty('TracingConfig');
  }
  expect(JSON.stringify(main)).not.toContain('xray:');
});

test('a stack with another name shares no resource name with the default one, and its alarms still name the articles', () => {
  const alarms = ofType(main, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  expect(alarms.length).toBeGreaterThan(20);
  for (const { AlarmName, AlarmDescription } of alarms) {
    expect(AlarmName).toMatch(/^iam-reviews-[a-z-]+$/);
    expect(AlarmDescription).toContain(
      `runbook.md#unused-access-refiner-${String(AlarmName).slice('iam-reviews-'.length)}`,
    );
  }
  expect(ofType(main, 'AWS::CloudWatch::Dashboard')[0]?.Properties['DashboardName']).toStrictEqual({
    'Fn::Join': ['', ['iam-reviews-', { Ref: 'AWS::Region' }]],
  });
  for (const { Properties } of ofType(main, 'AWS::Lambda::Function')) {
    expect(Properties['Environment']).toMatchObject({
      Variables: { POWERTOOLS_SERVICE_NAME: 'iam-reviews' },
    });
  }
  const text = JSON.stringify([
    ofType(main, 'AWS::CloudWatch::Alarm'),
    ofType(main, 'AWS::CloudWatch::Dashboard'),
  ]);
  expect(text).toContain('{"Name":"service","Value":"iam-reviews"}');
  expect(text).not.toContain('"Name":"service","Value":"unused-access-refiner"');
  expect(text).not.toContain('service\\",\\"unused-access-refiner');
  const [topic] = ofType(main, 'AWS::SNS::TopicPolicy').filter(({ Properties }) =>
    JSON.stringify(Properties).includes('OwnAlarms'),
  );
  expect(JSON.stringify(topic)).toContain(':alarm:iam-reviews-*');
});

test('every role has the path and name prefix, and so has every reference to it', () => {
  const names = ofType(main, 'AWS::IAM::Role').map(({ Properties }) => {
    expect(Properties['Path']).toBe('/platform/');
    const [, [name = '', region]] = (Properties['RoleName'] as { 'Fn::Join': [string, [string, unknown]] })[
      'Fn::Join'
    ];
    expect(region).toStrictEqual({ Ref: 'AWS::Region' });
    // IAM takes 64 characters; no Region's name is longer than this, and no prefix longer than 20.
    expect(`${name.replace('plt-', 'x'.repeat(20))}ap-southeast-1`.length).toBeLessThanOrEqual(64);
    return name;
  });
  expect(names.toSorted()).toStrictEqual([
    'plt-notify-proposals-',
    'plt-overview-schedule-',
    'plt-refine-account-',
    'plt-refine-finding-',
    'plt-refresh-catalogue-',
    'plt-refresh-catalogue-schedule-',
    'plt-sweep-findings-',
    'plt-sweep-findings-schedule-',
  ]);
  expect(resource(main, 'ProposalStoreReaders').Properties['Path']).toBe('/platform/');
  expect(ofType(member, 'AWS::IAM::Role')[0]?.Properties).toMatchObject({
    Path: '/platform/',
    RoleName: 'RefinerReader',
  });
  const worker = resource(main, 'WorkerRefineFunction').Properties['Environment'];
  expect(worker).toMatchObject({ Variables: { MEMBER_ROLE_NAME: 'platform/RefinerReader' } });
  expect(JSON.stringify(resource(main, 'WorkerRefineRoleDefaultPolicy'))).toContain(
    ':iam::*:role/platform/RefinerReader',
  );
});

test('the key encrypts log groups and environments, and its policy allows CloudWatch Logs', () => {
  const key = { 'Fn::GetAtt': [expect.stringMatching(/^EncryptionKey/), 'Arn'] };
  const groups = ofType(main, 'AWS::Logs::LogGroup');
  const functions = ofType(main, 'AWS::Lambda::Function');
  expect([groups.length, functions.length]).toStrictEqual([5, 5]);
  for (const { Properties } of [...groups, ...functions]) {
    expect(Properties['KmsKeyId'] ?? Properties['KmsKeyArn']).toStrictEqual(key);
  }
  const policy = statements(resource(main, 'EncryptionKey').Properties['KeyPolicy']);
  expect(policy.find(({ Sid }) => Sid === 'EncryptLogs')).toMatchObject({
    Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } },
    Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': expect.anything() } },
  });
  for (const { Properties } of ofType(main, 'AWS::IAM::Policy')) {
    const held = statements(Properties['PolicyDocument']);
    if (!held.some(({ Sid }) => Sid === 'WriteLogs')) continue;
    expect(held.find(({ Sid }) => Sid === 'UseKeyThroughLAMBDA')?.Action).toBe('kms:Decrypt');
  }
});

test('functions run in the subnets, and only Lambda itself may make their network interfaces', () => {
  for (const { Properties } of ofType(main, 'AWS::Lambda::Function')) {
    expect(Properties['VpcConfig']).toStrictEqual({
      SubnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0a1b2c3d4e5f60719'],
      SecurityGroupIds: ['sg-0a1b2c3d4e5f60718'],
    });
  }
  const policies = ofType(main, 'AWS::IAM::Policy').map(({ Properties }) =>
    statements(Properties['PolicyDocument']).filter((statement) =>
      actions(statement).some((action) => action.startsWith('ec2:')),
    ),
  );
  const connected = policies.filter((held) => held.length > 0);
  expect(connected).toHaveLength(5);
  for (const held of connected) {
    expect(held.map(({ Sid, Effect }) => [Sid, Effect])).toStrictEqual([
      ['ConnectToVpc', 'Allow'],
      ['OnlyLambdaConnects', 'Deny'],
    ]);
    expect(actions(held[0]!)).toStrictEqual(actions(held[1]!));
    expect(Object.keys(held[1]!.Condition?.['ArnLike'] ?? {})).toStrictEqual(['lambda:SourceFunctionArn']);
  }
});

test('events about proposals go to the configured event bus, or to the default one', () => {
  const byDefault = {
    'Fn::Join': [
      '',
      [
        'arn:',
        { Ref: 'AWS::Partition' },
        ':events:',
        { Ref: 'AWS::Region' },
        ':',
        { Ref: 'AWS::AccountId' },
        ':event-bus/default',
      ],
    ],
  };
  for (const [template, bus] of [
    [main, PLATFORM.eventBus],
    [plain, byDefault],
  ] as const) {
    expect(resource(template, 'NotificationsNotifyFunction').Properties['Environment']).toMatchObject({
      Variables: { EVENT_BUS_ARN: bus },
    });
    const policy = statements(
      resource(template, 'NotificationsNotifyRoleDefaultPolicy').Properties['PolicyDocument'],
    );
    expect(policy.filter((statement) => actions(statement).includes('events:PutEvents'))).toStrictEqual([
      {
        Sid: 'TellPrograms',
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: bus,
        Condition: {
          'ForAllValues:StringEquals': { 'events:source': 'unused-access-refiner' },
          Null: { 'events:source': 'false' },
        },
      },
    ]);
  }
});

test('each output is an SSM parameter under the path', () => {
  const parameters = ofType(main, 'AWS::SSM::Parameter').map(({ Properties }) => [
    Properties['Name'],
    Properties['Value'],
  ]);
  expect(Object.fromEntries(parameters)).toStrictEqual(
    Object.fromEntries(
      Object.entries(main.Outputs).map(([name, { Value }]) => [`/platform/unused-access/${name}`, Value]),
    ),
  );
  expect(parameters.length).toBeGreaterThan(20);
});

test('by default none of this is set', () => {
  for (const { Properties } of ofType(plain, 'AWS::IAM::Role')) {
    for (const name of ['Path', 'RoleName', 'PermissionsBoundary'])
      expect(Properties).not.toHaveProperty(name);
  }
  const text = JSON.stringify(plain);
  for (const absent of ['AWS::SSM::Parameter"', 'VpcConfig', '"ec2:', 'KmsKeyId', 'KmsKeyArn']) {
    expect(text).not.toContain(absent);
  }
});

test.each([
  [
    { ...ORGANISATION, encryption: 'aws-managed', encryptLogs: true },
    'option encryptLogs is true, but encryption is aws-managed, which leaves no key for logs; give customer-managed or the ARN of a key, or leave encryptLogs out',
  ],
  [
    { vpcSubnetIds: 'subnet-0a1b2c3d4e5f60718' },
    'option vpcSecurityGroupIds is missing; give vpcSubnetIds and vpcSecurityGroupIds together, or neither',
  ],
  [
    { vpcSecurityGroupIds: 'sg-0a1b2c3d4e5f60718' },
    'option vpcSubnetIds is missing; give vpcSubnetIds and vpcSecurityGroupIds together, or neither',
  ],
  [
    { ...ORGANISATION, stackName: 'x'.repeat(35) },
    'option stackName has 35 characters, but with memberRoleName the names of two roles begin with it, which leaves room for 34; give a shorter one, or roleNamePrefix',
  ],
  [{ rolePath: 'platform' }, 'option rolePath is "platform"; give a path such as /platform/'],
  [
    { parameterPrefix: '/aws/x' },
    'option parameterPrefix is "/aws/x"; give a path such as /platform/unused-access that does not begin with /aws or /ssm',
  ],
  [
    { eventBus: 'platform' },
    'option eventBus is "platform"; give default, or an event bus\'s ARN in the Region of the stack',
  ],
])('invalid combinations are errors at synthesis: %o', (options, sentence) => {
  expect(() => mainTemplate(options)).toThrow(new ConfigError(sentence));
});
