/** What people call accounts, by their ids, as far as somebody says it. */
export type AccountNames = Readonly<Record<string, string>>;

export function nameOfAccount(accountId: string, names: AccountNames = {}): string | undefined {
  return Object.hasOwn(names, accountId) ? names[accountId] : undefined;
}
