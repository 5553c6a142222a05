/**
 * Environment variables of the deployed functions. `lib` sets them, `lambda/runtime` reads them; lists and objects are
 * JSON text. The functions use no other variables of their own.
 */
export const ENV = {
  /** Unset if findings come from reports of last use. */
  analyzerArn: 'ANALYZER_ARN',
  /** `last-accessed` if findings come from IAM's reports of last use; unset means an analyzer. sweep-findings too. */
  findingSource: 'FINDING_SOURCE',
  /** Days without use after which a report of last use becomes a finding, 1 to 365. */
  unusedDays: 'UNUSED_DAYS',
  /** refine-finding */
  homeAccountId: 'HOME_ACCOUNT_ID',
  partition: 'PARTITION',
  bucketName: 'PROPOSALS_BUCKET',
  generalize: 'GENERALIZE',
  /** `not-action` if a `*` is replaced by NotAction instead of a list; unset means `list`. */
  star: 'STAR',
  keep: 'KEEP_PATTERNS',
  exclude: 'EXCLUDE_PRINCIPALS',
  /** Key of the tag that names a principal's owner; notify-proposals too. Unset if there is none. */
  ownerTag: 'OWNER_TAG',
  /** Names of accounts, `{"111122223333":"payments-prod"}`; notify-proposals too. Unset if none is given. */
  accountNames: 'ACCOUNT_NAMES',
  /**
   * Managed policies that can be attached to a role and a user, `{"role":25,"user":20}`; unset if AWS raised neither.
   */
  managedPolicies: 'MANAGED_POLICIES',
  /** `yes` if dates of last use are read. */
  lastAccessed: 'LAST_ACCESSED',
  memberRoleName: 'MEMBER_ROLE_NAME',
  memberExternalId: 'MEMBER_EXTERNAL_ID',
  /** How many calls a second one process may make to IAM in one account. */
  accountCallsPerSecond: 'ACCOUNT_CALLS_PER_SECOND',
  /** How many calls a second one process may make to Access Analyzer; sweep-findings too. */
  analyzerCallsPerSecond: 'ANALYZER_CALLS_PER_SECOND',
  secondOpinions: 'SECOND_OPINIONS',
  /** Milliseconds that each second opinion may take, 20000 unless set. The stack does not set it. */
  opinionMillis: 'SECOND_OPINION_MILLIS',
  /**
   * sweep-findings. refine-finding has findingsQueueUrl too, to requeue throttled findings. If findings come from
   * reports of last use, sweep-findings also has homeAccountId, and memberRoleName if there are member accounts.
   */
  findingsQueueUrl: 'FINDINGS_QUEUE_URL',
  sweepQueueUrl: 'SWEEP_QUEUE_URL',
  /** An account with at least this many findings is read as a whole. */
  bulkThreshold: 'BULK_THRESHOLD',
  /** sweep-findings and refine-account, which also has findingsQueueUrl and the variables of refine-finding. */
  accountJobsQueueUrl: 'ACCOUNT_JOBS_QUEUE_URL',
  /** notify-proposals, which also has bucketName and partition, and homeAccountId if accounts' contacts are read. */
  topicArn: 'NOTIFICATIONS_TOPIC_ARN',
  chatTopicArn: 'CHAT_TOPIC_ARN',
  /** The event bus that receives an event for each proposal; if unset, no events are sent. */
  eventBusArn: 'EVENT_BUS_ARN',
  /** Which contact of an account owns principals without the owner tag; unset if none. */
  ownerContact: 'OWNER_CONTACT',
  /** `overview` if single batches are not announced. */
  announcements: 'ANNOUNCEMENTS',
  /** refresh-catalogue, which also has bucketName. The stack does not set it; the default is AWS's own address. */
  referenceUrl: 'REFERENCE_URL',
} as const;

export type EnvironmentName = (typeof ENV)[keyof typeof ENV];
