import type { OpinionName } from './settings.ts';

/*
 * The IAM actions that each function's own code calls, by the resource they are called on; `collect` and `doctor` are at
 * the end. The stack builds the roles from this list and a test compares it with the SDK commands in the code, so that no
 * role holds more than is used.
 * What the platform needs beside it (logs, tracing, reading the function's own queue, KMS keys) is granted where the
 * stack wires it.
 *
 * `GetFindingV2` is authorised by `access-analyzer:GetFinding` and `ListFindingsV2` by `access-analyzer:ListFindings`;
 * `HeadObject` by `s3:GetObject`, `ListObjectsV2` by `s3:ListBucket`; `SendMessageBatch` by `sqs:SendMessage`.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
 */

/** Reading what roles and users are granted, by the kind of resource: `refine-finding` at home, and the member role. */
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
 * When a principal last used what; only where the option is on, at home and through the member role. A report that has
 * been made is looked at under its job id, which no resource names.
 */
export const LAST_ACCESS_CALLS = {
  principals: ['iam:GenerateServiceLastAccessedDetails'],
  report: ['iam:GetServiceLastAccessedDetails'],
} as const;

/**
 * When the credentials of users were last used, at home and through the member role; only where findings come from
 * reports of last use.
 */
export const CREDENTIAL_READS = {
  user: ['iam:GetAccessKeyLastUsed', 'iam:GetLoginProfile', 'iam:ListAccessKeys'],
} as const;

/**
 * Which accounts a sweep has asked for reports of last use: those of the organisation, only where there is a member
 * role. The action is of no resource.
 */
export const ACCOUNT_LIST_CALLS = { organization: ['organizations:ListAccounts'] } as const;

/** What `refine-finding` calls beside {@link IAM_READS}. */
export const REFINE_CALLS = {
  analyzer: ['access-analyzer:GetFinding'],
  /** The read-only role of each member account; only where one is configured. */
  memberRole: ['sts:AssumeRole'],
  /** Objects under `proposals/`. */
  proposals: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, of which it may list what lies under `proposals/`. */
  repository: ['s3:ListBucket'],
  /** Objects under `failures/`. */
  failures: ['s3:PutObject'],
  /** Objects under `reopened/`. */
  reopened: ['s3:PutObject'],
  /** Objects under `catalogue/`: the latest, and what proposals were made with. */
  catalogue: ['s3:GetObject'],
  /** The bucket, below that prefix only: to see that one is missing. */
  catalogueListing: ['s3:ListBucket'],
  /** Objects under `decisions/`: what people decided. */
  decisions: ['s3:GetObject'],
  /** The bucket, below that prefix only: to see that there is none. */
  decisionsListing: ['s3:ListBucket'],
  /** Its own queue, where findings of throttled accounts wait. */
  findingsQueue: ['sqs:SendMessage'],
} as const;

/** Where an account stands in the organisation; `refine-finding`, only where organisational units are excluded. */
export const UNIT_CALLS = {
  /** Accounts and organisational units. */
  tree: ['organizations:ListParents'],
} as const;

/**
 * What each second opinion of `refine-finding` calls beside that, only where it is enabled. The checks are of no resource,
 * so they are allowed on `*` or not at all.
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

/** Reading an account as a whole, which IAM allows on `*` or not at all: `refine-account` at home, and the member role. */
export const BULK_READS = { account: ['iam:GetAccountAuthorizationDetails'] } as const;

/** What `refine-account` calls beside {@link BULK_READS} and all that `refine-finding` may. */
export const ACCOUNT_CALLS = {
  findingsQueue: ['sqs:SendMessage'],
  jobsQueue: ['sqs:SendMessage'],
  /** Objects under `sweeps/`. */
  sweeps: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, below that prefix only: to see what is not kept yet. */
  sweepsListing: ['s3:ListBucket'],
  /** Objects under `shared/`. */
  shared: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, below that prefix only. */
  sharedRepository: ['s3:ListBucket'],
} as const;

export const SWEEP_CALLS = {
  analyzer: ['access-analyzer:ListFindings'],
  findingsQueue: ['sqs:SendMessage'],
  jobsQueue: ['sqs:SendMessage'],
  /** Objects under `sweeps/`. */
  sweeps: ['s3:GetObject', 's3:PutObject'],
  /** The bucket, below that prefix only: to see what is not kept yet. */
  sweepsListing: ['s3:ListBucket'],
  sweepQueue: ['sqs:SendMessage'],
  /** The object `index.json`: which proposals are shown as current. */
  overview: ['s3:GetObject'],
  /** The bucket, of which it may list that object only: to see that there is none yet. */
  overviewListing: ['s3:ListBucket'],
  /** Objects under `proposals/` and `shared/`: what became current again, and whether what is settled is still there. */
  proposals: ['s3:GetObject'],
  /** The bucket, below those prefixes and `reopened/`. */
  reopenedListing: ['s3:ListBucket'],
} as const;

export const REFRESH_CALLS = {
  /** The object `catalogue/latest.json`. */
  latest: ['s3:GetObject'],
  /** The bucket, of which it may list that object only: to see that there is none yet. */
  latestListing: ['s3:ListBucket'],
  /** Objects under `catalogue/`. */
  catalogue: ['s3:PutObject'],
} as const;

export const NOTIFY_CALLS = {
  /** Objects under `proposals/` and `shared/`. */
  proposals: ['s3:GetObject'],
  /** The bucket itself, so that a missing object answers 404 and not 403. */
  bucket: ['s3:ListBucket'],
  /** The objects `index.html` and `index.json` at the top of the bucket. */
  index: ['s3:GetObject', 's3:PutObject'],
  /** Objects under `reopened/`. */
  reopened: ['s3:PutObject'],
  /** What was announced last: `announced.json` at the top of the bucket. */
  announced: ['s3:GetObject', 's3:PutObject'],
  /** Contacts of the account and of members of its organisation, only where they are asked for. */
  contacts: ['account:GetAlternateContact'],
  /** The bus for events about proposals. */
  bus: ['events:PutEvents'],
  /** The topic, and the chat topic where one is configured. */
  topic: ['sns:Publish'],
} as const;

/*
 * What `collect` may call: each operation with the IAM action that allows it. Its clients refuse every other one, and
 * `--print-policy` is made from this list.
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
