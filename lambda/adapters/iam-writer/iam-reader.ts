import {
  GetLoginProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAccessKeysCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iam';
import type { JsonValue } from '../../core/model/json.ts';
import type { PrincipalRef } from '../../core/model/principal.ts';
import { AdapterError } from '../../ports/system.ts';
import type { IamReader, ManagedPolicyState } from '../../ports/apply.ts';
import { allMarkerPages } from '../aws/iam/marker-pages.ts';
import { NO_SUCH_ENTITY } from '../aws/iam/marker-pages.ts';
import { readPolicyText } from '../../json/policy-text.ts';
import { callIam, callIamUnless } from './call-iam.ts';

/** What the `apply` command needs to see, read anew each time: nothing is remembered. */
export class AwsIamReader implements IamReader {
  protected readonly client: IAMClient;
  constructor(client: IAMClient) {
    this.client = client;
  }

  async principalArn({ type, name }: PrincipalRef): Promise<string | undefined> {
    const doing = `read the ${type} ${name}`;
    if (type === 'role') {
      const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
        this.client.send(new GetRoleCommand({ RoleName: name })),
      );
      return answer?.Role?.Arn;
    }
    const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
      this.client.send(new GetUserCommand({ UserName: name })),
    );
    return answer?.User?.Arn;
  }

  async inlinePolicy({ type, name }: PrincipalRef, policyName: string): Promise<JsonValue | undefined> {
    const doing = `read the inline policy ${policyName} of ${name}`;
    const answer = await callIamUnless<{ readonly PolicyDocument: string | undefined }>(
      doing,
      NO_SUCH_ENTITY,
      () =>
        type === 'role'
          ? this.client.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policyName }))
          : this.client.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policyName })),
    );
    return answer && document(answer.PolicyDocument, doing);
  }

  async attachedPolicies({ type, name }: PrincipalRef): Promise<readonly string[]> {
    const doing = `list the policies attached to ${name}`;
    const attached = await allMarkerPages(doing, async (Marker) => {
      const page = Marker === undefined ? {} : { Marker };
      const answer = await callIam(doing, () =>
        type === 'role'
          ? this.client.send(new ListAttachedRolePoliciesCommand({ RoleName: name, ...page }))
          : this.client.send(new ListAttachedUserPoliciesCommand({ UserName: name, ...page })),
      );
      return { items: answer.AttachedPolicies ?? [], truncated: answer.IsTruncated, marker: answer.Marker };
    });
    return (attached ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []);
  }

  async managedPolicy(policyArn: string): Promise<ManagedPolicyState | undefined> {
    const doing = `read the policy ${policyArn}`;
    const answer = await callIamUnless(doing, NO_SUCH_ENTITY, () =>
      this.client.send(new GetPolicyCommand({ PolicyArn: policyArn })),
    );
    if (answer === undefined) return undefined;
    const { DefaultVersionId, AttachmentCount, PermissionsBoundaryUsageCount, Description } =
      answer.Policy ?? {};
    if (DefaultVersionId === undefined || AttachmentCount === undefined) {
      throw malformed(doing, 'the answer lacks DefaultVersionId or AttachmentCount');
    }
    return {
      defaultVersionId: DefaultVersionId,
      attachments: AttachmentCount,
      boundaryUses: PermissionsBoundaryUsageCount ?? 0,
      description: Description ?? '',
    };
  }

  async policyVersions(policyArn: string): Promise<readonly string[]> {
    const doing = `list the versions of ${policyArn}`;
    const versions = await allMarkerPages(doing, async (Marker) => {
      const answer = await callIam(doing, () =>
        this.client.send(
          new ListPolicyVersionsCommand({
            PolicyArn: policyArn,
            ...(Marker === undefined ? {} : { Marker }),
          }),
        ),
      );
      return { items: answer.Versions ?? [], truncated: answer.IsTruncated, marker: answer.Marker };
    });
    // Ids are `v` and a number that only grows; as text, v10 would come before v9.
    return (versions ?? [])
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

  async accessKeyStatus(userName: string, accessKeyId: string): Promise<'Active' | 'Inactive' | undefined> {
    const doing = `list the access keys of ${userName}`;
    const keys = await allMarkerPages(doing, async (Marker) => {
      const answer = await callIam(doing, () =>
        this.client.send(
          new ListAccessKeysCommand({ UserName: userName, ...(Marker === undefined ? {} : { Marker }) }),
        ),
      );
      return { items: answer.AccessKeyMetadata ?? [], truncated: answer.IsTruncated, marker: answer.Marker };
    });
    const key = keys?.find(({ AccessKeyId }) => AccessKeyId === accessKeyId);
    if (key === undefined) return undefined;
    return key.Status === 'Active' ? 'Active' : 'Inactive';
  }

  async hasPassword(userName: string): Promise<boolean> {
    const answer = await callIamUnless(`look for a password of ${userName}`, NO_SUCH_ENTITY, () =>
      this.client.send(new GetLoginProfileCommand({ UserName: userName })),
    );
    return answer !== undefined;
  }
}

function document(text: string | undefined, doing: string): JsonValue {
  const read = readPolicyText(text);
  if (!read.readable) throw malformed(doing, read.problem);
  return read.value;
}

function malformed(doing: string, problem: string): AdapterError {
  return new AdapterError(`cannot ${doing}: ${problem}`, 'permanent', 'malformed');
}
