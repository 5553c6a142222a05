import type { Grant } from '../model/principal.ts';
import type { Disposition } from '../model/proposed-policy.ts';

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
