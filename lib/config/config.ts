import { SERVICE_NAME } from '../../lambda/contract/functions.ts';
import { contradictions } from './contradictions.ts';
import { rateInHours } from './option-schemas.ts';
import { OPTION_NAMES, OPTIONS, type OptionName, type OptionValues, unknownOption } from './options.ts';

/** An invalid configuration; the message has one sentence on each line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The defaults of options. */
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

/** Where findings come from. `none`: from reports of last use, after that many days without use. */
export type AnalyzerConfig =
  | { readonly kind: 'none'; readonly unusedDays: number }
  | { readonly kind: 'existing'; readonly arn: string }
  | {
      readonly kind: 'create';
      readonly type: 'ACCOUNT_UNUSED_ACCESS' | 'ORGANIZATION_UNUSED_ACCESS';
      /** Days, 1 to 365. */
      readonly unusedAccessAge: number;
      readonly excludeAccounts: readonly string[];
      readonly excludeTags: OptionValues['excludeTags'];
    };

/** How data is encrypted at rest. */
export type EncryptionConfig =
  | { readonly kind: 'customer-managed' }
  | { readonly kind: 'aws-managed' }
  | { readonly kind: 'own-key'; readonly arn: string };

export interface NetworkConfig {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** The configuration of a deployment: validated, complete and without contradictions. */
export interface RefinerConfig extends Pick<
  OptionValues,
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
  /** IAM calls a second in one account, for all workers together. */
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
    readonly tags: OptionValues['excludeTags'];
    /** Only if they are not already excluded in an analyzer that the stack creates. */
    readonly accounts?: readonly string[];
    readonly organizationalUnits?: readonly string[];
  };
  readonly encryption: EncryptionConfig;
  /** The prefix of the names of alarms, dashboard, metrics and named roles. */
  readonly name: string;
  /** The VPC of the functions; undefined if they run outside a VPC. */
  readonly network: NetworkConfig | undefined;
  readonly member:
    | {
        readonly roleName: string;
        /** The role's path and name, as in its ARN. */
        readonly pathAndName: string;
        readonly externalId: string;
        /** The organisation whose principals may assume the role; undefined if it is not checked. */
        readonly organizationId?: string;
      }
    | undefined;
}

/**
 * Validates raw options and fills in defaults.
 * @throws ConfigError with one sentence for each wrong option: its name, its value, and what to give
 */
export function parseConfig(raw: Readonly<Record<string, unknown>>): RefinerConfig {
  const problems: string[] = [];
  for (const name of Object.keys(raw)) {
    if (!Object.hasOwn(OPTIONS, name)) problems.push(unknownOption(name));
  }
  const read = <N extends OptionName>(name: N): OptionValues[N] | undefined => {
    const value = raw[name] ?? DEFAULTS[name];
    const result = OPTIONS[name].schema.safeParse(value);
    // Trust boundary: TypeScript cannot infer that `OPTIONS[name]` and `OptionValues[name]` belong together.
    if (result.success) return result.data as OptionValues[N];
    problems.push(`option ${name} is ${JSON.stringify(value)}; give ${OPTIONS[name].values}`);
    return undefined;
  };
  const values = Object.fromEntries(
    OPTION_NAMES.map((name) => [name, read(name)]),
  ) as unknown as OptionValues;
  if (problems.length === 0) problems.push(...contradictions(values));
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return resolved(values);
}

/**
 * The default for IAM calls a second in one account. AWS publishes no limit; reports of throttling come from tools
 * that make dozens of calls at once. At this rate, 100 roles are read within a minute, and most of the account's limit
 * is left to its other users.
 */
const ACCOUNT_CALLS = 20;

function exclusions(values: OptionValues): RefinerConfig['exclude'] {
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

function analyzer(values: OptionValues): AnalyzerConfig {
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

function resolved(values: OptionValues): RefinerConfig {
  return {
    email: values.email,
    alarmEmail: values.alarmEmail ?? values.email,
    runbookUrl: values.runbookUrl,
    tracing: values.tracing,
    permissionsBoundary: values.permissionsBoundary,
    tags: values.tags,
    stackName: values.stackName,
    // The default stack keeps the names that documents and dashboards use.
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
