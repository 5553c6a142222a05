import { GetGroupCommand, IAMClient } from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { AwsIamWriter } from '../../../lambda/adapters/iam-writer/iam-writer.ts';
import { ALLOW_S3, encoded, serviceError } from '../aws/support.ts';

const POLICY = 'arn:aws:iam::123456789012:policy/Own';
const mock = mockClient(IAMClient);
const writer = new AwsIamWriter(new IAMClient({ region: 'us-east-1' }));

beforeEach(() => {
  mock.reset();
});

test.each([
  [
    'role',
    'RoleName',
    [
      'ListRolePoliciesCommand',
      'GetRolePolicyCommand',
      'ListAttachedRolePoliciesCommand',
      'PutRolePolicyCommand',
      'DeleteRolePolicyCommand',
      'AttachRolePolicyCommand',
      'DetachRolePolicyCommand',
    ],
  ],
  [
    'user',
    'UserName',
    [
      'ListUserPoliciesCommand',
      'GetUserPolicyCommand',
      'ListAttachedUserPoliciesCommand',
      'PutUserPolicyCommand',
      'DeleteUserPolicyCommand',
      'AttachUserPolicyCommand',
      'DetachUserPolicyCommand',
    ],
  ],
  [
    'group',
    'GroupName',
    [
      'ListGroupPoliciesCommand',
      'GetGroupPolicyCommand',
      'ListAttachedGroupPoliciesCommand',
      'PutGroupPolicyCommand',
      'DeleteGroupPolicyCommand',
      'AttachGroupPolicyCommand',
      'DetachGroupPolicyCommand',
    ],
  ],
] as const)(
  'each call about the policies of a %s is the one for its kind',
  async (type, member, expected) => {
    mock.onAnyCommand().resolves({ PolicyDocument: encoded(ALLOW_S3) });
    const holder = { type, name: 'Ops' };
    await writer.inlinePolicyNames(holder);
    await writer.inlinePolicy(holder, 'Read');
    await writer.attachedPolicies(holder);
    await writer.putInlinePolicy(holder, 'Read', ALLOW_S3);
    await writer.deleteInlinePolicy(holder, 'Read');
    await writer.attachPolicy(holder, POLICY);
    await writer.detachPolicy(holder, POLICY);
    const commands = mock.calls().map(({ args: [command] }) => command);
    expect(commands.map(({ constructor: { name } }) => name)).toEqual(expected);
    for (const { input } of commands) expect(input).toHaveProperty(member, 'Ops');
    expect(commands[4]?.input).toEqual({ [member]: 'Ops', PolicyName: 'Read' });
  },
);

describe('a group', () => {
  test('has the members of all its pages, with their unique ids', async () => {
    const arnOf = (name: string) => `arn:aws:iam::123456789012:user/${name}`;
    const group = { Group: { GroupId: 'AGPAEXAMPLE' } } as object;
    mock
      .on(GetGroupCommand, { GroupName: 'Ops' })
      .resolves({
        ...group,
        Users: [{ Arn: arnOf('ana'), UserId: 'AIDA1' } as never],
        IsTruncated: true,
        Marker: 'm',
      })
      .on(GetGroupCommand, { GroupName: 'Ops', Marker: 'm' })
      .resolves({ ...group, Users: [{ Arn: arnOf('bob'), UserId: 'AIDA2' } as never] });
    expect(await writer.group('Ops')).toEqual({
      id: 'AGPAEXAMPLE',
      members: [
        { arn: 'arn:aws:iam::123456789012:user/ana', id: 'AIDA1' },
        { arn: 'arn:aws:iam::123456789012:user/bob', id: 'AIDA2' },
      ],
    });
  });

  test('that does not exist is undefined', async () => {
    mock.on(GetGroupCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await writer.group('Ops')).toBeUndefined();
  });
});
