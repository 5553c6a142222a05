import { describe, expect, test } from 'vitest';
import {
  EnvironmentError,
  readNotifyEnvironment,
  readAccountSweepEnvironment,
  readRefineEnvironment,
  readRefreshEnvironment,
  readSweepEnvironment,
} from '../../lambda/runtime/environment.ts';
import { ANALYZER } from '../functions/samples.ts';

const REFINE = {
  ANALYZER_ARN: ANALYZER,
  HOME_ACCOUNT_ID: '123456789012',
  PARTITION: 'aws',
  PROPOSALS_BUCKET: 'bucket',
  GENERALIZE: 'least',
  STAR: 'not-action',
  KEEP_PATTERNS: '["s3:Get*"]',
  EXCLUDE_PRINCIPALS: '{"names":["admin-*"],"paths":["/ops/"],"tags":[{"key":"refine","value":null}]}',
};

function problem(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  throw new Error('expected an error');
}

describe('the environment of refine-finding', () => {
  test('is read completely and typed', () => {
    expect(readRefineEnvironment(REFINE)).toEqual({
      analyzerArn: ANALYZER,
      source: { kind: 'access-analyzer', analyzerArn: ANALYZER },
      homeAccountId: '123456789012',
      partition: 'aws',
      bucketName: 'bucket',
      settings: {
        accountNames: {},
        generalize: 'least',
        star: 'not-action',
        keep: ['s3:Get*'],
        exclude: { names: ['admin-*'], paths: ['/ops/'], tags: [{ key: 'refine', value: null }] },
        managedPolicies: {},
      },
      asksLastAccess: false,
      memberRoleName: undefined,
      memberExternalId: undefined,
      accountCallsPerSecond: 5,
      analyzerCallsPerSecond: 10,
      findingsQueueUrl: undefined,
      secondOpinions: [],
      opinionMillis: 20000,
    });
    const raised = readRefineEnvironment({ ...REFINE, MANAGED_POLICIES: '{"role":25}' });
    expect(raised.settings.managedPolicies).toEqual({ role: 25 });
    expect(readRefineEnvironment({ ...REFINE, OWNER_TAG: 'Owner' }).settings.ownerTag).toBe('Owner');
    expect(readRefineEnvironment({ ...REFINE, LAST_ACCESSED: 'yes' }).asksLastAccess).toBe(true);
  });

  test('may set the pace for accounts and Access Analyzer, and the queue for deferred findings', () => {
    const queue = 'https://sqs.eu-west-1.amazonaws.com/123456789012/findings';
    expect(
      readRefineEnvironment({
        ...REFINE,
        ACCOUNT_CALLS_PER_SECOND: '2.5',
        ANALYZER_CALLS_PER_SECOND: '40',
        FINDINGS_QUEUE_URL: queue,
      }),
    ).toMatchObject({ accountCallsPerSecond: 2.5, analyzerCallsPerSecond: 40, findingsQueueUrl: queue });
    expect(
      problem(() =>
        readRefineEnvironment({ ...REFINE, ACCOUNT_CALLS_PER_SECOND: '0', FINDINGS_QUEUE_URL: 'findings' }),
      ),
    ).toBe(
      'the environment of refine-finding is not complete: ' +
        'ACCOUNT_CALLS_PER_SECOND is "0", expected a number of calls a second, more than 0; ' +
        'FINDINGS_QUEUE_URL is "findings", expected a URL; deploy the stack again or set them',
    );
  });

  test('may exclude accounts and organisational units', () => {
    const exclude =
      '{"names":[],"paths":[],"tags":[],"accounts":["111122223333"],"organizationalUnits":["r-ab12"]}';
    expect(readRefineEnvironment({ ...REFINE, EXCLUDE_PRINCIPALS: exclude }).settings.exclude).toEqual({
      names: [],
      paths: [],
      tags: [],
      accounts: ['111122223333'],
      organizationalUnits: ['r-ab12'],
    });
  });

  test('may enable second opinions', () => {
    const values = readRefineEnvironment({
      ...REFINE,
      SECOND_OPINIONS: '["no-new-access","aws-recommendation"]',
      SECOND_OPINION_MILLIS: '1500',
    });
    expect(values).toMatchObject({
      secondOpinions: ['no-new-access', 'aws-recommendation'],
      opinionMillis: 1500,
    });
  });

  test('with an unknown opinion is refused', () => {
    expect(problem(() => readRefineEnvironment({ ...REFINE, SECOND_OPINIONS: '["no-access"]' }))).toContain(
      'SECOND_OPINIONS is "[\\"no-access\\"]", expected a JSON array of "validate-policy", "no-new-access", "access-not-granted", "aws-recommendation"',
    );
    expect(problem(() => readRefineEnvironment({ ...REFINE, SECOND_OPINION_MILLIS: '0' }))).toContain(
      'SECOND_OPINION_MILLIS is "0", expected a whole number of milliseconds, at least 1',
    );
  });

  test('may name a member role', () => {
    const values = readRefineEnvironment({ ...REFINE, MEMBER_ROLE_NAME: 'reader', MEMBER_EXTERNAL_ID: 'id' });
    expect(values).toMatchObject({ memberRoleName: 'reader', memberExternalId: 'id' });
  });

  test('that is empty is one error that names every variable', () => {
    expect(problem(() => readRefineEnvironment({}))).toBe(
      'the environment of refine-finding is not complete: ANALYZER_ARN is missing, expected the ARN of an analyzer; ' +
        'HOME_ACCOUNT_ID is missing, expected an account id of 12 digits; PARTITION is missing, expected a text; ' +
        'PROPOSALS_BUCKET is missing, expected a text; ' +
        'GENERALIZE is missing, expected "shortest", "least" or "enumerate"; ' +
        'KEEP_PATTERNS is missing, expected a JSON array of action patterns; ' +
        'EXCLUDE_PRINCIPALS is missing, expected a JSON object with names, paths and tags; ' +
        'deploy the stack again or set them',
    );
  });

  test.each([
    ['HOME_ACCOUNT_ID', '12'],
    ['GENERALIZE', 'most'],
    ['STAR', 'all'],
    ['KEEP_PATTERNS', 's3:Get*'],
    ['EXCLUDE_PRINCIPALS', '{"names":[]}'],
    ['ANALYZER_ARN', 'arn:aws:iam::123456789012:role/x'],
  ])('with a wrong %s quotes it', (name, value) => {
    expect(problem(() => readRefineEnvironment({ ...REFINE, [name]: value }))).toContain(
      `${name} is ${JSON.stringify(value)}, expected `,
    );
  });
});

test('the environment of sweep-findings has an analyzer, a bucket, three queues and a threshold', () => {
  const environment = {
    ANALYZER_ARN: ANALYZER,
    PROPOSALS_BUCKET: 'bucket',
    FINDINGS_QUEUE_URL: 'https://sqs.us-west-2.amazonaws.com/1/findings',
    SWEEP_QUEUE_URL: 'http://localhost:5000/1/rest',
    ACCOUNT_JOBS_QUEUE_URL: 'http://localhost:5000/1/accounts',
    BULK_THRESHOLD: '20',
  };
  expect(readSweepEnvironment(environment)).toEqual({
    analyzerArn: ANALYZER,
    analyzerCallsPerSecond: 10,
    bucketName: 'bucket',
    findingsQueueUrl: 'https://sqs.us-west-2.amazonaws.com/1/findings',
    sweepQueueUrl: 'http://localhost:5000/1/rest',
    accountJobsQueueUrl: 'http://localhost:5000/1/accounts',
    bulkThreshold: 20,
  });
  expect(
    readSweepEnvironment({ ...environment, ANALYZER_CALLS_PER_SECOND: '40' }).analyzerCallsPerSecond,
  ).toBe(40);
  expect(problem(() => readSweepEnvironment({ ...environment, BULK_THRESHOLD: '0' }))).toContain(
    'BULK_THRESHOLD is "0", expected a whole number, at least 1',
  );
  expect(problem(() => readSweepEnvironment({ ...environment, SWEEP_QUEUE_URL: '' }))).toContain(
    'SWEEP_QUEUE_URL is missing',
  );
});

describe('if findings come from reports of last use', () => {
  const environment = { ...REFINE, ANALYZER_ARN: '', FINDING_SOURCE: 'last-accessed', UNUSED_DAYS: '120' };

  test('the environment of workers has the days instead of an analyzer', () => {
    const source = { kind: 'last-accessed', analyzerArn: 'last-accessed', unusedDays: 120 };
    expect(readRefineEnvironment(environment).source).toEqual(source);
    expect(problem(() => readRefineEnvironment({ ...environment, UNUSED_DAYS: '366' }))).toContain(
      'UNUSED_DAYS is "366", expected a whole number of days from 1 to 365',
    );
    expect(problem(() => readRefineEnvironment({ ...environment, FINDING_SOURCE: 'reports' }))).toContain(
      'FINDING_SOURCE is "reports", expected "last-accessed", or nothing',
    );
  });

  test('the environment of sweep-findings has its own account, and whether there are others', () => {
    const sweep = {
      FINDING_SOURCE: 'last-accessed',
      HOME_ACCOUNT_ID: '123456789012',
      PROPOSALS_BUCKET: 'bucket',
      SWEEP_QUEUE_URL: 'http://localhost:5000/1/rest',
      ACCOUNT_JOBS_QUEUE_URL: 'http://localhost:5000/1/accounts',
      MEMBER_ROLE_NAME: 'platform/Reader',
    };
    expect(readAccountSweepEnvironment(sweep)).toEqual({
      findingSource: 'last-accessed',
      homeAccountId: '123456789012',
      memberRoleName: 'platform/Reader',
      bucketName: 'bucket',
      sweepQueueUrl: 'http://localhost:5000/1/rest',
      accountJobsQueueUrl: 'http://localhost:5000/1/accounts',
    });
  });
});

test('the environment of refresh-catalogue has a bucket and optionally the address of the reference', () => {
  expect(readRefreshEnvironment({ PROPOSALS_BUCKET: 'bucket' })).toEqual({
    bucketName: 'bucket',
    referenceUrl: undefined,
  });
  const url = 'http://127.0.0.1:8080/';
  expect(readRefreshEnvironment({ PROPOSALS_BUCKET: 'bucket', REFERENCE_URL: url }).referenceUrl).toBe(url);
  expect(problem(() => readRefreshEnvironment({ REFERENCE_URL: 'here' }))).toBe(
    'the environment of refresh-catalogue is not complete: PROPOSALS_BUCKET is missing, expected a text; ' +
      'REFERENCE_URL is "here", expected a URL; deploy the stack again or set them',
  );
});

test('the environment of notify-proposals has a bucket, a topic and optionally a topic for chat', () => {
  const environment = {
    PROPOSALS_BUCKET: 'bucket',
    PARTITION: 'aws-us-gov',
    AWS_REGION: 'us-gov-west-1',
    NOTIFICATIONS_TOPIC_ARN: 'arn:aws-us-gov:sns:us-gov-west-1:1:t',
  };
  expect(readNotifyEnvironment(environment)).toEqual({
    bucketName: 'bucket',
    partition: 'aws-us-gov',
    region: 'us-gov-west-1',
    topicArn: 'arn:aws-us-gov:sns:us-gov-west-1:1:t',
    chatTopicArn: undefined,
    eventBusArn: undefined,
    ownerTag: undefined,
    accountNames: {},
    contacts: undefined,
    announcesOverviews: false,
  });
  const grouped = {
    ...environment,
    OWNER_TAG: 'Owner',
    OWNER_CONTACT: 'security',
    ANNOUNCEMENTS: 'overview',
    ACCOUNT_NAMES: '{"111122223333":"payments-prod"}',
  };
  expect(readNotifyEnvironment({ ...grouped, HOME_ACCOUNT_ID: '123456789012' })).toMatchObject({
    ownerTag: 'Owner',
    accountNames: { '111122223333': 'payments-prod' },
    contacts: { contact: 'security', homeAccountId: '123456789012' },
    announcesOverviews: true,
  });
  expect(problem(() => readNotifyEnvironment({ ...grouped, OWNER_CONTACT: 'root' }))).toContain(
    'OWNER_CONTACT is "root", expected one of security, operations, billing; HOME_ACCOUNT_ID is missing',
  );
  expect(problem(() => readNotifyEnvironment({ ...environment, PROPOSALS_BUCKET: '' }))).toBe(
    'the environment of notify-proposals is not complete: PROPOSALS_BUCKET is missing, expected a text; deploy the stack again or set them',
  );
  expect(readNotifyEnvironment({ ...environment, CHAT_TOPIC_ARN: 'arn:c' }).chatTopicArn).toBe('arn:c');
});
