/*
 * What `collect` may call: each operation with the IAM action that allows it. Its clients refuse every other one, and
 * `--print-policy` is made from this list.
 *
 * `GetCallerIdentity` needs no permission. `GetFindingV2` is authorised by `access-analyzer:GetFinding` and
 * `ListFindingsV2` by `access-analyzer:ListFindings`.
 * Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsiamaccessanalyzer.html
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
