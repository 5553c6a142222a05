import { ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { organizationAccounts } from '../../../../lambda/adapters/aws/organizations/organization-accounts.ts';
import { rejection, serviceError } from '../support.ts';

const client = new OrganizationsClient({ region: 'eu-west-1' });
const mock = mockClient(client);

test('reads all pages, be they empty, and leaves out accounts that are closed', async () => {
  mock.reset();
  mock
    .on(ListAccountsCommand)
    .resolvesOnce({
      Accounts: [
        { Id: '222222222222', Status: 'ACTIVE' },
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
  expect(await organizationAccounts(client)).toEqual(['111111111111', '222222222222']);
  expect(mock.commandCalls(ListAccountsCommand).map(({ args }) => args[0].input)).toEqual([
    {},
    { NextToken: 'second' },
    { NextToken: 'third' },
  ]);
});

test('says who may list them', async () => {
  mock.reset();
  mock.on(ListAccountsCommand).rejects(serviceError('AccessDeniedException', 400));
  expect((await rejection(organizationAccounts(client))).message).toContain(
    "cannot list the organisation's accounts (do the credentials belong to its management account, or a delegated administrator?): AccessDeniedException: ",
  );
});
