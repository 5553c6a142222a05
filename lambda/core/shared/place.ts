import type { Grant } from '../model/principal.ts';
import type { Disposition } from '../model/proposed-policy.ts';
import type { SharedSubject } from './schema.ts';

/** What is to be done with a policy, and why in that way. */
export interface Place {
  readonly disposition: Disposition;
  readonly reason: string;
}

export interface PolicyState {
  readonly isChanged: boolean;
  readonly isEmpty: boolean;
  /** An inline policy that fits only as a managed one. */
  readonly isMoved: boolean;
}

/** Where the refined documents of a policy go, seen from the shared policy or the group that is refined. */
export function placeOf(grant: Grant, subject: SharedSubject, state: PolicyState): Place {
  if (!state.isChanged) {
    return { disposition: 'unchanged', reason: 'nothing that is unused to all of them can be taken from it' };
  }
  return subject.type === 'policy' ? placeOfShared(state) : placeInGroup(grant, state);
}

function placeOfShared({ isEmpty }: PolicyState): Place {
  return isEmpty
    ? {
        disposition: 'remove',
        reason: 'nothing is left of it: it is detached from all that have it, and the policy itself stays',
      }
    : {
        disposition: 'new-version',
        reason: 'what goes is unused to everybody that has it: a new default version for all of them',
      };
}

function placeInGroup(grant: Grant, { isEmpty, isMoved }: PolicyState): Place {
  const isManaged = grant.managed !== undefined;
  if (isEmpty) {
    return {
      disposition: 'remove',
      reason: isManaged
        ? 'nothing is left of it: it is detached from this group'
        : 'nothing is left of it: the inline policy is deleted',
    };
  }
  if (isMoved) return { disposition: 'replace', reason: 'its place is taken by a managed policy' };
  if (!isManaged) {
    return {
      disposition: 'update',
      reason: 'an inline policy belongs to this group alone and is changed in place',
    };
  }
  if (grant.source === 'group-aws-managed') {
    return {
      disposition: 'replace',
      reason: 'AWS owns the policy and nobody else can change it: a refined copy takes its place',
    };
  }
  const others = grant.managed.attachments - 1;
  if (others > 0 || grant.managed.boundaryUses > 0) {
    const whom =
      others > 0
        ? `it is attached to ${others === 1 ? 'one other principal or group' : `${String(others)} other principals or groups`} too`
        : 'it is also a permissions boundary';
    return {
      disposition: 'replace',
      reason: `${whom}, where it must not lose anything: a refined copy takes its place here`,
    };
  }
  return {
    disposition: 'new-version',
    reason: 'it is attached to this group only: a new default version',
  };
}
