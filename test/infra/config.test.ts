import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { MANAGED_POLICIES } from '../../lambda/contract/settings.ts';
import { DEFAULT_QUOTAS } from '../../lambda/core/fit/quotas.ts';
import { ConfigError, parseConfig } from '../../lib/config/config.ts';
import { OPTION_NAMES } from '../../lib/config/options.ts';

/** What is wrong with these options, in the words that a person reads. */
function complaint(options: Record<string, unknown>): string {
  try {
    parseConfig(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('the configuration', () => {
  test('knows the same quota of managed policies as the core', () => {
    const { role, user } = DEFAULT_QUOTAS;
    expect({ role: role.attachedManagedPolicies, user: user.attachedManagedPolicies }).toEqual(
      MANAGED_POLICIES.usual,
    );
  });

  test('needs no option at all', () => {
    expect(parseConfig({})).toStrictEqual({
      email: [],
      alarmEmail: [],
      runbookUrl: undefined,
      tracing: true,
      permissionsBoundary: undefined,
      tags: [],
      stackName: 'UnusedAccessRefiner',
      name: 'unused-access-refiner',
      rolePath: undefined,
      roleNamePrefix: undefined,
      encryptLogs: false,
      network: undefined,
      parameterPrefix: undefined,
      eventBus: 'default',
      notificationWindow: 300,
      chatTopic: false,
      ownerTag: undefined,
      ownerContact: 'none',
      accountNames: {},
      announcements: 'each',
      overviewSchedule: 'rate(1 day)',
      analyzer: {
        kind: 'create',
        type: 'ACCOUNT_UNUSED_ACCESS',
        unusedAccessAge: 90,
        excludeAccounts: [],
        excludeTags: [],
      },
      sweepSchedule: 'rate(1 day)',
      sweepAlarmHours: 30,
      catalogueSchedule: 'rate(7 days)',
      generalize: 'shortest',
      star: 'list',
      keep: [],
      managedPoliciesPerRole: undefined,
      managedPoliciesPerUser: undefined,
      secondOpinions: [],
      exclude: { names: [], paths: [], tags: [] },
      encryption: { kind: 'customer-managed' },
      readers: [],
      deciders: [],
      retentionDays: undefined,
      removalPolicy: 'retain',
      lastAccessed: false,
      member: undefined,
      concurrency: 4,
      accountCallsPerSecond: 20,
      analyzerCallsPerSecond: 10,
      bulkThreshold: 20,
      logRetentionDays: 90,
    });
  });

  test('accepts text from the command line and JSON from a file', () => {
    const fromCommandLine = parseConfig({
      email: 'a@example.org, b@example.org,a@example.org',
      unusedAccessAge: '30',
      chatTopic: 'true',
      keep: 'iam:PassRole,s3:Get*',
      excludeTags: 'owner=vendor,temporary,empty=',
      excludeNames: '["with,comma","*Admin*"]',
      concurrency: '2',
    });
    const fromFile = parseConfig({
      email: ['a@example.org', 'b@example.org'],
      unusedAccessAge: 30,
      chatTopic: true,
      keep: ['iam:PassRole', 's3:Get*'],
      excludeTags: [
        { key: 'owner', value: 'vendor' },
        { key: 'temporary', value: null },
        { key: 'empty', value: '' },
      ],
      excludeNames: ['with,comma', '*Admin*'],
      concurrency: 2,
    });
    expect(fromCommandLine).toStrictEqual(fromFile);
    expect(fromFile.exclude).toStrictEqual({
      names: ['with,comma', '*Admin*'],
      paths: [],
      tags: [
        { key: 'owner', value: 'vendor' },
        { key: 'temporary', value: null },
        { key: 'empty', value: '' },
      ],
    });
  });

  test('sends alarms to the same addresses as proposals unless others are given', () => {
    expect(parseConfig({ email: 'a@example.org' }).alarmEmail).toStrictEqual(['a@example.org']);
    expect(parseConfig({ email: 'a@example.org', alarmEmail: 'b@example.org' }).alarmEmail).toStrictEqual([
      'b@example.org',
    ]);
  });

  test('raises the alarm for a missing sweep six hours after the scheduled time', () => {
    expect(parseConfig({ sweepSchedule: 'rate(12 hours)' }).sweepAlarmHours).toBe(18);
    expect(parseConfig({ sweepSchedule: 'rate(90 minutes)' }).sweepAlarmHours).toBe(8);
    expect(parseConfig({ sweepSchedule: 'rate(6 days)' }).sweepAlarmHours).toBe(150);
    expect(parseConfig({ sweepSchedule: 'cron(0 3 * * ? *)', sweepAlarmHours: 26 }).sweepAlarmHours).toBe(26);
  });

  test('gives each worker at least one call a second in an account', () => {
    expect(parseConfig({ concurrency: 100 }).accountCallsPerSecond).toBe(101);
    expect(parseConfig({ concurrency: 10 }).accountCallsPerSecond).toBe(20);
    expect(parseConfig({ concurrency: 10, accountCallsPerSecond: '11' }).accountCallsPerSecond).toBe(11);
  });

  test('excludes accounts in a created analyzer, and units, and accounts with an existing analyzer, in the worker', () => {
    const lists = { excludeAccounts: '111122223333', excludeOrganizationalUnits: 'ou-ab12-11111111,r-ab12' };
    const analyzerArn = 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused';
    expect(parseConfig({ analyzerArn, ...lists }).exclude).toStrictEqual({
      names: [],
      paths: [],
      tags: [],
      accounts: ['111122223333'],
      organizationalUnits: ['ou-ab12-11111111', 'r-ab12'],
    });
    const member = { memberRoleName: 'Reader', memberExternalId: 'id' };
    const created = parseConfig({ analyzerType: 'ORGANIZATION_UNUSED_ACCESS', ...member, ...lists });
    expect(created.analyzer).toMatchObject({ excludeAccounts: ['111122223333'] });
    expect(created.exclude).not.toHaveProperty('accounts');
    expect(created.exclude.organizationalUnits).toStrictEqual(['ou-ab12-11111111', 'r-ab12']);
  });

  test('knows three kinds of encryption', () => {
    const arn = 'arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    expect(parseConfig({ encryption: arn }).encryption).toStrictEqual({ kind: 'own-key', arn });
    expect(parseConfig({ encryption: 'aws-managed' }).encryption).toStrictEqual({ kind: 'aws-managed' });
  });

  test('accepts an analyzer of any partition', () => {
    const arn = 'arn:aws-us-gov:access-analyzer:us-gov-west-1:123456789012:analyzer/unused-access_1.x';
    expect(parseConfig({ analyzerArn: arn }).analyzer).toStrictEqual({ kind: 'existing', arn });
  });

  test('is shown completely by the example file', () => {
    const example = JSON.parse(
      readFileSync(new URL('../../cdk.options.example.json', import.meta.url), 'utf8'),
    ) as Record<string, unknown>;
    expect(complaint(example)).toBe('nothing');
    expect(OPTION_NAMES.filter((name) => !Object.hasOwn(example, name))).toStrictEqual([
      'unusedDays',
      'analyzerArn',
    ]);
  });
});

describe('a wrong option is named, with its value and what to give', () => {
  test.each([
    [{ email: 'nobody' }, 'option email is "nobody"; give e-mail addresses'],
    [
      { alarmEmail: ['a@example.org', ''] },
      'option alarmEmail is ["a@example.org",""]; give e-mail addresses',
    ],
    [
      { notificationWindow: 301 },
      'option notificationWindow is 301; give a whole number of seconds from 0 to 300',
    ],
    [
      { notificationWindow: '1.5' },
      'option notificationWindow is "1.5"; give a whole number of seconds from 0 to 300',
    ],
    [
      { ownerTag: 'aws:createdBy' },
      'option ownerTag is "aws:createdBy"; give the key of a tag, for example Owner',
    ],
    [
      { accountNames: '1234=x' },
      'option accountNames is "1234=x"; give accounts as id=name, such as 111122223333=payments-prod',
    ],
    [{ ownerContact: 'root' }, 'option ownerContact is "root"; give none, security, operations or billing'],
    [{ announcements: 'never' }, 'option announcements is "never"; give each or overview'],
    [
      { readers: ['arn:aws:sts::123456789012:assumed-role/Reviewer/me'] },
      'option readers is ["arn:aws:sts::123456789012:assumed-role/Reviewer/me"]; give ARN patterns of roles or users, arn:aws:iam::<account>:role/<path and name>, with * and ? after role/ or user/',
    ],
    [{ organizationId: 'example' }, 'option organizationId is "example"; give an organisation\'s id, o-…'],
    [
      { runbookUrl: 'wiki/runbook' },
      'option runbookUrl is "wiki/runbook"; give an http or https address without a fragment, of at most 400 characters',
    ],
    [
      { permissionsBoundary: 'arn:aws:iam::123456789012:policy/Boundary' },
      'option permissionsBoundary is "arn:aws:iam::123456789012:policy/Boundary"; give a managed policy\'s name, with its path where it has one, such as platform/Boundary',
    ],
    [
      { tags: 'team' },
      'option tags is "team"; give at most 40 tags as key=value, whose keys do not begin with aws:',
    ],
    [{ tracing: 'off' }, 'option tracing is "off"; give true or false'],
    [{ chatTopic: 'yes' }, 'option chatTopic is "yes"; give true or false'],
    [
      { analyzerArn: 'arn:aws:access-analyzer:eu-west-1:123456789012:archive-rule/x' },
      'option analyzerArn is "arn:aws:access-analyzer:eu-west-1:123456789012:archive-rule/x"; give an unused-access analyzer\'s ARN, arn:aws:access-analyzer:<region>:<account>:analyzer/<name>',
    ],
    [
      { analyzerType: 'ACCOUNT' },
      'option analyzerType is "ACCOUNT"; give ACCOUNT_UNUSED_ACCESS or ORGANIZATION_UNUSED_ACCESS',
    ],
    [{ unusedAccessAge: 0 }, 'option unusedAccessAge is 0; give a whole number of days from 1 to 365'],
    [
      { unusedAccessAge: '366' },
      'option unusedAccessAge is "366"; give a whole number of days from 1 to 365',
    ],
    [
      { analyzerType: 'ORGANIZATION_UNUSED_ACCESS', excludeAccounts: '12345' },
      'option excludeAccounts is "12345"; give at most 2,000 account ids of 12 digits',
    ],
    [
      { excludeResourceTags: 'aws:cloudformation:stack-name=x' },
      'option excludeResourceTags is "aws:cloudformation:stack-name=x"; give tags as key=value, or key for any value, whose keys do not begin with aws:',
    ],
    [
      { sweepSchedule: 'daily' },
      'option sweepSchedule is "daily"; give rate(n hours) or rate(n days) between one hour and six days, or cron(…) with six fields',
    ],
    [
      { sweepSchedule: 'rate(30 minutes)' },
      'option sweepSchedule is "rate(30 minutes)"; give rate(n hours) or rate(n days) between one hour and six days, or cron(…) with six fields',
    ],
    [
      { sweepSchedule: 'cron(0 3 * * *)', sweepAlarmHours: 26 },
      'option sweepSchedule is "cron(0 3 * * *)"; give rate(n hours) or rate(n days) between one hour and six days, or cron(…) with six fields',
    ],
    [
      { catalogueSchedule: 'rate(15 days)' },
      'option catalogueSchedule is "rate(15 days)"; give rate(n days) between one day and 14 days, or cron(…) with six fields',
    ],
    [
      { catalogueSchedule: 'rate(12 hours)' },
      'option catalogueSchedule is "rate(12 hours)"; give rate(n days) between one day and 14 days, or cron(…) with six fields',
    ],
    [{ sweepAlarmHours: 169 }, 'option sweepAlarmHours is 169; give a whole number of hours from 2 to 168'],
    [{ generalize: 'most' }, 'option generalize is "most"; give shortest, least or enumerate'],
    [{ star: 'all' }, 'option star is "all"; give list or not-action'],
    [{ keep: 'PassRole' }, 'option keep is "PassRole"; give action patterns such as iam:PassRole or s3:Get*'],
    [{ keep: ['s*:Get'] }, 'option keep is ["s*:Get"]; give action patterns such as iam:PassRole or s3:Get*'],
    [
      { keep: ['s3:Get:*'] },
      'option keep is ["s3:Get:*"]; give action patterns such as iam:PassRole or s3:Get*',
    ],
    [
      { excludeNames: ['a role'] },
      'option excludeNames is ["a role"]; give name patterns of letters, digits and +=,.@_- with * and ?',
    ],
    [{ managedPoliciesPerRole: 26 }, 'option managedPoliciesPerRole is 26; give a whole number from 1 to 25'],
    [
      { managedPoliciesPerUser: '0' },
      'option managedPoliciesPerUser is "0"; give a whole number from 1 to 20',
    ],
    [{ excludePaths: '/' }, 'option excludePaths is "/"; give path prefixes such as /admins/'],
    [{ excludePaths: 'admins/' }, 'option excludePaths is "admins/"; give path prefixes such as /admins/'],
    [{ excludeTags: ['=x'] }, 'option excludeTags is ["=x"]; give tags as key=value, or key for any value'],
    [
      { encryption: 'alias/mine' },
      'option encryption is "alias/mine"; give customer-managed, aws-managed or a KMS key\'s ARN in the Region of the stack',
    ],
    [{ retentionDays: 0 }, 'option retentionDays is 0; give a whole number of days from 1 to 3650'],
    [{ removalPolicy: 'snapshot' }, 'option removalPolicy is "snapshot"; give retain or destroy'],
    [
      { memberRoleName: 'a/b', memberExternalId: 'xy' },
      'option memberRoleName is "a/b"; give a role\'s name of at most 64 letters, digits and +=,.@_-',
    ],
    [
      { memberRoleName: 'a', memberExternalId: 'x' },
      'option memberExternalId is "x"; give an external id of 2 to 1,224 letters, digits and +=,.@:/_-',
    ],
    [{ concurrency: 1 }, 'option concurrency is 1; give a whole number from 2 to 1000'],
    [
      { logRetentionDays: 100 },
      'option logRetentionDays is 100; give one of the periods that CloudWatch Logs has: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days',
    ],
    [
      { excludeOrganizationalUnits: 'Sandbox' },
      'option excludeOrganizationalUnits is "Sandbox"; give ids of organisational units or roots, ou-… or r-…',
    ],
    [
      { accountCallsPerSecond: 0 },
      'option accountCallsPerSecond is 0; give a whole number from 1 to 1001, more than `concurrency`',
    ],
    [{ analyzerCallsPerSecond: 0 }, 'option analyzerCallsPerSecond is 0; give a whole number from 1 to 1000'],
    [{ emial: 'a@example.org' }, 'option emial does not exist; did you mean email?'],
    [{ ANALYZERARN: 'a' }, 'option ANALYZERARN does not exist; did you mean analyzerArn?'],
  ])('%j', (options, sentence) => {
    expect(complaint(options)).toBe(sentence);
  });

  test('an unknown name without a similar one, with the list of all', () => {
    expect(complaint({ colour: 'red' })).toMatch(
      /^option colour does not exist; the options are email, alarmEmail, /,
    );
  });

  test('each of several wrong options has its own line', () => {
    expect(complaint({ concurrency: 1, generalize: 'x' })).toBe(
      'option generalize is "x"; give shortest, least or enumerate\n' +
        'option concurrency is 1; give a whole number from 2 to 1000',
    );
  });
});

describe('the source of findings', () => {
  test('is an analyzer, or reports of last use after 90 days or the given number', () => {
    expect(parseConfig({}).analyzer.kind).toBe('create');
    const byUse = parseConfig({ findingSource: 'last-accessed' });
    expect(byUse.analyzer).toStrictEqual({ kind: 'none', unusedDays: 90 });
    const after = parseConfig({ findingSource: 'last-accessed', unusedDays: '30' });
    expect(after.analyzer).toStrictEqual({ kind: 'none', unusedDays: 30 });
  });

  test('has accounts excluded in the worker if there is no analyzer', () => {
    const member = { memberRoleName: 'Reader', memberExternalId: 'external-id' };
    const options = { findingSource: 'last-accessed', excludeAccounts: '111122223333', ...member };
    expect(parseConfig(options).exclude.accounts).toStrictEqual(['111122223333']);
  });
});

describe('options that contradict each other are named', () => {
  const arn = 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused';
  const byUse = { findingSource: 'last-accessed' };
  test.each([
    [
      { unusedDays: 30 },
      'option unusedDays belongs to findingSource last-accessed; give that too, or unusedAccessAge for an analyzer that is created',
    ],
    [
      { ...byUse, analyzerArn: arn },
      'option analyzerArn needs an analyzer, but findingSource is last-accessed; leave one of the two out',
    ],
    [
      { ...byUse, analyzerType: 'ACCOUNT_UNUSED_ACCESS' },
      'option analyzerType needs an analyzer, but findingSource is last-accessed; leave one of the two out',
    ],
    [
      { ...byUse, unusedAccessAge: 30 },
      'option unusedAccessAge needs an analyzer, but findingSource is last-accessed; leave one of the two out',
    ],
    [
      { ...byUse, excludeResourceTags: 'x' },
      'option excludeResourceTags needs an analyzer, but findingSource is last-accessed; leave one of the two out',
    ],
    [
      { ...byUse, secondOpinions: 'no-new-access,aws-recommendation' },
      'option secondOpinions names aws-recommendation, which needs an analyzer, but findingSource is last-accessed; leave one of the two out',
    ],
    [
      { ...byUse, excludeAccounts: '111122223333' },
      'option excludeAccounts works for organisations only; give memberRoleName and memberExternalId too, or leave it out',
    ],
    [
      { ...byUse, excludeOrganizationalUnits: ['ou-ab12-11111111'] },
      'option excludeOrganizationalUnits works for organisations only; give memberRoleName and memberExternalId too, or leave it out',
    ],
    [
      { analyzerArn: arn, unusedAccessAge: 30 },
      'option unusedAccessAge belongs to an analyzer that is created, but analyzerArn names one that exists; leave one of the two out',
    ],
    [
      { analyzerArn: arn, excludeResourceTags: 'x' },
      'option excludeResourceTags belongs to an analyzer that is created, but analyzerArn names one that exists; leave one of the two out',
    ],
    [
      { excludeAccounts: ['111122223333'] },
      'option excludeAccounts works for organisations only; give analyzerType ORGANIZATION_UNUSED_ACCESS too, or leave it out',
    ],
    [
      { excludeOrganizationalUnits: ['ou-ab12-11111111'] },
      'option excludeOrganizationalUnits works for organisations only; give analyzerType ORGANIZATION_UNUSED_ACCESS too, or leave it out',
    ],
    [
      { analyzerType: 'ORGANIZATION_UNUSED_ACCESS' },
      'option analyzerType is ORGANIZATION_UNUSED_ACCESS, but without memberRoleName no member account can be read; give memberRoleName and memberExternalId',
    ],
    [
      { memberRoleName: 'Reader' },
      'option memberExternalId is missing; give it together with memberRoleName',
    ],
    [
      { memberExternalId: 'secret' },
      'option memberRoleName is missing; give it together with memberExternalId',
    ],
    [
      { accountCallsPerSecond: 25, concurrency: 25 },
      "option accountCallsPerSecond is 25, which leaves each of 25 workers (option concurrency) and the account's job less than one call a second; give at least 26, or a smaller concurrency",
    ],
    [
      { organizationId: 'o-a1b2c3d4e5' },
      'option organizationId belongs to the member roles, but memberRoleName is not given; give it too, or leave organizationId out',
    ],
    [
      { sweepSchedule: 'cron(0 3 * * ? *)' },
      'option sweepAlarmHours is missing; with a cron(…) schedule give the hours after which a missing sweep is an alarm',
    ],
    [
      { sweepSchedule: 'rate(2 days)', sweepAlarmHours: 48 },
      'option sweepAlarmHours is 48, not longer than sweepSchedule rate(2 days); give more hours than lie between two sweeps',
    ],
  ])('%j', (options, sentence) => {
    expect(complaint(options)).toBe(sentence);
  });

  test('more excluded accounts than AWS allows for a created analyzer', () => {
    const excludeAccounts = Array.from({ length: 200 }, (_, index) => String(100_000_000_000 + index));
    expect(
      complaint({
        analyzerType: 'ORGANIZATION_UNUSED_ACCESS',
        memberRoleName: 'Reader',
        memberExternalId: 'id',
        excludeAccounts,
      }),
    ).toBe('nothing');
  });
});
