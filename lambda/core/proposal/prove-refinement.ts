import type { Catalogue } from '../catalogue/catalogue.ts';
import type { JsonValue } from '../model/json.ts';
import type { RefineContext } from '../refine/context.ts';
import type { PolicyRefinement } from '../refine/refine-policy.ts';
import { replayText, VerificationError } from '../verify/verification-error.ts';
import { type ClaimedDocument, type VerifiedPolicy, verifyPolicy } from '../verify/verify-policy.ts';

/** The documents that the refiner proposes instead of the policy. */
export function claimedDocuments(refinement: PolicyRefinement): readonly ClaimedDocument[] {
  const { document, origins } = refinement;
  return document === null ? [] : [{ document, origins }];
}

/**
 * Has the verifier check the documents that would replace a policy.
 * @param name of the policy, if it has one
 * @throws VerificationError if they are not exact, which is a bug of ours; then nothing may be proposed
 */
export function proveRefinement(
  before: JsonValue,
  { after, strict }: { readonly after: readonly ClaimedDocument[]; readonly strict: boolean },
  facts: { readonly context: RefineContext; readonly keep: readonly string[]; readonly catalogue: Catalogue },
  name?: string,
): VerifiedPolicy {
  const { context, keep, catalogue } = facts;
  const { unused, generalize, documents } = context;
  const isEnumerating = generalize === 'enumerate';
  const question = { before, unused, keep, catalogue, documents, isEnumerating };
  const result = verifyPolicy({ ...question, after, strict });
  if (result.ok) return result.verified;
  throw new VerificationError(
    `the refinement${name === undefined ? '' : ` of policy ${name}`} is not exact: ${result.problems.join('; ')}`,
    replayText({
      document: before,
      unused,
      keep,
      generalize,
      after: after.map(({ document }) => document),
    }),
  );
}
