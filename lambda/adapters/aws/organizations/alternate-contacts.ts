import { type AccountClient, GetAlternateContactCommand } from '@aws-sdk/client-account';
import { ACCOUNT_CONTACTS, type AccountContact } from '../../../contract/settings.ts';
import type { AccountContacts, ContactAnswer } from '../../../ports/notify.ts';
import { AdapterError } from '../../../ports/system.ts';
import { attemptUnless } from '../sdk/errors.ts';

export interface AlternateContactSettings {
  readonly contact: AccountContact;
  /** The account of the caller, which may not be named in the request. */
  readonly homeAccountId: string;
  /** Called with the first refusal, and again after a while; the others are alike, and there may be thousands. */
  readonly refused: (error: AdapterError) => void;
}

/** Milliseconds for which a refusal is remembered: within a batch nobody asks twice, and a permission takes effect soon. */
const REFUSED_AGE = 5 * 60_000;

/**
 * Alternate contacts of accounts, each asked for once in the life of the process, unless it was refused. Other accounts' are answered to the
 * management account and to the delegated administrator of Account Management only, once trusted access is on; the
 * caller's own only where no account is named. The API answers ten calls a second.
 * Source: https://docs.aws.amazon.com/accounts/latest/reference/API_GetAlternateContact.html and
 * https://docs.aws.amazon.com/accounts/latest/reference/quotas.html
 */
export class AlternateContacts implements AccountContacts {
  readonly #client: AccountClient;
  readonly #settings: AlternateContactSettings;
  readonly #now: () => number;
  readonly #known = new Map<string, ContactAnswer>();
  /** By account, until when a refusal is remembered. */
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
