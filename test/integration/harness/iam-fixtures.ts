import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';

/** A policy document, or its text where the text matters. */
export type Document = string | Readonly<Record<string, unknown>>;

export interface PrincipalSpec {
  readonly name: string;
  readonly path?: string;
  /** Inline policies by name. */
  readonly inline?: Readonly<Record<string, Document>>;
  /** ARNs of managed policies to attach. */
  readonly managed?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** An Allow statement on everything, in a document of its own. */
export function allow(...actions: readonly string[]): Document {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

const NOBODY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** Makes a role through the real IAM API. @returns its ARN */
export async function createRole(
  iam: IAMClient,
  spec: PrincipalSpec,
  trust: Document = NOBODY,
): Promise<string> {
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: spec.name,
      Path: spec.path ?? '/',
      AssumeRolePolicyDocument: text(trust),
      Tags: tagsOf(spec),
    }),
  );
  for (const [PolicyName, document] of Object.entries(spec.inline ?? {})) {
    await iam.send(
      new PutRolePolicyCommand({ RoleName: spec.name, PolicyName, PolicyDocument: text(document) }),
    );
  }
  for (const PolicyArn of spec.managed ?? []) {
    await iam.send(new AttachRolePolicyCommand({ RoleName: spec.name, PolicyArn }));
  }
  return arnOf(spec.name, role?.Arn);
}

/** Makes a user, and puts it into groups that exist. @returns its ARN */
export async function createUser(
  iam: IAMClient,
  spec: PrincipalSpec & { readonly groups?: readonly string[] },
): Promise<string> {
  const { User: user } = await iam.send(
    new CreateUserCommand({ UserName: spec.name, Path: spec.path ?? '/', Tags: tagsOf(spec) }),
  );
  for (const [PolicyName, document] of Object.entries(spec.inline ?? {})) {
    await iam.send(
      new PutUserPolicyCommand({ UserName: spec.name, PolicyName, PolicyDocument: text(document) }),
    );
  }
  for (const PolicyArn of spec.managed ?? []) {
    await iam.send(new AttachUserPolicyCommand({ UserName: spec.name, PolicyArn }));
  }
  for (const GroupName of spec.groups ?? []) {
    await iam.send(new AddUserToGroupCommand({ UserName: spec.name, GroupName }));
  }
  return arnOf(spec.name, user?.Arn);
}

/** Makes a group. @returns its ARN */
export async function createGroup(iam: IAMClient, spec: PrincipalSpec): Promise<string> {
  const { Group: group } = await iam.send(
    new CreateGroupCommand({ GroupName: spec.name, Path: spec.path ?? '/' }),
  );
  for (const [PolicyName, document] of Object.entries(spec.inline ?? {})) {
    await iam.send(
      new PutGroupPolicyCommand({ GroupName: spec.name, PolicyName, PolicyDocument: text(document) }),
    );
  }
  for (const PolicyArn of spec.managed ?? []) {
    await iam.send(new AttachGroupPolicyCommand({ GroupName: spec.name, PolicyArn }));
  }
  return arnOf(spec.name, group?.Arn);
}

/** Makes a customer managed policy. @returns its ARN */
export async function createManagedPolicy(iam: IAMClient, name: string, document: Document): Promise<string> {
  const { Policy: policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: name, PolicyDocument: text(document) }),
  );
  return arnOf(name, policy?.Arn);
}

function text(document: Document): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}

function tagsOf(spec: PrincipalSpec): { Key: string; Value: string }[] {
  return Object.entries(spec.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

function arnOf(name: string, arn: string | undefined): string {
  if (arn === undefined) throw new Error(`IAM returned no ARN for ${name}`);
  return arn;
}
