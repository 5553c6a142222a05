import type { PrincipalType } from '../model/principal.ts';

/**
 * The quotas of IAM that decide whether a result can be put in place. Characters are those of {@link countCharacters}.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export interface IamQuotas {
  /** Characters of one managed policy. AWS does not raise it. */
  readonly managedPolicyCharacters: number;
  /** Characters of all inline policies of the principal together. AWS does not raise it. */
  readonly inlineCharacters: Readonly<Record<PrincipalType, number>>;
  /** Managed policies that can be attached to the principal. AWS raises it on request, so the owner can configure it. */
  readonly attachedManagedPolicies: Readonly<Record<PrincipalType, number>>;
}

/** What IAM allows unless AWS raised it for the account. */
export const DEFAULT_QUOTAS: IamQuotas = {
  managedPolicyCharacters: 6144,
  inlineCharacters: { role: 10_240, user: 2048 },
  attachedManagedPolicies: { role: 20, user: 10 },
};

/** Today's quotas of an account, where AWS raised some of them. */
export function quotasOf(raised: Partial<IamQuotas['attachedManagedPolicies']> = {}): IamQuotas {
  const attachedManagedPolicies = { ...DEFAULT_QUOTAS.attachedManagedPolicies, ...raised };
  return { ...DEFAULT_QUOTAS, attachedManagedPolicies };
}
