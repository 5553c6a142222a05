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
