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
 * The account and Region to deploy into. Every method only reads, and makes one call to AWS (or one for each page).
 * All throw AdapterError; its code is `access-denied` if the caller may not make the call.
 */
export interface DeploymentTarget {
  analyzers(): Promise<readonly ListedAnalyzer[]>;
  /** The version of the CDK bootstrap stack; undefined if there is none. */
  bootstrapVersion(qualifier: string): Promise<number | undefined>;
  /** Lambda's unreserved concurrency in the account. */
  unreservedConcurrency(): Promise<number>;
  /** How many managed policies may be attached to a role and to a user. */
  policyQuotas(): Promise<{ readonly role: number | undefined; readonly user: number | undefined }>;
  /** Undefined if the account is in no organisation. */
  organization(): Promise<OrganizationFacts | undefined>;
  /** Ids of the accounts that are delegated administrators of Access Analyzer. */
  analyzerAdministrators(): Promise<readonly string[]>;
  /** Whether a managed policy exists. */
  policyExists(arn: string): Promise<boolean>;
}
