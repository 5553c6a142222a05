import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as accessanalyzer from 'aws-cdk-lib/aws-accessanalyzer';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';

/** A tag of a role or user. */
export interface TagFilter {
  readonly key: string;
  /**
   * @default - any value
   */
  readonly value?: string;
}

/** The analyzer that is created if none is given. */
export interface UnusedAccessAnalyzer {
  /**
   * What it covers.
   *
   * @default 'ACCOUNT_UNUSED_ACCESS'
   */
  readonly type?: 'ACCOUNT_UNUSED_ACCESS' | 'ORGANIZATION_UNUSED_ACCESS';

  /**
   * How long access must be unused to be reported, 1 to 365 days.
   *
   * @default Duration.days(90)
   */
  readonly unusedAccessAge?: Duration;

  /**
   * Roles and users with one of these tags are not analysed, and cost nothing.
   *
   * @default - none
   */
  readonly excludeResourceTags?: TagFilter[];
}

/** The read-only role in each member account, created there by an `UnusedAccessRefinerMemberRole`. */
export interface MemberRole {
  readonly roleName: string;

  /** The external id that the role requires, 2 to 1,224 characters. */
  readonly externalId: string;
}

/**
 * Properties of an `UnusedAccessRefiner`. They are validated at synthesis, like the options of the CDK app, which
 * docs/options.md describes in more detail.
 */
export interface UnusedAccessRefinerProps {
  /**
   * Prefix of the names of alarms, the dashboard and named roles, and the dimension of the metrics: letters, digits
   * and hyphens. Two refiners in one account and Region need different names.
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
   * The address of the runbook in alarm descriptions.
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
   * Whether to create a second topic in the format of Amazon Q Developer in chat applications.
   *
   * @default false
   */
  readonly chatTopic?: boolean;

  /**
   * Key of the tag of roles and users that names their owner.
   *
   * @default - owners are not read from tags
   */
  readonly ownerTag?: string;

  /**
   * Which alternate contact of an account owns roles and users without that tag.
   *
   * @default 'none'
   */
  readonly ownerContact?: 'none' | 'security' | 'operations' | 'billing';

  /**
   * Names of accounts in messages, reports and the overview, by account id.
   *
   * @default - only ids are shown
   */
  readonly accountNames?: Readonly<Record<string, string>>;

  /**
   * Whether each batch of stored proposals is announced within minutes, or only an overview on a schedule.
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
   * The event bus that receives an event for each proposal that is stored, withheld, applied, resolved or superseded.
   *
   * @default - the default event bus of the account and Region
   */
  readonly eventBus?: events.IEventBus;

  /**
   * Where findings come from: an analyzer, or IAM's own reports of last use, which need no analyzer.
   *
   * @default 'access-analyzer'
   */
  readonly findingSource?: 'access-analyzer' | 'last-accessed';

  /**
   * How long access must be unused with IAM's reports of last use, 1 to 365 days.
   *
   * @default Duration.days(90)
   */
  readonly unusedAfter?: Duration;

  /**
   * An unused-access analyzer in the account and Region of the stack.
   *
   * @default - the one of `analyzerArn`, or one is created
   */
  readonly analyzer?: accessanalyzer.IAnalyzerRef;

  /**
   * The ARN of the analyzer, if there is no construct for it.
   *
   * @default - one is created, unless `analyzer` is given
   */
  readonly analyzerArn?: string;

  /**
   * Properties of the analyzer that is created.
   *
   * @default - it covers this account, and reports access that was unused for 90 days
   */
  readonly newAnalyzer?: UnusedAccessAnalyzer;

  /**
   * Ids of accounts of an organisation that get no proposals.
   *
   * @default - none
   */
  readonly excludeAccounts?: string[];

  /**
   * Ids of organisational units or roots whose accounts get no proposals.
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
   * Path prefixes of roles and users that get no proposals.
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
   * The schedule, in UTC, on which all active findings are read again.
   *
   * @default - once a day
   */
  readonly sweepSchedule?: ScheduleExpression;

  /**
   * How long without a completed sweep raises an alarm, in whole hours. Required with a cron expression.
   *
   * @default - the rate of the sweeps plus six hours
   */
  readonly sweepAlarmAfter?: Duration;

  /**
   * The schedule, in UTC, on which the catalogue of actions is refreshed.
   *
   * @default - every seven days
   */
  readonly catalogueSchedule?: ScheduleExpression;

  /**
   * How a wildcard is split: into the shortest safe prefixes, into the least general ones, or into literal actions
   * only.
   *
   * @default 'shortest'
   */
  readonly generalize?: 'shortest' | 'least' | 'enumerate';

  /**
   * What replaces a `*` that is partly unused.
   *
   * @default 'list'
   */
  readonly star?: 'list' | 'not-action';

  /**
   * Patterns of actions that are never removed.
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
   * How many managed policies can be attached to a user, if AWS raised the quota.
   *
   * @default 10
   */
  readonly managedPoliciesPerUser?: number;

  /**
   * AWS's own checks and recommendations that each new proposal is compared with.
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
   * How bucket, queues and topics are encrypted if no `encryptionKey` is given.
   *
   * @default 'customer-managed'
   */
  readonly encryption?: 'customer-managed' | 'aws-managed';

  /**
   * The key that encrypts bucket, queues and topics. The required statements are added to its policy if the policy can
   * be changed from this app; docs/deployment.md lists them.
   *
   * @default - depends on `encryption`: a key is created, or AWS manages the keys
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * Whether the key also encrypts log groups and the functions' environments.
   *
   * @default false
   */
  readonly encryptLogs?: boolean;

  /**
   * ARN patterns of the only roles and users, besides those of `grantRead`, that may read proposals.
   *
   * @default - everybody whom IAM allows
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
   * @default - forever
   */
  readonly retention?: Duration;

  /**
   * What happens to bucket, key and logs when they are removed from the stack. Even with `RETAIN`, those of a failed
   * first deployment are deleted.
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
   * @default - member accounts are not read
   */
  readonly memberRole?: MemberRole;

  /**
   * The path of every role, including the member accounts' role, and of the reviewers' policy.
   *
   * @default - none
   */
  readonly rolePath?: string;

  /**
   * Prefix of the names of all roles, at most 20 characters.
   *
   * @default - CloudFormation generates the names, except for the two roles that member accounts trust
   */
  readonly roleNamePrefix?: string;

  /**
   * The VPC in which the functions run. It may be left out if `vpcSubnets` names single subnets and `securityGroups`
   * are given. The functions need egress to several AWS services, which docs/options.md lists.
   *
   * @default - outside a VPC
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
   * @default - one is created that allows all outbound and no inbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * How many workers run at once.
   *
   * @default 4
   */
  readonly concurrency?: number;

  /**
   * IAM calls a second in one account, for all workers together.
   *
   * @default 20
   */
  readonly accountCallsPerSecond?: number;

  /**
   * Access Analyzer calls a second, for each worker.
   *
   * @default 10
   */
  readonly analyzerCallsPerSecond?: number;

  /**
   * An account with at least this many findings is read as a whole in a sweep.
   *
   * @default 20
   */
  readonly bulkThreshold?: number;
}

/** Properties of an `UnusedAccessRefinerMemberRole`. The name and external id are those given to the refiner. */
export interface UnusedAccessRefinerMemberRoleProps extends MemberRole {
  /** The refiner's `workerRole`; if it is in another app, `Role.fromRoleArn` with that app's output `WorkerRoleArn`. */
  readonly workerRole: iam.IRoleRef;

  /** The refiner's `accountWorkerRole`, likewise. */
  readonly accountWorkerRole: iam.IRoleRef;

  /**
   * The path of the role, the same as the refiner's.
   *
   * @default - none
   */
  readonly rolePath?: string;

  /**
   * The organisation whose principals may assume the role.
   *
   * @default - not checked
   */
  readonly organizationId?: string;

  /**
   * Whether the refiner reads when actions were last used.
   *
   * @default false
   */
  readonly lastAccessed?: boolean;

  /**
   * The same value as for the `UnusedAccessRefiner`.
   *
   * @default 'access-analyzer'
   */
  readonly findingSource?: 'access-analyzer' | 'last-accessed';
}
