import { ListParentsCommand, type OrganizationsClient } from '@aws-sdk/client-organizations';
import { AdapterError } from '../../../ports/system.ts';
import type { AccountUnits } from '../../../ports/account.ts';
import { attemptUnless } from '../sdk/errors.ts';

interface Known {
  /** The time in milliseconds after which the answer is requested again. */
  readonly until: number;
  readonly parent: Promise<string | undefined>;
}

/**
 * Milliseconds for which an answer is cached. Accounts rarely move; if one does, an exclusion takes effect an hour
 * later.
 */
const KEPT = 60 * 60_000;
/** A limit against circular answers. Organisational units nest five deep under the root. */
const DEEPEST = 10;

/**
 * Reads AWS Organizations one parent at a time, from the account up to the root. Parents are cached for an hour, so
 * accounts of one unit share the units above it.
 *
 * Only the organisation's management account and delegated administrators may call the API.
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
      // A failure reaches every caller that waits for it, and is not remembered.
      if (this.#known.get(child) === entry) this.#known.delete(child);
    });
    return entry.parent;
  }

  /** A child has one parent. An empty page means nothing while another page follows. */
  async #ask(child: string, accountId: string): Promise<string | undefined> {
    const doing = `read the organisational units of account ${accountId} (option excludeOrganizationalUnits works in the organisation's management account and in a delegated administrator's)`;
    let token: string | undefined;
    do {
      const NextToken = token;
      // An account that has left the organisation is in no unit.
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
