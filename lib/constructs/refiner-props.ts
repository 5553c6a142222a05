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

/** The read-only role in each member account, which an `UnusedAccessRefinerMemberRole` there makes. */
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
   * What messages, reports and the overview call accounts, by their ids.
   *
   * @default - ids alone
   */
  readonly accountNames?: Readonly<Record<string, string>>;

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
   * Who says what is unused: an analyzer, or IAM's own reports of last use, which need none.
   *
   * @default 'access-analyzer'
   */
  readonly findingSource?: 'access-analyzer' | 'last-accessed';

  /**
   * After how long without use such reports call access unused, one day to 365.
   *
   * @default Duration.days(90)
   */
  readonly unusedAfter?: Duration;

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
   * @default - without end
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

/** Properties of an `UnusedAccessRefinerMemberRole`, whose name and external id are those that the refiner is given. */
export interface UnusedAccessRefinerMemberRoleProps extends MemberRole {
  /** The refiner's `workerRole`; where another app makes it, `Role.fromRoleArn` with its output `WorkerRoleArn`. */
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
   * The organisation whose principals alone may assume the role.
   *
   * @default - it is not asked for
   */
  readonly organizationId?: string;

  /**
   * Whether the refiner asks when an action was last used.
   *
   * @default false
   */
  readonly lastAccessed?: boolean;

  /**
   * As of the `UnusedAccessRefiner`.
   *
   * @default 'access-analyzer'
   */
  readonly findingSource?: 'access-analyzer' | 'last-accessed';
}
