import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iam';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { AwsPolicy } from '../../use-cases/apply/scenario.ts';
import type { PrincipalState, World } from '../../use-cases/apply/world.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** AWS managed policies of a few kinds, as the emulator holds them. */
export async function readAwsPolicies(iam: IAMClient): Promise<readonly AwsPolicy[]> {
  const policies: AwsPolicy[] = [];
  for (const name of [
    'AmazonSQSFullAccess',
    'AmazonS3ReadOnlyAccess',
    'CloudWatchReadOnlyAccess',
    'AmazonSNSFullAccess',
  ]) {
    const arn = `arn:aws:iam::aws:policy/${name}`;
    const versionId =
      (await iam.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy?.DefaultVersionId ?? '';
    policies.push({ arn, versionId, document: await policyDocument(iam, arn, versionId) });
  }
  return policies;
}

/** Makes the principal, the other role, and everything that is theirs. */
export async function seedWorld(iam: IAMClient, world: World): Promise<void> {
  const { principal } = world;
  await iam.send(new CreateRoleCommand({ RoleName: world.otherRole, AssumeRolePolicyDocument: TRUST }));
  const role = principal.type === 'role';
  await (role
    ? iam.send(
        new CreateRoleCommand({
          RoleName: principal.name,
          Path: principal.path,
          AssumeRolePolicyDocument: TRUST,
        }),
      )
    : iam.send(new CreateUserCommand({ UserName: principal.name, Path: principal.path })));
  for (const { name, document } of world.inline) {
    const policy = { PolicyName: name, PolicyDocument: JSON.stringify(document) };
    await (role
      ? iam.send(new PutRolePolicyCommand({ RoleName: principal.name, ...policy }))
      : iam.send(new PutUserPolicyCommand({ UserName: principal.name, ...policy })));
  }
  for (const policy of world.managed) {
    if (!policy.aws) await createPolicy(iam, policy);
    await (role
      ? iam.send(new AttachRolePolicyCommand({ RoleName: principal.name, PolicyArn: policy.arn }))
      : iam.send(new AttachUserPolicyCommand({ UserName: principal.name, PolicyArn: policy.arn })));
    if (policy.shared)
      await iam.send(new AttachRolePolicyCommand({ RoleName: world.otherRole, PolicyArn: policy.arn }));
  }
}

async function createPolicy(iam: IAMClient, policy: World['managed'][number]): Promise<void> {
  const [first, ...later] = policy.versions;
  await iam.send(
    new CreatePolicyCommand({
      PolicyName: policy.name,
      Path: policy.path,
      PolicyDocument: JSON.stringify(first),
      Tags: policy.tags.map(({ key, value }) => ({ Key: key, Value: value })),
    }),
  );
  for (const document of later) {
    await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn: policy.arn, PolicyDocument: JSON.stringify(document) }),
    );
  }
  // The emulator takes a version that is made the default twice for one that is not.
  if (policy.defaultVersion === 'v1') return;
  await iam.send(
    new SetDefaultPolicyVersionCommand({ PolicyArn: policy.arn, VersionId: policy.defaultVersion }),
  );
}

/** Whether a policy exists. */
export async function policyExists(iam: IAMClient, PolicyArn: string): Promise<boolean> {
  try {
    await iam.send(new GetPolicyCommand({ PolicyArn }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('NoSuchEntity')) return false;
    throw error;
  }
}

/** What the principal is granted now, read by calls that share nothing with the product. */
export async function readState(iam: IAMClient, principal: PrincipalRef): Promise<PrincipalState> {
  const role = principal.type === 'role';
  const { name } = principal;
  const names = role
    ? (await iam.send(new ListRolePoliciesCommand({ RoleName: name }))).PolicyNames
    : (await iam.send(new ListUserPoliciesCommand({ UserName: name }))).PolicyNames;
  const inline = new Map<string, JsonValue>();
  for (const policy of names ?? []) {
    const answer = role
      ? await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: policy }))
      : await iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName: policy }));
    inline.set(policy, decoded(answer.PolicyDocument));
  }
  const list = role
    ? (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name }))).AttachedPolicies
    : (await iam.send(new ListAttachedUserPoliciesCommand({ UserName: name }))).AttachedPolicies;
  const attached = new Map<string, JsonValue>();
  for (const { PolicyArn = '' } of list ?? []) {
    const version = (await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.DefaultVersionId ?? '';
    attached.set(PolicyArn, await policyDocument(iam, PolicyArn, version));
  }
  return { inline, attached };
}

async function policyDocument(iam: IAMClient, arn: string, versionId: string): Promise<JsonValue> {
  const answer = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: versionId }));
  return decoded(answer.PolicyVersion?.Document);
}

function decoded(text = ''): JsonValue {
  return JSON.parse(text.startsWith('{') ? text : decodeURIComponent(text)) as JsonValue;
}
