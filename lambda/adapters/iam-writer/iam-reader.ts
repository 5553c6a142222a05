import {
  GetAccessKeyLastUsedCommand,
  GetAccountSummaryCommand,
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetLoginProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListGroupPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
} from '@aws-sdk/client-iam';
import type { JsonValue } from '../../core/model/json.ts';
import type { HolderRef } from '../../core/model/subject.ts';
import { HOLDER_QUOTAS } from '../../core/plan/limits.ts';
import type {
  AccessKeyState,
  AccountQuotas,
  GroupState,
  IamReader,
  ManagedPolicyState,
  NamedHolder,
  PolicyHolders,
  SubjectState,
} from '../../ports/apply.ts';
import { AdapterError } from '../../ports/system.ts';
import { readPolicyText } from '../../json/policy-text.ts';
import { allMarkerPages } from '../aws/iam/marker-pages.ts';
import { NO_SUCH_ENTITY } from '../aws/iam/marker-pages.ts';
import { callIam, callIamUnless } from './call-iam.ts';

interface Page {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** The reads of the `apply` command. Nothing is cached. */
export class AwsIamReader implements IamReader {
  protected readonly client: IAMClient;
  constructor(client: IAMClient) {
    this.client = client;
  }

  async subject({ type, name }: HolderRef): Promise<SubjectState | undefined> {
    const doing = `read the ${type} ${name}`;
    switch (type) {
      case 'role': {
        const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
          this.client.send(new GetRoleCommand({ RoleName: name })),
        );
        const role = answer?.Role;
        return (
          role && stateOf(doing, role.Arn, role.RoleId, role.CreateDate, role.RoleLastUsed?.LastUsedDate)
        );
      }
      case 'user': {
        const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
          this.client.send(new GetUserCommand({ UserName: name })),
        );
        const user = answer?.User;
        return user && stateOf(doing, user.Arn, user.UserId, user.CreateDate, user.PasswordLastUsed);
      }
      case 'group': {
        const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
          this.client.send(new GetGroupCommand({ GroupName: name, MaxItems: 1 })),
        );
        const group = answer?.Group;
        return group && stateOf(doing, group.Arn, group.GroupId, group.CreateDate, undefined);
      }
      default:
        return type satisfies never;
    }
  }

  async inlinePolicy({ type, name }: HolderRef, policyName: string): Promise<JsonValue | undefined> {
    const doing = `read the inline policy ${policyName} of ${name}`;
    const answer = await callIamUnless<{ readonly PolicyDocument: string | undefined }>(
      doing,
      NO_SUCH_ENTITY,
      () => {
        if (type === 'role') {
          return this.client.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policyName }));
        }
        return type === 'user'
          ? this.client.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policyName }))
          : this.client.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName: policyName }));
      },
    );
    return answer && document(answer.PolicyDocument, doing);
  }

  async inlinePolicyNames({ type, name }: HolderRef): Promise<readonly string[]> {
    return this.#pages(`list the inline policies of ${name}`, async (page) => {
      const answer =
        type === 'role'
          ? await this.client.send(new ListRolePoliciesCommand({ RoleName: name, ...page }))
          : type === 'user'
            ? await this.client.send(new ListUserPoliciesCommand({ UserName: name, ...page }))
            : await this.client.send(new ListGroupPoliciesCommand({ GroupName: name, ...page }));
      return { answer, items: answer.PolicyNames ?? [] };
    });
  }

  async attachedPolicies({ type, name }: HolderRef): Promise<readonly string[]> {
    const attached = await this.#pages(`list the policies attached to ${name}`, async (page) => {
      const answer =
        type === 'role'
          ? await this.client.send(new ListAttachedRolePoliciesCommand({ RoleName: name, ...page }))
          : type === 'user'
            ? await this.client.send(new ListAttachedUserPoliciesCommand({ UserName: name, ...page }))
            : await this.client.send(new ListAttachedGroupPoliciesCommand({ GroupName: name, ...page }));
      return { answer, items: answer.AttachedPolicies ?? [] };
    });
    return attached.flatMap(({ PolicyArn }) => PolicyArn ?? []);
  }

  async managedPolicy(policyArn: string): Promise<ManagedPolicyState | undefined> {
    const doing = `read the policy ${policyArn}`;
    const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
      this.client.send(new GetPolicyCommand({ PolicyArn: policyArn })),
    );
    if (answer === undefined) return undefined;
    const policy = answer.Policy ?? {};
    const { PolicyId, DefaultVersionId, AttachmentCount } = policy;
    if (PolicyId === undefined || DefaultVersionId === undefined || AttachmentCount === undefined) {
      throw malformed(doing, 'the answer lacks PolicyId, DefaultVersionId or AttachmentCount');
    }
    return {
      policyId: PolicyId,
      defaultVersionId: DefaultVersionId,
      updatedAt: policy.UpdateDate?.toISOString(),
      attachments: AttachmentCount,
      boundaryUses: policy.PermissionsBoundaryUsageCount ?? 0,
      description: policy.Description ?? '',
    };
  }

  async policyVersions(policyArn: string): Promise<readonly string[]> {
    const versions = await this.#pages(`list the versions of ${policyArn}`, async (page) => {
      const answer = await this.client.send(new ListPolicyVersionsCommand({ PolicyArn: policyArn, ...page }));
      return { answer, items: answer.Versions ?? [] };
    });
    // Ids are `v` and a number that only grows; as text, v10 would come before v9.
    return versions
      .flatMap(({ VersionId }) => VersionId ?? [])
      .toSorted((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  }

  async versionDocument(policyArn: string, versionId: string): Promise<JsonValue | undefined> {
    const doing = `read version ${versionId} of ${policyArn}`;
    const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
      this.client.send(new GetPolicyVersionCommand({ PolicyArn: policyArn, VersionId: versionId })),
    );
    return answer && document(answer.PolicyVersion?.Document, doing);
  }

  async policyHolders(policyArn: string): Promise<PolicyHolders> {
    const roles: NamedHolder[] = [];
    const users: NamedHolder[] = [];
    const groups: NamedHolder[] = [];
    await this.#pages(`list who has ${policyArn}`, async (page) => {
      const answer = await this.client.send(
        new ListEntitiesForPolicyCommand({
          PolicyArn: policyArn,
          PolicyUsageFilter: 'PermissionsPolicy',
          ...page,
        }),
      );
      roles.push(...(answer.PolicyRoles ?? []).flatMap(({ RoleName, RoleId }) => named(RoleName, RoleId)));
      users.push(...(answer.PolicyUsers ?? []).flatMap(({ UserName, UserId }) => named(UserName, UserId)));
      groups.push(
        ...(answer.PolicyGroups ?? []).flatMap(({ GroupName, GroupId }) => named(GroupName, GroupId)),
      );
      return { answer, items: [] };
    });
    return { roles, users, groups };
  }

  async group(groupName: string): Promise<GroupState | undefined> {
    let isThere = true;
    let id: string | undefined;
    const doing = `list the members of the group ${groupName}`;
    const members = await this.#pages(doing, async (page) => {
      const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
        this.client.send(new GetGroupCommand({ GroupName: groupName, ...page })),
      );
      isThere = answer !== undefined;
      id = answer?.Group?.GroupId;
      return { answer: answer ?? {}, items: answer?.Users ?? [] };
    });
    if (!isThere) return undefined;
    return {
      id,
      members: members.flatMap(({ Arn: arn, UserId }) => (arn === undefined ? [] : [{ arn, id: UserId }])),
    };
  }

  async accessKey(userName: string, accessKeyId: string): Promise<AccessKeyState | undefined> {
    const keys = await this.#pages(`list the access keys of ${userName}`, async (page) => {
      const answer = await this.client.send(new ListAccessKeysCommand({ UserName: userName, ...page }));
      return { answer, items: answer.AccessKeyMetadata ?? [] };
    });
    const key = keys.find(({ AccessKeyId }) => AccessKeyId === accessKeyId);
    if (key === undefined) return undefined;
    const used = await callIam(`read when the access key ${accessKeyId} was last used`, () =>
      this.client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId })),
    );
    return {
      status: key.Status === 'Active' ? 'Active' : 'Inactive',
      lastUsedAt: used.AccessKeyLastUsed?.LastUsedDate?.toISOString(),
    };
  }

  async password(userName: string): Promise<{ readonly createdAt: string | undefined } | undefined> {
    const answer = await callIamUnless(`look for a password of ${userName}`, NO_SUCH_ENTITY, () =>
      this.client.send(new GetLoginProfileCommand({ UserName: userName })),
    );
    return answer && { createdAt: answer.LoginProfile?.CreateDate?.toISOString() };
  }

  /** Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html */
  async quotas(): Promise<AccountQuotas> {
    try {
      const answer = await callIam("read the account's quotas", () =>
        this.client.send(new GetAccountSummaryCommand({})),
      );
      const summary: Readonly<Record<string, number | undefined>> = answer.SummaryMap ?? {};
      const { role, user, group } = HOLDER_QUOTAS;
      const { Policies: used, PoliciesQuota: quota } = summary;
      return {
        holders: {
          role: {
            attachments: summary['AttachedPoliciesPerRoleQuota'] ?? role.attachments,
            inlineCharacters: summary['RolePolicySizeQuota'] ?? role.inlineCharacters,
          },
          user: {
            attachments: summary['AttachedPoliciesPerUserQuota'] ?? user.attachments,
            inlineCharacters: summary['UserPolicySizeQuota'] ?? user.inlineCharacters,
          },
          group: {
            attachments: summary['AttachedPoliciesPerGroupQuota'] ?? group.attachments,
            inlineCharacters: summary['GroupPolicySizeQuota'] ?? group.inlineCharacters,
          },
        },
        policies: used === undefined || quota === undefined ? undefined : { used, quota },
        assumed: false,
      };
    } catch (error) {
      if (!(error instanceof AdapterError) || error.code !== 'access-denied') throw error;
      return { holders: HOLDER_QUOTAS, policies: undefined, assumed: true };
    }
  }

  async #pages<T>(
    doing: string,
    ask: (page: {
      readonly Marker?: string;
    }) => Promise<{ readonly answer: Page; readonly items: readonly T[] }>,
  ): Promise<readonly T[]> {
    const all = await allMarkerPages(doing, async (Marker) => {
      const { answer, items } = await callIam(doing, () => ask(Marker === undefined ? {} : { Marker }));
      return { items, truncated: answer.IsTruncated, marker: answer.Marker };
    });
    return all ?? [];
  }
}

function stateOf(
  doing: string,
  arn: string | undefined,
  id: string | undefined,
  createdAt: Date | undefined,
  lastUsedAt: Date | undefined,
): SubjectState {
  if (arn === undefined || id === undefined) throw malformed(doing, 'the answer lacks the ARN or the id');
  return { arn, id, createdAt: createdAt?.toISOString(), lastUsedAt: lastUsedAt?.toISOString() };
}

function named(name: string | undefined, id: string | undefined): readonly NamedHolder[] {
  return name === undefined ? [] : [{ name, id }];
}

function document(text: string | undefined, doing: string): JsonValue {
  const read = readPolicyText(text);
  if (!read.readable) throw malformed(doing, read.problem);
  return read.value;
}

function malformed(doing: string, problem: string): AdapterError {
  return new AdapterError(`cannot ${doing}: ${problem}`, 'permanent', 'malformed');
}
