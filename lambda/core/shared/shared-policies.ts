import type { Catalogue } from '../catalogue/catalogue.ts';
import { parsePolicy } from '../model/policy.ts';
import type { Grant } from '../model/principal.ts';
import { copyName } from '../plan/copy-name.ts';
import { removedActions } from '../proposal/conclude-grant.ts';
import type { ProposedPolicy } from '../model/proposed-policy.ts';
import type { Accounted } from '../proposal/summary.ts';
import type { RefineContext } from '../refine/context.ts';
import { claimedDocuments, proveGrant } from '../proposal/prove-grant.ts';
import type { GrantRefinement } from '../refine/refine-grants.ts';
import { refinePolicy } from '../refine/refine-policy.ts';
import { countCharacters } from '../model/characters.ts';
import { fitPolicies } from '../fit/fit.ts';
import type { FitInput, FitResult } from '../fit/fit-result.ts';
import { refitChanges } from '../fit/refit-changes.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import { type Place, placeOf } from './place.ts';
import type { SharedSubject } from './schema.ts';

export interface SharedRefinementFacts {
  readonly subject: SharedSubject;
  readonly context: RefineContext;
  readonly catalogue: Catalogue;
  readonly keep: readonly string[];
  readonly digest: (text: string) => string;
}

/** What the proposal says of one policy, and the proof that it stands on. */
export interface SharedPolicyOutcome {
  readonly policy: ProposedPolicy;
  /** Undefined where the policy could not be read, or does not fit. */
  readonly verified: VerifiedPolicy | undefined;
  readonly accounted: Accounted | undefined;
}

/** Characters of one managed policy. */
const MANAGED = 6144;

/**
 * The quotas of IAM for a group: characters of all its inline policies together, and managed policies attached to it.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const GROUP_INLINE = 5120;
const ATTACHED_TO_GROUP = 10;

/**
 * Refines each policy of a subject by what is unused to all, fits it to what IAM stores and has it verified. A policy
 * that cannot be understood or does not fit is refused and stays as it is; the others go on.
 * @throws VerificationError when the verifier rejects a document
 */
export function sharedPolicies(
  grants: readonly Grant[],
  facts: SharedRefinementFacts,
): readonly SharedPolicyOutcome[] {
  const refinements = grants.map((grant) => refineGrant(grant, facts.context));
  const fits = fitAll(refinements, facts);
  return refinements.map((refined, index) => conclude(refined, fits[index] ?? { kind: 'untouched' }, facts));
}

function refineGrant(grant: Grant, context: RefineContext): GrantRefinement {
  if (!grant.document.readable) return { grant, kind: 'refused', reason: grant.document.problem };
  const document = grant.document.value;
  const policy = parsePolicy(document);
  if (!policy.ok) return { grant, kind: 'refused', reason: policy.problem };
  return { grant, kind: 'refined', document, refinement: refinePolicy(policy.value, context) };
}

/**
 * A shared policy stays one policy: a second one would have to be attached to everybody. A group takes copies up to its
 * number of attachments.
 */
function fitAll(refinements: readonly GrantRefinement[], facts: SharedRefinementFacts): readonly FitResult[] {
  const taking = refinements.flatMap((refined, index) => {
    const input = inputOf(refined);
    return input ? [{ input, index }] : [];
  });
  const { universe, unused, generalize } = facts.context;
  const attached = facts.subject.type === 'group' ? ATTACHED_TO_GROUP : taking.length;
  const results = fitPolicies({
    // The quotas are the subject's own under either name.
    principalType: 'user',
    quotas: {
      managedPolicyCharacters: MANAGED,
      inlineCharacters: { role: GROUP_INLINE, user: GROUP_INLINE },
      attachedManagedPolicies: { role: attached, user: attached },
    },
    policies: taking.map(({ input }) => input),
    universe,
    unused,
    generalize,
  });
  const byIndex = new Map(taking.map(({ index }, place) => [index, results[place]]));
  return refinements.map((_, index) => byIndex.get(index) ?? { kind: 'untouched' });
}

function inputOf(refined: GrantRefinement): FitInput | undefined {
  const container = refined.grant.managed ? 'managed' : 'inline';
  if (refined.kind === 'refused') {
    const { document } = refined.grant;
    const charactersBefore = document.readable ? countCharacters(document.value) : document.text.length;
    return { container, charactersBefore, refined: null };
  }
  const { policy, statements, document, isChanged } = refined.refinement;
  if (document === null) return undefined;
  const edits = statements.map(({ edit }) => edit);
  const charactersBefore = countCharacters(refined.document);
  return { container, charactersBefore, refined: isChanged ? { policy, edits } : null };
}

function conclude(
  refined: GrantRefinement,
  fit: FitResult,
  facts: SharedRefinementFacts,
): SharedPolicyOutcome {
  const { grant } = refined;
  if (refined.kind === 'refused') {
    return {
      policy: standing(grant, { disposition: 'refused', reason: refined.reason }),
      verified: undefined,
      accounted: undefined,
    };
  }
  const { document, refinement } = refined;
  if (fit.kind === 'does-not-fit') {
    const claim = { after: claimedDocuments(refinement), strict: true };
    const { grantedBefore } = proveGrant(grant, document, claim, facts);
    return {
      policy: standing(grant, { disposition: 'refused', reason: fit.reason }),
      verified: undefined,
      accounted: { before: document, after: [document], grantedBefore, grantedAfter: grantedBefore },
    };
  }
  const fitted = fit.kind === 'fits' && fit.steps.length > 0 ? fit : undefined;
  const after = fitted ? fitted.documents : claimedDocuments(refinement);
  const verified = proveGrant(grant, document, { after, strict: !fitted }, facts);
  const { disposition, reason } = placeOf(grant, facts.subject, {
    isChanged: refinement.isChanged,
    isEmpty: after.length === 0,
    isMoved: fitted?.steps.includes('moved-to-managed') ?? false,
  });
  if (disposition === 'unchanged') {
    return { policy: standing(grant, { disposition, reason }), verified, accounted: verified };
  }
  const policy: ProposedPolicy = {
    ...identify(grant),
    disposition,
    reason: fitted ? `${reason}; ${fitted.reason}` : reason,
    before: document,
    after: verified.after.map((part, index) => ({
      name: disposition === 'replace' || index > 0 ? nameCopy(grant, part, index, facts) : grant.name,
      document: part,
    })),
    removed: removedActions(verified, facts.context.universe),
    changes: fitted
      ? refitChanges(refinement.policy, refinement.changes, fitted.documents)
      : refinement.changes,
    ...(fitted ? { fitting: { steps: fitted.steps, figures: fitted.figures } } : {}),
  };
  return { policy, verified, accounted: verified };
}

function standing(grant: Grant, { disposition, reason }: Place): ProposedPolicy {
  const before = grant.document.readable ? grant.document.value : grant.document.text;
  return {
    ...identify(grant),
    disposition,
    reason,
    before,
    after: [{ name: grant.name, document: before }],
    removed: [],
    changes: [],
  };
}

function identify(grant: Grant): Pick<ProposedPolicy, 'source' | 'name' | 'arn' | 'versionId' | 'group'> {
  const { source, name, managed, group } = grant;
  return {
    source,
    name,
    ...(managed ? { arn: managed.arn } : {}),
    ...(managed && managed.versionId !== '' ? { versionId: managed.versionId } : {}),
    ...(group ? { group: group.name } : {}),
  };
}

function nameCopy(
  grant: Grant,
  document: ProposedPolicy['before'],
  part: number,
  { subject, digest }: SharedRefinementFacts,
): string {
  return copyName(
    {
      principalArn: subject.arn,
      principalName: subject.name,
      original: grant.managed?.arn ?? grant.name,
      originalName: grant.name,
      part,
      document,
    },
    digest,
  );
}
