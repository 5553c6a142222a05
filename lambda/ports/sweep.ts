import type { FindingReference } from './findings.ts';

/** Where an interrupted sweep continues. */
export interface SweepContinuation {
  readonly analyzerArn: string;
  /** Names the sweep in the store of its objects. */
  readonly sweepId: string;
  /** How often this sweep had to start over because its token was no longer valid. */
  readonly restarts: number;
  readonly position: SweepPosition;
}

/** Where an interrupted sweep for reports of last use continues. */
export interface AccountSweep {
  readonly sweepId: string;
  /** Id of the account whose job was sent last; empty before the first. */
  readonly after: string;
}

/**
 * First everything is listed, and what a slice listed is kept as a numbered object; then it is sent, account by
 * account; then what is missing from it. A listing that starts over does not delete the earlier objects.
 */
export type SweepPosition =
  | {
      readonly phase: 'list';
      /** Undefined starts at the first page. */
      readonly nextToken: string | undefined;
      readonly listed: ListedObjects;
    }
  | {
      readonly phase: 'send';
      readonly listed: ListedObjects;
      /** How many accounts, in the order of their ids, are done. */
      readonly offset: number;
    }
  | {
      /** What is shown as current although its finding was not listed. */
      readonly phase: 'missing';
      readonly listed: ListedObjects;
      /** Id of the finding that was sent last; empty before the first. */
      readonly after: string;
    };

export interface ListedObjects {
  /** Number of the first object of this listing. */
  readonly from: number;
  /** Number that the next object gets. */
  readonly to: number;
  /** Whether the listing began at the first page and every entry could be read, so that its objects hold all active findings. */
  readonly isWhole: boolean;
}

/** Carries the rest of a sweep to a later invocation. */
export interface SweepQueue {
  /** @param delaySeconds at most 900, none unless given */
  continueLater(continuation: SweepContinuation, delaySeconds?: number): Promise<void>;
}

/** The same for a sweep that has each account asked. */
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
  /** Prefixes of what the overview shows as current about what several share; undefined where it cannot be read. */
  readonly shared?: readonly string[] | undefined;
  /** Whether the listing may lack active findings, so that who has none here may have one all the same. */
  readonly isPartial?: true | undefined;
  /**
   * When the sweep began, by the store's time: milliseconds since 1970. Whatever it listed, and whatever is read of the
   * account, was read later. 0 where no time is known: everything may have been said later.
   */
  readonly since: number;
}

/** The accounts in which a sweep looks for unused access. */
export interface AccountList {
  /** Ids, sorted. @throws AdapterError */
  accounts(): Promise<readonly string[]>;
}

/** Keeps what a sweep listed until its findings are sent and worked on. */
export interface SweepRecords {
  /** Notes that a sweep begins, once. @returns when it began, by the store's time. @throws AdapterError */
  begin(sweepId: string): Promise<number>;
  /**
   * Stores a listing under its number unless there is one, so that a repeated slice continues like the first attempt.
   * @returns the stored listing
   * @throws AdapterError
   */
  keepListing(sweepId: string, number: number, listing: Listing): Promise<Listing>;
  /** @throws AdapterError, also where it is missing */
  listing(sweepId: string, number: number): Promise<Listing>;
  /** What one account that is worked on as a whole has. @throws AdapterError */
  keepAccount(sweepId: string, accountId: string, found: FoundInAccount): Promise<void>;
  /** Prefixes of the proposals that became current again within a week. @throws AdapterError */
  reopened(): Promise<readonly string[]>;
}
