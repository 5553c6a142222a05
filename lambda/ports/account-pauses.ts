/** Which accounts wait at the moment because AWS went on throttling them. */
export interface AccountPauses {
  /** Milliseconds until the account is to be called again; 0 where it does not wait. */
  pausedMillis(accountId: string): number;
}
