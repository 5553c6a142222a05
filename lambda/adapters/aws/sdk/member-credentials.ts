import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { AccountUnreachable, AdapterError } from '../../../ports/system.ts';
import { attempt, errorWords } from './errors.ts';

export interface MemberRole {
  readonly partition: string;
  readonly roleName: string;
  readonly externalId: string | undefined;
  /** What to do if the role cannot be assumed, for the error message. */
  readonly advice?: string;
}

export interface AssumedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

interface Held {
  /** The time in milliseconds until which the credentials are used; Infinity while they are being requested. */
  until: number;
  readonly credentials: Promise<AssumedCredentials>;
}

/** How many milliseconds before their expiry credentials are no longer used. */
const MARGIN = 5 * 60 * 1_000;
/**
 * Milliseconds for which a refusal is remembered, so that the role is not assumed again for each finding of the
 * account.
 */
const REFUSED = 5 * 60 * 1_000;
/** Seconds; the longest session that a role reached from another role may have. */
const DURATION = 3_600;

/**
 * Credentials of the read-only role in each member account, assumed once and kept until five minutes before they
 * expire. Callers that ask at the same time share one call.
 * Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export class MemberCredentials {
  readonly #sts: STSClient;
  readonly #role: MemberRole;
  readonly #now: () => number;
  readonly #held = new Map<string, Held>();
  constructor(sts: STSClient, role: MemberRole, now: () => number = Date.now) {
    this.#sts = sts;
    this.#role = role;
    this.#now = now;
  }

  /** @throws AdapterError if the role cannot be assumed; AccountUnreachable if STS refuses it */
  get(accountId: string): Promise<AssumedCredentials> {
    const held = this.#held.get(accountId);
    if (held !== undefined && this.#now() < held.until) return held.credentials;
    const entry: Held = { until: Infinity, credentials: this.#assume(accountId) };
    this.#held.set(accountId, entry);
    entry.credentials.then(
      ({ expiration }) => {
        entry.until = expiration.getTime() - MARGIN;
      },
      (error: unknown) => {
        // Another failure reaches every caller that waits for it, and is not remembered.
        if (error instanceof AccountUnreachable) entry.until = this.#now() + REFUSED;
        else if (this.#held.get(accountId) === entry) this.#held.delete(accountId);
      },
    );
    return entry.credentials;
  }

  async #assume(accountId: string): Promise<AssumedCredentials> {
    const { partition, roleName, externalId, advice } = this.#role;
    const arn = `arn:${partition}:iam::${accountId}:role/${roleName}`;
    const question = advice === undefined ? ` (is the member stack deployed in account ${accountId}?)` : '';
    const doing = `assume ${arn}${question}`;
    const call = new AssumeRoleCommand({
      RoleArn: arn,
      RoleSessionName: 'unused-access-refiner',
      DurationSeconds: DURATION,
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    });
    const { Credentials: answer } = await attempt(doing, () => this.#sts.send(call)).catch(
      (error: unknown) => {
        if (!(error instanceof AdapterError) || error.code !== 'access-denied') throw error;
        // STS gives the same answer if there is no such role and if it does not trust the caller.
        throw new AccountUnreachable(
          accountId,
          `account ${accountId} cannot be reached: ${arn} cannot be assumed (${errorWords(error.cause)}); there is no such role, or it does not trust the caller; ${advice ?? 'deploy the member stack there'}, or leave the account out`,
          { cause: error.cause },
        );
      },
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer ?? {};
    if (
      AccessKeyId === undefined ||
      SecretAccessKey === undefined ||
      SessionToken === undefined ||
      Expiration === undefined
    ) {
      throw new AdapterError(`cannot ${doing}: STS returned no credentials`, 'retry', 'malformed');
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  }
}
