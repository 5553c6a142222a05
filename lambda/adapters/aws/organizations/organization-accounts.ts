import { ListAccountsCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import { byCodeUnit } from '../../../core/model/order.ts';
import type { AccountList } from '../../../ports/sweep.ts';
import { AdapterError } from '../../../ports/system.ts';
import { attempt } from '../sdk/errors.ts';

export interface OrganizationAccount {
  readonly id: string;
  readonly name: string | undefined;
}

/**
 * All accounts of the caller's organisation that are not closed, sorted by id.
 * Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 */
export async function organizationAccounts(
  client: OrganizationsClient,
): Promise<readonly OrganizationAccount[]> {
  const accounts: OrganizationAccount[] = [];
  let token: string | undefined;
  do {
    const page = await attempt(
      "list the organisation's accounts (do the credentials belong to its management account, or a delegated administrator?)",
      () => client.send(new ListAccountsCommand(token === undefined ? {} : { NextToken: token })),
    );
    for (const { Id: id, Name: name, Status } of page.Accounts ?? []) {
      if (id !== undefined && Status !== 'SUSPENDED' && Status !== 'PENDING_CLOSURE')
        accounts.push({ id, name });
    }
    token = page.NextToken;
  } while (token !== undefined);
  return accounts.sort((a, b) => byCodeUnit(a.id, b.id));
}

/** The accounts of a sweep: the stack's own and, if others are read too, those of its organisation. */
export class SweptAccounts implements AccountList {
  readonly #home: string;
  readonly #client: OrganizationsClient | undefined;
  readonly #refused: (error: AdapterError) => void;
  /**
   * @param client undefined if no other account is read
   * @param refused called if the organisation's accounts cannot be listed; the stack's own account is still swept
   */
  constructor(home: string, client: OrganizationsClient | undefined, refused: (error: AdapterError) => void) {
    this.#home = home;
    this.#client = client;
    this.#refused = refused;
  }

  async accounts(): Promise<readonly string[]> {
    if (this.#client === undefined) return [this.#home];
    try {
      const all = await organizationAccounts(this.#client);
      return [...new Set([...all.map(({ id }) => id), this.#home])].sort(byCodeUnit);
    } catch (error) {
      if (!(error instanceof AdapterError) || error.decision === 'retry') throw error;
      this.#refused(error);
      return [this.#home];
    }
  }
}
