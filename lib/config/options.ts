import {
  ACCOUNT_CONTACTS,
  type AccountContact,
  MANAGED_POLICIES,
  OPINIONS,
} from '../../lambda/contract/settings.ts';
import {
  accountId,
  actionPattern,
  analyzerArn,
  busArn,
  keyArn,
  list,
  principalArn,
  schedule,
  tags,
  text,
  wholeNumber,
  yesOrNo,
} from './option-schemas.ts';
import { distance } from 'fastest-levenshtein';
import * as z from 'zod';

/** One option. `values` completes the sentence "give …" when a value is wrong, and appears in docs/options.md. */
export interface Option<S extends z.ZodType> {
  readonly schema: S;
  readonly values: string;
  readonly default: string;
  readonly meaning: string;
}

function option<S extends z.ZodType>(
  schema: S,
  values: string,
  fallback: string,
  meaning: string,
): Option<S> {
  return { schema, values, default: fallback, meaning };
}

/**
 * The periods that CloudWatch Logs accepts, in days.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
export const LOG_RETENTION: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** All options. The table in docs/options.md and the error messages are generated from them. */
export const OPTIONS = {
  email: option(
    list(z.email()),
    'e-mail addresses',
    'nobody',
    'Who is notified of proposals. Each address must confirm its subscription once.',
  ),
  alarmEmail: option(
    list(z.email()).optional(),
    'e-mail addresses',
    'the same as `email`',
    'Who is notified when something in the stack needs a person.',
  ),
  runbookUrl: option(
    z
      .url({ protocol: /^https?$/ })
      .regex(/^[^#\s]{1,400}$/)
      .optional(),
    'an http or https address without a fragment, of at most 400 characters',
    'docs/runbook.md',
    'Where your people open the runbook. The message of an alarm ends with this address and the name of the article.',
  ),
  notificationWindow: option(
    wholeNumber(0, 300),
    'a whole number of seconds from 0 to 300',
    '300',
    'How long stored proposals are collected before one message announces all of them.',
  ),
  chatTopic: option(
    yesOrNo(),
    'true or false',
    'false',
    'A second topic in the format of Amazon Q Developer in chat applications (Slack, Teams).',
  ),
  ownerTag: option(
    text(/^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu).optional(),
    'the key of a tag, for example Owner',
    'nobody is known',
    'The tag of a role or user that names its owner. Proposals show the owner, and each owner gets a separate message (see docs/deployment.md).',
  ),
  ownerContact: option(
    // Trust boundary: `Object.keys` forgets which keys a literal has.
    z.enum(['none', ...(Object.keys(ACCOUNT_CONTACTS) as AccountContact[])]),
    'none, security, operations or billing',
    'none',
    "Which alternate contact of an account owns roles and users without the owner tag. Other accounts' contacts are returned only to the management account, or to the delegated administrator of Account Management with trusted access on.",
  ),
  accountNames: option(
    list(text(/^\d{12}=[\x20-\x7e]{1,50}$/)),
    'accounts as id=name, such as 111122223333=payments-prod',
    'none',
    'What messages, reports and the overview call accounts, besides their ids.',
  ),
  announcements: option(
    z.enum(['each', 'overview']),
    'each or overview',
    'each',
    'Whether stored proposals are announced within minutes, or an overview is sent from time to time instead: for the first run.',
  ),
  overviewSchedule: option(
    schedule(1, 168),
    'rate(n hours) or rate(n days) between one hour and seven days, or cron(…) with six fields',
    'rate(1 day)',
    'How often an overview is sent if `announcements` is overview and something was stored since the last one.',
  ),
  findingSource: option(
    z.enum(['access-analyzer', 'last-accessed']),
    'access-analyzer or last-accessed',
    'access-analyzer',
    "Who says what is unused: an analyzer, or IAM's own reports of last use, which are free and need none (see docs/sources.md). With the latter, sweeps alone find what is new.",
  ),
  unusedDays: option(
    wholeNumber(1, 365).optional(),
    'a whole number of days from 1 to 365',
    '90',
    'With `findingSource` last-accessed: after how many days without use access counts as unused.',
  ),
  analyzerArn: option(
    analyzerArn.optional(),
    "an unused-access analyzer's ARN, arn:aws:access-analyzer:<region>:<account>:analyzer/<name>",
    'an analyzer is created',
    'An existing analyzer in the account and Region of the stack.',
  ),
  analyzerType: option(
    z.enum(['ACCOUNT_UNUSED_ACCESS', 'ORGANIZATION_UNUSED_ACCESS']).optional(),
    'ACCOUNT_UNUSED_ACCESS or ORGANIZATION_UNUSED_ACCESS',
    'ACCOUNT_UNUSED_ACCESS',
    "What the created analyzer covers. An organisation needs the management account or Access Analyzer's delegated administrator account.",
  ),
  unusedAccessAge: option(
    wholeNumber(1, 365).optional(),
    'a whole number of days from 1 to 365',
    '90',
    'After how many days without use the created analyzer reports access as unused.',
  ),
  excludeAccounts: option(
    list(accountId).pipe(z.array(z.string()).max(2000)).optional(),
    'at most 2,000 account ids of 12 digits',
    'none',
    'Accounts that get no proposals. A created organisation analyzer leaves them out, so they cost nothing; with an existing one the worker skips their findings (there is room for about 150).',
  ),
  excludeOrganizationalUnits: option(
    list(text(/^(?:ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$/)),
    'ids of organisational units or roots, ou-… or r-…',
    'none',
    "Accounts under one of these units, however deep, get no proposals: the worker skips their findings. Works in the management account or a delegated administrator's account.",
  ),
  excludeResourceTags: option(
    tags()
      .pipe(z.array(z.object({ key: text(/^(?!aws:)/i), value: z.string().nullable() })))
      .optional(),
    'tags as key=value, or key for any value, whose keys do not begin with aws:',
    'none',
    'The created analyzer leaves out roles and users with one of these tags, so they cost nothing.',
  ),
  sweepSchedule: option(
    schedule(1, 144),
    'rate(n hours) or rate(n days) between one hour and six days, or cron(…) with six fields',
    'rate(1 day)',
    'How often all active findings are read again, since events may be lost; or how often IAM is asked for reports of last use.',
  ),
  sweepAlarmHours: option(
    wholeNumber(2, 168).optional(),
    'a whole number of hours from 2 to 168',
    "the schedule's rate and 6 hours more",
    'After how many hours without a completed sweep an alarm is raised. Required with cron(…).',
  ),
  catalogueSchedule: option(
    schedule(24, 336),
    'rate(n days) between one day and 14 days, or cron(…) with six fields',
    'rate(7 days)',
    "How often the action catalogue is refreshed from AWS's Service Authorization Reference.",
  ),
  generalize: option(
    z.enum(['shortest', 'least', 'enumerate']),
    'shortest, least or enumerate',
    'shortest',
    "What a split wildcard becomes: the shortest safe prefixes as in AWS's own recommendations, the least general ones, or literal actions only.",
  ),
  star: option(
    z.enum(['list', 'not-action']),
    'list or not-action',
    'list',
    'What a * becomes of which a part is unused: a list of all that stays, which loses services that nobody here knows, or NotAction with all that goes, which loses nothing that nobody reports.',
  ),
  keep: option(
    list(actionPattern),
    'action patterns such as iam:PassRole or s3:Get*',
    'none',
    'Actions that are always retained, unused or not.',
  ),
  managedPoliciesPerRole: option(
    wholeNumber(1, MANAGED_POLICIES.most.role).optional(),
    `a whole number from 1 to ${MANAGED_POLICIES.most.role}`,
    String(MANAGED_POLICIES.usual.role),
    'How many managed policies can be attached to a role, if AWS raised the quota of the accounts. A result that is split can use as many.',
  ),
  managedPoliciesPerUser: option(
    wholeNumber(1, MANAGED_POLICIES.most.user).optional(),
    `a whole number from 1 to ${MANAGED_POLICIES.most.user}`,
    String(MANAGED_POLICIES.usual.user),
    'The same for a user.',
  ),
  secondOpinions: option(
    list(z.enum(OPINIONS)),
    `a list of ${OPINIONS.join(', ')}`,
    'none',
    'Checks and recommendations of AWS that each new proposal is compared with (see docs/second-opinions.md).',
  ),
  excludeNames: option(
    list(text(/^[\w+=,.@*?-]{1,128}$/)),
    'name patterns of letters, digits and +=,.@_- with * and ?',
    'none',
    'Roles and users that get no proposals, by name. Case does not matter.',
  ),
  excludePaths: option(
    list(text(/^\/[\x21-\x7e]+$/)),
    'path prefixes such as /admins/',
    'none',
    'Roles and users that get no proposals, by the beginning of their path.',
  ),
  excludeTags: option(
    tags(),
    'tags as key=value, or key for any value',
    'none',
    'Roles and users that get no proposals, by tag.',
  ),
  encryption: option(
    z.union([z.enum(['customer-managed', 'aws-managed']), keyArn]),
    "customer-managed, aws-managed or a KMS key's ARN in the Region of the stack",
    'customer-managed',
    'What encrypts bucket, queues and topics: a key made for it, keys that AWS manages, or your own key (see docs/deployment.md for its policy).',
  ),
  readers: option(
    list(principalArn),
    'ARN patterns of roles or users, arn:aws:iam::<account>:role/<path and name>, with * and ? after role/ or user/',
    'everybody whom IAM allows',
    'Who may read proposals: the policy of the bucket refuses everybody else, except for the functions and the root user of the account (see docs/deployment.md).',
  ),
  deciders: option(
    list(principalArn),
    'ARN patterns as for readers',
    'nobody',
    'Who may record decisions about proposals in the bucket (see docs/decisions.md). They need s3:PutObject and s3:GetObject for decisions/* of their own.',
  ),
  retentionDays: option(
    wholeNumber(1, 3650).optional(),
    'a whole number of days from 1 to 3650',
    'without end',
    'How long proposals are kept. One that expires while its finding is active is stored and announced again.',
  ),
  removalPolicy: option(
    z.enum(['retain', 'destroy']),
    'retain or destroy',
    'retain',
    'What happens to bucket, key and logs when the stack is deleted. A bucket must be emptied before it can be deleted.',
  ),
  lastAccessed: option(
    yesOrNo(),
    'true or false',
    'false',
    'Reads from IAM, for each proposal and again at each sweep, when the role or user last used each action, shows the dates, and adds a warning if a removed action was used since. Free; takes a few seconds and two or more calls for each proposal.',
  ),
  memberRoleName: option(
    text(/^[\w+=,.@-]{1,64}$/).optional(),
    "a role's name of at most 64 letters, digits and +=,.@_-",
    'no member accounts',
    'The read-only role in each member account. A second stack creates the role.',
  ),
  memberExternalId: option(
    text(/^[\w+=,.@:/-]{2,1224}$/).optional(),
    'an external id of 2 to 1,224 letters, digits and +=,.@:/_-',
    'no member accounts',
    'The external id that the member roles require.',
  ),
  organizationId: option(
    text(/^o-[a-z0-9]{10,32}$/).optional(),
    "an organisation's id, o-…",
    'not asked for',
    'The organisation of the account. With it, the member roles can be assumed from this organisation only, besides by name and external id.',
  ),
  concurrency: option(
    wholeNumber(2, 1000),
    'a whole number from 2 to 1000',
    '4',
    'How many workers run at once. IAM throttles, so a few workers are fastest.',
  ),
  accountCallsPerSecond: option(
    wholeNumber(1, 1001).optional(),
    'a whole number from 1 to 1001, more than `concurrency`',
    '20, or one more than `concurrency` where that is more',
    "How many IAM calls a second all workers together make in one account. IAM's limits are not published, and the account's own people and tools share them.",
  ),
  analyzerCallsPerSecond: option(
    wholeNumber(1, 1000),
    'a whole number from 1 to 1000',
    '10',
    'How many Access Analyzer calls a second each worker makes. The limits are not published. A single worker handles a large account, with one call for each finding.',
  ),
  /**
   * A principal takes 5 to 11 IAM calls if read on its own, so 20 of them take 100 to 220. An account at IAM's default
   * quotas (1,000 roles, 5,000 users, 1,500 policies) takes eight full pages when read as a whole, and 80 if IAM
   * returns pages of 100. From 20 findings on, reading the whole account therefore never takes more calls.
   */
  bulkThreshold: option(
    wholeNumber(1, 1_000_000),
    'a whole number from 1 to 1000000',
    '20',
    'From how many findings a sweep has an account read as a whole, instead of principal by principal.',
  ),
  tracing: option(yesOrNo(), 'true or false', 'true', 'Whether the functions send traces to X-Ray.'),
  stackName: option(
    text(/^[A-Za-z][A-Za-z0-9-]{0,127}$/),
    'at most 128 letters, digits and hyphens, a letter first',
    'UnusedAccessRefiner',
    'Name of the stack. Alarms, dashboard, metrics and named roles of a stack of another name begin with it, so several stacks can be in one account and Region.',
  ),
  rolePath: option(
    text(/^\/(?:[\w+=,.@-]+\/)+$/)
      .max(512)
      .optional(),
    'a path such as /platform/',
    'none',
    "The path of every role and of the reviewers' policy, and of the member accounts' role.",
  ),
  roleNamePrefix: option(
    text(/^[\w+=,.@-]{1,20}$/).optional(),
    'at most 20 letters, digits and +=,.@_-',
    'CloudFormation makes the names',
    'What the name of every role begins with; the rest names the function, or its schedule, and the Region. The role in member accounts has the name that `memberRoleName` gives.',
  ),
  permissionsBoundary: option(
    text(/^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/).optional(),
    "a managed policy's name, with its path where it has one, such as platform/Boundary",
    'none',
    "The permissions boundary of every role of the stack and of the member accounts' role: a policy of that name in each account.",
  ),
  tags: option(
    tags().pipe(z.array(z.object({ key: text(/^(?!aws:)/i), value: z.string() })).max(40)),
    'at most 40 tags as key=value, whose keys do not begin with aws:',
    'none',
    'Tags of all resources, in the member accounts too, besides `application`.',
  ),
  encryptLogs: option(
    yesOrNo(),
    'true or false',
    'false',
    "Whether the key of `encryption` encrypts the log groups and the functions' environments too. Keys that AWS manages always do something of that kind.",
  ),
  vpcSubnetIds: option(
    list(text(/^subnet-[0-9a-f]{8,17}$/)),
    'ids of subnets, subnet-…',
    'no VPC',
    'Subnets of the VPC in which the functions run, with `vpcSecurityGroupIds`. The services that they have to reach are listed below.',
  ),
  vpcSecurityGroupIds: option(
    list(text(/^sg-[0-9a-f]{8,17}$/)).pipe(z.array(z.string()).max(5)),
    'ids of at most five security groups, sg-…',
    'no VPC',
    "Security groups of the functions' network interfaces. They need no ingress.",
  ),
  parameterPrefix: option(
    text(/^(?!\/(?:aws|ssm)(?:\/|$))(?:\/[\w.-]+){1,10}$/i)
      .max(900)
      .optional(),
    'a path such as /platform/unused-access that does not begin with /aws or /ssm',
    'none',
    'With it, each output of the stack is a parameter of SSM too, under this path and its name.',
  ),
  eventBus: option(
    z.union([z.literal('default'), busArn]),
    "default, or an event bus's ARN in the Region of the stack",
    'default',
    'The EventBridge bus that gets an event for each proposal that is stored, withheld, applied, resolved or superseded (see docs/events.md).',
  ),
  logRetentionDays: option(
    wholeNumber(1, 3653).refine((days) => LOG_RETENTION.includes(days)),
    `one of the periods that CloudWatch Logs has: ${LOG_RETENTION.join(', ')} days`,
    '90',
    'How long the logs of the functions are kept.',
  ),
} as const;

export type OptionName = keyof typeof OPTIONS;

/** Option names in the order of the table in docs/options.md. */
// Trust boundary: `Object.keys` forgets which keys a literal has.
export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** The parsed value of each option, by its schema. */
export type OptionValues = { readonly [name in OptionName]: z.output<(typeof OPTIONS)[name]['schema']> };

/** The error about an unknown option, with a suggestion. */
export function unknownOption(name: string): string {
  const near = OPTION_NAMES.find((known) => distance(known.toLowerCase(), name.toLowerCase()) <= 2);
  const hint = near === undefined ? `the options are ${OPTION_NAMES.join(', ')}` : `did you mean ${near}?`;
  return `option ${name} does not exist; ${hint}`;
}
