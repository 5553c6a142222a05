import { ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import {
  organizationAccounts,
  SweptAccounts,
} from '../../../../lambda/adapters/aws/organizations/organization-accounts.ts';
import type { AdapterError } from '../../../../lambda/ports/system.ts';
import { rejection, serviceError } from '../support.ts';

const client = new OrganizationsClient({ region: 'eu-west-1' });
const mock = mockClient(client);

test('all pages are read, even empty ones, with the names of accounts and without closed accounts', async () => {
  mock.reset();
  mock
    .on(ListAccountsCommand)
    .resolvesOnce({
      Accounts: [
        { Id: '222222222222', Name: 'payments-prod', Status: 'ACTIVE' },
        { Id: '333333333333', Status: 'SUSPENDED' },
      ],
      NextToken: 'second',
    })
    .resolvesOnce({ Accounts: [], NextToken: 'third' })
    .resolvesOnce({
      Accounts: [
        { Id: '111111111111', Status: 'ACTIVE' },
        { Id: '444444444444', Status: 'PENDING_CLOSURE' },
      ],
    });
  expect(await organizationAccounts(client)).toEqual([
    { id: '111111111111', name: undefined },
    { id: '222222222222', name: 'payments-prod' },
  ]);
  expect(mock.commandCalls(ListAccountsCommand).map(({ args }) => args[0].input)).toEqual([
    {},
    { NextToken: 'second' },
    { NextToken: 'third' },
  ]);
});

test('the error says who may list accounts', async () => {
  mock.reset();
  mock.on(ListAccountsCommand).rejects(serviceError('AccessDeniedException', 400));
  expect((await rejection(organizationAccounts(client))).message).toContain(
    "cannot list the organisation's accounts (do the credentials belong to its management account, or a delegated administrator?): AccessDeniedException: ",
  );
});

describe('the accounts of a sweep', () => {
  const HOME = '555555555555';
  const refusals: AdapterError[] = [];
  const swept = (other: OrganizationsClient | undefined): SweptAccounts => {
    mock.reset();
    refusals.length = 0;
    return new SweptAccounts(HOME, other, (error) => refusals.push(error));
  };

  test("are only the stack's own if no other account is read, without any call", async () => {
    expect(await swept(undefined).accounts()).toEqual([HOME]);
    expect(mock.calls()).toEqual([]);
  });

  test("are those of the organisation including the stack's own, sorted and each once", async () => {
    const all = swept(client);
    mock.on(ListAccountsCommand).resolves({
      Accounts: ['777777777777', HOME, '111111111111'].map((Id) => ({ Id, Status: 'ACTIVE' })),
    });
    expect(await all.accounts()).toEqual(['111111111111', HOME, '777777777777']);
    mock.on(ListAccountsCommand).resolves({ Accounts: [{ Id: '777777777777', Status: 'ACTIVE' }] });
    expect(await all.accounts()).toEqual([HOME, '777777777777']);
    expect(refusals).toEqual([]);
  });

  test("are only the stack's own if the others may not be listed, which is reported", async () => {
    const all = swept(client);
    mock.on(ListAccountsCommand).rejects(serviceError('AccessDeniedException', 400));
    expect(await all.accounts()).toEqual([HOME]);
    expect(refusals.map(({ code }) => code)).toEqual(['access-denied']);
  });

  test('are an error if a retry may help, because the stack’s own account alone would be incomplete', async () => {
    const all = swept(client);
    mock.on(ListAccountsCommand).rejects(serviceError('TooManyRequestsException', 429));
    expect((await rejection(all.accounts())).decision).toBe('retry');
    expect(refusals).toEqual([]);
  });
});
