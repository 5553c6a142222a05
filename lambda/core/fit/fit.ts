import { fitInline } from './fit-inline.ts';
import { fitManaged } from './fit-managed.ts';
import type { FitInput, FitResult, IndexedInput } from './fit-result.ts';
import type { DraftFacts } from './statement-draft.ts';
import { type IamQuotas, RemainingSlots } from './quotas.ts';

export interface FitRequest extends DraftFacts {
  readonly quotas: IamQuotas;
  readonly policies: readonly FitInput[];
}

/**
 * Makes the refined policies of one subject fit what IAM stores, without changing what they grant.
 *
 * For each policy the first that fits is taken: the refined document; shorter exact patterns (the levels of
 * `entry-group.ts`, only where needed); `NotAction` for a split `*`; splitting over several managed policies, or, for
 * inline policies over their total, moving to managed ones; else *does not fit*.
 *
 * Guaranteed: each document grants part of what the refined policy grants on the universe and together they grant all
 * of it; no pattern is wider than the author's; Deny statements, Resources, Conditions, Sids, Version and Id stay; every
 * document is within its limit and the subject within its number of managed policies; the answer depends only on the
 * arguments. Not guaranteed: that the shortest answer is found, or the best choice of which policies to move or split
 * where slots are scarce; `does-not-fit` says whether it is proven. The number of managed policies is that at the end:
 * attaching before detaching may need more for a moment.
 *
 * Returns one result for each policy, in their order.
 */
export function fitPolicies(request: FitRequest): readonly FitResult[] {
  const { policies, quotas } = request;
  const attached = policies.filter(({ container }) => container === 'managed').length;
  const slots = new RemainingSlots(quotas.attachedManagedPolicies - attached);
  const results = new Map<number, FitResult>();
  const of = (container: FitInput['container']): readonly IndexedInput[] =>
    policies.flatMap((policy, index) => (policy.container === container ? [{ ...policy, index }] : []));
  const limits = { document: quotas.managedPolicyCharacters, inline: quotas.inlineCharacters };
  for (const [index, result] of fitManaged(of('managed'), limits, slots, request)) results.set(index, result);
  for (const [index, result] of fitInline(of('inline'), limits, slots, request)) results.set(index, result);
  return policies.map((_, index) => results.get(index) ?? { kind: 'untouched' });
}
