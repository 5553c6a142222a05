/** Who answers for an account. */
export interface AccountContacts {
  /**
   * The contact's e-mail address; undefined where the account has none, or where it may not be read.
   * @throws AdapterError with the decision to retry where nobody answers for now
   */
  contactOf(accountId: string): Promise<string | undefined>;
}
