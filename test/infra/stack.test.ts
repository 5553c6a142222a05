import { describe, expect, test } from 'vitest';

import { mainTemplate, ofType, ORGANISATION, resource, statements } from './synth.ts';

const plain = mainTemplate({ email: 'you@example.org' });
const organisation = mainTemplate(ORGANISATION);

const ANALYZER = 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused';

function environment(template: typeof plain, name: string): unknown {
  return (resource(template, name).Properties['Environment'] as { Variables: unknown }).Variables;
}

function queueOf(template: typeof plain, name: string) {
  return resource(template, name).Properties;
}

/** What the policy of the bucket refuses to all but the functions. */
const WRITING = ['s3:DeleteObjectVersion', 's3:PutObject', 's3:ReplicateDelete', 's3:ReplicateObject'];

describe('the analyzer', () => {
  test('is created for the account, with an age of 90 days', () => {
    expect(resource(plain, 'FindingIntakeAnalyzer').Properties).toMatchObject({
      Type: 'ACCOUNT_UNUSED_ACCESS',
      AnalyzerConfiguration: { UnusedAccessConfiguration: { UnusedAccessAge: 90 } },
    });
  });

  test('of an organisation excludes accounts and tags, each as a separate exclusion', () => {
    expect(resource(organisation, 'FindingIntakeAnalyzer').Properties).toMatchObject({
      Type: 'ORGANIZATION_UNUSED_ACCESS',
      AnalyzerConfiguration: {
        UnusedAccessConfiguration: {
          UnusedAccessAge: 120,
          AnalysisRule: {
            Exclusions: [
              { AccountIds: ['111122223333'] },
              { ResourceTags: [[{ Key: 'refine', Value: 'never' }]] },
              { ResourceTags: [[{ Key: 'legacy', Value: '' }]] },
            ],
          },
        },
      },
    });
  });

  test('that already exists is used as it is, and must be in the account and Region of the stack', () => {
    const template = mainTemplate({ analyzerArn: ANALYZER });
    expect(ofType(template, 'AWS::AccessAnalyzer::Analyzer')).toStrictEqual([]);
    expect(resource(template, 'FindingIntakeNewFindingsRule').Properties['EventPattern']).toMatchObject({
      resources: [ANALYZER],
    });
    expect(Object.values(template.Rules ?? {})).toContainEqual({
      Assertions: [
        {
          Assert: {
            'Fn::And': [
              { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
              { 'Fn::Equals': [{ Ref: 'AWS::AccountId' }, '123456789012'] },
            ],
          },
          AssertDescription:
            'The analyzer lies in account 123456789012, Region eu-west-1; deploy the stack there, since its events go nowhere else.',
        },
      ],
    });
  });
});

describe('finding intake', () => {
  test('matches findings of the four types, including closed ones, of this analyzer only', () => {
    const { EventPattern, State } = resource(plain, 'FindingIntakeNewFindingsRule').Properties;
    expect(State).toBe('ENABLED');
    expect(EventPattern).toStrictEqual({
      source: ['aws.access-analyzer'],
      'detail-type': ['Unused Access Finding for IAM entities'],
      resources: [{ 'Fn::GetAtt': [expect.stringMatching(/^FindingIntakeAnalyzer/), 'Arn'] }],
      detail: {
        findingType: ['UnusedPermission', 'UnusedIAMRole', 'UnusedIAMUserAccessKey', 'UnusedIAMUserPassword'],
      },
    });
  });

  test.each([
    ['FindingIntakeNewFindingsRule', 'FindingIntakeFindings'],
    ['NotificationsStoredProposalsRule', 'NotificationsNotices'],
  ])('%s sends whole events to its queue, and undeliverable ones to the dead-letter queue', (rule, queue) => {
    const [target, ...others] = resource(plain, rule).Properties['Targets'] as Record<string, unknown>[];
    expect(others).toStrictEqual([]);
    expect(target).toStrictEqual({
      Id: 'Target0',
      Arn: { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${queue}Queue[0-9A-F]{8}$`)), 'Arn'] },
      DeadLetterConfig: {
        Arn: {
          'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${queue}DeadLetters[0-9A-F]{8}$`)), 'Arn'],
        },
      },
      RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
    });
  });

  test("messages stay invisible for six times the function's timeout", () => {
    expect(queueOf(plain, 'FindingIntakeFindingsQueue')['VisibilityTimeout']).toBe(1800);
    expect(resource(plain, 'WorkerRefineFunction').Properties['Timeout']).toBe(300);
    expect(queueOf(plain, 'AccountWorkerAccountsQueue')['VisibilityTimeout']).toBe(5400);
    expect(resource(plain, 'AccountWorkerRefineFunction').Properties['Timeout']).toBe(900);
  });

  test.each(['FindingIntakeFindings', 'AccountWorkerAccounts', 'SweepRest', 'NotificationsNotices'])(
    '%s keeps messages for fourteen days and moves them to the dead-letter queue after five attempts',
    (name) => {
      const { RedrivePolicy, MessageRetentionPeriod } = queueOf(plain, `${name}Queue`);
      expect(MessageRetentionPeriod).toBe(1_209_600);
      expect(RedrivePolicy).toStrictEqual({
        maxReceiveCount: 5,
        deadLetterTargetArn: {
          'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${name}DeadLetters`)), 'Arn'],
        },
      });
      expect(queueOf(plain, `${name}DeadLetters`)['MessageRetentionPeriod']).toBe(1_209_600);
    },
  );
});

describe('the worker', () => {
  test('handles ten findings at a time, reports each failed one, and has the configured concurrency', () => {
    expect(resource(organisation, 'WorkerRefineMessages').Properties).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 8 },
    });
  });

  test('has the settings and the member role', () => {
    expect(environment(organisation, 'WorkerRefineFunction')).toStrictEqual({
      POWERTOOLS_SERVICE_NAME: 'unused-access-refiner',
      POWERTOOLS_METRICS_NAMESPACE: 'UnusedAccessRefiner',
      ANALYZER_ARN: { 'Fn::GetAtt': [expect.stringMatching(/^FindingIntakeAnalyzer/), 'Arn'] },
      HOME_ACCOUNT_ID: { Ref: 'AWS::AccountId' },
      PARTITION: { Ref: 'AWS::Partition' },
      PROPOSALS_BUCKET: { Ref: expect.stringMatching(/^ProposalStoreBucket/) },
      GENERALIZE: 'least',
      STAR: 'not-action',
      KEEP_PATTERNS: '["iam:PassRole","s3:Get*"]',
      EXCLUDE_PRINCIPALS:
        '{"names":["*BreakGlass*"],"paths":["/admins/"],"tags":[{"key":"owner","value":"vendor"},{"key":"temporary","value":null}]}',
      FINDINGS_QUEUE_URL: { Ref: expect.stringMatching(/^FindingIntakeFindingsQueue/) },
      // The share of one of eight copies in 30 calls a second.
      ACCOUNT_CALLS_PER_SECOND: '3.33',
      ANALYZER_CALLS_PER_SECOND: '25',
      MANAGED_POLICIES: '{"role":25}',
      OWNER_TAG: 'Owner',
      ACCOUNT_NAMES: '{"111122223333":"payments-prod"}',
      LAST_ACCESSED: 'yes',
      MEMBER_ROLE_NAME: 'RefinerReader',
      MEMBER_EXTERNAL_ID: 'an-external-id',
    });
  });

  test('has no member role if none is configured', () => {
    const names = Object.keys(environment(plain, 'WorkerRefineFunction') as object);
    expect(names).not.toContain('OWNER_TAG');
    expect(names).not.toContain('MANAGED_POLICIES');
    expect(names).not.toContain('LAST_ACCESSED');
    expect(names).not.toContain('MEMBER_ROLE_NAME');
    expect(names).not.toContain('MEMBER_EXTERNAL_ID');
  });
});

describe('every function', () => {
  test.each([
    'WorkerRefineFunction',
    'AccountWorkerRefineFunction',
    'SweepFunction',
    'CatalogueRefreshFunction',
    'NotificationsNotifyFunction',
  ])('%s runs on Node.js 24 and ARM, is traced, and logs to a group with limited retention', (name) => {
    const { Properties } = resource(organisation, name);
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      Handler: 'index.handler',
      LoggingConfig: { LogGroup: { Ref: expect.stringMatching(/Logs[0-9A-F]{8}$/) as string } },
    });
  });

  test('keeps its logs for the configured time', () => {
    const days = (template: typeof plain) =>
      ofType(template, 'AWS::Logs::LogGroup').map(({ Properties }) => Properties['RetentionInDays']);
    expect(days(plain)).toStrictEqual([90, 90, 90, 90, 90]);
    expect(days(organisation)).toStrictEqual([30, 30, 30, 30, 30]);
  });
});

describe('the sweep', () => {
  test('is started by a schedule that names the analyzer and has a dead-letter queue', () => {
    expect(resource(organisation, 'SweepSchedule').Properties).toMatchObject({
      ScheduleExpression: 'rate(12 hours)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::GetAtt': [expect.stringMatching(/^SweepFunction[0-9A-F]{8}$/) as string, 'Arn'] },
        DeadLetterConfig: {
          Arn: { 'Fn::GetAtt': [expect.stringMatching(/^SweepRestDeadLetters/) as string, 'Arn'] },
        },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
      },
    });
    const template = mainTemplate({ analyzerArn: ANALYZER });
    expect(resource(template, 'SweepSchedule').Properties['Target']).toMatchObject({
      Input: `{"analyzerArn":"${ANALYZER}"}`,
    });
  });

  test('calls Access Analyzer no faster than the workers', () => {
    for (const name of ['SweepFunction', 'AccountWorkerRefineFunction']) {
      expect(environment(plain, name)).toMatchObject({ ANALYZER_CALLS_PER_SECOND: '10' });
      expect(environment(organisation, name)).toMatchObject({ ANALYZER_CALLS_PER_SECOND: '25' });
    }
  });

  test('continues through its own queue, one message at a time', () => {
    expect(resource(plain, 'SweepFunctionMessages').Properties).toMatchObject({
      BatchSize: 1,
      EventSourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^SweepRestQueue/) as string, 'Arn'] },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(environment(plain, 'SweepFunction')).toMatchObject({
      FINDINGS_QUEUE_URL: { Ref: expect.stringMatching(/^FindingIntakeFindingsQueue/) as string },
      SWEEP_QUEUE_URL: { Ref: expect.stringMatching(/^SweepRestQueue/) as string },
    });
  });

  test('that fails after the schedule invoked it is retried twice and then goes to the dead-letter queue', () => {
    expect(resource(plain, 'SweepFunction').Properties['DeadLetterConfig']).toStrictEqual({
      TargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^SweepRestDeadLetters/), 'Arn'] },
    });
    expect(resource(plain, 'SweepFunctionEventInvokeConfig').Properties).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 3600,
    });
  });
});

describe('the catalogue', () => {
  test('is refreshed weekly, or as configured, and failed invocations go to the dead-letter queue', () => {
    expect(resource(plain, 'CatalogueSchedule').Properties).toMatchObject({
      ScheduleExpression: 'rate(7 days)',
      Target: {
        Arn: { 'Fn::GetAtt': [expect.stringMatching(/^CatalogueRefreshFunction/) as string, 'Arn'] },
        RoleArn: { 'Fn::GetAtt': [expect.stringMatching(/^CatalogueScheduleRole/) as string, 'Arn'] },
        Input: '{}',
        DeadLetterConfig: {
          Arn: { 'Fn::GetAtt': [expect.stringMatching(/^CatalogueDeadLetters/) as string, 'Arn'] },
        },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
      },
    });
    expect(resource(organisation, 'CatalogueSchedule').Properties['ScheduleExpression']).toBe(
      'cron(0 3 ? * SUN *)',
    );
    expect(resource(plain, 'CatalogueRefreshFunction').Properties['DeadLetterConfig']).toStrictEqual({
      TargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^CatalogueDeadLetters/), 'Arn'] },
    });
  });

  test("is read from AWS's default address: the function has only the bucket", () => {
    expect(environment(plain, 'CatalogueRefreshFunction')).toStrictEqual({
      POWERTOOLS_SERVICE_NAME: 'unused-access-refiner',
      POWERTOOLS_METRICS_NAMESPACE: 'UnusedAccessRefiner',
      PROPOSALS_BUCKET: { Ref: expect.stringMatching(/^ProposalStoreBucket/) },
    });
  });
});

describe('notifications', () => {
  test('are triggered by a completely stored proposal: its last object', () => {
    expect(resource(plain, 'NotificationsStoredProposalsRule').Properties['EventPattern']).toStrictEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [{ Ref: expect.stringMatching(/^ProposalStoreBucket/) }] },
        object: {
          key: [
            { wildcard: 'proposals/*/proposal.json' },
            { wildcard: 'proposals/*/state.json' },
            { wildcard: 'proposals/*/withheld.json' },
            { wildcard: 'shared/*/proposal.json' },
            { wildcard: 'shared/*/state.json' },
          ],
        },
      },
    });
  });

  test('are collected over the window, so that a burst becomes one message', () => {
    expect(resource(plain, 'NotificationsNotifyMessages').Properties).toMatchObject({
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 300,
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    // Six times the function's two minutes, and the window.
    expect(queueOf(plain, 'NotificationsNoticesQueue')['VisibilityTimeout']).toBe(1020);
    expect(queueOf(organisation, 'NotificationsNoticesQueue')['VisibilityTimeout']).toBe(840);
  });

  test('without a window are sent in batches of ten, the most that SQS then allows', () => {
    const { Properties } = resource(mainTemplate({ notificationWindow: 0 }), 'NotificationsNotifyMessages');
    expect(Properties['BatchSize']).toBe(10);
    expect(Properties).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  });

  test('go to each address, and only alarms go to an address for alarms', () => {
    const subscriptions = ofType(organisation, 'AWS::SNS::Subscription').map(({ Properties }) => [
      Properties['Endpoint'],
      (Properties['TopicArn'] as { Ref: string }).Ref.replace(/[0-9A-F]{8}$/, ''),
      Properties['Protocol'],
    ]);
    expect(subscriptions).toStrictEqual([
      ['reviews@example.org', 'NotificationsTopic', 'email'],
      ['security@example.org', 'NotificationsTopic', 'email'],
      ['on-call@example.org', 'AlarmsTopic', 'email'],
    ]);
  });

  test('that cannot be delivered go to a queue', () => {
    for (const { Properties } of ofType(organisation, 'AWS::SNS::Subscription')) {
      expect(Properties['RedrivePolicy']).toStrictEqual({
        deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(/^NotificationsUndelivered/), 'Arn'] },
      });
    }
  });

  test('are grouped by owner, or collected in overviews, only if configured', () => {
    for (const name of ['OWNER_TAG', 'OWNER_CONTACT', 'HOME_ACCOUNT_ID', 'ANNOUNCEMENTS']) {
      expect(environment(plain, 'NotificationsNotifyFunction')).not.toHaveProperty(name);
    }
    expect(environment(organisation, 'NotificationsNotifyFunction')).toMatchObject({
      OWNER_TAG: 'Owner',
      OWNER_CONTACT: 'security',
      HOME_ACCOUNT_ID: { Ref: 'AWS::AccountId' },
      ANNOUNCEMENTS: 'overview',
    });
    expect(JSON.stringify(plain)).not.toContain('NotificationsSchedule');
    const queue = (name: string) => ({
      'Fn::GetAtt': [expect.stringMatching(new RegExp(`^NotificationsNotices${name}`)) as string, 'Arn'],
    });
    expect(resource(organisation, 'NotificationsSchedule').Properties).toMatchObject({
      ScheduleExpression: 'rate(6 hours)',
      Target: {
        Arn: queue('Queue'),
        Input: '{"overview":true}',
        DeadLetterConfig: { Arn: queue('DeadLetters') },
      },
    });
  });

  test('have a second topic for chat only if configured', () => {
    expect(ofType(plain, 'AWS::SNS::Topic')).toHaveLength(2);
    expect(ofType(organisation, 'AWS::SNS::Topic')).toHaveLength(3);
    expect(environment(plain, 'NotificationsNotifyFunction')).not.toHaveProperty('CHAT_TOPIC_ARN');
    expect(environment(organisation, 'NotificationsNotifyFunction')).toMatchObject({
      NOTIFICATIONS_TOPIC_ARN: { Ref: expect.stringMatching(/^NotificationsTopic[0-9A-F]{8}$/) as string },
      CHAT_TOPIC_ARN: { Ref: expect.stringMatching(/^NotificationsChatTopic/) as string },
    });
  });
});

describe('the proposal store', () => {
  test('is private, versioned, notifies EventBridge, and deletes noncurrent versions', () => {
    const { Properties } = resource(plain, 'ProposalStoreBucket');
    expect(Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      LoggingConfiguration: {
        DestinationBucketName: { Ref: expect.stringMatching(/^ProposalStoreAccessLogs/) as string },
      },
      LifecycleConfiguration: {
        Rules: [
          {
            Status: 'Enabled',
            NoncurrentVersionExpiration: { NoncurrentDays: 90 },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
          {
            Status: 'Enabled',
            Prefix: 'sweeps/',
            ExpirationInDays: 7,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          },
          {
            Status: 'Enabled',
            Prefix: 'reopened/',
            ExpirationInDays: 7,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          },
        ],
      },
    });
  });

  test('deletes proposals after the configured time, and catalogues never', () => {
    const { Rules } = resource(organisation, 'ProposalStoreBucket').Properties['LifecycleConfiguration'] as {
      Rules: Record<string, unknown>[];
    };
    expect(Rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays])).toStrictEqual([
      [undefined, undefined],
      ['sweeps/', 7],
      ['reopened/', 7],
      ['proposals/', 400],
      ['shared/', 400],
      ['failures/', 400],
      ['index.html', 400],
      ['index.json', 400],
    ]);
  });

  test('lets only the workers write proposals, only sweeps their records, only the notifier the overview, only the refresher catalogues', () => {
    const policy = statements(resource(plain, 'ProposalStoreBucketPolicy').Properties['PolicyDocument']);
    const only = Object.fromEntries(
      policy.filter(({ Sid }) => Sid?.startsWith('Only')).map((statement) => [statement.Sid, statement]),
    );
    const object = (key: string) => ({
      'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^ProposalStoreBucket/), 'Arn'] }, key]],
    });
    expect(only).toStrictEqual({
      OnlySweepsWriteTheirObjects: {
        Sid: 'OnlySweepsWriteTheirObjects',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: WRITING,
        Resource: object('/sweeps/*'),
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': [
              { 'Fn::GetAtt': [expect.stringMatching(/^AccountWorkerRefineRole/), 'Arn'] },
              { 'Fn::GetAtt': [expect.stringMatching(/^SweepFunctionRole/), 'Arn'] },
            ],
          },
        },
      },
      OnlySweepsReadTheirObjects: {
        Sid: 'OnlySweepsReadTheirObjects',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: ['s3:GetObject', 's3:GetObjectVersion'],
        Resource: object('/sweeps/*'),
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': [
              { 'Fn::GetAtt': [expect.stringMatching(/^AccountWorkerRefineRole/), 'Arn'] },
              { 'Fn::GetAtt': [expect.stringMatching(/^SweepFunctionRole/), 'Arn'] },
            ],
          },
        },
      },
      OnlyTheWorkersWriteProposals: {
        Sid: 'OnlyTheWorkersWriteProposals',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: WRITING,
        Resource: [object('/failures/*'), object('/proposals/*')],
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': [
              { 'Fn::GetAtt': [expect.stringMatching(/^WorkerRefineRole/), 'Arn'] },
              { 'Fn::GetAtt': [expect.stringMatching(/^AccountWorkerRefineRole/), 'Arn'] },
            ],
          },
        },
      },
      OnlyFunctionsNoteReopened: {
        Sid: 'OnlyFunctionsNoteReopened',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: WRITING,
        Resource: object('/reopened/*'),
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': [
              { 'Fn::GetAtt': [expect.stringMatching(/^WorkerRefineRole/), 'Arn'] },
              { 'Fn::GetAtt': [expect.stringMatching(/^AccountWorkerRefineRole/), 'Arn'] },
              { 'Fn::GetAtt': [expect.stringMatching(/^NotificationsNotifyRole/), 'Arn'] },
            ],
          },
        },
      },
      OnlyTheAccountWorkerWritesShared: {
        Sid: 'OnlyTheAccountWorkerWritesShared',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: WRITING,
        Resource: object('/shared/*'),
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': { 'Fn::GetAtt': [expect.stringMatching(/^AccountWorkerRefineRole/), 'Arn'] },
          },
        },
      },
      OnlyTheRefresherWritesCatalogues: {
        Sid: 'OnlyTheRefresherWritesCatalogues',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: WRITING,
        Resource: object('/catalogue/*'),
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': { 'Fn::GetAtt': [expect.stringMatching(/^CatalogueRefreshRole/), 'Arn'] },
          },
        },
      },
      OnlyDecidersWriteDecisions: {
        Sid: 'OnlyDecidersWriteDecisions',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: WRITING,
        Resource: object('/decisions/*'),
      },
      OnlyTheNotifierWritesTheOverview: {
        Sid: 'OnlyTheNotifierWritesTheOverview',
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: WRITING,
        Resource: [object('/announced.json'), object('/index.html'), object('/index.json')],
        Condition: {
          ArnNotEquals: {
            'aws:PrincipalArn': { 'Fn::GetAtt': [expect.stringMatching(/^NotificationsNotifyRole/), 'Arn'] },
          },
        },
      },
    });
  });

  test("can be read only by the option's readers, the functions that need it and the root user", () => {
    const reviewers =
      'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_IamReviews_*';
    const refusal = (options: Record<string, unknown>) =>
      statements(
        resource(mainTemplate(options), 'ProposalStoreBucketPolicy').Properties['PolicyDocument'],
      ).find(({ Sid }) => Sid === 'OnlyReadersReadProposals');
    expect(refusal({})).toBeUndefined();
    expect(refusal({ readers: reviewers })).toStrictEqual({
      Sid: 'OnlyReadersReadProposals',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['s3:GetObject', 's3:GetObjectVersion'],
      Resource: ['/failures/*', '/index.html', '/index.json', '/proposals/*', '/shared/*'].map((key) => ({
        'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^ProposalStoreBucket/), 'Arn'] }, key]],
      })),
      Condition: {
        ArnNotLike: {
          'aws:PrincipalArn': [
            {
              'Fn::Join': [
                '',
                ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root'],
              ],
            },
            reviewers,
            ...[
              'WorkerRefineRole',
              'AccountWorkerRefineRole',
              'SweepFunctionRole',
              'NotificationsNotifyRole',
            ].map((role) => ({ 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^${role}`)), 'Arn'] })),
          ],
        },
      },
    });
  });

  test("accepts decisions only from the option's deciders", () => {
    const deciders = 'arn:aws:iam::123456789012:role/Deciders/*';
    const refusal = statements(
      resource(mainTemplate({ deciders }), 'ProposalStoreBucketPolicy').Properties['PolicyDocument'],
    ).find(({ Sid }) => Sid === 'OnlyDecidersWriteDecisions');
    expect(refusal).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['s3:DeleteObjectVersion', 's3:PutObject', 's3:ReplicateDelete', 's3:ReplicateObject'],
      Condition: { ArnNotLike: { 'aws:PrincipalArn': [deciders] } },
    });
  });

  test('is created after the analyzer, like the key, so that no orphans remain in an account that already has an analyzer', () => {
    const first = expect.stringMatching(/^FindingIntakeAnalyzer/);
    for (const name of ['ProposalStoreBucket', 'ProposalStoreAccessLogs', 'EncryptionKey']) {
      expect([resource(plain, name).DependsOn].flat()).toContainEqual(first);
    }
  });

  test('is retained with its policy when the stack is deleted, unless it is to be destroyed', () => {
    const names = [
      'ProposalStoreBucket',
      'ProposalStoreBucketPolicy',
      'ProposalStoreAccessLogs',
      'ProposalStoreAccessLogsPolicy',
      'EncryptionKey',
      'WorkerRefineLogs',
    ];
    expect(names.map((name) => resource(plain, name).DeletionPolicy)).toStrictEqual(
      names.map(() => 'RetainExceptOnCreate'),
    );
    expect(names.map((name) => resource(organisation, name).DeletionPolicy)).toStrictEqual(
      names.map(() => 'Delete'),
    );
  });
});

describe('the stack as a whole', () => {
  test('keeps the logical ids of resources with data or trusted roles when it is deployed with other options', () => {
    const lasting = [
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::SQS::Queue',
      'AWS::IAM::Role',
      'AWS::SNS::Topic',
    ];
    const names = (template: typeof plain) =>
      Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
        if (!lasting.includes(Type)) return [];
        // A name of its own could be taken, or be another one with other options.
        for (const name of ['BucketName', 'QueueName', 'TopicName'])
          expect(Properties).not.toHaveProperty(name);
        return [id];
      });
    const [before, after] = [names(plain), names(organisation)];
    expect(before.length).toBeGreaterThan(15);
    expect(before.filter((id) => !after.includes(id))).toStrictEqual([]);
  });

  test('has no custom resource and no function but its five', () => {
    const types = Object.values(organisation.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /^Custom::|CustomResource/.test(type))).toStrictEqual([]);
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(5);
  });

  test('names no account and no Region', () => {
    expect(JSON.stringify(plain)).not.toMatch(/[:"\\]\d{12}[:"\\]|us-east-1|arn:aws:/);
  });

  test('has outputs for everything that people need', () => {
    expect(Object.keys(organisation.Outputs).toSorted()).toStrictEqual([
      'AccountFunctionName',
      'AccountWorkerRoleArn',
      'AccountsDeadLettersUrl',
      'AccountsQueueUrl',
      'AlarmTopicArn',
      'AnalyzerArn',
      'CatalogueDeadLettersUrl',
      'CatalogueFunctionName',
      'ChatTopicArn',
      'FindingsDeadLettersUrl',
      'FindingsQueueUrl',
      'KeyArn',
      'NoticesDeadLettersUrl',
      'NoticesQueueUrl',
      'NotifyFunctionName',
      'ProposalsBucketName',
      'RefineFunctionName',
      'ReportReadersPolicyArn',
      'SweepDeadLettersUrl',
      'SweepFunctionName',
      'SweepQueueUrl',
      'TopicArn',
      'UndeliveredMessagesUrl',
      'WorkerRoleArn',
    ]);
  });
});
