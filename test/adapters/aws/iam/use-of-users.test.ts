import {
  GetAccessKeyLastUsedCommand,
  GetLoginProfileCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
} from '@aws-sdk/client-iam';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { IamUseReports } from '../../../../lambda/adapters/aws/iam/use-reports.ts';
import { LatestUse } from '../../../../lambda/adapters/aws/iam/last-access.ts';
import { readPrincipalArn, type PrincipalRef } from '../../../../lambda/core/model/principal.ts';
import type { LastAccessAnswer } from '../../../../lambda/ports/policies.ts';
import { rejection, serviceError } from '../support.ts';

const client = new IAMClient({ region: 'us-east-1' });
const mock = mockClient(client);
const NOW = '2026-11-29T12:00:00.000Z';
const OLD = new Date('2020-01-01T00:00:00Z');
const USED = new Date('2026-11-20T10:00:00Z');

function ref(name: string): PrincipalRef {
  const found = readPrincipalArn(`arn:aws:iam::123456789012:${name}`);
  if (found) return found;
  throw new Error(`${name} is no principal`);
}
const ANN = ref('user/ann');

beforeEach(() => {
  mock.reset();
  mock.on(ListAccessKeysCommand).resolves({ AccessKeyMetadata: [], IsTruncated: false });
  mock.on(GetLoginProfileCommand).rejects(serviceError('NoSuchEntityException', 404));
});

describe('the credentials of a user', () => {
  const accounts: string[] = [];
  const reports = new IamUseReports(
    {
      forAccount: (accountId) => {
        accounts.push(accountId);
        return Promise.resolve(client);
      },
    },
    () => NOW,
  );

  test('are read in the account of the user, with the time of the reading', async () => {
    expect(await reports.credentialsOf(ANN)).toEqual({ readAt: NOW, keys: [], password: null });
    expect(accounts).toEqual(['123456789012']);
  });

  test('include the active keys of all pages with their creation and last use, and no inactive keys', async () => {
    const key = (AccessKeyId: string, Status: 'Active' | 'Inactive') => ({
      AccessKeyId,
      Status,
      CreateDate: OLD,
    });
    mock
      .on(ListAccessKeysCommand)
      .resolves({ AccessKeyMetadata: [key('AKIA2', 'Active'), key('AKIA3', 'Inactive')], IsTruncated: false })
      .on(ListAccessKeysCommand, { UserName: 'ann', MaxItems: 1000 }, true)
      .resolves({ AccessKeyMetadata: [key('AKIA1', 'Active')], IsTruncated: true, Marker: 'm' })
      .on(GetAccessKeyLastUsedCommand, { AccessKeyId: 'AKIA1' })
      .resolves({ AccessKeyLastUsed: { LastUsedDate: USED, ServiceName: 's3', Region: 'us-east-1' } })
      .on(GetAccessKeyLastUsedCommand, { AccessKeyId: 'AKIA2' })
      .resolves({ AccessKeyLastUsed: { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' } });
    expect((await reports.credentialsOf(ANN))?.keys).toEqual([
      {
        accessKeyId: 'AKIA1',
        isActive: true,
        createdAt: '2020-01-01T00:00:00.000Z',
        lastUsedAt: '2026-11-20T10:00:00.000Z',
      },
      // It was never used.
      { accessKeyId: 'AKIA2', isActive: true, createdAt: '2020-01-01T00:00:00.000Z', lastUsedAt: null },
    ]);
    expect(mock.commandCalls(GetAccessKeyLastUsedCommand)).toHaveLength(2);
  });

  test('include when the password was created and last used', async () => {
    mock
      .on(GetLoginProfileCommand)
      .resolves({ LoginProfile: { UserName: 'ann', CreateDate: OLD } })
      .on(GetUserCommand)
      .resolves({
        User: {
          UserName: 'ann',
          Path: '/',
          UserId: 'AIDA',
          Arn: ANN.arn,
          CreateDate: OLD,
          PasswordLastUsed: USED,
        },
      });
    expect((await reports.credentialsOf(ANN))?.password).toEqual({
      createdAt: '2020-01-01T00:00:00.000Z',
      lastUsedAt: '2026-11-20T10:00:00.000Z',
    });
  });

  test('are undefined for a role, without any call, and for a user who no longer exists', async () => {
    expect(await reports.credentialsOf(ref('role/app'))).toBeUndefined();
    expect(mock.calls()).toEqual([]);
    mock.on(ListAccessKeysCommand).rejects(serviceError('NoSuchEntityException', 404));
    expect(await reports.credentialsOf(ANN)).toBeUndefined();
  });

  test('are an error, and not "none", if they may not be read', async () => {
    mock.on(GetLoginProfileCommand).rejects(serviceError('AccessDenied', 403));
    expect((await rejection(reports.credentialsOf(ANN))).message).toContain(
      `cannot read when the keys and the password of ${ANN.arn} were used: `,
    );
  });
});

describe('the cached reports of last use', () => {
  const asked: string[] = [];
  const latest = (): LatestUse => {
    asked.length = 0;
    return new LatestUse({
      lastAccessOf: ({ name }): Promise<LastAccessAnswer> => {
        asked.push(name);
        return Promise.resolve({ kind: 'unavailable', reason: `${name} ${String(asked.length)}` });
      },
    });
  };

  test('are requested once, and again on demand', async () => {
    const use = latest();
    const first = await use.lastAccessOf(ANN, 1);
    expect(await use.lastAccessOf(ANN, 1)).toBe(first);
    const second = await use.renew(ANN, 1);
    expect(second).not.toBe(first);
    expect(await use.lastAccessOf(ANN, 1)).toBe(second);
    expect(asked).toEqual(['ann', 'ann']);
  });

  test('are kept for the four principals that were read last', async () => {
    const use = latest();
    for (const name of ['a', 'b', 'c', 'd']) await use.lastAccessOf(ref(`role/${name}`), 1);
    // Asked for anew, the first is the last.
    await use.renew(ref('role/a'), 1);
    await use.lastAccessOf(ref('role/e'), 1);
    asked.length = 0;
    for (const name of ['a', 'c', 'd', 'e', 'b']) await use.lastAccessOf(ref(`role/${name}`), 1);
    expect(asked).toEqual(['b']);
  });
});
