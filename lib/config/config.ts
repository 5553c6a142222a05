import { SERVICE_NAME } from '../../lambda/contract/functions.ts';
import { rateInHours, OPTION_NAMES, OPTIONS, type OptionName } from './options.ts';
import type { Node } from 'constructs';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';

/** What is wrong with the configuration, one sentence on each line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The value of an option that is not given. */
export const DEFAULTS: { readonly [name in OptionName]?: unknown } = {
  email: [],
  notificationWindow: 300,
  chatTopic: false,
  ownerContact: 'none',
  accountNames: [],
  announcements: 'each',
  findingSource: 'access-analyzer',
  overviewSchedule: 'rate(1 day)',
  sweepSchedule: 'rate(1 day)',
  catalogueSchedule: 'rate(7 days)',
  generalize: 'shortest',
  star: 'list',
  keep: [],
  secondOpinions: [],
  excludeOrganizationalUnits: [],
  excludeNames: [],
  excludePaths: [],
  excludeTags: [],
  encryption: 'customer-managed',
  readers: [],
  deciders: [],
  tracing: true,
  stackName: 'UnusedAccessRefiner',
  encryptLogs: false,
  vpcSubnetIds: [],
  vpcSecurityGroupIds: [],
  eventBus: 'default',
  tags: [],
  removalPolicy: 'retain',
  lastAccessed: false,
  concurrency: 4,
  analyzerCallsPerSecond: 10,
  bulkThreshold: 20,
  logRetentionDays: 90,
};

type Values = { readonly [name in OptionName]: z.output<(typeof OPTIONS)[name]['schema']> };

/** Where findings come from. `none`: from reports of last use, after so many days. */
export type AnalyzerConfig =
  | { readonly kind: 'none'; readonly unusedDays: number }
  | { readonly kind: 'existing'; readonly arn: string }
  | {
      readonly kind: 'create';
      readonly type: 'ACCOUNT_UNUSED_ACCESS' | 'ORGANIZATION_UNUSED_ACCESS';
      /** Days, 1 to 365. */
      readonly unusedAccessAge: number;
      readonly excludeAccounts: readonly string[];
      readonly excludeTags: Values['excludeTags'];
    };

/** What encrypts data at rest. */
export type EncryptionConfig =
  | { readonly kind: 'customer-managed' }
  | { readonly kind: 'aws-managed' }
  | { readonly kind: 'own-key'; readonly arn: string };

export interface NetworkConfig {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The configuration of a deployment: checked, complete and free of contradictions. */
export interface RefinerConfig extends Pick<
  Values,
  | 'email'
  | 'runbookUrl'
  | 'tracing'
  | 'permissionsBoundary'
  | 'tags'
  | 'stackName'
  | 'rolePath'
  | 'roleNamePrefix'
  | 'encryptLogs'
  | 'parameterPrefix'
  | 'eventBus'
  | 'notificationWindow'
  | 'chatTopic'
  | 'ownerTag'
  | 'ownerContact'
  | 'announcements'
  | 'overviewSchedule'
  | 'sweepSchedule'
  | 'catalogueSchedule'
  | 'generalize'
  | 'star'
  | 'keep'
  | 'managedPoliciesPerRole'
  | 'managedPoliciesPerUser'
  | 'secondOpinions'
  | 'readers'
  | 'deciders'
  | 'retentionDays'
  | 'removalPolicy'
  | 'lastAccessed'
  | 'concurrency'
  | 'analyzerCallsPerSecond'
  | 'bulkThreshold'
  | 'logRetentionDays'
> {
  /** IAM calls a second in one account, by all workers together. */
  readonly accountCallsPerSecond: number;
  readonly alarmEmail: readonly string[];
  readonly analyzer: AnalyzerConfig;
  /** By account id. */
  readonly accountNames: Readonly<Record<string, string>>;
  /** Hours, 2 to 168. */
  readonly sweepAlarmHours: number;
  readonly exclude: {
    readonly names: readonly string[];
    readonly paths: readonly string[];
    readonly tags: Values['excludeTags'];
    /** Only if no created analyzer leaves them out already. */
    readonly accounts?: readonly string[];
    readonly organizationalUnits?: readonly string[];
  };
  readonly encryption: EncryptionConfig;
  /** What alarms, dashboard, metrics and named roles begin with. */
  readonly name: string;
  /** Where the functions run; undefined outside of any VPC. */
  readonly network: NetworkConfig | undefined;
  readonly member:
    | {
        readonly roleName: string;
        /** The same with the path of the role, as in its ARN. */
        readonly pathAndName: string;
        readonly externalId: string;
        /** The organisation whose principals alone may assume the role, where it is known. */
        readonly organizationId?: string;
      }
    | undefined;
}

/**
 * Checks raw options and fills in defaults.
 * @throws ConfigError with one sentence for each option that is wrong, naming it, its value and what to give
 */
export function parseConfig(raw: Readonly<Record<string, unknown>>): RefinerConfig {
  const problems: string[] = [];
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(OPTIONS, name)) problems.push(unknownOption(name));
  }
  const read = <N extends OptionName>(name: N): Values[N] | undefined => {
    const value = raw[name] ?? DEFAULTS[name];
    const result = OPTIONS[name].schema.safeParse(value);
    // Trust boundary: TypeScript cannot see that `OPTIONS[name]` and `Values[name]` belong together.
    if (result.success) return result.data as Values[N];
    problems.push(`option ${name} is ${JSON.stringify(value)}; give ${OPTIONS[name].values}`);
    return undefined;
  };
  const values = Object.fromEntries(OPTION_NAMES.map((name) => [name, read(name)])) as unknown as Values;
  if (problems.length === 0) problems.push(...contradictions(values));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return resolved(values);
}

/**
 * IAM calls a second in one account unless the option says otherwise. AWS publishes no limit; reports of throttling
 * come from tools that make dozens of calls at once. At this pace, 100 roles are read within a minute, and most of what
 * an account can take is left to the people who work in it.
 */
const ACCOUNT_CALLS = 20;

/** What a role's name has room for before `-refine-account-ap-southeast-1`. */
const LONGEST_NAME = 34;

/** What only an analyzer has a use for. */
const OF_ANALYZERS = ['analyzerArn', 'analyzerType', 'unusedAccessAge', 'excludeResourceTags'] as const;

function sourceContradictions(values: Values): string[] {
  if (values.findingSource === 'access-analyzer') {
    return values.unusedDays === undefined
      ? []
      : [
          'option unusedDays belongs to findingSource last-accessed; give that too, or unusedAccessAge for an analyzer that is created',
        ];
  }
  const problems = OF_ANALYZERS.filter((name) => values[name] !== undefined).map(
    (name) =>
      `option ${name} needs an analyzer, but findingSource is last-accessed; leave one of the two out`,
  );
  if (values.secondOpinions.includes('aws-recommendation')) {
    problems.push(
      'option secondOpinions names aws-recommendation, which needs an analyzer, but findingSource is last-accessed; leave one of the two out',
    );
  }
  for (const name of ['excludeAccounts', 'excludeOrganizationalUnits'] as const) {
    if ((values[name]?.length ?? 0) > 0 && values.memberRoleName === undefined) {
      problems.push(
        `option ${name} works for organisations only; give memberRoleName and memberExternalId too, or leave it out`,
      );
    }
  }
  return problems;
}

function contradictions(values: Values): string[] {
  const problems = sourceContradictions(values);
  const makesAnalyzer = values.findingSource === 'access-analyzer' && values.analyzerArn === undefined;
  if (values.findingSource === 'access-analyzer' && values.analyzerArn !== undefined) {
    for (const name of ['analyzerType', 'unusedAccessAge', 'excludeResourceTags'] as const) {
      if (values[name] !== undefined) {
        problems.push(
          `option ${name} belongs to an analyzer that is created, but analyzerArn names one that exists; leave one of the two out`,
        );
      }
    }
  }
  const organisation = values.analyzerType === 'ORGANIZATION_UNUSED_ACCESS';
  if (values.excludeAccounts !== undefined && makesAnalyzer && !organisation) {
    problems.push(
      'option excludeAccounts works for organisations only; give analyzerType ORGANIZATION_UNUSED_ACCESS too, or leave it out',
    );
  }
  if (values.excludeOrganizationalUnits.length > 0 && makesAnalyzer && !organisation) {
    problems.push(
      'option excludeOrganizationalUnits works for organisations only; give analyzerType ORGANIZATION_UNUSED_ACCESS too, or leave it out',
    );
  }
  if (makesAnalyzer && organisation && values.memberRoleName === undefined) {
    problems.push(
      'option analyzerType is ORGANIZATION_UNUSED_ACCESS, but without memberRoleName no member account can be read; give memberRoleName and memberExternalId',
    );
  }
  if (values.memberRoleName !== undefined && values.memberExternalId === undefined) {
    problems.push('option memberExternalId is missing; give it together with memberRoleName');
  }
  if (values.memberExternalId !== undefined && values.memberRoleName === undefined) {
    problems.push('option memberRoleName is missing; give it together with memberExternalId');
  }
  if (values.organizationId !== undefined && values.memberRoleName === undefined) {
    problems.push(
      'option organizationId belongs to the member roles, but memberRoleName is not given; give it too, or leave organizationId out',
    );
  }
  if (values.accountCallsPerSecond !== undefined && values.accountCallsPerSecond <= values.concurrency) {
    problems.push(
      `option accountCallsPerSecond is ${values.accountCallsPerSecond}, which leaves each of ${values.concurrency} workers (option concurrency) and the account's job less than one call a second; give at least ${values.concurrency + 1}, or a smaller concurrency`,
    );
  }
  if (values.encryptLogs && values.encryption === 'aws-managed') {
    problems.push(
      'option encryptLogs is true, but encryption is aws-managed, which leaves no key for logs; give customer-managed or the ARN of a key, or leave encryptLogs out',
    );
  }
  if (values.vpcSubnetIds.length > 0 !== values.vpcSecurityGroupIds.length > 0) {
    const missing = values.vpcSubnetIds.length > 0 ? 'vpcSecurityGroupIds' : 'vpcSubnetIds';
    problems.push(
      `option ${missing} is missing; give vpcSubnetIds and vpcSecurityGroupIds together, or neither`,
    );
  }
  const roleNames = values.roleNamePrefix === undefined && values.memberRoleName !== undefined;
  if (roleNames && values.stackName.length > LONGEST_NAME) {
    problems.push(
      `option stackName has ${values.stackName.length} characters, but with memberRoleName the names of two roles begin with it, which leaves room for ${LONGEST_NAME}; give a shorter one, or roleNamePrefix`,
    );
  }
  const rate = rateInHours(values.sweepSchedule);
  if (rate === undefined && values.sweepAlarmHours === undefined) {
    problems.push(
      'option sweepAlarmHours is missing; with a cron(…) schedule give the hours after which a missing sweep is an alarm',
    );
  }
  if (rate !== undefined && values.sweepAlarmHours !== undefined && values.sweepAlarmHours <= rate) {
    problems.push(
      `option sweepAlarmHours is ${values.sweepAlarmHours}, not longer than sweepSchedule ${values.sweepSchedule}; give more hours than lie between two sweeps`,
    );
  }
  return problems;
}

function exclusions(values: Values): RefinerConfig['exclude'] {
  const { excludeOrganizationalUnits: organizationalUnits } = values;
  const leavesOut = values.findingSource === 'access-analyzer' && values.analyzerArn === undefined;
  const accounts = leavesOut ? [] : (values.excludeAccounts ?? []);
  return {
    names: values.excludeNames,
    paths: values.excludePaths,
    tags: values.excludeTags,
    ...(accounts.length === 0 ? {} : { accounts }),
    ...(organizationalUnits.length === 0 ? {} : { organizationalUnits }),
  };
}

/** Bytes that each option of any length puts into the environment of a function. */
export function environmentLengths(config: RefinerConfig): Readonly<Record<string, number>> {
  const { exclude, member } = config;
  const lists = {
    keep: config.keep,
    excludeNames: exclude.names,
    excludePaths: exclude.paths,
    excludeTags: exclude.tags,
    excludeAccounts: exclude.accounts ?? [],
    excludeOrganizationalUnits: exclude.organizationalUnits ?? [],
    accountNames: Object.entries(config.accountNames),
    memberExternalId: [member?.externalId ?? ''],
  };
  return Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, Buffer.byteLength(JSON.stringify(list), 'utf8') - 2]),
  );
}

function analyzer(values: Values): AnalyzerConfig {
  if (values.findingSource === 'last-accessed') return { kind: 'none', unusedDays: values.unusedDays ?? 90 };
  if (values.analyzerArn !== undefined) return { kind: 'existing', arn: values.analyzerArn };
  return {
    kind: 'create',
    type: values.analyzerType ?? 'ACCOUNT_UNUSED_ACCESS',
    unusedAccessAge: values.unusedAccessAge ?? 90,
    excludeAccounts: values.excludeAccounts ?? [],
    excludeTags: values.excludeResourceTags ?? [],
  };
}

function resolved(values: Values): RefinerConfig {
  return {
    email: values.email,
    alarmEmail: values.alarmEmail ?? values.email,
    runbookUrl: values.runbookUrl,
    tracing: values.tracing,
    permissionsBoundary: values.permissionsBoundary,
    tags: values.tags,
    stackName: values.stackName,
    // Of the default stack they are what documents and dashboards have always named.
    name: values.stackName === DEFAULTS.stackName ? SERVICE_NAME : values.stackName,
    rolePath: values.rolePath,
    roleNamePrefix: values.roleNamePrefix,
    encryptLogs: values.encryptLogs,
    parameterPrefix: values.parameterPrefix,
    eventBus: values.eventBus,
    network:
      values.vpcSubnetIds.length === 0
        ? undefined
        : { subnetIds: values.vpcSubnetIds, securityGroupIds: values.vpcSecurityGroupIds },
    notificationWindow: values.notificationWindow,
    chatTopic: values.chatTopic,
    ownerTag: values.ownerTag,
    ownerContact: values.ownerContact,
    accountNames: Object.fromEntries(
      values.accountNames.map((one) => [one.slice(0, 12), one.slice(13).trim()]),
    ),
    announcements: values.announcements,
    overviewSchedule: values.overviewSchedule,
    analyzer: analyzer(values),
    sweepSchedule: values.sweepSchedule,
    sweepAlarmHours:
      values.sweepAlarmHours ?? Math.min(168, Math.ceil(rateInHours(values.sweepSchedule) ?? 0) + 6),
    catalogueSchedule: values.catalogueSchedule,
    generalize: values.generalize,
    star: values.star,
    keep: values.keep,
    managedPoliciesPerRole: values.managedPoliciesPerRole,
    managedPoliciesPerUser: values.managedPoliciesPerUser,
    secondOpinions: values.secondOpinions,
    exclude: exclusions(values),
    encryption:
      values.encryption === 'customer-managed' || values.encryption === 'aws-managed'
        ? { kind: values.encryption }
        : { kind: 'own-key', arn: values.encryption },
    readers: values.readers,
    deciders: values.deciders,
    retentionDays: values.retentionDays,
    removalPolicy: values.removalPolicy,
    lastAccessed: values.lastAccessed,
    member:
      values.memberRoleName !== undefined && values.memberExternalId !== undefined
        ? {
            roleName: values.memberRoleName,
            pathAndName: `${(values.rolePath ?? '/').slice(1)}${values.memberRoleName}`,
            externalId: values.memberExternalId,
            ...(values.organizationId === undefined ? {} : { organizationId: values.organizationId }),
          }
        : undefined,
    concurrency: values.concurrency,
    accountCallsPerSecond: values.accountCallsPerSecond ?? Math.max(ACCOUNT_CALLS, values.concurrency + 1),
    analyzerCallsPerSecond: values.analyzerCallsPerSecond,
    bulkThreshold: values.bulkThreshold,
    logRetentionDays: values.logRetentionDays,
  };
}

/** What to say of a name that is none of an option's. */
export function unknownOption(name: string): string {
  const near = OPTION_NAMES.find((known) => distance(known.toLowerCase(), name.toLowerCase()) <= 2);
  const hint = near === undefined ? `the options are ${OPTION_NAMES.join(', ')}` : `did you mean ${near}?`;
  return `option ${name} does not exist; ${hint}`;
}

/** Levenshtein distance: how many letters lie between a typing error and what was meant. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The configuration as CDK context: `-c email=you@example.org` for single options, `-c config=options.json` for a file
 * with many. The command line wins over the file.
 * @throws ConfigError when the file cannot be read, or an option is wrong, unknown or contradicts another
 */
export function readConfig(node: Pick<Node, 'getAllContext'>): RefinerConfig {
  const { config, ...options } = ownContext(node);
  return parseConfig({ ...(config === undefined ? {} : readOptionsFile(config)), ...options });
}

/**
 * Context that is meant for this app. The CDK's own names all contain a colon, a slash or an at sign
 * (`@aws-cdk/core:…`, `aws:cdk:…`). A name without one is an option, or a typing error that would go unnoticed.
 */
function ownContext(node: Pick<Node, 'getAllContext'>): Record<string, unknown> {
  const all: unknown = node.getAllContext();
  const entries = typeof all === 'object' && all !== null ? Object.entries(all) : [];
  return Object.fromEntries(entries.filter(([name]) => !/[@:/]/.test(name)));
}

function readOptionsFile(path: unknown): Record<string, unknown> {
  if (typeof path !== 'string' || path === '') {
    throw new ConfigError(
      `option config is ${JSON.stringify(path)}; give the path of a JSON file with options`,
    );
  }
  let text: string;
  try {
    text = readFileSync(resolve(path), 'utf8');
  } catch (error) {
    throw new ConfigError(`options file ${path} cannot be read; give the path of a JSON file`, {
      cause: error,
    });
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`options file ${path} is not JSON (${detail}); correct it there`, { cause: error });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`options file ${path} holds no JSON object; write {"email": ["you@example.org"]}`);
  }
  return { ...content };
}
