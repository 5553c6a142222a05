import type { FindingReference } from './findings.ts';

/** Where an interrupted sweep continues. */
export interface SweepContinuation {
  readonly analyzerArn: string;
  /** Identifies the sweep; part of the keys of its objects. */
  readonly sweepId: string;
  /** How often this sweep had to start over because its token was no longer valid. */
  readonly restarts: number;
  readonly position: SweepPosition;
}

/** Where an interrupted sweep continues if findings come from reports of last use. */
export interface AccountSweep {
  readonly sweepId: string;
  /** Id of the account whose job was sent last; empty before the first. */
  readonly after: string;
}

/**
 * A sweep has three phases. It lists all findings, and each slice stores its listing as a numbered object; then it
 * queues them, account by account; then it queues those that are shown but missing from the listing. A listing that
 * starts over does not delete the earlier objects.
 */
export type SweepPosition =
  | {
      readonly phase: 'list';
      /** Undefined to start at the first page. */
      readonly nextToken: string | undefined;
      readonly listed: ListedObjects;
    }
  | {
      readonly phase: 'send';
      readonly listed: ListedObjects;
      /** How many accounts, in the order of their ids, are queued. */
      readonly offset: number;
    }
  | {
      /** Handles proposals that are shown as current although their findings were not listed. */
      readonly phase: 'missing';
      readonly listed: ListedObjects;
      /** Id of the finding that was queued last; empty before the first. */
      readonly after: string;
    };

export interface ListedObjects {
  /** Number of the first object of this listing. */
  readonly from: number;
  /** Number of the next object. */
  readonly to: number;
  /**
   * Whether the listing began at the first page and every entry could be read, so that its objects contain all active
   * findings.
   */
  readonly isWhole: boolean;
}

/** Queues the rest of a sweep for a later invocation. */
export interface SweepQueue {
  /** @param delaySeconds at most 900, none unless given */
  continueLater(continuation: SweepContinuation, delaySeconds?: number): Promise<void>;
}

/** Queues the rest of a sweep over accounts, if findings come from reports of last use. */
export interface AccountSweepQueue {
  /** @param delaySeconds at most 900, none unless given */
  accountsLater(rest: AccountSweep, delaySeconds?: number): Promise<void>;
}

/** What one slice of a sweep listed, and where the sweep continues. */
export interface Listing {
  readonly references: readonly FindingReference[];
  readonly restarts: number;
  readonly next: SweepPosition;
}

/** What a sweep found in one account. */
export interface FoundInAccount {
  readonly references: readonly FindingReference[];
  /**
   * Prefixes of the proposals about shared policies and groups that the overview shows as current; undefined if the
   * overview cannot be read.
   */
  readonly shared?: readonly string[] | undefined;
  /** True if the listing may lack active findings, so that a principal without one here may still have one. */
  readonly isPartial?: true | undefined;
  /**
   * When the sweep began, by the store's clock, in milliseconds since 1970. Everything it listed, and everything read
   * of the account, was read after that. 0 if unknown: then any state may be newer.
   */
  readonly since: number;
}

/** Lists the accounts that a sweep covers. */
export interface AccountList {
  /** Ids, sorted. @throws AdapterError */
  accounts(): Promise<readonly string[]>;
}

/** Stores what a sweep listed until its findings are queued and handled. */
export interface SweepRecords {
  /**
   * Records the beginning of a sweep, once.
   * @returns when it began, by the store's clock, in milliseconds since 1970
   * @throws AdapterError
   */
  begin(sweepId: string): Promise<number>;
  /**
   * Stores a listing under its number unless there is one, so that a retried slice continues like the first attempt.
   * @returns the stored listing
   * @throws AdapterError
   */
  keepListing(sweepId: string, number: number, listing: Listing): Promise<Listing>;
  /** @throws AdapterError, also if it is missing */
  listing(sweepId: string, number: number): Promise<Listing>;
  /** Stores what was found in an account that is handled as a whole. @throws AdapterError */
  keepAccount(sweepId: string, accountId: string, found: FoundInAccount): Promise<void>;
  /** Prefixes of the proposals that became current again within a week. @throws AdapterError */
  reopened(): Promise<readonly string[]>;
}
