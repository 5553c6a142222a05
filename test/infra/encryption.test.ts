import { describe, expect, test } from 'vitest';

import { actions, mainTemplate, ofType, resource, statements, type Statement } from './synth.ts';

const OWN_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const made = mainTemplate({ email: 'you@example.org', chatTopic: true });
const own = mainTemplate({ email: 'you@example.org', encryption: OWN_KEY, chatTopic: true });
const managed = mainTemplate({ email: 'you@example.org', encryption: 'aws-managed', chatTopic: true });

const QUEUES = 10;

describe('with a key that the stack creates', () => {
  const key = { 'Fn::GetAtt': [expect.stringMatching(/^EncryptionKey/), 'Arn'] };

  test('bucket, queues and topics are all encrypted with that key', () => {
    const queues = ofType(made, 'AWS::SQS::Queue').map(({ Properties }) => Properties['KmsMasterKeyId']);
    expect(queues).toStrictEqual(Array.from({ length: QUEUES }, () => key));
    const topics = ofType(made, 'AWS::SNS::Topic').map(({ Properties }) => Properties['KmsMasterKeyId']);
    expect(topics).toStrictEqual([key, key, key]);
    expect(resource(made, 'ProposalStoreBucket').Properties['BucketEncryption']).toStrictEqual({
      ServerSideEncryptionConfiguration: [
        {
          BucketKeyEnabled: true,
          ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
        },
      ],
    });
  });

  test('the key is rotated', () => {
    expect(resource(made, 'EncryptionKey').Properties['EnableKeyRotation']).toBe(true);
  });

  test('EventBridge, CloudWatch and SNS can use the key, and EventBridge without a condition', () => {
    const bySid = new Map(
      statements(resource(made, 'EncryptionKey').Properties['KeyPolicy']).map((statement) => [
        statement.Sid,
        statement,
      ]),
    );
    const both = ['kms:Decrypt', 'kms:GenerateDataKey'];
    expect(bySid.get('EventsToQueues')).toStrictEqual({
      Sid: 'EventsToQueues',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: both,
      Resource: '*',
    });
    expect(bySid.get('AlarmsToTopic')).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: both,
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
    expect(bySid.get('UndeliveredMessagesToQueue')).toMatchObject({
      Principal: { Service: 'sns.amazonaws.com' },
      Action: both,
      Condition: { ArnLike: { 'aws:SourceArn': expect.anything() as unknown } },
    });
  });
});

test('a given key is used everywhere, and no other is created', () => {
  expect(ofType(own, 'AWS::KMS::Key')).toStrictEqual([]);
  const used = [...ofType(own, 'AWS::SQS::Queue'), ...ofType(own, 'AWS::SNS::Topic')].map(
    ({ Properties }) => Properties['KmsMasterKeyId'],
  );
  expect(used).toStrictEqual(Array.from({ length: QUEUES + 3 }, () => OWN_KEY));
  expect(JSON.stringify(resource(own, 'ProposalStoreBucket').Properties['BucketEncryption'])).toContain(
    OWN_KEY,
  );
});

describe('with AWS managed keys', () => {
  test('everything is still encrypted, except for the topic that CloudWatch could not publish to', () => {
    expect(ofType(managed, 'AWS::KMS::Key')).toStrictEqual([]);
    const queues = ofType(managed, 'AWS::SQS::Queue').map(
      ({ Properties }) => Properties['SqsManagedSseEnabled'],
    );
    expect(queues).toStrictEqual(Array.from({ length: QUEUES }, () => true));
    expect(JSON.stringify(resource(managed, 'NotificationsTopic').Properties['KmsMasterKeyId'])).toContain(
      'alias/aws/sns',
    );
    expect(
      JSON.stringify(resource(managed, 'NotificationsChatTopic').Properties['KmsMasterKeyId']),
    ).toContain('alias/aws/sns');
    expect(resource(managed, 'AlarmsTopic').Properties).not.toHaveProperty('KmsMasterKeyId');
    expect(JSON.stringify(resource(managed, 'ProposalStoreBucket').Properties['BucketEncryption'])).toContain(
      'AES256',
    );
  });

  test('no role needs a permission for a key', () => {
    expect(JSON.stringify(ofType(managed, 'AWS::IAM::Policy'))).not.toContain('kms:');
  });
});

describe('TLS only', () => {
  const denied = (policy: readonly Statement[], action: string) =>
    policy.filter(
      (statement) =>
        statement.Effect === 'Deny' &&
        actions(statement).includes(action) &&
        JSON.stringify(statement.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}' &&
        ['"*"', '{"AWS":"*"}'].includes(JSON.stringify(statement.Principal)),
    );

  test.each([
    ['AWS::SQS::QueuePolicy', 'AWS::SQS::Queue', 'sqs:*'],
    ['AWS::SNS::TopicPolicy', 'AWS::SNS::Topic', 'sns:Publish'],
    ['AWS::S3::BucketPolicy', 'AWS::S3::Bucket', 's3:*'],
  ])('%s of every %s denies %s without TLS', (policyType, type, action) => {
    const policies = ofType(made, policyType);
    expect(policies).toHaveLength(ofType(made, type).length);
    for (const { Properties } of policies) {
      expect(denied(statements(Properties['PolicyDocument']), action)).toHaveLength(1);
    }
  });
});

describe('only the intended source', () => {
  test('may send to a queue: the rule, by its ARN', () => {
    for (const [queue, rule] of [
      ['FindingIntakeFindingsQueue', 'FindingIntakeNewFindingsRule'],
      ['FindingIntakeFindingsDeadLetters', 'FindingIntakeNewFindingsRule'],
      ['NotificationsNoticesQueue', 'NotificationsStoredProposalsRule'],
      ['NotificationsNoticesDeadLetters', 'NotificationsStoredProposalsRule'],
    ] as const) {
      const allowed = statements(resource(made, `${queue}Policy`).Properties['PolicyDocument']).filter(
        ({ Effect }) => Effect === 'Allow',
      );
      expect(allowed).toMatchObject([
        {
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Condition: {
            ArnEquals: {
              'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${rule}`)), 'Arn'] },
            },
          },
        },
      ]);
    }
  });

  test('may publish alarms: alarms of this stack', () => {
    const allowed = statements(resource(made, 'AlarmsTopicPolicy').Properties['PolicyDocument']).filter(
      ({ Effect }) => Effect === 'Allow',
    );
    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
    });
    expect(JSON.stringify(allowed[0]?.Condition)).toContain(':alarm:unused-access-refiner-*');
  });
});
