import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Annotations, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as cxapi from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';

import type { FunctionName } from '../../lambda/contract/functions.ts';
import {
  type AnalyzerConfig,
  ConfigError,
  environmentLengths,
  type NetworkConfig,
  parseConfig,
  type RefinerConfig,
} from '../config/config.ts';
import { projectRoot } from '../config/project-root.ts';
import { AccountWorker } from './account-worker.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { Catalogue } from './catalogue.ts';
import { Encryption } from './encryption.ts';
import { assertEnvironmentsFit } from './environment-size.ts';
import { FindingIntake } from './finding-intake.ts';
import { Notifications } from './notifications.ts';
import { Operations } from './operations.ts';
import { platformOf } from './platform.ts';
import { ProposalStore } from './proposal-store.ts';
import { Sweep } from './sweep.ts';
import { Worker, WORKER_TIMEOUT } from './worker.ts';

/** A tag of a role or user. */
export interface TagFilter {
  readonly key: string;
  /**
   * @default - any value
   */
  readonly value?: string;
}

/** The analyzer that is made where none is given. */
export interface UnusedAccessAnalyzer {
  /**
   * What it covers.
   *
   * @default 'ACCOUNT_UNUSED_ACCESS'
   */
  readonly type?: 'ACCOUNT_UNUSED_ACCESS' | 'ORGANIZATION_UNUSED_ACCESS';

  /**
   * After how long without use access is reported, one day to 365.
   *
   * @default Duration.days(90)
   */
  readonly unusedAccessAge?: Duration;

  /**
   * Roles and users with one of these tags are left out, and cost nothing.
   *
   * @default - none
   */
  readonly excludeResourceTags?: TagFilter[];
}

/** The read-only role in each member account, which the template of the member accounts makes. */
export interface MemberRole {
  readonly roleName: string;

  /** The external id that the role asks for, 2 to 1,224 characters. */
  readonly externalId: string;
}

/**
 * Properties of an `UnusedAccessRefiner`. They are checked at synthesis, like the options of the command line, which
 * docs/options.md describes at greater length.
 */
export interface UnusedAccessRefinerProps {
  /**
   * What the names of alarms, of the dashboard and of named roles begin with, and the dimension of the metrics. Two of them
   * in one account and Region need two names, of letters, digits and hyphens.
   *
   * @default 'unused-access-refiner'
   */
  readonly name?: string;

  /**
   * E-mail addresses that are notified of proposals. Each has to confirm its subscription.
   *
   * @default - nobody
   */
  readonly email?: string[];

  /**
   * E-mail addresses that are notified of alarms.
   *
   * @default - those of `email`
   */
  readonly alarmEmail?: string[];

  /**
   * Where your people open the runbook that alarms name.
   *
   * @default 'docs/runbook.md'
   */
  readonly runbookUrl?: string;

  /**
   * How long stored proposals are collected before one message announces them, up to five minutes.
   *
   * @default Duration.minutes(5)
   */
  readonly notificationWindow?: Duration;

  /**
   * Whether there is a second topic in the format of Amazon Q Developer in chat applications.
   *
   * @default false
   */
  readonly chatTopic?: boolean;

  /**
   * Key of the tag of roles and users that names their owner.
   *
   * @default - nobody is known
   */
  readonly ownerTag?: string;

  /**
   * Which alternate contact of an account owns what carries no such tag.
   *
   * @default 'none'
   */
  readonly ownerContact?: 'none' | 'security' | 'operations' | 'billing';

  /**
   * Whether stored proposals are announced within minutes, or an overview from time to time.
   *
   * @default 'each'
   */
  readonly announcements?: 'each' | 'overview';

  /**
   * How often the overview is sent, in UTC.
   *
   * @default - once a day
   */
  readonly overviewSchedule?: ScheduleExpression;

  /**
   * The bus that gets an event for each proposal that is stored, withheld, applied, resolved or superseded.
   *
   * @default - the default bus of account and Region
   */
  readonly eventBus?: events.IEventBus;

  /**
   * An analyzer of unused access in the account and Region of the stack.
   *
   * @default - that of `analyzerArn`, or one is made
   */
  readonly analyzer?: accessanalyzer.IAnalyzerRef;

  /**
   * The same by its ARN, where no construct stands for it.
   *
   * @default - one is made, unless `analyzer` is given
   */
  readonly analyzerArn?: string;

  /**
   * What the analyzer is like that is made.
   *
   * @default - it covers this account, and reports access that was not used for 90 days
   */
  readonly newAnalyzer?: UnusedAccessAnalyzer;

  /**
   * Accounts of an organisation that get no proposals.
   *
   * @default - none
   */
  readonly excludeAccounts?: string[];

  /**
   * Organisational units or roots whose accounts get no proposals.
   *
   * @default - none
   */
  readonly excludeOrganizationalUnits?: string[];

  /**
   * Name patterns, with `*` and `?`, of roles and users that get no proposals.
   *
   * @default - none
   */
  readonly excludeNames?: string[];

  /**
   * Beginnings of the paths of roles and users that get no proposals.
   *
   * @default - none
   */
  readonly excludePaths?: string[];

  /**
   * Tags of roles and users that get no proposals.
   *
   * @default - none
   */
  readonly excludeTags?: TagFilter[];

  /**
   * How often all active findings are read again, in UTC.
   *
   * @default - once a day
   */
  readonly sweepSchedule?: ScheduleExpression;

  /**
   * After how long without a completed sweep an alarm is raised, in whole hours. Required with a cron expression.
   *
   * @default - the rate of the sweeps and six hours
   */
  readonly sweepAlarmAfter?: Duration;

  /**
   * How often the catalogue of actions is refreshed, in UTC.
   *
   * @default - every seven days
   */
  readonly catalogueSchedule?: ScheduleExpression;

  /**
   * What a split wildcard becomes.
   *
   * @default 'shortest'
   */
  readonly generalize?: 'shortest' | 'least' | 'enumerate';

  /**
   * What a `*` becomes of which a part is unused.
   *
   * @default 'list'
   */
  readonly star?: 'list' | 'not-action';

  /**
   * Patterns of actions that stay, unused or not.
   *
   * @default - none
   */
  readonly keep?: string[];

  /**
   * How many managed policies can be attached to a role, if AWS raised the quota.
   *
   * @default 20
   */
  readonly managedPoliciesPerRole?: number;

  /**
   * The same for a user.
   *
   * @default 10
   */
  readonly managedPoliciesPerUser?: number;

  /**
   * Checks and recommendations of AWS that each new proposal is compared with.
   *
   * @default - none
   */
  readonly secondOpinions?: (
    'validate-policy' | 'no-new-access' | 'access-not-granted' | 'aws-recommendation'
  )[];

  /**
   * Whether proposals show when an action was last used.
   *
   * @default false
   */
  readonly lastAccessed?: boolean;

  /**
   * What encrypts bucket, queues and topics where no `encryptionKey` is given.
   *
   * @default 'customer-managed'
   */
  readonly encryption?: 'customer-managed' | 'aws-managed';

  /**
   * The key that encrypts bucket, queues and topics. The statements that it needs are added to its policy where that can be
   * changed from here; docs/deployment.md has them.
   *
   * @default - one is made, or AWS manages the keys
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Whether the key encrypts log groups and the functions' environments too.
   *
   * @default false
   */
  readonly encryptLogs?: boolean;

  /**
   * ARN patterns of the only roles and users that may read proposals, besides those of `grantRead`.
   *
   * @default - whoever IAM lets
   */
  readonly readers?: string[];

  /**
   * ARN patterns of the only roles and users that may record decisions about proposals in the bucket.
   *
   * @default - nobody
   */
  readonly deciders?: string[];

  /**
   * How long proposals are kept.
   *
   * @default - for ever
   */
  readonly retention?: Duration;

  /**
   * What happens to bucket, key and logs when they are removed from the stack. With `RETAIN`, those of a first deployment
   * that failed go all the same.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long the logs of the functions are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * Whether the functions send traces to X-Ray.
   *
   * @default Tracing.ACTIVE
   */
  readonly tracing?: lambda.Tracing;

  /**
   * The role in the member accounts of an organisation.
   *
   * @default - no member accounts are read
   */
  readonly memberRole?: MemberRole;

  /**
   * The path of every role and of the reviewers' policy, and of the member accounts' role.
   *
   * @default - none
   */
  readonly rolePath?: string;

  /**
   * What the name of every role begins with, at most 20 characters.
   *
   * @default - CloudFormation makes the names, but for the two roles that member accounts trust
   */
  readonly roleNamePrefix?: string;

  /**
   * The VPC in which the functions run. It may be left out where `vpcSubnets` names single subnets and `securityGroups` are
   * given. They need egress to a number of AWS's services; docs/options.md lists them.
   *
   * @default - outside of any VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * The subnets of the VPC.
   *
   * @default - its private subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The security groups of the functions.
   *
   * @default - one is made, which lets everything out and nothing in
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * How many workers run at once.
   *
   * @default 4
   */
  readonly concurrency?: number;

  /**
   * IAM calls a second that all workers together make in one account.
   *
   * @default 20
   */
  readonly accountCallsPerSecond?: number;

  /**
   * Access Analyzer calls a second that each worker makes.
   *
   * @default 10
   */
  readonly analyzerCallsPerSecond?: number;

  /**
   * From how many findings on a sweep has an account read as a whole.
   *
   * @default 20
   */
  readonly bulkThreshold?: number;
}

/**
 * Findings of IAM Access Analyzer about unused access come in, exact proposals of smaller policies go to a bucket, and
 * people are notified. Nothing of it can change IAM.
 *
 * Tags and a permissions boundary are given as to any construct: `Tags.of(refiner).add(…)` and
 * `PermissionsBoundary.of(refiner).apply(…)`.
 *
 * @example
 * new UnusedAccessRefiner(this, 'UnusedAccess', { email: ['iam-reviews@example.org'] });
 */
export class UnusedAccessRefiner extends Construct {
  /** Where proposals are stored. */
  readonly bucket: s3.IBucket;
  /** Tells people of proposals. */
  readonly topic: sns.ITopic;
  /** The same for chats, where that was asked for. */
  readonly chatTopic: sns.ITopic | undefined;
  /** Tells people of alarms. */
  readonly alarmTopic: sns.ITopic;
  readonly alarms: cloudwatch.IAlarm[];
  readonly analyzerArn: string;
  /** What encrypts bucket, queues and topics; undefined where AWS manages the keys. */
  readonly encryptionKey: kms.IKey | undefined;
  /** To be attached to the roles of reviewers; `grantRead` does the same for one role or user. */
  readonly readersPolicy: iam.IManagedPolicy;
  /** The two roles that a member account's role has to trust. */
  readonly workerRole: iam.IRole;
  readonly accountWorkerRole: iam.IRole;
  /** Names, addresses and ARNs by the names of the outputs that the stack of this project has. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly #store: ProposalStore;

  /** @throws Error with a sentence for each property that is wrong */
  constructor(scope: Construct, id: string, props: UnusedAccessRefinerProps = {}) {
    super(scope, id);
    // Of the library's flags this one decides whether the bucket can be made at all: access logs come without ACLs.
    this.node.setContext(cxapi.S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const config = configOf(this, props);
    const removalPolicy =
      config.removalPolicy === 'retain'
        ? // Not what a first deployment made that failed: a second try would leave orphans behind.
          RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        : RemovalPolicy.DESTROY;
    if (config.email.length === 0) {
      Annotations.of(this).addWarningV2(
        'unused-access-refiner:nobody-is-told',
        'option email is not given: proposals are stored, but nobody is told until somebody subscribes to the topic',
      );
    }
    const platform = platformOf(config, removalPolicy, bundleOf);
    const encryption = new Encryption(this, 'Encryption', {
      encryption: config.encryption,
      key: props.encryptionKey,
      encryptLogs: config.encryptLogs,
      removalPolicy,
    });
    const store = new ProposalStore(this, 'ProposalStore', {
      encryption,
      removalPolicy,
      rolePath: config.rolePath,
      retentionDays: config.retentionDays,
      readers: config.readers,
      deciders: config.deciders,
    });
    const intake = new FindingIntake(this, 'FindingIntake', {
      analyzer: config.analyzer,
      encryption,
      // Six times the function's timeout, as Lambda requires.
      // Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(WORKER_TIMEOUT.toSeconds() * 6),
    });
    // An account may have its one analyzer already; the deployment then fails before there is anything to clean up.
    if (intake.analyzer !== undefined) {
      encryption.node.addDependency(intake.analyzer);
      store.node.addDependency(intake.analyzer);
    }
    const shared = { config, platform, encryption };
    const worker = new Worker(this, 'Worker', { ...shared, intake, store });
    const accountWorker = new AccountWorker(this, 'AccountWorker', { ...shared, intake, store, worker });
    const sweep = new Sweep(this, 'Sweep', { ...shared, intake, store, accounts: accountWorker.accounts });
    const catalogue = new Catalogue(this, 'Catalogue', { ...shared, store });
    const notifications = new Notifications(this, 'Notifications', { ...shared, store });
    const handlers = [worker, accountWorker, sweep, catalogue, notifications].map(({ handler }) => handler);
    assertEnvironmentsFit(handlers, environmentLengths(config));
    const alarms = new AlarmTopic(this, 'Alarms', {
      name: config.name,
      addresses: config.alarmEmail,
      encryption,
      undelivered: notifications.undelivered,
    });
    const operations = new Operations(this, 'Operations', {
      name: config.name,
      intake,
      worker,
      accountWorker,
      sweep,
      catalogue,
      notifications,
      alarmTopic: alarms.topic,
      sweepAlarmHours: config.sweepAlarmHours,
      runbookUrl: config.runbookUrl,
    });

    this.bucket = asInterface<s3.IBucket>(store.bucket);
    this.topic = notifications.topic;
    this.chatTopic = notifications.chatTopic;
    this.alarmTopic = alarms.topic;
    this.alarms = [...operations.alarms];
    this.analyzerArn = intake.analyzerArn;
    this.encryptionKey = encryption.key;
    this.readersPolicy = store.readers;
    this.workerRole = worker.handler.role;
    this.accountWorkerRole = accountWorker.handler.role;
    this.#store = store;
    this.outputs = present({
      AnalyzerArn: intake.analyzerArn,
      FindingsQueueUrl: intake.findings.queue.queueUrl,
      FindingsDeadLettersUrl: intake.findings.deadLetters.queueUrl,
      AccountsQueueUrl: accountWorker.accounts.queue.queueUrl,
      AccountsDeadLettersUrl: accountWorker.accounts.deadLetters.queueUrl,
      SweepQueueUrl: sweep.rest.queue.queueUrl,
      SweepDeadLettersUrl: sweep.rest.deadLetters.queueUrl,
      CatalogueDeadLettersUrl: catalogue.deadLetters.queueUrl,
      NoticesQueueUrl: notifications.notices.queue.queueUrl,
      NoticesDeadLettersUrl: notifications.notices.deadLetters.queueUrl,
      UndeliveredMessagesUrl: notifications.undelivered.queueUrl,
      ProposalsBucketName: store.bucket.bucketName,
      ReportReadersPolicyArn: store.readers.managedPolicyArn,
      TopicArn: notifications.topic.topicArn,
      ChatTopicArn: notifications.chatTopic?.topicArn,
      AlarmTopicArn: alarms.topic.topicArn,
      RefineFunctionName: worker.handler.function.functionName,
      AccountFunctionName: accountWorker.handler.function.functionName,
      SweepFunctionName: sweep.handler.function.functionName,
      CatalogueFunctionName: catalogue.handler.function.functionName,
      NotifyFunctionName: notifications.handler.function.functionName,
      WorkerRoleArn: worker.handler.role.roleArn,
      AccountWorkerRoleArn: accountWorker.handler.role.roleArn,
      KeyArn: encryption.key?.keyArn,
    });
  }

  /** Lets a role or user list and read proposals, whatever `readers` says of others. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    return this.#store.grantRead(grantee);
  }
}

/** The library's classes and interfaces disagree about `undefined` in optional members; the compiler decides the rest. */
function asInterface<T>(value: unknown): T {
  // Trust boundary: see above.
  return value as T;
}

function present(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** `scripts/build.ts` makes the bundles: nothing is bundled while an app is synthesised. */
function bundleOf(scope: Construct, name: FunctionName): lambda.Code {
  // Where only the template is asked for, no code need be there.
  if (!Stack.of(scope).bundlingRequired) return lambda.Code.fromInline('// left out');
  const folder = join(projectRoot(), 'dist', 'functions', name);
  if (existsSync(folder)) return lambda.Code.fromAsset(folder);
  throw new Error(`there is no bundle of ${name} in dist/functions; run npm run prepare and try again`);
}

/** Values of the right form, for what CloudFormation alone will know: nothing of that can be checked here. */
const STAND_IN = {
  analyzerArn: 'arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused',
  memberRoleName: 'Reader',
  memberExternalId: 'external-id',
} as const;

function isLate(value: unknown): boolean {
  return Token.isUnresolved(value) || (Array.isArray(value) && value.some(isLate));
}

/** A value that only CloudFormation will know. */
function late<T>(value: T | undefined): T | undefined {
  return value !== undefined && isLate(value) ? value : undefined;
}

/** A value that can be checked now. */
function known<T>(value: T | undefined): T | undefined {
  return isLate(value) ? undefined : value;
}

/** The configuration that properties ask for. @throws ConfigError */
function configOf(scope: Construct, props: UnusedAccessRefinerProps): RefinerConfig {
  const { newAnalyzer, memberRole, encryptionKey } = props;
  const existing = props.analyzer?.analyzerRef.analyzerArn ?? props.analyzerArn;
  const options = {
    email: known(props.email),
    alarmEmail: known(props.alarmEmail),
    runbookUrl: known(props.runbookUrl),
    chatTopic: props.chatTopic,
    ownerTag: props.ownerTag,
    ownerContact: props.ownerContact,
    announcements: props.announcements,
    overviewSchedule: inUtc('overviewSchedule', props.overviewSchedule),
    sweepSchedule: inUtc('sweepSchedule', props.sweepSchedule),
    catalogueSchedule: inUtc('catalogueSchedule', props.catalogueSchedule),
    notificationWindow: props.notificationWindow?.toSeconds(),
    sweepAlarmHours: props.sweepAlarmAfter?.toHours(),
    analyzerArn: existing !== undefined && isLate(existing) ? STAND_IN.analyzerArn : existing,
    analyzerType: newAnalyzer?.type,
    unusedAccessAge: known(newAnalyzer?.unusedAccessAge?.toDays()),
    excludeResourceTags: newAnalyzer?.excludeResourceTags,
    excludeAccounts: props.excludeAccounts,
    excludeOrganizationalUnits: props.excludeOrganizationalUnits,
    excludeNames: props.excludeNames,
    excludePaths: props.excludePaths,
    excludeTags: props.excludeTags,
    generalize: known(props.generalize),
    star: props.star,
    keep: props.keep,
    managedPoliciesPerRole: props.managedPoliciesPerRole,
    managedPoliciesPerUser: props.managedPoliciesPerUser,
    secondOpinions: props.secondOpinions,
    lastAccessed: props.lastAccessed,
    encryption: encryptionKey === undefined ? props.encryption : undefined,
    encryptLogs: props.encryptLogs,
    readers: props.readers,
    deciders: props.deciders,
    retentionDays: props.retention?.toDays(),
    removalPolicy: props.removalPolicy === RemovalPolicy.DESTROY ? 'destroy' : 'retain',
    logRetentionDays: known(props.logRetention),
    tracing: props.tracing === undefined ? undefined : props.tracing !== lambda.Tracing.DISABLED,
    memberRoleName: late(memberRole?.roleName) === undefined ? memberRole?.roleName : STAND_IN.memberRoleName,
    memberExternalId:
      late(memberRole?.externalId) === undefined ? memberRole?.externalId : STAND_IN.memberExternalId,
    rolePath: props.rolePath,
    roleNamePrefix: props.roleNamePrefix,
    concurrency: props.concurrency,
    accountCallsPerSecond: props.accountCallsPerSecond,
    analyzerCallsPerSecond: props.analyzerCallsPerSecond,
    bulkThreshold: props.bulkThreshold,
    // The name is checked as that of a stack is: whatever alarms and roles are called after.
    stackName: props.name,
  };
  const config = parseConfig(
    Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  );
  return {
    ...config,
    email: late(props.email) ?? config.email,
    alarmEmail: late(props.alarmEmail ?? props.email) ?? config.alarmEmail,
    runbookUrl: late(props.runbookUrl) ?? config.runbookUrl,
    generalize: late(props.generalize) ?? config.generalize,
    logRetentionDays: late(props.logRetention) ?? config.logRetentionDays,
    analyzer: analyzerOf(existing, newAnalyzer, config.analyzer),
    encryption:
      encryptionKey === undefined ? config.encryption : { kind: 'own-key', arn: encryptionKey.keyArn },
    eventBus: props.eventBus?.eventBusArn ?? config.eventBus,
    network: networkOf(scope, props),
    member: config.member &&
      memberRole && {
        ...config.member,
        roleName: memberRole.roleName,
        pathAndName: `${(config.rolePath ?? '/').slice(1)}${memberRole.roleName}`,
        externalId: memberRole.externalId,
      },
  };
}

function analyzerOf(
  existing: string | undefined,
  newAnalyzer: UnusedAccessAnalyzer | undefined,
  checked: AnalyzerConfig,
): AnalyzerConfig {
  if (existing !== undefined) return { kind: 'existing', arn: existing };
  const age = late(newAnalyzer?.unusedAccessAge?.toDays());
  return checked.kind === 'create' && age !== undefined ? { ...checked, unusedAccessAge: age } : checked;
}

function networkOf(
  scope: Construct,
  { vpc, vpcSubnets, securityGroups }: UnusedAccessRefinerProps,
): NetworkConfig | undefined {
  if (vpc === undefined && vpcSubnets === undefined && securityGroups === undefined) return undefined;
  const subnetIds =
    vpc?.selectSubnets(vpcSubnets).subnetIds ?? vpcSubnets?.subnets?.map(({ subnetId }) => subnetId);
  const groups =
    securityGroups ??
    (vpc && [
      new ec2.SecurityGroup(scope, 'SecurityGroup', {
        vpc,
        description: 'Functions of unused-access-refiner',
      }),
    ]);
  if (subnetIds === undefined || groups === undefined) {
    throw new ConfigError(
      'option vpc is missing; give it with vpcSubnets or securityGroups, or leave them out',
    );
  }
  return { subnetIds, securityGroupIds: groups.map(({ securityGroupId }) => securityGroupId) };
}

/** The expression of a schedule. @throws ConfigError where it is meant for another time zone */
function inUtc(name: string, schedule: ScheduleExpression | undefined): string | undefined {
  const zone = schedule?.timeZone?.timezoneName;
  if (zone !== undefined && zone !== 'Etc/UTC' && zone !== 'UTC') {
    throw new ConfigError(`option ${name} is in the time zone ${zone}; give it in UTC`);
  }
  return schedule?.expressionString;
}
