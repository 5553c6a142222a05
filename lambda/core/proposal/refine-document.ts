import type { Catalogue } from '../catalogue/catalogue.ts';
import { refinedPolicy } from '../fit/document-draft.ts';
import { fitPolicies } from '../fit/fit.ts';
import type { FitResult } from '../fit/fit-result.ts';
import { DEFAULT_QUOTAS } from '../fit/quotas.ts';
import { refitChanges } from '../fit/refit-changes.ts';
import { countCharacters, type JsonObject, type JsonValue } from '../model/json.ts';
import { parsePolicy } from '../model/policy.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import type { Generalize, StarForm, PatternChange, RetainedAction } from '../model/proposed-policy.ts';
import type { Verification } from './schema.ts';
import { makeContext, type RefineContext } from '../refine/context.ts';
import { readKeepList } from '../refine/keep-list.ts';
import { type PolicyRefinement, refinePolicy } from '../refine/refine-policy.ts';
import { beyondCatalogue } from './beyond-catalogue.ts';
import { claimedDocuments, proveRefinement } from './prove-refinement.ts';
import { retainedActions } from './retained-actions.ts';

interface RefineDocumentInput {
  readonly document: JsonValue;
  readonly unused: UnusedAccess;
  readonly catalogue: Catalogue;
  readonly generalize: Generalize;
  /** @default `list` */
  readonly star?: StarForm;
  /** Action patterns that always stay. */
  readonly keep: readonly string[];
  /** Fit the result to managed policies if the refined document is too long for one. */
  readonly isFitting?: boolean;
}

export type RefineDocumentResult =
  | {
      readonly kind: 'refined';
      /** Null if nothing is left: the policy is to be detached or deleted. */
      readonly policy: JsonObject | null;
      /** If the result was fitted: the documents that replace the policy, `policy` first, and why. */
      readonly fitted?: { readonly policies: readonly JsonObject[]; readonly reason: string };
      readonly changes: readonly PatternChange[];
      readonly retained: readonly RetainedAction[];
      readonly verification: Verification;
      /** What is no longer granted because it is unknown. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Refines one policy document and proves the result.
 * @throws VerificationError if the verifier rejects the refiner's result
 */
export function refineDocument(input: RefineDocumentInput): RefineDocumentResult {
  const { document, unused, catalogue, generalize, keep } = input;
  const policy = parsePolicy(document);
  if (!policy.ok) return { kind: 'refused', reason: policy.problem };
  const keepList = readKeepList(keep);
  if (!keepList.ok) return { kind: 'refused', reason: keepList.problem };
  const settings = { keep: keepList.value, generalize, star: input.star ?? 'list', documents: [document] };
  const context = makeContext(catalogue, unused, settings);
  const refinement = refinePolicy(policy.value, context);
  const fit = input.isFitting === true ? fitWhole(refinement, countCharacters(document), context) : undefined;
  if (fit?.kind === 'does-not-fit') return { kind: 'refused', reason: fit.reason };
  const fitted = fit?.kind === 'fits' && fit.steps.length > 0 ? fit : undefined;
  const after = fitted?.documents ?? claimedDocuments(refinement);
  const claim = { after, strict: fitted === undefined };
  const verified = proveRefinement(document, claim, { context, keep, catalogue });
  const policies = fitted?.documents.map((each) => each.document);
  const changes = fitted
    ? refitChanges(refinement.policy, refinement.changes, fitted.documents)
    : refinement.changes;
  return {
    kind: 'refined',
    policy: policies ? (policies[0] ?? null) : refinement.document,
    ...(fitted && policies ? { fitted: { policies, reason: fitted.reason } } : {}),
    changes,
    retained: retainedActions([verified], context),
    notes: beyondCatalogue(
      [{ name: '', before: document, after: verified.after, changes }],
      catalogue.origin,
    ),
    verification: {
      verdict: 'exact',
      statementsChecked: verified.statementsChecked,
      actionsChecked: verified.actionsChecked,
    },
  };
}

/** As for a single managed policy of a role: it may be split over as many policies as a role can have. */
function fitWhole(
  refinement: PolicyRefinement,
  charactersBefore: number,
  { universe, generalize }: RefineContext,
): FitResult | undefined {
  if (!refinement.isChanged || refinement.document === null) return undefined;
  const policy = { container: 'managed', charactersBefore, refined: refinedPolicy(refinement) } as const;
  return fitPolicies({ quotas: DEFAULT_QUOTAS.role, policies: [policy], universe, generalize })[0];
}
