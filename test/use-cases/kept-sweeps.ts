import type { FoundInAccount, Listing, SweepRecords } from '../../lambda/ports/sweep.ts';

/** What sweeps keep, in memory. */
export class KeptSweeps implements SweepRecords {
  /** By `sweep/number`. */
  readonly listings = new Map<string, Listing>();
  /** By `sweep/account`. */
  readonly accounts = new Map<string, FoundInAccount>();
  readonly again = new Set<string>();

  begin(): Promise<number> {
    return Promise.resolve(0);
  }

  keepListing(sweepId: string, number: number, listing: Listing): Promise<Listing> {
    const key = `${sweepId}/${String(number)}`;
    const kept = this.listings.get(key) ?? listing;
    this.listings.set(key, kept);
    return Promise.resolve(kept);
  }

  listing(sweepId: string, number: number): Promise<Listing> {
    const listing = this.listings.get(`${sweepId}/${String(number)}`);
    return listing ? Promise.resolve(listing) : Promise.reject(new Error('there is no such listing'));
  }

  keepAccount(sweepId: string, accountId: string, found: FoundInAccount): Promise<void> {
    const key = `${sweepId}/${accountId}`;
    this.accounts.set(key, this.accounts.get(key) ?? found);
    return Promise.resolve();
  }

  reopened(): Promise<readonly string[]> {
    return Promise.resolve([...this.again]);
  }
}
