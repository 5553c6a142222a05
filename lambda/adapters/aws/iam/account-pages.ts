import {
  type AttachedPolicy as SdkAttached,
  GetAccountAuthorizationDetailsCommand,
  type ManagedPolicyDetail,
  type PolicyDetail,
  type RoleDetail,
  type UserDetail,
} from '@aws-sdk/client-iam';
import { AdapterError } from '../../../ports/system.ts';
import type {
  AccountPage,
  AccountPages,
  AttachedPolicy,
  EncodedPolicy,
  EntryFault,
  PagePolicy,
  PageRole,
} from '../../../ports/account.ts';
import { readTrustText } from '../../../json/policy-text.ts';
import { roleLastUsed } from './last-used-date.ts';
import { attempt } from '../sdk/errors.ts';
import type { IamClients } from './iam-clients.ts';
import { readTags } from './managed-policies.ts';
import { MAX_ITEMS } from './marker-pages.ts';

/**
 * Reads whole accounts with `GetAccountAuthorizationDetails`. A page may have fewer items than requested although more
 * follow, so only `IsTruncated` counts.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export class IamAccountPages implements AccountPages {
  readonly #clients: Pick<IamClients, 'forAccount'>;
  constructor(clients: Pick<IamClients, 'forAccount'>) {
    this.#clients = clients;
  }

  async read(accountId: string, marker: string | null): Promise<AccountPage> {
    const iam = await this.#clients.forAccount(accountId);
    const doing = `read account ${accountId} in bulk`;
    const answer = await attempt(doing, () =>
      iam.send(
        new GetAccountAuthorizationDetailsCommand({
          Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'],
          MaxItems: MAX_ITEMS,
          ...(marker === null ? {} : { Marker: marker }),
        }),
      ),
    );
    const nextMarker = answer.IsTruncated === true ? answer.Marker : null;
    if (nextMarker === undefined || (nextMarker !== null && nextMarker === marker)) {
      throw new AdapterError(
        `cannot ${doing}: a page says that more follows but does not say where`,
        'retry',
        'malformed',
      );
    }
    const faults: EntryFault[] = [];
    const page: AccountPage = {
      roles: (answer.RoleDetailList ?? []).flatMap((role) => {
        const fault = faultOf('role', role.Arn, role);
        if (fault) faults.push(fault);
        return (fault ? [] : entity(role, role.RoleId, role.RolePolicyList)).map((one) => ({
          ...one,
          assumedBy: readTrustText(role.AssumeRolePolicyDocument),
          lastUsedAt: roleLastUsed(role),
        }));
      }),
      users: (answer.UserDetailList ?? []).flatMap((user) => {
        const fault = faultOf('user', user.Arn, user);
        if (fault) faults.push(fault);
        return (fault ? [] : entity(user, user.UserId, user.UserPolicyList)).map((one) => ({
          ...one,
          groups: user.GroupList ?? [],
        }));
      }),
      groups: (answer.GroupDetailList ?? []).flatMap((group) => {
        const { GroupName: name, GroupId: id, GroupPolicyList, AttachedManagedPolicies } = group;
        const fault = faultOf('group', name, group);
        // Without the ARN, the group's grants are read together with each of its members.
        if (fault) faults.push({ type: fault.type, problem: fault.problem });
        if (fault || name === undefined) return [];
        return [{ name, id, inline: inline(GroupPolicyList), attached: attached(AttachedManagedPolicies) }];
      }),
      policies: (answer.Policies ?? []).flatMap((one) => {
        const fault = faultOf('policy', one.Arn, {});
        if (fault) faults.push(fault);
        return policy(one);
      }),
      nextMarker,
    };
    return withStringsOfItsOwn(faults.length === 0 ? page : { ...page, faults });
  }
}

/** Which required member an entry lacks. */
function faultOf(
  type: EntryFault['type'],
  name: string | undefined,
  { AttachedManagedPolicies = [] }: Pick<Entity, 'AttachedManagedPolicies'>,
): EntryFault | undefined {
  if (!name)
    return { type, problem: `a ${type} of IAM's answer has no ${type === 'group' ? 'name' : 'ARN'}` };
  if (AttachedManagedPolicies.every(({ PolicyArn }) => PolicyArn)) return undefined;
  return { type, arn: name, problem: `a policy that is attached to the ${type} ${name} has no ARN` };
}

type Entity = Pick<
  RoleDetail & UserDetail,
  'Arn' | 'Tags' | 'PermissionsBoundary' | 'AttachedManagedPolicies' | 'CreateDate'
>;

function entity(
  detail: Entity,
  id: string | undefined,
  policies: readonly PolicyDetail[] | undefined,
): readonly PageRole[] {
  if (detail.Arn === undefined) return [];
  return [
    {
      arn: detail.Arn,
      id,
      tags: readTags(detail.Tags),
      boundaryArn: detail.PermissionsBoundary?.PermissionsBoundaryArn ?? null,
      inline: inline(policies),
      attached: attached(detail.AttachedManagedPolicies),
      createdAt: detail.CreateDate?.toISOString(),
    },
  ];
}

function inline(policies: readonly PolicyDetail[] = []): readonly EncodedPolicy[] {
  return policies.map(({ PolicyName: name = '', PolicyDocument: document = '' }) => ({ name, document }));
}

function attached(policies: readonly SdkAttached[] = []): readonly AttachedPolicy[] {
  return policies.flatMap(({ PolicyName: name, PolicyArn: arn }) =>
    arn === undefined ? [] : [{ arn, name: name ?? arn.slice(arn.lastIndexOf('/') + 1) }],
  );
}

/** Keeps only the default version, which is the one in force. */
function policy(detail: ManagedPolicyDetail): readonly PagePolicy[] {
  const { Arn: arn, DefaultVersionId: versionId, AttachmentCount: attachments, PolicyVersionList } = detail;
  const document = PolicyVersionList?.find((version) => version.VersionId === versionId)?.Document;
  if (arn === undefined || versionId === undefined || attachments === undefined || document === undefined)
    return [];
  const { PolicyId: id, Path: path = '/', PermissionsBoundaryUsageCount: boundaryUses = 0 } = detail;
  const updatedAt = detail.UpdateDate?.toISOString();
  return [{ arn, id, path, versionId, attachments, boundaryUses, updatedAt, document }];
}

/**
 * Copies every string. Parsed strings are views of the text that they were parsed from, so keeping one document would
 * keep the whole answer in memory, with all trust policies and old versions.
 */
function withStringsOfItsOwn(page: AccountPage): AccountPage {
  // Trust boundary: the page is plain data, so JSON preserves it.
  return JSON.parse(JSON.stringify(page)) as AccountPage;
}
