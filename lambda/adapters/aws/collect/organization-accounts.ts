import { ListAccountsCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import { byCodeUnit } from '../../../core/model/order.ts';
import { attempt } from '../sdk/errors.ts';

/**
 * The ids of all active accounts of the caller's organisation.
 * Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 */
export async function organizationAccounts(client: OrganizationsClient): Promise<readonly string[]> {
  const ids: string[] = [];
  let token: string | undefined;
  do {
    const page = await attempt(
      "list the organisation's accounts (do the credentials belong to its management account, or a delegated administrator?)",
      () => client.send(new ListAccountsCommand(token === undefined ? {} : { NextToken: token })),
    );
    for (const { Id, Status } of page.Accounts ?? []) {
      if (Id !== undefined && Status !== 'SUSPENDED' && Status !== 'PENDING_CLOSURE') ids.push(Id);
    }
    token = page.NextToken;
  } while (token !== undefined);
  return ids.sort(byCodeUnit);
}
