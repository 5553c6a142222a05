import { ListParentsCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import { AdapterError } from '../../../ports/system.ts';
import type { AccountUnits } from '../../../ports/account.ts';
import { attemptUnless } from '../sdk/errors.ts';

interface Known {
  /** Milliseconds; what is older is asked again. */
  readonly until: number;
  readonly parent: Promise<string | undefined>;
}

/** Milliseconds. Accounts move seldom, and one that moved is left alone, or looked at, an hour later. */
const KEPT = 60 * 60_000;
/** Organisational units nest five deep under the root; more means that the answers go in a circle. */
const DEEPEST = 10;

/**
 * AWS Organizations, asked one step at a time from the account up to the root. Steps are kept for an hour, so that accounts
 * of one unit share what lies above it.
 *
 * The organisation's management account and delegated administrators may ask, and nobody else.
 * Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html
 */
export class OrganizationUnits implements AccountUnits {
  readonly #client: OrganizationsClient;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  constructor(client: OrganizationsClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
  }

  /** @throws AdapterError */
  async ancestorsOf(accountId: string): Promise<readonly string[]> {
    const ancestors: string[] = [];
    let child = accountId;
    for (;;) {
      const parent = await this.#parent(child, accountId);
      if (parent === undefined) return ancestors;
      ancestors.push(parent);
      if (parent.startsWith('r-')) return ancestors;
      if (ancestors.length > DEEPEST) {
        throw new AdapterError(
          `cannot read the organisational units of account ${accountId}: they do not end at a root`,
          'retry',
          'malformed',
        );
      }
      child = parent;
    }
  }

  #parent(child: string, accountId: string): Promise<string | undefined> {
    const known = this.#known.get(child);
    if (known !== undefined && this.#now() < known.until) return known.parent;
    const entry: Known = { until: this.#now() + KEPT, parent: this.#ask(child, accountId) };
    this.#known.set(child, entry);
    entry.parent.catch(() => {
      // A failure is told to everyone who waits for it, and not remembered.
      if (this.#known.get(child) === entry) this.#known.delete(child);
    });
    return entry.parent;
  }

  /** A child has one parent. An empty page says nothing as long as there is another. */
  async #ask(child: string, accountId: string): Promise<string | undefined> {
    const doing = `read the organisational units of account ${accountId} (option excludeOrganizationalUnits works in the organisation's management account and in a delegated administrator's)`;
    let token: string | undefined;
    do {
      const NextToken = token;
      // An account that is no longer in the organisation is in none of its units.
      const page = await attemptUnless(doing, ['ChildNotFoundException'], () =>
        this.#client.send(
          new ListParentsCommand({ ChildId: child, ...(NextToken === undefined ? {} : { NextToken }) }),
        ),
      );
      const [parent] = page?.Parents ?? [];
      if (parent?.Id !== undefined) return parent.Id;
      token = page?.NextToken;
    } while (token !== undefined);
    return undefined;
  }
}
