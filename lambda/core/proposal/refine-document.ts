import type { Catalogue } from '../catalogue/catalogue.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { parsePolicy } from '../model/policy.ts';
import type { UnusedAccess } from '../model/unused-access.ts';
import type { Generalize, StarForm, PatternChange, RetainedAction } from '../model/proposed-policy.ts';
import type { Verification } from './schema.ts';
import { makeContext } from '../refine/context.ts';
import { readKeepList } from '../refine/keep-list.ts';
import { refinePolicy } from '../refine/refine-policy.ts';
import { beyondCatalogue } from './beyond-catalogue.ts';
import { retainedActions } from './retained-actions.ts';
import { replayText } from '../verify/replay.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { verifyPolicy } from '../verify/verify-policy.ts';

export interface RefineDocumentInput {
  readonly document: JsonValue;
  readonly unused: UnusedAccess;
  readonly catalogue: Catalogue;
  readonly generalize: Generalize;
  /** @default `list` */
  readonly star?: StarForm;
  /** Action patterns that always stay. */
  readonly keep: readonly string[];
}

export type RefineDocumentResult =
  | {
      readonly kind: 'refined';
      /** Null when nothing is left: the policy is to be detached or deleted. */
      readonly policy: JsonObject | null;
      readonly changes: readonly PatternChange[];
      readonly retained: readonly RetainedAction[];
      readonly verification: Verification;
      /** What is no longer granted since nobody here knows it. */
      readonly notes: readonly string[];
    }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Refines one policy document and proves the result.
 * @throws VerificationError when the verifier rejects what the refiner made
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
  const after =
    refinement.document === null ? [] : [{ document: refinement.document, origins: refinement.origins }];
  const isEnumerating = generalize === 'enumerate';
  const question = { before: document, unused, keep, catalogue, isEnumerating };
  const result = verifyPolicy({ ...question, after, strict: true });
  if (!result.ok) {
    throw new VerificationError(
      `the refinement is not exact: ${result.problems.join('; ')}`,
      replayText({ document, unused, keep, generalize, after: after.map((claim) => claim.document) }),
    );
  }
  const { verified } = result;
  return {
    kind: 'refined',
    policy: refinement.document,
    changes: refinement.changes,
    retained: retainedActions([verified], context),
    notes: beyondCatalogue(
      [{ name: '', before: document, after: verified.after, changes: refinement.changes }],
      catalogue.origin,
    ),
    verification: {
      verdict: 'exact',
      statementsChecked: verified.statementsChecked,
      actionsChecked: verified.actionsChecked,
    },
  };
}
