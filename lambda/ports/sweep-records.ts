import type { FindingReference } from './finding-source.ts';
import type { SweepPosition } from './sweep-queue.ts';

/** What one stretch of a sweep listed, and where the sweep goes on. */
export interface Listing {
  readonly references: readonly FindingReference[];
  readonly restarts: number;
  readonly next: SweepPosition;
}

/** Keeps what a sweep listed until its findings are sent and worked on. */
export interface SweepRecords {
  /**
   * Keeps a listing under its number unless there is one, so that a stretch that is repeated goes on where the first
   * attempt went on.
   * @returns what is kept now
   * @throws AdapterError
   */
  keepListing(sweepId: string, number: number, listing: Listing): Promise<Listing>;
  /** @throws AdapterError, also where it is missing */
  listing(sweepId: string, number: number): Promise<Listing>;
  /** The findings of one account that is worked on as a whole. @throws AdapterError */
  keepAccount(sweepId: string, accountId: string, references: readonly FindingReference[]): Promise<void>;
}
