import { IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { IamClients } from '../../../../lambda/adapters/aws/iam/iam-clients.ts';
import { MemberCredentials } from '../../../../lambda/adapters/aws/sdk/member-credentials.ts';
import { AccountUnreachable } from '../../../../lambda/ports/system.ts';
import { rejection, serviceError } from '../support.ts';

const MEMBER = '222222222222';
const OTHER = '333333333333';
const mock = mockClient(STSClient);
const sts = new STSClient({ region: 'eu-west-1' });
const role = { partition: 'aws-cn', roleName: 'refiner-reader', externalId: 'unused-access' };
let now = Date.parse('2026-11-23T12:00:00Z');

beforeEach(() => {
  now = Date.parse('2026-11-23T12:00:00Z');
  mock.reset();
  mock.on(AssumeRoleCommand).callsFake(({ RoleArn }: { RoleArn: string }) => ({
    Credentials: {
      AccessKeyId: `ASIA ${RoleArn}`,
      SecretAccessKey: 'secret',
      SessionToken: 'token',
      Expiration: new Date(now + 60 * 60 * 1000),
    },
  }));
});

test('the role of a member account is assumed by name, with the external id', async () => {
  const credentials = await new MemberCredentials(sts, role, () => now).get(MEMBER);
  expect(credentials.accessKeyId).toBe('ASIA arn:aws-cn:iam::222222222222:role/refiner-reader');
  expect(mock.commandCalls(AssumeRoleCommand)[0]?.args[0].input).toEqual({
    RoleArn: 'arn:aws-cn:iam::222222222222:role/refiner-reader',
    RoleSessionName: 'unused-access-refiner',
    DurationSeconds: 3600,
    ExternalId: 'unused-access',
  });
});

test('credentials are used until five minutes before they expire', async () => {
  const members = new MemberCredentials(sts, role, () => now);
  const first = await members.get(MEMBER);
  now += 54 * 60 * 1000 + 59_999;
  expect(await members.get(MEMBER)).toBe(first);
  now += 1;
  expect(await members.get(MEMBER)).not.toBe(first);
  expect(mock.commandCalls(AssumeRoleCommand)).toHaveLength(2);
});

test('concurrent callers share one call, but accounts do not', async () => {
  const members = new MemberCredentials(sts, role, () => now);
  const [a, b, c] = await Promise.all([members.get(MEMBER), members.get(MEMBER), members.get(OTHER)]);
  expect(a).toBe(b);
  expect(c).not.toBe(a);
  expect(mock.commandCalls(AssumeRoleCommand)).toHaveLength(2);
});

test('a role that cannot be assumed is a permanent error, and is tried again five minutes later', async () => {
  mock
    .on(AssumeRoleCommand)
    .rejectsOnce(serviceError('AccessDenied', 403))
    .resolves({
      Credentials: {
        AccessKeyId: 'ASIA',
        SecretAccessKey: 'secret',
        SessionToken: 'token',
        Expiration: new Date(now + 3_600_000),
      },
    });
  const members = new MemberCredentials(sts, role, () => now);
  const error = await rejection(members.get(MEMBER));
  expect(error).toBeInstanceOf(AccountUnreachable);
  expect(error.code).toBe('access-denied');
  expect(error.message).toContain(
    'account 222222222222 cannot be reached: arn:aws-cn:iam::222222222222:role/refiner-reader cannot be assumed (AccessDenied: ',
  );
  expect(error.message).toContain('deploy the member stack there');
  // Whatever else is to be read in that account does not ask STS again.
  now += 4 * 60 * 1000 + 59_999;
  expect(await rejection(members.get(MEMBER))).toBe(error);
  now += 1;
  expect((await members.get(MEMBER)).accessKeyId).toBe('ASIA');
  expect(mock.commandCalls(AssumeRoleCommand)).toHaveLength(2);
});

test('another failure to assume the role does not mean that the account is unreachable, and is not cached', async () => {
  const credentials = {
    AccessKeyId: 'ASIA',
    SecretAccessKey: 'secret',
    SessionToken: 'token',
    Expiration: new Date(now + 3_600_000),
  };
  mock
    .on(AssumeRoleCommand)
    .rejectsOnce(serviceError('ServiceUnavailable', 503))
    .resolves({ Credentials: credentials });
  const members = new MemberCredentials(sts, role, () => now);
  const error = await rejection(members.get(MEMBER));
  expect(error).not.toBeInstanceOf(AccountUnreachable);
  expect(error.message).toContain('is the member stack deployed in account 222222222222?');
  expect((await members.get(MEMBER)).accessKeyId).toBe('ASIA');
});

test('an answer without credentials is an error', async () => {
  mock.on(AssumeRoleCommand).resolves({});
  const error = await rejection(new MemberCredentials(sts, role, () => now).get(MEMBER));
  expect(error.code).toBe('malformed');
});

test("IAM is called with the function's own role in its own account, and with one client for each member account", async () => {
  const home = new IAMClient({ region: 'eu-west-1' });
  const clients = new IamClients(home, '111111111111', new MemberCredentials(sts, role, () => now));
  expect(await clients.forAccount('111111111111')).toBe(home);
  const member = await clients.forAccount(MEMBER);
  expect(member).not.toBe(home);
  expect((await member.config.credentials()).accessKeyId).toBe(
    'ASIA arn:aws-cn:iam::222222222222:role/refiner-reader',
  );
  expect(await clients.forAccount(MEMBER)).toBe(member);
  now += 3_600_000;
  expect(await clients.forAccount(MEMBER)).not.toBe(member);
});
