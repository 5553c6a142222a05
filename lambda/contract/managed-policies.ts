/**
 * How many managed policies can be attached to a role and to a user: what IAM allows, and the most to which AWS raises it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MANAGED_POLICIES = {
  usual: { role: 20, user: 10 },
  most: { role: 25, user: 20 },
} as const;
