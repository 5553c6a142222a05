/** An analyzer as Access Analyzer lists it, in one Region. */
export interface ListedAnalyzer {
  readonly arn: string;
  /** `ACCOUNT`, `ORGANIZATION` (external access), `ACCOUNT_UNUSED_ACCESS`, `ORGANIZATION_UNUSED_ACCESS` or a newer one. */
  readonly type: string;
  /** `ACTIVE`, `CREATING`, `DISABLED` or `FAILED`. */
  readonly status: string;
}

export interface OrganizationFacts {
  readonly id: string;
  readonly managementAccountId: string;
}

/**
 * The account and Region in which somebody means to deploy. Every method only reads, with one call to AWS.
 * All of them throw AdapterError, `access-denied` where the caller may not make the call.
 */
export interface DeploymentTarget {
  analyzers(): Promise<readonly ListedAnalyzer[]>;
  /** The version of the CDK's bootstrap stack; undefined where there is none. */
  bootstrapVersion(qualifier: string): Promise<number | undefined>;
  /** How many functions may run at once that have nothing reserved for them. */
  unreservedConcurrency(): Promise<number>;
  /** How many managed policies a role and a user may have. */
  policyQuotas(): Promise<{ readonly role: number | undefined; readonly user: number | undefined }>;
  /** Undefined where the account is in no organisation. */
  organization(): Promise<OrganizationFacts | undefined>;
  /** Accounts that administer Access Analyzer for the organisation. */
  analyzerAdministrators(): Promise<readonly string[]>;
  /** Whether a managed policy exists. */
  policyExists(arn: string): Promise<boolean>;
}
