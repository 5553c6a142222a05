import { readFileSync, writeFileSync } from 'node:fs';

import { addStacks, MEMBER_STAGE, STACK_NAME } from '../../lib/build-app.ts';
import { OPINIONS } from '../../lambda/contract/settings.ts';
import { OPTION_NAMES, OPTIONS } from '../../lib/config/options.ts';
import { type CloudFormationTemplate, plainSynth } from '../plain-synth.ts';

/** The file of each generated table. */
export const TABLE_FILES = { options: 'docs/options.md', permissions: 'docs/permissions.md' } as const;

type TableName = keyof typeof TABLE_FILES;

const RENDERERS: Readonly<Record<TableName, () => string>> = {
  options: optionsTable,
  permissions: permissionsTable,
};

/** Renders a table from its source: the options' schema, or the synthesised roles. */
export function renderTable(name: TableName): string {
  return RENDERERS[name]();
}

/**
 * Replaces the table between `<!-- name:begin -->` and `<!-- name:end -->` in a text.
 * @throws Error if the markers are missing
 */
export function withTable(text: string, name: TableName): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < 0) {
    throw new Error(
      `${TABLE_FILES[name]} has no place for the table of ${name}; put ${begin} and ${end} on lines of their own`,
    );
  }
  return `${text.slice(0, from + begin.length)}\n\n${renderTable(name)}\n${text.slice(to)}`;
}

/** Regenerates the tables in place. */
export function run(): void {
  for (const name of ['options', 'permissions'] as const) {
    const file = TABLE_FILES[name];
    writeFileSync(file, withTable(readFileSync(file, 'utf8'), name));
  }
}

function optionsTable(): string {
  return table(
    ['Option', 'Values', 'Default', 'Meaning'],
    OPTION_NAMES.map((name) => {
      const { values, default: fallback, meaning } = OPTIONS[name];
      return [`\`${name}\``, ...[values, fallback, meaning].map((cell) => cell.replaceAll('<', '&lt;'))];
    }),
  );
}

/** The options without an analyzer: the table adds what the roles then hold in addition. */
const WITHOUT_ANALYZER = {
  email: ['reviews@example.org'],
  findingSource: 'last-accessed',
  memberRoleName: 'MEMBER_ROLE_NAME',
  memberExternalId: 'MEMBER_EXTERNAL_ID',
};

/** All options on, so that the table shows the most that the roles can hold. */
const EVERYTHING = {
  email: ['reviews@example.org'],
  chatTopic: true,
  ownerTag: 'Owner',
  ownerContact: 'security',
  announcements: 'overview',
  lastAccessed: true,
  secondOpinions: [...OPINIONS],
  excludeOrganizationalUnits: ['ou-ab12-11111111'],
  analyzerType: 'ORGANIZATION_UNUSED_ACCESS',
  memberRoleName: 'MEMBER_ROLE_NAME',
  encryptLogs: true,
  vpcSubnetIds: ['subnet-0a1b2c3d4e5f60718'],
  vpcSecurityGroupIds: ['sg-0a1b2c3d4e5f60718'],
  memberExternalId: 'MEMBER_EXTERNAL_ID',
};

const ROLES: Readonly<Record<string, string>> = {
  WorkerRefineRole: 'refine-finding',
  AccountWorkerRefineRole: 'refine-account',
  SweepFunctionRole: 'sweep-findings',
  CatalogueRefreshRole: 'refresh-catalogue',
  NotificationsNotifyRole: 'notify-proposals',
  SweepScheduleRole: "the sweep's schedule",
  CatalogueScheduleRole: "the catalogue's schedule",
  NotificationsScheduleRole: 'the schedule of overviews',
  Reader: 'the role in each member account',
  ProposalStoreReaders: 'a policy for reviewers, attached to nobody',
};

const RESOURCES: Readonly<Record<string, string>> = {
  EncryptionKey: "the stack's key",
  ProposalStoreBucket: 'bucket',
  FindingIntakeAnalyzer: 'the analyzer',
  FindingIntakeFindingsQueue: 'findings queue',
  AccountWorkerAccountsQueue: 'accounts queue',
  SweepRestQueue: 'sweep queue',
  SweepRestDeadLetters: "the sweep's dead letters",
  NotificationsNoticesQueue: 'notices queue',
  NotificationsNoticesDeadLetters: 'the dead letters of notices',
  NotificationsTopic: 'topic',
  NotificationsChatTopic: 'chat topic',
  WorkerRefineLogs: 'its log group',
  AccountWorkerRefineLogs: 'its log group',
  SweepFunctionLogs: 'its log group',
  NotificationsNotifyLogs: 'its log group',
  CatalogueRefreshLogs: 'its log group',
  CatalogueDeadLetters: "the catalogue's dead letters",
  SweepFunction: 'sweep-findings',
  CatalogueRefreshFunction: 'refresh-catalogue',
  'AWS::Partition': '<partition>',
  'AWS::AccountId': '<account>',
  'AWS::Region': '<region>',
};

/** The reason for each statement, by its `Sid`, or by its actions if the library adds it without one. */
const REASONS: Readonly<Record<string, string>> = {
  WriteLogs: 'logs',
  'xray:PutTelemetryRecords xray:PutTraceSegments': 'traces; X-Ray has no resources to name',
  'sqs:SendMessage': 'stores starts that failed',
  ReadRoles: 'what a role is granted',
  ReadUsers: 'what a user is granted',
  ReadGroups: 'what a user is granted through groups',
  ReadPolicies: 'documents of attached policies',
  ReadAccountInBulk: 'accounts with many findings; IAM has no resource for a whole account',
  ReadFindings: 'the finding with all its pages; not with `findingSource` last-accessed',
  AskForLastUse: 'only with `lastAccessed`, or `findingSource` last-accessed',
  ReadLastUse:
    'only with `lastAccessed`, or `findingSource` last-accessed; such a report has no resource to name',
  ReadUseOfCredentials: 'only with `findingSource` last-accessed',
  CheckDocuments: 'only the checks that `secondOpinions` enables; they look at a document and at no resource',
  AskForRecommendations: 'only if `secondOpinions` enables them',
  ReachMemberAccounts: 'only if member accounts are configured',
  StoreProposals: 'stores each proposal once, and its state; reads earlier ones',
  KeepFailures: 'stores the input of a refinement that the verifier rejected',
  NoteReopened: 'has the next sweeps look at what may not be shown',
  ReadReopened: 'what became current again and may not be shown; what has expired and may be shown',
  FindReopened: 'what became current again, and whether proposals are still there',
  UseKeyThroughS3: 'encrypted objects, through S3 only',
  UseKeyThroughLAMBDA: 'only with `encryptLogs`: the environment of the function',
  ConnectToVpc:
    "only with `vpcSubnetIds`, and for Lambda alone: a Deny keeps the function's own code from it; AWS offers no resources to name",
  UseKeyThroughSQS: 'encrypted messages, through SQS only',
  UseKeyThroughSNS: 'encrypted topics, through SNS only',
  ConsumeQueue: 'takes its messages',
  ListFindings: 'all active findings; not with `findingSource` last-accessed',
  ListAccounts:
    'only with `findingSource` last-accessed, if member accounts are configured; it is of no resource',
  SendFindings: 'queues findings for the worker',
  DeferFindings: 'defers the findings of a throttled account',
  SeeOrganisation: 'only with `excludeOrganizationalUnits`: which unit holds an account',
  SendAccounts: 'queues accounts with many findings, or all of them with `findingSource` last-accessed',
  GoOnLater: 'continues later when time runs out',
  KeepSweeps: 'stores what was listed and read, for a week',
  StoreShared: 'stores each proposal about a shared policy or group once, and its state; reads earlier ones',
  FindShared: 'lists proposals about shared policies and groups',
  ReadOverview: 'which proposals are shown as current',
  SendRest: 'continues later when time runs out',
  ReadProposals: 'the proposals, for messages and reviewers',
  FindCatalogue: 'distinguishes a missing catalogue from a forbidden one',
  FindCatalogues: 'distinguishes a missing catalogue from a forbidden one',
  FindDecisions: 'distinguishes missing decisions from forbidden ones',
  FindOverview: 'distinguishes a missing overview from a forbidden one',
  FindSweeps: 'distinguishes a missing part of a sweep from a forbidden one',
  SeeWhatIsMissing: 'distinguishes a missing object from a forbidden one',
  KeepOverview: 'the overview at the top of the bucket, and what was announced last',
  TellPeople: 'one message for all proposals of a window, or one for each owner',
  ReadContacts: 'only with `ownerContact`, and only that contact',
  AskForOverview: 'only with `announcements=overview`',
  TellPrograms: 'an event for each proposal (docs/events.md)',
  TellChat: 'only if a chat topic is configured',
  ReadCatalogue: 'the action catalogue that is used or refreshed',
  ReadCatalogues: 'the current action catalogue, and those of earlier proposals',
  ReadDecisions: 'what people decided about proposals',
  StoreCatalogues: 'stores an action catalogue',
  StartSweep: 'starts a sweep',
  StartRefresh: 'starts a refresh of the action catalogue',
  KeepWhatFailed: 'stores starts that failed',
  FindBucket: 'asks for the Region of the bucket, as the CLI and the SDKs do before they read',
  FindProposals: 'lists proposals, not failures',
  UseKey: 'encrypted objects, through S3 only',
};

interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function permissionsTable(): string {
  const rows = permissionRows(EVERYTHING);
  const lines = new Set(rows.map((row) => row.join('|')));
  const more = permissionRows(WITHOUT_ANALYZER).filter((row) => !lines.has(row.join('|')));
  const order = Object.values(ROLES);
  const sorted = [...rows, ...more].toSorted(([a = ''], [b = '']) => order.indexOf(a) - order.indexOf(b));
  return table(['Who', 'May', 'On', 'Why'], sorted);
}

/** The rows for the roles with these options: who, what, on what, and why. */
function permissionRows(options: Readonly<Record<string, unknown>>): readonly (readonly string[])[] {
  const templates = plainSynth(options, addStacks);
  const all = [STACK_NAME, `${MEMBER_STAGE}-${STACK_NAME}`].flatMap((name) => {
    const template = templates.get(name);
    if (template === undefined) throw new Error(`stack ${name} was not synthesised`);
    return holders(template);
  });
  return all.flatMap(({ holder, statements }) =>
    statements
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => {
        const actions = list(statement.Action);
        return [
          holder,
          actions.map((action) => `\`${action}\``).join(', '),
          list(statement.Resource).map(resourceName).join(', '),
          known(REASONS, statement.Sid ?? actions.join(' '), 'a reason for the statement'),
        ];
      }),
  );
}

/** The statements by holder: policies of roles, inline policies of roles, and policies to attach. */
function holders(template: CloudFormationTemplate): { holder: string; statements: readonly Statement[] }[] {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::Policy') {
      return list(Properties['Roles']).map((role) => entry(reference(role), Properties['PolicyDocument']));
    }
    if (Type === 'AWS::IAM::ManagedPolicy') return [entry(id, Properties['PolicyDocument'])];
    if (Type === 'AWS::IAM::Role') {
      return list(Properties['Policies'] ?? []).map((policy) => entry(id, member(policy, 'PolicyDocument')));
    }
    return [];
  });
}

function entry(id: string, document: unknown): { holder: string; statements: readonly Statement[] } {
  // Trust boundary: a policy document of a template that the library made.
  const statements = list(member(document, 'Statement')) as readonly Statement[];
  return { holder: known(ROLES, withoutSuffix(id), 'a name for the role'), statements };
}

/** A readable name of a resource. */
function resourceName(value: unknown): string {
  if (typeof value === 'string') return value === '*' ? '`*`' : `\`${value}\``;
  const join = member(value, 'Fn::Join');
  if (join === undefined) return reference(value, true);
  const parts = list(list(join)[1]);
  if (parts.every((part) => typeof part === 'string' || member(part, 'Ref') !== undefined)) {
    return `\`${parts.map((part) => (typeof part === 'string' ? part : reference(part, true))).join('')}\``;
  }
  const [resource, ...rest] = parts;
  return `${reference(resource, true)} \`${rest.join('').replace(/^\//, '')}\``;
}

function reference(value: unknown, readable = false): string {
  const id = String(member(value, 'Ref') ?? list(member(value, 'Fn::GetAtt'))[0]);
  return readable ? known(RESOURCES, withoutSuffix(id), 'a name for the resource') : id;
}

function known(names: Readonly<Record<string, string>>, key: string, what: string): string {
  const name = names[key];
  if (name === undefined) throw new Error(`${key} is new: give ${what} in scripts/generate/tables.ts`);
  return name;
}

/** Removes the suffix of a logical id: eight digits that change with the path of the construct. */
function withoutSuffix(id: string): string {
  return id.replace(/(?:DefaultPolicy)?[0-9A-F]{8}$/, '');
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

function list<T>(value: T | readonly T[]): readonly T[];
function list(value: unknown): readonly unknown[];
function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`;
}
