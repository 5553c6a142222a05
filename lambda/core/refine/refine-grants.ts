import type { JsonValue } from '../model/json.ts';
import { parsePolicy } from '../model/policy.ts';
import type { Grant } from '../model/principal.ts';
import type { RefineContext } from './context.ts';
import { type PolicyRefinement, refinePolicy } from './refine-policy.ts';

/** One policy of a subject with what the refiner makes of it, before anything is fitted or verified. */
export type GrantRefinement =
  | { readonly grant: Grant; readonly kind: 'refused'; readonly reason: string }
  | {
      readonly grant: Grant;
      readonly kind: 'refined';
      readonly document: JsonValue;
      readonly refinement: PolicyRefinement;
    };

/** Refines every policy of a subject. A policy that cannot be understood is refused; the others go on. */
export function refineGrants(grants: readonly Grant[], context: RefineContext): readonly GrantRefinement[] {
  return grants.map((grant) => {
    if (!grant.document.readable) return { grant, kind: 'refused', reason: grant.document.problem };
    const document = grant.document.value;
    const policy = parsePolicy(document);
    if (!policy.ok) return { grant, kind: 'refused', reason: policy.problem };
    return { grant, kind: 'refined', document, refinement: refinePolicy(policy.value, context) };
  });
}
