import type { OpinionName } from './settings.ts';

/*
 * The IAM actions that each function's own code calls, by the resource they are called on; `collect` and `doctor` are
 * at the end. The stack builds the roles from this list and a test compares it with the SDK commands in the code, so
 * that no role holds more than is used. What the platform needs in addition (logs, tracing, reading the function's own
 * queue, KMS keys) is granted by the constructs that wire it.
 *
 * `GetFindingV2` is authorised by `access-analyzer:GetFinding` and `ListFindingsV2` by `access-analyzer:ListFindings`;
 * `HeadObject` by `s3:GetObject`, `ListObjectsV2` by `s3:ListBucket`; `SendMessageBatch` by `sqs:SendMessage`.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
 */

/**
 * Reads what roles and users are granted, by kind of resource: `refine-finding` in its own account, and the member
 * role.
 */
export const IAM_READS = {
  role: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
  user: [
    'iam:GetUser',
    'iam:GetUserPolicy',
    'iam:ListAttachedUserPolicies',
    'iam:ListGroupsForUser',
    'iam:ListUserPolicies',
  ],
  group: ['iam:GetGroup', 'iam:GetGroupPolicy', 'iam:ListAttachedGroupPolicies', 'iam:ListGroupPolicies'],
  /** Customer managed policies of the account, and those of AWS (`arn:<partition>:iam::aws:policy/*`). */
  policy: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
} as const;

/**
 * Reads when a principal last used each service and action, in the own account and through the member role; only if
 * the option is on. A report is fetched by its job id, which is not a resource that a policy can name.
 */
export const LAST_ACCESS_CALLS = {
  principals: ['iam:GenerateServiceLastAccessedDetails'],
  report: ['iam:GetServiceLastAccessedDetails'],
} as const;

/**
 * Reads when users' credentials were last used, in the own account and through the member role; only if findings come
 * from reports of last use.
 */
export const CREDENTIAL_READS = {
  user: ['iam:GetAccessKeyLastUsed', 'iam:GetLoginProfile', 'iam:ListAccessKeys'],
} as const;

/**
 * Lists the organisation's accounts for a sweep over reports of last use; only if there is a member role. The action
 * does not support resource-level permissions.
 */
export const ACCOUNT_LIST_CALLS = { organization: ['organizations:ListAccounts'] } as const;

/** What `refine-finding` calls in addition to {@link IAM_READS}. */
export const REFINE_CALLS = {
  analyzer: ['access-analyzer:GetFinding'],
  /** The read-only role of each member account; only if one is configured. */
  memberRole: ['sts:AssumeRole'],
  /** Objects under `proposals/`. */
  proposals: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, of which only `proposals/` may be listed. */
  repository: ['s3:ListBucket'],
  /** Objects under `failures/`. */
  failures: ['s3:PutObject'],
  /** Objects under `reopened/`. */
  reopened: ['s3:PutObject'],
  /** Objects under `catalogue/`: the latest, and what proposals were made with. */
  catalogue: ['s3:GetObject'],
  /** The bucket, that prefix only, so that a missing object answers 404 and not 403. */
  catalogueListing: ['s3:ListBucket'],
  /** Objects under `decisions/`. */
  decisions: ['s3:GetObject'],
  /** The bucket, that prefix only, so that a missing object answers 404 and not 403. */
  decisionsListing: ['s3:ListBucket'],
  /** Its own queue, in which findings of throttled accounts are requeued. */
  findingsQueue: ['sqs:SendMessage'],
} as const;

/** Reads the organisational units above an account; `refine-finding`, only if organisational units are excluded. */
export const UNIT_CALLS = {
  /** Accounts and organisational units. */
  tree: ['organizations:ListParents'],
} as const;

/**
 * What each second opinion of `refine-finding` calls in addition, only if it is enabled. The checks do not support
 * resource-level permissions, so they are allowed on `*` or not at all.
 */
export const OPINION_CALLS = {
  'validate-policy': { anything: ['access-analyzer:ValidatePolicy'], analyzer: [] },
  'no-new-access': { anything: ['access-analyzer:CheckNoNewAccess'], analyzer: [] },
  'access-not-granted': { anything: ['access-analyzer:CheckAccessNotGranted'], analyzer: [] },
  'aws-recommendation': {
    anything: [],
    analyzer: ['access-analyzer:GenerateFindingRecommendation', 'access-analyzer:GetFindingRecommendation'],
  },
} as const satisfies Record<
  OpinionName,
  { readonly anything: readonly string[]; readonly analyzer: readonly string[] }
>;

/**
 * Reads an account as a whole, which IAM allows on `*` or not at all: `refine-account` in its own account, and the
 * member role.
 */
export const BULK_READS = { account: ['iam:GetAccountAuthorizationDetails'] } as const;

/** What `refine-account` calls in addition to {@link BULK_READS} and the calls of `refine-finding`. */
export const ACCOUNT_CALLS = {
  findingsQueue: ['sqs:SendMessage'],
  jobsQueue: ['sqs:SendMessage'],
  /** Objects under `sweeps/`. */
  sweeps: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, that prefix only, so that a missing object answers 404 and not 403. */
  sweepsListing: ['s3:ListBucket'],
  /** Objects under `shared/`. */
  shared: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, that prefix only. */
  sharedRepository: ['s3:ListBucket'],
} as const;

export const SWEEP_CALLS = {
  analyzer: ['access-analyzer:ListFindings'],
  findingsQueue: ['sqs:SendMessage'],
  jobsQueue: ['sqs:SendMessage'],
  /** Objects under `sweeps/`. */
  sweeps: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, that prefix only, so that a missing object answers 404 and not 403. */
  sweepsListing: ['s3:ListBucket'],
  sweepQueue: ['sqs:SendMessage'],
  /** The object `index.json`: which proposals are shown as current. */
  overview: ['s3:GetObject'],
  /** The bucket, that object only, so that a missing one answers 404 and not 403. */
  overviewListing: ['s3:ListBucket'],
  /**
   * Objects under `proposals/` and `shared/`: proposals that became current again, and whether settled ones still
   * exist.
   */
  proposals: ['s3:GetObject'],
  /** The bucket, those prefixes and `reopened/` only. */
  reopenedListing: ['s3:ListBucket'],
} as const;

export const REFRESH_CALLS = {
  /** The object `catalogue/latest.json`. */
  latest: ['s3:GetObject'],
  /** The bucket, that object only, so that a missing one answers 404 and not 403. */
  latestListing: ['s3:ListBucket'],
  /** Objects under `catalogue/`. */
  catalogue: ['s3:PutObject'],
} as const;

export const NOTIFY_CALLS = {
  /** Objects under `proposals/` and `shared/`. */
  proposals: ['s3:GetObject'],
  /** The whole bucket, so that a missing object answers 404 and not 403. */
  bucket: ['s3:ListBucket'],
  /** The objects `index.html` and `index.json` at the top of the bucket. */
  index: ['s3:GetObject', 's3:PutObject'],
  /** Objects under `reopened/`. */
  reopened: ['s3:PutObject'],
  /** The object `announced.json` at the top of the bucket: what was announced last. */
  announced: ['s3:GetObject', 's3:PutObject'],
  /** Contacts of the account and of members of its organisation, only if the option asks for them. */
  contacts: ['account:GetAlternateContact'],
  /** The event bus for events about proposals. */
  bus: ['events:PutEvents'],
  /** The topic, and the chat topic if one is configured. */
  topic: ['sns:Publish'],
} as const;

/*
 * What `collect` may call: each operation with the IAM action that allows it. Its clients refuse every other one, and
 * `--print-policy` prints a policy made from this list.
 *
 * `GetCallerIdentity` needs no permission.
 */
export const COLLECT_CALLS = {
  GetCallerIdentity: 'sts:GetCallerIdentity',
  AssumeRole: 'sts:AssumeRole',
  ListAccounts: 'organizations:ListAccounts',
  GetAccountAuthorizationDetails: 'iam:GetAccountAuthorizationDetails',
  ListAnalyzers: 'access-analyzer:ListAnalyzers',
  ListFindingsV2: 'access-analyzer:ListFindings',
  GetFindingV2: 'access-analyzer:GetFinding',
  GenerateServiceLastAccessedDetails: 'iam:GenerateServiceLastAccessedDetails',
  GetServiceLastAccessedDetails: 'iam:GetServiceLastAccessedDetails',
  ListUsers: 'iam:ListUsers',
  ListAccessKeys: 'iam:ListAccessKeys',
  GetAccessKeyLastUsed: 'iam:GetAccessKeyLastUsed',
  GetLoginProfile: 'iam:GetLoginProfile',
} as const;

export type CollectOperation = keyof typeof COLLECT_CALLS;

/*
 * What `doctor` may call: each operation with the IAM action that allows it. Its clients refuse every other one.
 * `GetCallerIdentity` needs no permission.
 */
export const DOCTOR_CALLS = {
  GetCallerIdentity: 'sts:GetCallerIdentity',
  ListAnalyzers: 'access-analyzer:ListAnalyzers',
  DescribeOrganization: 'organizations:DescribeOrganization',
  ListDelegatedAdministrators: 'organizations:ListDelegatedAdministrators',
  GetParameter: 'ssm:GetParameter',
  GetAccountSettings: 'lambda:GetAccountSettings',
  GetAccountSummary: 'iam:GetAccountSummary',
  GetPolicy: 'iam:GetPolicy',
} as const;
