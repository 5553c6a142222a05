/** Names of accounts by their ids, as far as somebody gave them. */
export type AccountNames = Readonly<Record<string, string>>;

/** `111122223333 (payments-prod)`; the id alone where no name is known. */
export function namedAccount(accountId: string, names: AccountNames = {}): string {
  const name = Object.hasOwn(names, accountId) ? names[accountId] : undefined;
  return name === undefined ? accountId : `${accountId} (${name})`;
}
