import { type AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { ACCOUNT_CONTACTS, type AccountContact } from '../../../contract/settings.ts';
import type { AccountContacts, ContactAnswer } from '../../../ports/notify.ts';
import { AdapterError } from '../../../ports/system.ts';
import { attemptUnless } from '../sdk/errors.ts';

interface AlternateContactSettings {
  readonly contact: AccountContact;
  /** The caller's own account, which the request must not name. */
  readonly homeAccountId: string;
  /** Called with the first refusal and again after some minutes, but not for each of the thousands that may follow. */
  readonly refused: (error: AdapterError) => void;
}

/**
 * Milliseconds for which a refusal is remembered: longer than a batch takes, and short enough for a new permission to
 * take effect soon.
 */
const REFUSED_AGE = 5 * 60_000;

/**
 * Reads alternate contacts of accounts, each once in the life of the process unless it was refused. Only the
 * management account and the delegated administrator of Account Management can read those of other accounts, with
 * trusted access enabled. For the caller's own contact, the request must not name the account. The API allows ten
 * calls a second.
 * Source: https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html and
 * https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
 */
export class AlternateContacts implements AccountContacts {
  readonly #client: AccountClient;
  readonly #settings: AlternateContactSettings;
  readonly #now: () => number;
  readonly #known = new Map<string, ContactAnswer>();
  /** Until when a refusal is remembered, by account. */
  readonly #refused = new Map<string, number>();
  #silentUntil = 0;
  constructor(client: AccountClient, settings: AlternateContactSettings, now: () => number = Date.now) {
    this.#client = client;
    this.#settings = settings;
    this.#now = now;
  }

  async contactOf(accountId: string): Promise<ContactAnswer> {
    const known = this.#known.get(accountId);
    if (known) return known;
    if (this.#now() < (this.#refused.get(accountId) ?? 0)) return { kind: 'refused' };
    const answer = await this.#ask(accountId);
    if (answer.kind === 'known') this.#known.set(accountId, answer);
    else this.#refused.set(accountId, this.#now() + REFUSED_AGE);
    return answer;
  }

  async #ask(accountId: string): Promise<ContactAnswer> {
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
      return { kind: 'known', email: answer?.AlternateContact?.EmailAddress || undefined };
    } catch (error) {
      if (!(error instanceof AdapterError) || error.decision === 'retry') throw error;
      if (this.#now() >= this.#silentUntil) refused(error);
      this.#silentUntil = this.#now() + REFUSED_AGE;
      return { kind: 'refused' };
    }
  }
}
