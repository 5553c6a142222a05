import type { PrincipalType } from '../model/principal.ts';
import type { SubjectType } from '../model/subject.ts';

/**
 * The quotas of IAM that decide whether a result can be applied. Characters are those of {@link countCharacters}.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export interface IamQuotas {
  /** Characters of one managed policy. AWS does not raise it. */
  readonly managedPolicyCharacters: number;
  /** Characters of all inline policies of the subject together. AWS does not raise it. */
  readonly inlineCharacters: number;
  /** Managed policies that can be attached to the subject. AWS raises it on request, so the owner can configure it. */
  readonly attachedManagedPolicies: number;
}

const MANAGED_POLICY = 6144;

/**
 * The quotas unless AWS raised them for the account. A shared policy is attached to nothing itself and stays one
 * policy, because a second one would have to be attached to every holder.
 */
export const DEFAULT_QUOTAS: Readonly<Record<SubjectType, IamQuotas>> = {
  role: {
    managedPolicyCharacters: MANAGED_POLICY,
    inlineCharacters: 10_240,
    attachedManagedPolicies: 20,
  },
  user: { managedPolicyCharacters: MANAGED_POLICY, inlineCharacters: 2048, attachedManagedPolicies: 10 },
  group: { managedPolicyCharacters: MANAGED_POLICY, inlineCharacters: 5120, attachedManagedPolicies: 10 },
  policy: { managedPolicyCharacters: MANAGED_POLICY, inlineCharacters: 0, attachedManagedPolicies: 1 },
};

/** How many managed policies a role or a user can have, if AWS raised the quota. */
export type RaisedQuotas = Readonly<Partial<Record<PrincipalType, number>>>;

/** The quotas of a principal, with those that AWS raised. */
export function quotasOf(type: PrincipalType, raised: RaisedQuotas = {}): IamQuotas {
  const usual = DEFAULT_QUOTAS[type];
  return { ...usual, attachedManagedPolicies: raised[type] ?? usual.attachedManagedPolicies };
}

/** Managed policies that can still be attached to the principal, in addition to those that it keeps. */
export class RemainingSlots {
  #left: number;
  constructor(left: number) {
    this.#left = Math.max(0, left);
  }
  get left(): number {
    return this.#left;
  }
  /** Takes that many and returns true, or takes none and returns false. */
  take(count: number): boolean {
    if (count > this.#left) return false;
    this.#left -= count;
    return true;
  }
}
