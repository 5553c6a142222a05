import type { FindingReference } from '../../lambda/ports/findings.ts';
import type { Listing, SweepRecords } from '../../lambda/ports/sweep.ts';

/** What sweeps keep, in memory. */
export class KeptSweeps implements SweepRecords {
  /** By `sweep/number`. */
  readonly listings = new Map<string, Listing>();
  /** By `sweep/account`. */
  readonly accounts = new Map<string, readonly FindingReference[]>();

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

  keepAccount(sweepId: string, accountId: string, references: readonly FindingReference[]): Promise<void> {
    this.accounts.set(`${sweepId}/${accountId}`, references);
    return Promise.resolve();
  }
}
