/** Which accounts wait at the moment: because AWS went on throttling them, or for their turn. */
export interface AccountPauses {
  /** Milliseconds until the account is to be called again; 0 where it does not wait. */
  pausedMillis(accountId: string): number;
  /** Whether a call of the account would wait for its turn behind others of this process. */
  isBusy(accountId: string): boolean;
}
