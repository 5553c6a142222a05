import {
  GetGroupCommand,
  GetRoleCommand,
  GetUserCommand,
  type IAMClient,
  ListGroupsForUserCommand,
  type Role,
} from '@aws-sdk/client-iam';
import { byCodeUnit } from '../../../core/model/order.ts';
import type { Grant, Principal, PrincipalRef } from '../../../core/model/principal.ts';
import type { PolicySource, PrincipalAnswer } from '../../../ports/policies.ts';
import { readTrustText } from '../../../json/policy-text.ts';
import { attemptUnless } from '../sdk/errors.ts';
import { roleLastUsed } from './last-used-date.ts';
import type { IamClients } from './iam-clients.ts';
import { readGrants } from './grants.ts';
import { groupHolder, roleHolder, userHolder } from './holders.ts';
import { type ManagedPolicies, readTags } from './managed-policies.ts';
import { allMarkerPages, MAX_ITEMS, NO_SUCH_ENTITY, vanished } from './marker-pages.ts';

const GONE: PrincipalAnswer = { kind: 'gone' };

/**
 * Reads principals from IAM. A principal of the same name under another path is a different one: then the requested
 * principal no longer exists.
 */
export class IamPolicies implements PolicySource {
  readonly #clients: IamClients;
  readonly #managed: ManagedPolicies;
  readonly #includesAges: boolean;
  /** @param includesAges whether principals have their age and last use; for policies, `managed` decides */
  constructor(clients: IamClients, managed: ManagedPolicies, includesAges = false) {
    this.#clients = clients;
    this.#managed = managed;
    this.#includesAges = includesAges;
  }

  async getPrincipal(ref: PrincipalRef): Promise<PrincipalAnswer> {
    const iam = await this.#clients.forAccount(ref.accountId);
    return ref.type === 'role' ? this.#role(iam, ref) : this.#user(iam, ref);
  }

  async #role(iam: IAMClient, ref: PrincipalRef): Promise<PrincipalAnswer> {
    const answer = await attemptUnless(`read the role ${ref.arn}`, NO_SUCH_ENTITY, () =>
      iam.send(new GetRoleCommand({ RoleName: ref.name })),
    );
    const role = answer?.Role;
    if (role?.Arn !== ref.arn) return GONE;
    const grants = await readGrants(iam, roleHolder(iam, ref.name), this.#managed);
    if (grants === undefined) return GONE;
    const assumedBy = readTrustText(role.AssumeRolePolicyDocument);
    const boundaryArn = role.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      kind: 'found',
      principal: {
        ref,
        ...idOf(role.RoleId),
        tags: readTags(role.Tags),
        grants,
        ...(assumedBy === undefined ? {} : { assumedBy }),
        ...this.#agesOf(role),
        boundaryArn,
      },
    };
  }

  async #user(iam: IAMClient, ref: PrincipalRef): Promise<PrincipalAnswer> {
    const answer = await attemptUnless(`read the user ${ref.arn}`, NO_SUCH_ENTITY, () =>
      iam.send(new GetUserCommand({ UserName: ref.name })),
    );
    const user = answer?.User;
    if (user?.Arn !== ref.arn) return GONE;
    const own = await readGrants(iam, userHolder(iam, ref.name), this.#managed);
    if (own === undefined) return GONE;
    const groups = await listGroups(iam, ref);
    if (groups === undefined) return GONE;
    const grants: Grant[] = [...own];
    for (const group of groups) grants.push(...(await this.#group(iam, group)));
    const boundaryArn = user.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      kind: 'found',
      principal: {
        ref,
        ...idOf(user.UserId),
        tags: readTags(user.Tags),
        grants,
        ...this.#agesOf(user),
        boundaryArn,
      },
    };
  }

  #agesOf(one: Pick<Role, 'CreateDate' | 'RoleLastUsed'>): Pick<Principal, 'createdAt' | 'lastUsedAt'> {
    if (!this.#includesAges) return {};
    const createdAt = one.CreateDate?.toISOString();
    const lastUsedAt = roleLastUsed(one);
    return {
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(lastUsedAt === undefined ? {} : { lastUsedAt }),
    };
  }

  async #group(iam: IAMClient, name: string): Promise<readonly Grant[]> {
    const grants = await readGrants(iam, groupHolder(iam, name), this.#managed);
    if (grants === undefined) throw vanished(`read the group ${name}`);
    if (grants.length === 0) return [];
    const members = await countMembers(iam, name);
    return grants.map((grant) => ({ ...grant, group: { name, members } }));
  }
}

function idOf(id: string | undefined): Pick<Principal, 'id'> {
  return id === undefined ? {} : { id };
}

async function listGroups(iam: IAMClient, ref: PrincipalRef): Promise<readonly string[] | undefined> {
  const doing = `list the groups of the user ${ref.arn}`;
  const groups = await allMarkerPages(doing, async (Marker) => {
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
      iam.send(
        new ListGroupsForUserCommand({
          UserName: ref.name,
          MaxItems: MAX_ITEMS,
          ...(Marker === undefined ? {} : { Marker }),
        }),
      ),
    );
    return answer && { items: answer.Groups ?? [], truncated: answer.IsTruncated, marker: answer.Marker };
  });
  return groups?.flatMap(({ GroupName }) => GroupName ?? []).sort(byCodeUnit);
}

/** How many users a group has, all pages counted. */
async function countMembers(iam: IAMClient, group: string): Promise<number> {
  const doing = `count the members of the group ${group}`;
  const members = await allMarkerPages(doing, async (Marker) => {
    const answer = await attemptUnless(doing, NO_SUCH_ENTITY, () =>
      iam.send(
        new GetGroupCommand({
          GroupName: group,
          MaxItems: MAX_ITEMS,
          ...(Marker === undefined ? {} : { Marker }),
        }),
      ),
    );
    return answer && { items: answer.Users ?? [], truncated: answer.IsTruncated, marker: answer.Marker };
  });
  if (members === undefined) throw vanished(doing);
  return members.length;
}
