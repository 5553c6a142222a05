import type { Catalogue } from '../catalogue/catalogue.ts';
import type { JsonValue } from '../model/json.ts';
import { parsePolicy } from '../model/policy.ts';
import type { Grant, Principal } from '../model/principal.ts';
import type { Disposition } from '../proposal/schema.ts';
import { replayText } from '../verify/replay.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { type ClaimedDocument, type VerifiedPolicy, verifyPolicy } from '../verify/verify-policy.ts';
import type { RefineContext } from './context.ts';
import { type PolicyRefinement, refinePolicy } from './refine-policy.ts';

/** One policy of a principal with what the refiner makes of it, before anything is fitted or verified. */
export type GrantRefinement =
  | { readonly grant: Grant; readonly kind: 'refused'; readonly reason: string }
  | {
      readonly grant: Grant;
      readonly kind: 'refined';
      readonly document: JsonValue;
      readonly refinement: PolicyRefinement;
    };

/** Refines every policy of a principal. A policy that cannot be understood is refused; the others go on. */
export function refineGrants(principal: Principal, context: RefineContext): readonly GrantRefinement[] {
  return principal.grants.map((grant) => {
    if (!grant.document.readable) return { grant, kind: 'refused', reason: grant.document.problem };
    const document = grant.document.value;
    const policy = parsePolicy(document);
    if (!policy.ok) return { grant, kind: 'refused', reason: policy.problem };
    return { grant, kind: 'refined', document, refinement: refinePolicy(policy.value, context) };
  });
}

/** The documents that the refiner claims should stand in the policy's place. */
export function claimedDocuments(refinement: PolicyRefinement): readonly ClaimedDocument[] {
  const { document, origins } = refinement;
  return document === null ? [] : [{ document, origins }];
}

/**
 * Has the verifier look at what should stand in a policy's place.
 * @throws VerificationError when it is not exact: a bug of ours, and nothing may be proposed
 */
export function proveGrant(
  grant: Grant,
  before: JsonValue,
  claim: { readonly after: readonly ClaimedDocument[]; readonly strict: boolean },
  facts: { readonly context: RefineContext; readonly keep: readonly string[]; readonly catalogue: Catalogue },
): VerifiedPolicy {
  const { context, keep, catalogue } = facts;
  const { unused, generalize } = context;
  const result = verifyPolicy({ before, after: claim.after, unused, keep, catalogue, strict: claim.strict });
  if (result.ok) return result.verified;
  throw new VerificationError(
    `the refinement of policy ${grant.name} is not exact: ${result.problems.join('; ')}`,
    replayText({
      document: before,
      unused,
      keep,
      generalize,
      after: claim.after.map(({ document }) => document),
    }),
  );
}

/** What is to be done with a policy that was refined, and why in that way. */
export function dispositionOf(
  grant: Grant,
  state: { readonly isChanged: boolean; readonly isEmpty: boolean },
): { readonly disposition: Disposition; readonly reason: string } {
  if (isInherited(grant)) return { disposition: 'inherited', reason: inheritedReason(grant) };
  if (!state.isChanged) {
    return {
      disposition: 'unchanged',
      reason: 'nothing that the finding reports unused can be taken from it',
    };
  }
  if (state.isEmpty) return { disposition: 'remove', reason: removeReason(grant) };
  switch (grant.source) {
    case 'role-inline':
    case 'user-inline':
      return {
        disposition: 'update',
        reason: 'an inline policy belongs to this principal alone and is changed in place',
      };
    case 'aws-managed':
      return {
        disposition: 'replace',
        reason: 'AWS owns the policy and nobody else can change it: a refined copy takes its place',
      };
    case 'customer-managed': {
      const shared = sharedReason(grant);
      return shared === undefined
        ? {
            disposition: 'new-version',
            reason: 'it is attached to this principal only: a new default version',
          }
        : { disposition: 'replace', reason: shared };
    }
    case 'group-inline':
    case 'group-customer-managed':
    case 'group-aws-managed':
      return { disposition: 'inherited', reason: inheritedReason(grant) };
    default:
      return grant.source satisfies never;
  }
}

export function isInherited(grant: Grant): boolean {
  return grant.source.startsWith('group-');
}

/** Whom a new default version would change besides this principal, or undefined. */
function sharedReason(grant: Grant): string | undefined {
  const others = (grant.managed?.attachments ?? 1) - 1;
  const boundaries = grant.managed?.boundaryUses ?? 0;
  if (others > 0) {
    const whom =
      others === 1 ? 'one other principal or group' : `${String(others)} other principals or groups`;
    return `it is attached to ${whom} too, which must not lose anything: a refined copy takes its place here`;
  }
  if (boundaries > 0) {
    const uses = boundaries === 1 ? 'one principal' : `${String(boundaries)} principals`;
    return `it is also the permissions boundary of ${uses}, which must not lose anything: a refined copy takes its place here`;
  }
  return undefined;
}

function removeReason(grant: Grant): string {
  const isInline = grant.source === 'role-inline' || grant.source === 'user-inline';
  return isInline
    ? 'nothing is left of it: the inline policy is deleted'
    : 'nothing is left of it: it is detached from this principal';
}

/** `group Developers (12 users)` */
export function describeGroup(grant: Grant): string {
  const members = grant.group?.members;
  const size = members === undefined ? '' : members === 1 ? ' (1 user)' : ` (${String(members)} users)`;
  return `group ${grant.group?.name ?? ''}${size}`;
}

function inheritedReason(grant: Grant): string {
  return `it reaches the user through ${describeGroup(grant)} and is everybody's there: not changed`;
}
