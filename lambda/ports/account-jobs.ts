/** The findings of one account that one sweep listed. */
export interface AccountJob {
  readonly analyzerArn: string;
  readonly sweepId: string;
  readonly accountId: string;
  /** Place of the first finding that is not done yet, as far as the message knows. */
  readonly next: number;
  /** How many parts of what was found unused are kept; further ones may be there. */
  readonly parts: number;
  /** Key of the shared policy or group that was looked at last; null before the first. */
  readonly shared: string | null;
  /** How often in a row the account was throttled before it gave a single page. */
  readonly waits: number;
}

/** Carries the work on whole accounts to whoever does it. */
export interface AccountJobQueue {
  /**
   * @param delaySeconds at most 900, none unless given
   * @throws AdapterError
   */
  send(job: AccountJob, delaySeconds?: number): Promise<void>;
}
