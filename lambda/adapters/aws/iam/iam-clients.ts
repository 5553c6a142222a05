import type { IAMClient } from '@aws-sdk/client-iam';
import { AccountUnreachable } from '../../../ports/system.ts';
import type { AccountPace } from '../sdk/account-pace.ts';
import { makeIamClient } from '../sdk/clients.ts';
import type { AssumedCredentials, MemberCredentials } from '../sdk/member-credentials.ts';
import { paced } from '../sdk/paced-client.ts';

/** How many member accounts' clients are cached; an organisation may have thousands of accounts. */
const MEMBER_CLIENTS = 50;

/** An IAM client for each account: the function's own role for its own account, the member role for others. */
export class IamClients {
  readonly #home: IAMClient;
  readonly #homeAccountId: string;
  readonly #members: MemberCredentials | undefined;
  readonly #prepare: (client: IAMClient) => IAMClient;
  readonly #pace: AccountPace | undefined;
  readonly #clients = new Map<
    string,
    { readonly client: IAMClient; readonly credentials: AssumedCredentials }
  >();
  /**
   * @param members undefined if no member role is configured
   * @param prepare adds to a new client what else it needs, such as tracing
   * @param pace keeps the calls to each account, including the function's own, below its limits; no pacing unless
   * given
   */
  constructor(
    home: IAMClient,
    homeAccountId: string,
    members: MemberCredentials | undefined,
    prepare: (client: IAMClient) => IAMClient = (client) => client,
    pace?: AccountPace,
  ) {
    this.#home = pace === undefined ? home : paced(home, homeAccountId, pace);
    this.#pace = pace;
    this.#homeAccountId = homeAccountId;
    this.#members = members;
    this.#prepare = prepare;
  }

  /**
   * @throws AccountUnreachable if the account is a member account and its role is not configured or cannot be assumed
   */
  async forAccount(accountId: string): Promise<IAMClient> {
    if (accountId === this.#homeAccountId) return this.#home;
    if (this.#members === undefined) {
      throw new AccountUnreachable(
        accountId,
        `cannot read account ${accountId}: no member role is configured; set the member role's name and deploy the member stack there`,
      );
    }
    const credentials = await this.#members.get(accountId);
    const known = this.#clients.get(accountId);
    this.#clients.delete(accountId);
    const entry =
      known?.credentials === credentials
        ? known
        : { client: this.#make(accountId, credentials), credentials };
    this.#clients.set(accountId, entry);
    for (const oldest of this.#clients.keys()) {
      if (this.#clients.size <= MEMBER_CLIENTS) break;
      this.#clients.delete(oldest);
    }
    return entry.client;
  }

  #make(accountId: string, credentials: AssumedCredentials): IAMClient {
    // All clients share the connections of the first client; the pace is that of the account.
    const { requestHandler } = this.#home.config;
    const client = this.#prepare(makeIamClient({ requestHandler, credentials }));
    return this.#pace === undefined ? client : paced(client, accountId, this.#pace);
  }
}
