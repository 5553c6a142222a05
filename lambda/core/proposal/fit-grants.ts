import type { Subject } from '../model/subject.ts';
import type { RefineContext } from '../refine/context.ts';
import type { GrantRefinement } from '../refine/refine-policy.ts';
import { isInherited } from './disposition.ts';
import { countCharacters } from '../model/json.ts';
import { refinedPolicy } from '../fit/document-draft.ts';
import { fitPolicies } from '../fit/fit.ts';
import type { FitInput, FitResult } from '../fit/fit-result.ts';
import type { IamQuotas } from '../fit/quotas.ts';

const UNTOUCHED: FitResult = { kind: 'untouched' };

/**
 * Makes the refined policies of a subject fit IAM's limits; one result for each grant, in their order. Policies
 * through groups, and policies of which nothing is left, are not fitted.
 */
export function fitGrants(
  subject: Subject,
  refinements: readonly GrantRefinement[],
  context: RefineContext,
  quotas: IamQuotas,
): readonly FitResult[] {
  const taking = refinements.flatMap((refinement, index) => {
    const sized = measure(refinement, subject);
    return sized ? [{ ...sized, index }] : [];
  });
  // Most subjects are far below every limit and need no drafts.
  if (isWithin(taking, quotas)) return refinements.map(() => UNTOUCHED);
  const { universe, generalize } = context;
  const results = fitPolicies({
    quotas,
    policies: taking.map(({ input }) => input),
    universe,
    generalize,
  });
  const byIndex = new Map(taking.map(({ index }, place) => [index, results[place] ?? UNTOUCHED]));
  return refinements.map((_, index) => byIndex.get(index) ?? UNTOUCHED);
}

interface Sized {
  readonly input: FitInput;
  /** Characters of the new document, as IAM counts them. */
  readonly characters: number;
}

function measure(refined: GrantRefinement, subject: Subject): Sized | undefined {
  const { grant } = refined;
  if (isInherited(grant, subject)) return undefined;
  const container = grant.managed ? 'managed' : 'inline';
  if (refined.kind === 'refused') {
    const charactersBefore = grant.document.readable
      ? countCharacters(grant.document.value)
      : grant.document.text.length;
    return { input: { container, charactersBefore, refined: null }, characters: charactersBefore };
  }
  const { document, isChanged } = refined.refinement;
  if (document === null) return undefined;
  const charactersBefore = countCharacters(refined.document);
  if (!isChanged)
    return { input: { container, charactersBefore, refined: null }, characters: charactersBefore };
  return {
    input: { container, charactersBefore, refined: refinedPolicy(refined.refinement) },
    characters: countCharacters(document),
  };
}

/** Whether every changed document is within its limit as refined. */
function isWithin(policies: readonly Sized[], quotas: IamQuotas): boolean {
  const inline = policies.filter(({ input }) => input.container === 'inline');
  const total = inline.reduce((sum, { characters }) => sum + characters, 0);
  const isInlineChanged = inline.some(({ input }) => input.refined !== null);
  if (isInlineChanged && total > quotas.inlineCharacters) return false;
  return policies.every(
    ({ input, characters }) =>
      input.container === 'inline' || input.refined === null || characters <= quotas.managedPolicyCharacters,
  );
}
