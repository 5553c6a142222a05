import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteGroupPolicyCommand,
  DeleteLoginProfileCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
  UpdateAccessKeyCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { type JsonValue, renderJson } from '../../core/model/json.ts';
import type { HolderRef } from '../../core/model/subject.ts';
import type { CreatePolicyAction } from '../../core/plan/schema.ts';
import type { IamWriter } from '../../ports/apply.ts';
import { NO_SUCH_ENTITY } from '../aws/iam/marker-pages.ts';
import { callIam, callIamUnless } from './call-iam.ts';
import { AwsIamReader } from './iam-reader.ts';
import { CLIENT_SETTINGS } from '../aws/sdk/client-settings.ts';

const EXISTS = ['EntityAlreadyExistsException', 'EntityAlreadyExists'];

/** Changes IAM with the credentials of the given client. No deployed code may import this. */
export class AwsIamWriter extends AwsIamReader implements IamWriter {
  async putInlinePolicy({ type, name }: HolderRef, policyName: string, document: JsonValue): Promise<void> {
    const policy = { PolicyName: policyName, PolicyDocument: renderJson(document) };
    await callIam(`put the inline policy ${policyName} of ${name}`, () =>
      type === 'role'
        ? this.client.send(new PutRolePolicyCommand({ RoleName: name, ...policy }))
        : type === 'user'
          ? this.client.send(new PutUserPolicyCommand({ UserName: name, ...policy }))
          : this.client.send(new PutGroupPolicyCommand({ GroupName: name, ...policy })),
    );
  }

  async deleteInlinePolicy({ type, name }: HolderRef, policyName: string): Promise<void> {
    await callIam(`delete the inline policy ${policyName} of ${name}`, () =>
      type === 'role'
        ? this.client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName: policyName }))
        : type === 'user'
          ? this.client.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName: policyName }))
          : this.client.send(new DeleteGroupPolicyCommand({ GroupName: name, PolicyName: policyName })),
    );
  }

  async createPolicy(policy: CreatePolicyAction, document: JsonValue): Promise<'created' | 'exists'> {
    const tags = policy.tags.map(({ key, value }) => ({ Key: key, Value: value }));
    const answer = await callIamUnless(`create the policy ${policy.policyName}`, EXISTS, () =>
      this.client.send(
        new CreatePolicyCommand({
          PolicyName: policy.policyName,
          Path: policy.path,
          Description: policy.description,
          PolicyDocument: renderJson(document),
          ...(tags.length > 0 ? { Tags: tags } : {}),
        }),
      ),
    );
    return answer === undefined ? 'exists' : 'created';
  }

  async deletePolicy(policyArn: string): Promise<void> {
    await callIam(`delete ${policyArn}`, () =>
      this.client.send(new DeletePolicyCommand({ PolicyArn: policyArn })),
    );
  }

  async attachPolicy({ type, name }: HolderRef, policyArn: string): Promise<'attached' | 'missing'> {
    const answer = await callIamUnless(`attach ${policyArn} to ${name}`, NO_SUCH_ENTITY, () =>
      type === 'role'
        ? this.client.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: policyArn }))
        : type === 'user'
          ? this.client.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: policyArn }))
          : this.client.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn: policyArn })),
    );
    return answer === undefined ? 'missing' : 'attached';
  }

  async detachPolicy({ type, name }: HolderRef, policyArn: string): Promise<void> {
    await callIam(`detach ${policyArn} from ${name}`, () =>
      type === 'role'
        ? this.client.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn: policyArn }))
        : type === 'user'
          ? this.client.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn: policyArn }))
          : this.client.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn: policyArn })),
    );
  }

  async createDefaultVersion(policyArn: string, document: JsonValue): Promise<void> {
    await callIam(`create a new version of ${policyArn}`, () =>
      this.client.send(
        new CreatePolicyVersionCommand({
          PolicyArn: policyArn,
          PolicyDocument: renderJson(document),
          SetAsDefault: true,
        }),
      ),
    );
  }

  async setDefaultVersion(policyArn: string, versionId: string): Promise<void> {
    await callIam(`make ${versionId} the default version of ${policyArn}`, () =>
      this.client.send(new SetDefaultPolicyVersionCommand({ PolicyArn: policyArn, VersionId: versionId })),
    );
  }

  async deleteVersion(policyArn: string, versionId: string): Promise<void> {
    await callIam(`delete version ${versionId} of ${policyArn}`, () =>
      this.client.send(new DeletePolicyVersionCommand({ PolicyArn: policyArn, VersionId: versionId })),
    );
  }

  async setAccessKeyStatus(
    userName: string,
    accessKeyId: string,
    status: 'Active' | 'Inactive',
  ): Promise<void> {
    await callIam(`set the access key ${accessKeyId} to ${status}`, () =>
      this.client.send(
        new UpdateAccessKeyCommand({ UserName: userName, AccessKeyId: accessKeyId, Status: status }),
      ),
    );
  }

  async deletePassword(userName: string): Promise<void> {
    await callIam(`delete the password of ${userName}`, () =>
      this.client.send(new DeleteLoginProfileCommand({ UserName: userName })),
    );
  }
}

/**
 * A Region of each partition. IAM has one endpoint in a partition, and the SDK finds it from any of the partition's
 * Regions; so the caller's settings may name a Region of another partition, or none.
 * Source: https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-iso': 'us-iso-east-1',
  'aws-iso-b': 'us-isob-east-1',
  'aws-iso-e': 'eu-isoe-west-1',
  'aws-iso-f': 'us-isof-south-1',
  'aws-eusc': 'eusc-de-east-1',
};

/**
 * A writer with the caller's own credentials, found as every AWS tool finds them: environment, profile, single
 * sign-on, and so on.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 * @param arn the ARN of the proposal's subject, which determines the partition
 */
export function writerWithOwnCredentials(arn: string): IamWriter {
  const region = REGIONS[arn.split(':')[1] ?? 'aws'];
  return new AwsIamWriter(new IAMClient({ ...CLIENT_SETTINGS, ...(region === undefined ? {} : { region }) }));
}
