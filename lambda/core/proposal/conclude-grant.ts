import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Universe } from '../catalogue/universe.ts';
import type { Grant } from '../model/principal.ts';
import { copyName } from '../plan/names.ts';
import type { Subject } from '../model/subject.ts';
import type { RefineContext } from '../refine/context.ts';
import { claimedDocuments, proveRefinement } from './prove-refinement.ts';
import { describeGroup, dispositionOf, isInherited } from './disposition.ts';
import type { GrantRefinement } from '../refine/refine-policy.ts';
import type { FitResult } from '../fit/fit-result.ts';
import { refitChanges } from '../fit/refit-changes.ts';
import type { VerifiedPolicy } from '../verify/verify-policy.ts';
import type { ProposedPolicy, ResidueAction } from '../model/proposed-policy.ts';
import type { Accounted } from './summary.ts';

export interface ConcludeFacts {
  /** The subject that has these policies. */
  readonly subject: Subject;
  readonly context: RefineContext;
  readonly catalogue: Catalogue;
  readonly keep: readonly string[];
  readonly digest: (text: string) => string;
}

/** The proposal's entry for one policy, and its proof. */
export interface GrantOutcome {
  readonly policy: ProposedPolicy;
  /** For a policy of the subject's own that was refined and fits. */
  readonly verified: VerifiedPolicy | undefined;
  /** What the subject's own policy grants before and after; undefined if the policy was not understood. */
  readonly accounted: Accounted | undefined;
  readonly residue: readonly ResidueAction[];
}

type Refined = Extract<GrantRefinement, { kind: 'refined' }>;
type Fitted = Extract<FitResult, { kind: 'fits' }>;

/**
 * Has the verifier check the documents that would replace a policy, and decides what to do with the policy.
 * @throws VerificationError if they are not exact
 */
export function concludeGrant(refined: GrantRefinement, fit: FitResult, facts: ConcludeFacts): GrantOutcome {
  if (refined.kind === 'refused') {
    const policy = refusedPolicy(refined.grant, refined.reason, facts.subject);
    return { policy, verified: undefined, accounted: undefined, residue: [] };
  }
  if (isInherited(refined.grant, facts.subject)) return concludeInherited(refined, facts);
  return fit.kind === 'does-not-fit'
    ? concludeUnfit(refined, fit.reason, facts)
    : concludeOwn(refined, fit.kind === 'fits' ? fit : undefined, facts);
}

function concludeOwn(refined: Refined, fit: Fitted | undefined, facts: ConcludeFacts): GrantOutcome {
  const { grant, document, refinement } = refined;
  const isFitted = fit !== undefined && fit.steps.length > 0;
  const after = isFitted ? fit.documents : claimedDocuments(refinement);
  const verified = proveRefinement(document, { after, strict: !isFitted }, facts, grant.name);
  const { disposition, reason } = dispositionOf(grant, facts.subject, {
    isChanged: refinement.isChanged,
    isEmpty: after.length === 0,
    isMoved: isFitted && fit.steps.includes('moved-to-managed'),
  });
  const policy: ProposedPolicy = {
    ...identify(grant),
    disposition,
    reason: isFitted ? `${reason}; ${fit.reason}` : reason,
    before: document,
    after: (disposition === 'unchanged' ? [document] : verified.after).map((part, index) => ({
      name: disposition === 'replace' || index > 0 ? nameCopy(grant, part, index, facts) : grant.name,
      document: part,
    })),
    removed: removedActions(verified, facts.context.universe),
    changes: isFitted
      ? refitChanges(refinement.policy, refinement.changes, fit.documents)
      : refinement.changes,
    ...(isFitted ? { fitting: { steps: fit.steps, figures: fit.figures } } : {}),
  };
  return { policy, verified, accounted: verified, residue: [] };
}

/** A policy through a group: what a refinement would have removed is residue. */
function concludeInherited({ grant, document, refinement }: Refined, facts: ConcludeFacts): GrantOutcome {
  const claim = { after: claimedDocuments(refinement), strict: true };
  const verified = proveRefinement(document, claim, facts, grant.name);
  const { disposition, reason } = dispositionOf(grant, facts.subject, {
    isChanged: refinement.isChanged,
    isEmpty: false,
    isMoved: false,
  });
  const through = describeGroup(grant);
  const why = `granted by the group's policy ${grant.name}, and a proposal about one user changes no group`;
  return {
    policy: unchangedPolicy(grant, disposition, reason),
    verified: undefined,
    accounted: undefined,
    residue: residueOf(verified, through, why, facts),
  };
}

/** A policy that cannot be made to fit stays as it is, with all its unused actions. */
function concludeUnfit(
  { grant, document, refinement }: Refined,
  reason: string,
  facts: ConcludeFacts,
): GrantOutcome {
  const claim = { after: claimedDocuments(refinement), strict: true };
  const verified = proveRefinement(document, claim, facts, grant.name);
  const { grantedBefore } = verified;
  return {
    policy: unchangedPolicy(grant, 'refused', reason),
    verified: undefined,
    accounted: { before: document, after: [document], grantedBefore, grantedAfter: grantedBefore },
    residue: residueOf(
      verified,
      `policy ${grant.name}`,
      'the refined policy does not fit the size limits of IAM',
      facts,
    ),
  };
}

function residueOf(
  verified: VerifiedPolicy,
  through: string,
  reason: string,
  { context }: ConcludeFacts,
): readonly ResidueAction[] {
  return removedActions(verified, context.universe).map((action) => ({ action, through, reason }));
}

function refusedPolicy(grant: Grant, reason: string, subject: Subject): ProposedPolicy {
  return isInherited(grant, subject)
    ? unchangedPolicy(grant, 'inherited', `${describeGroup(grant)}: ${reason}`)
    : unchangedPolicy(grant, 'refused', reason);
}

/** A policy that stays as it is. */
function unchangedPolicy(
  grant: Grant,
  disposition: ProposedPolicy['disposition'],
  reason: string,
): ProposedPolicy {
  const before = grant.document.readable ? grant.document.value : grant.document.text;
  // If the source lacks the document, nothing replaces it.
  const isMissing = before === null || before === '';
  return {
    ...identify(grant),
    disposition,
    reason,
    before,
    after: isMissing ? [] : [{ name: grant.name, document: before }],
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
  { subject, digest }: ConcludeFacts,
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

/** Actions of the universe that the policy no longer grants, in the universe's spelling. */
function removedActions(verified: VerifiedPolicy, universe: Universe): readonly string[] {
  const removed: string[] = [];
  for (const [key, { actions, has }] of verified.grantedBefore) {
    const after = verified.grantedAfter.get(key)?.has;
    const service = universe.services.get(key);
    for (let i = 0; i < actions.length; i += 1) {
      if (has[i] !== 1 || after?.[i] === 1) continue;
      const action = actions[i] ?? '';
      const position = service?.position.get(action) ?? -1;
      removed.push(`${service?.name ?? key}:${service?.actions[position] ?? action}`);
    }
  }
  return removed.sort();
}
