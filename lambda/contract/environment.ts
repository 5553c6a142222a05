/**
 * Environment variables of the deployed functions. `lib` sets them, `lambda/runtime` reads them; lists and objects are
 * JSON text. Nothing else in the environment is ours.
 */
export const ENV = {
  /** Unset where findings come from reports of last use. */
  analyzerArn: 'ANALYZER_ARN',
  /** `last-accessed` where IAM's reports of last use make the findings; unset means an analyzer. sweep-findings too. */
  findingSource: 'FINDING_SOURCE',
  /** Days without a use after which these reports make a finding, 1 to 365. */
  unusedDays: 'UNUSED_DAYS',
  /** refine-finding */
  homeAccountId: 'HOME_ACCOUNT_ID',
  partition: 'PARTITION',
  bucketName: 'PROPOSALS_BUCKET',
  generalize: 'GENERALIZE',
  /** `not-action` where a `*` becomes that instead of a list; unset means `list`. */
  star: 'STAR',
  keep: 'KEEP_PATTERNS',
  exclude: 'EXCLUDE_PRINCIPALS',
  /** Key of the tag that says whose a principal is; notify-proposals too. Unset where there is none. */
  ownerTag: 'OWNER_TAG',
  /** Names of accounts, `{"111122223333":"payments-prod"}`; notify-proposals too. Unset where none is given. */
  accountNames: 'ACCOUNT_NAMES',
  /** Managed policies that can be attached to a role and a user, `{"role":25,"user":20}`; unset where AWS raised neither. */
  managedPolicies: 'MANAGED_POLICIES',
  /** `yes` if dates of last use are read. */
  lastAccessed: 'LAST_ACCESSED',
  memberRoleName: 'MEMBER_ROLE_NAME',
  memberExternalId: 'MEMBER_EXTERNAL_ID',
  /** Calls of IAM a second that one process may make in one account. */
  accountCallsPerSecond: 'ACCOUNT_CALLS_PER_SECOND',
  /** Calls of Access Analyzer a second that one process may make; sweep-findings too. */
  analyzerCallsPerSecond: 'ANALYZER_CALLS_PER_SECOND',
  secondOpinions: 'SECOND_OPINIONS',
  /** Milliseconds that each second opinion may take, 20000 unless set. The stack does not set it. */
  opinionMillis: 'SECOND_OPINION_MILLIS',
  /** sweep-findings (findingsQueueUrl too in refine-finding, where throttled findings wait; homeAccountId, and
   * memberRoleName where there are member accounts, if it has accounts asked for reports of last use) */
  findingsQueueUrl: 'FINDINGS_QUEUE_URL',
  sweepQueueUrl: 'SWEEP_QUEUE_URL',
  /** notify-proposals (bucketName, partition and, where accounts are asked for a contact, homeAccountId too) */
  /** Findings of one account from which on it is read as a whole. */
  bulkThreshold: 'BULK_THRESHOLD',
  /** sweep-findings and refine-account (which has the variables of refine-finding and findingsQueueUrl too) */
  accountJobsQueueUrl: 'ACCOUNT_JOBS_QUEUE_URL',
  /** notify-proposals (bucketName and partition too) */
  topicArn: 'NOTIFICATIONS_TOPIC_ARN',
  chatTopicArn: 'CHAT_TOPIC_ARN',
  /** The bus that gets an event for each proposal; if unset, no events are sent. */
  eventBusArn: 'EVENT_BUS_ARN',
  /** Which contact of an account owns principals without the owner tag; unset if none. */
  ownerContact: 'OWNER_CONTACT',
  /** `overview` where single batches are not announced. */
  announcements: 'ANNOUNCEMENTS',
  /** refresh-catalogue (bucketName too); the stack leaves it out, which means the address where AWS publishes. */
  referenceUrl: 'REFERENCE_URL',
} as const;

export type EnvironmentName = (typeof ENV)[keyof typeof ENV];
