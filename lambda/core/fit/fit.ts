import type { DraftFacts } from './document-draft.ts';
import { fitInline } from './fit-inline.ts';
import { fitManaged } from './fit-managed.ts';
import type { FitInput, FitResult, IndexedInput } from './fit-result.ts';
import { type IamQuotas, RemainingSlots } from './quotas.ts';

interface FitRequest extends DraftFacts {
  readonly quotas: IamQuotas;
  readonly policies: readonly FitInput[];
}

/**
 * Makes the refined policies of one subject fit what IAM stores, without changing what they grant.
 *
 * Each policy takes the first of these that fits: the refined document; shorter exact patterns (the levels of
 * `entry-group.ts`, only as far as needed); `NotAction` for a split `*`; a split over several managed policies or, for
 * inline policies over their total, a move to managed ones; otherwise *does not fit*.
 *
 * Guaranteed: on the universe, the documents together grant exactly what the refined policy grants; no pattern is wider
 * than the author's; Deny statements, Resources, Conditions, Sids, Version and Id stay; every document is within its
 * limit and the subject within its number of managed policies; the result depends only on the arguments. Not
 * guaranteed: the shortest result, or the best choice of policies to move or split if slots are scarce. `does-not-fit`
 * says whether that is proven. The number of managed policies is the one at the end; attaching before detaching may
 * briefly need more.
 *
 * @returns one result for each policy, in their order
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
