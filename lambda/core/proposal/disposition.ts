import type { Grant, ManagedPolicyFacts } from '../model/principal.ts';
import type { Disposition } from '../model/proposed-policy.ts';
import type { Subject } from '../model/subject.ts';

/** What to do with a policy, and why. */
interface DecidedDisposition {
  readonly disposition: Disposition;
  readonly reason: string;
}

interface PolicyState {
  readonly isChanged: boolean;
  readonly isEmpty: boolean;
  /** An inline policy that fits only as a managed one. */
  readonly isMoved: boolean;
}

/** What happens to a policy of the subject that is refined. */
export function dispositionOf(grant: Grant, subject: Subject, state: PolicyState): DecidedDisposition {
  if (isInherited(grant, subject)) return { disposition: 'inherited', reason: inheritedReason(grant) };
  if (!state.isChanged) return { disposition: 'unchanged', reason: unchangedReason(subject) };
  if (state.isEmpty) return { disposition: 'remove', reason: removeReason(grant, subject) };
  if (state.isMoved) return { disposition: 'replace', reason: 'a managed policy replaces it' };
  if (grant.managed === undefined) {
    return {
      disposition: 'update',
      reason: `an inline policy belongs to this ${nounOf(subject)} alone and is changed in place`,
    };
  }
  if (subject.type === 'policy') {
    return {
      disposition: 'new-version',
      reason:
        'the removed actions are reported unused for every holder: a new default version for all of them',
    };
  }
  if (grant.source === 'aws-managed' || grant.source === 'group-aws-managed') {
    return {
      disposition: 'replace',
      reason: 'AWS owns the policy and nobody else can change it: a refined copy replaces it',
    };
  }
  const others = othersReason(grant.managed);
  return others === undefined
    ? {
        disposition: 'new-version',
        reason: `it is attached to this ${nounOf(subject)} only: a new default version`,
      }
    : { disposition: 'replace', reason: others };
}

/** Whether the policy reaches a user through a group, which a proposal about one user never changes. */
export function isInherited(grant: Grant, subject: Subject): boolean {
  return subject.type !== 'group' && grant.source.startsWith('group-');
}

function nounOf({ type }: Subject): string {
  return type === 'group' ? 'group' : 'principal';
}

function unchangedReason({ type }: Subject): string {
  return type === 'role' || type === 'user'
    ? 'nothing that the finding reports unused can be removed from it'
    : 'nothing that is reported unused for all of them can be removed from it';
}

/** The others that a new default version would change, or undefined. */
function othersReason({ attachments, boundaryUses }: ManagedPolicyFacts): string | undefined {
  const others = attachments - 1;
  if (others > 0) {
    const whom =
      others === 1 ? 'one other principal or group' : `${String(others)} other principals or groups`;
    return `it is attached to ${whom} too, which must not lose anything: a refined copy replaces it here`;
  }
  if (boundaryUses > 0) {
    const uses = boundaryUses === 1 ? 'one principal' : `${String(boundaryUses)} principals`;
    return `it is also the permissions boundary of ${uses}, which must not lose anything: a refined copy replaces it here`;
  }
  return undefined;
}

function removeReason({ managed }: Grant, subject: Subject): string {
  const what = 'nothing is left of it:';
  if (managed === undefined) return `${what} the inline policy is deleted`;
  return subject.type === 'policy'
    ? `${what} it is detached from all that have it, and the policy itself stays`
    : `${what} it is detached from this ${nounOf(subject)}`;
}

/** `group Developers (12 users)` */
export function describeGroup({ group }: Grant): string {
  const members = group?.members;
  const size = members === undefined ? '' : members === 1 ? ' (1 user)' : ` (${String(members)} users)`;
  return `group ${group?.name ?? ''}${size}`;
}

function inheritedReason(grant: Grant): string {
  return `it reaches the user through ${describeGroup(grant)}, and a proposal about one user changes no group`;
}
