import type { GroupHoldings, GroupMembers, SharedPolicy } from '../../ports/account.ts';

/** Why a shared policy must not be refined, whatever the findings report; undefined if there is no obstacle. */
export function policyObstacle(policy: SharedPolicy, affected: number): string | undefined {
  const { roles, users, groups, attachments, boundaryUses } = policy;
  if (boundaryUses === undefined) {
    return 'the description of the account does not say whether it is a permissions boundary';
  }
  if (boundaryUses > 0) {
    const whose = boundaryUses === 1 ? 'one principal' : `${String(boundaryUses)} principals`;
    return `it is the permissions boundary of ${whose}, which a new version would limit further`;
  }
  if (attachments === undefined) {
    return 'the description of the account does not say how often it is attached, so somebody may be missing';
  }
  const shown = roles.length + users.length + groups.length;
  if (attachments > shown) {
    return `it is attached to ${String(attachments)} roles, users and groups, of which the description of the account shows ${String(shown)}`;
  }
  const unknown = groups.find(({ members }) => members === undefined);
  if (unknown) return membersUnknown(unknown);
  return affected === 0 ? 'it reaches nobody: it is attached to groups without members only' : undefined;
}

/** Whether the description of the account shows all holders of the policy, and all whose boundary it is. */
export function isShownWhole({ roles, users, groups, attachments, boundaryUses }: SharedPolicy): boolean {
  return (
    boundaryUses !== undefined &&
    attachments !== undefined &&
    attachments <= roles.length + users.length + groups.length &&
    groups.every(({ members }) => members !== undefined)
  );
}

/** Why a group must not be refined, whatever the findings report. */
export function groupObstacle(group: GroupHoldings): string | undefined {
  if (group.members === undefined) return membersUnknown(group);
  return group.members.length === 0
    ? 'the group has no members, so nobody can tell what they use'
    : undefined;
}

function membersUnknown({ name }: GroupMembers): string {
  return `the description of the account does not show all users, so who is in the group ${name} is not known`;
}
