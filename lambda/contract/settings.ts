/* Values of options, of a deployment and of the command line. */

/** Second opinions of AWS on a proposal, in display order. Each is off by default. */
export const OPINIONS = [
  'validate-policy',
  'no-new-access',
  'access-not-granted',
  'aws-recommendation',
] as const;

export type OpinionName = (typeof OPINIONS)[number];

/**
 * How many managed policies can be attached to a role and to a user: IAM's default, and the most that AWS grants on
 * request.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MANAGED_POLICIES = {
  usual: { role: 20, user: 10 },
  most: { role: 25, user: 20 },
} as const;

/**
 * The alternate contacts of an account: the option's name for each, and the API's.
 * Source: https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html
 */
export const ACCOUNT_CONTACTS = {
  security: 'SECURITY',
  operations: 'OPERATIONS',
  billing: 'BILLING',
} as const;

export type AccountContact = keyof typeof ACCOUNT_CONTACTS;
