import type { SharedHolders, SharedSubject } from '../../core/proposal/schema.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { HolderId } from '../../core/plan/schema.ts';
import type { Grant } from '../../core/model/principal.ts';
import type {
  AccountInventory,
  GroupHoldings,
  Holder,
  SharedPolicy,
  GroupMembers,
} from '../../ports/account.ts';

/** A shared policy or group. Only `grants` parses documents. */
export interface SharedCandidate {
  readonly key: string;
  readonly subject: SharedSubject;
  /** Unique id of a group; undefined if the description does not say. */
  readonly subjectId: string | undefined;
  readonly holders: SharedHolders;
  /** Unique ids of the holders and of the members of groups, as far as the description has them. */
  readonly holderIds: readonly HolderId[];
  /** The holders, each once. */
  readonly affected: readonly (Holder & { readonly isDirect: boolean })[];
  /** Why nothing may be proposed, whatever the findings report; undefined if there is no obstacle. */
  readonly obstacle: string | undefined;
  /** Whether the description of the account shows all holders. If it does not, that may be the obstacle. */
  readonly isWhole: boolean;
  readonly notes: readonly string[];
  grants(): readonly Grant[];
}

/** The shared policies and groups of an account, by key: `group/…` before `policy/…`, each by ARN. */
export function* sharedCandidates(inventory: AccountInventory): Generator<SharedCandidate, void, undefined> {
  for (const group of inventory.groups()) yield groupCandidate(group, inventory.accountId);
  for (const policy of inventory.sharedPolicies()) yield policyCandidate(policy, inventory.accountId);
}

function groupCandidate(group: GroupHoldings, accountId: string): SharedCandidate {
  const members = group.members ?? [];
  return {
    key: `group/${group.arn}`,
    subject: subjectOf('group', group.arn, accountId),
    subjectId: group.id,
    holderIds: idsOf(members),
    holders: {
      principals: members.length,
      roles: [],
      users: [],
      groups: [{ name: group.name, members: arnsOf(members) }],
    },
    affected: members.map((member) => ({ ...member, isDirect: false })),
    obstacle: groupObstacle(group),
    isWhole: group.members !== undefined,
    notes: [],
    grants: () => group.grants(),
  };
}

function policyCandidate(policy: SharedPolicy, accountId: string): SharedCandidate {
  const { roles, users, groups } = policy;
  const affected = new Map<string, SharedCandidate['affected'][number]>();
  for (const member of groups.flatMap(({ members }) => members ?? [])) {
    affected.set(member.arn, { ...member, isDirect: false });
  }
  for (const holder of [...roles, ...users]) affected.set(holder.arn, { ...holder, isDirect: true });
  const empty = groups.filter(({ members }) => members?.length === 0).map(({ name }) => name);
  return {
    key: `policy/${policy.arn}`,
    subject: subjectOf('policy', policy.arn, accountId),
    subjectId: undefined,
    holderIds: idsOf([...affected.values()], groups),
    holders: {
      principals: affected.size,
      roles: arnsOf(roles),
      users: arnsOf(users),
      groups: groups
        .map(({ name, members = [] }) => ({ name, members: arnsOf(members) }))
        .sort((a, b) => byCodeUnit(a.name, b.name)),
    },
    affected: [...affected.values()],
    obstacle: policyObstacle(policy, affected.size),
    isWhole: isShownWhole(policy),
    notes: empty
      .sort(byCodeUnit)
      .map(
        (name) =>
          `The group ${name} has the policy and no members: whoever joins it gets the refined policy.`,
      ),
    grants: () => [policy.grant()],
  };
}

/** By kind and name. */
function idsOf(
  principals: readonly Pick<Holder, 'arn' | 'id'>[],
  groups: SharedPolicy['groups'] = [],
): readonly HolderId[] {
  const ofGroups = groups.flatMap(({ name, id }): readonly HolderId[] =>
    id === undefined ? [] : [{ type: 'group', name, id }],
  );
  const ofPrincipals = principals.flatMap(({ arn, id }): readonly HolderId[] => {
    const type = arn.split(':')[5]?.startsWith('role/') === true ? 'role' : 'user';
    return id === undefined ? [] : [{ type, name: arn.slice(arn.lastIndexOf('/') + 1), id }];
  });
  return [...ofGroups, ...ofPrincipals].sort(
    (a, b) => byCodeUnit(a.type, b.type) || byCodeUnit(a.name, b.name),
  );
}

function arnsOf(holders: readonly Holder[]): readonly string[] {
  return holders.map(({ arn }) => arn).sort(byCodeUnit);
}

/** `arn:aws:iam::123456789012:policy/team/Orders` has the name `Orders` and the path `/team/`. */
function subjectOf(type: SharedSubject['type'], arn: string, accountId: string): SharedSubject {
  const resource = arn.split(':').slice(5).join(':');
  const slash = resource.lastIndexOf('/');
  return {
    type,
    arn,
    name: resource.slice(slash + 1),
    path: resource.slice(type.length, slash + 1),
    accountId,
  };
}

/** Why a shared policy must not be refined, whatever the findings report; undefined if there is no obstacle. */
function policyObstacle(policy: SharedPolicy, affected: number): string | undefined {
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

/**
 * Whether the description of the account shows all holders of the policy, and all principals with it as their
 * boundary.
 */
function isShownWhole({ roles, users, groups, attachments, boundaryUses }: SharedPolicy): boolean {
  return (
    boundaryUses !== undefined &&
    attachments !== undefined &&
    attachments <= roles.length + users.length + groups.length &&
    groups.every(({ members }) => members !== undefined)
  );
}

/** Why a group must not be refined, whatever the findings report. */
function groupObstacle(group: GroupHoldings): string | undefined {
  if (group.members === undefined) return membersUnknown(group);
  return group.members.length === 0
    ? 'the group has no members, so nobody can tell what they use'
    : undefined;
}

function membersUnknown({ name }: GroupMembers): string {
  return `the description of the account does not show all users, so who is in the group ${name} is not known`;
}
