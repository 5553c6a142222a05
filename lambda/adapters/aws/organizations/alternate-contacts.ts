import { type AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { ACCOUNT_CONTACTS, type AccountContact } from '../../../contract/account-contacts.ts';
import type { AccountContacts } from '../../../ports/notify.ts';
import { AdapterError } from '../../../ports/system.ts';
import { attemptUnless } from '../sdk/errors.ts';

export interface AlternateContactSettings {
  readonly contact: AccountContact;
  /** The account of the caller, which may not be named in the request. */
  readonly homeAccountId: string;
  /** Told of the first answer that no repetition would change; the others are alike, and there may be thousands. */
  readonly refused: (error: AdapterError) => void;
}

/**
 * Alternate contacts of accounts, each asked for once in the life of the process. Other accounts' are answered to the
 * management account and to the delegated administrator of Account Management only, once trusted access is on; the
 * caller's own only where no account is named. The API answers ten calls a second.
 * Source: https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html and
 * https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
 */
export class AlternateContacts implements AccountContacts {
  readonly #client: AccountClient;
  readonly #settings: AlternateContactSettings;
  readonly #known = new Map<string, string | undefined>();
  #hasRefused = false;
  constructor(client: AccountClient, settings: AlternateContactSettings) {
    this.#client = client;
    this.#settings = settings;
  }

  async contactOf(accountId: string): Promise<string | undefined> {
    if (this.#known.has(accountId)) return this.#known.get(accountId);
    const contact = await this.#ask(accountId);
    this.#known.set(accountId, contact);
    return contact;
  }

  async #ask(accountId: string): Promise<string | undefined> {
    const { contact, homeAccountId, refused } = this.#settings;
    try {
      const answer = await attemptUnless(
        `read the ${contact} contact of account ${accountId}`,
        ['ResourceNotFoundException'],
        () =>
          this.#client.send(
            new GetAlternateContactCommand({
              AlternateContactType: ACCOUNT_CONTACTS[contact],
              ...(accountId === homeAccountId ? {} : { AccountId: accountId }),
            }),
          ),
      );
      return answer?.AlternateContact?.EmailAddress || undefined;
    } catch (error) {
      if (!(error instanceof AdapterError) || error.decision === 'retry') throw error;
      if (!this.#hasRefused) refused(error);
      this.#hasRefused = true;
      return undefined;
    }
  }
}
