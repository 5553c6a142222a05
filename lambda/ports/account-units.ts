/** Where an account stands in its organisation. */
export interface AccountUnits {
  /** Ids of the organisational units that hold the account, its own first, up to the root; none outside of an organisation. */
  ancestorsOf(accountId: string): Promise<readonly string[]>;
}
