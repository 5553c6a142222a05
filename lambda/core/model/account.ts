/** Display names of accounts by account id, where known. */
export type AccountNames = Readonly<Record<string, string>>;

export function nameOfAccount(accountId: string, names: AccountNames = {}): string | undefined {
  return Object.hasOwn(names, accountId) ? names[accountId] : undefined;
}

/** The account in an ARN: twelve digits; `aws` for AWS's own resources; empty if the text is not an ARN. */
export function accountOfArn(arn: string): string {
  return arn.split(':')[4] ?? '';
}
