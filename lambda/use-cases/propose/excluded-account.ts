import type { AccountUnits } from '../../ports/account.ts';
import type { Exclusions } from '../../ports/settings.ts';
import type { SkipReason } from './skip-reason.ts';

/**
 * Whether the configuration excludes the whole account, by its id or by an organisational unit above it. The account's
 * units are read only if a unit is excluded.
 * @param units undefined if the units of an account cannot be read; units then exclude nothing
 * @throws AdapterError when the account's units cannot be read
 */
export async function excludedAccount(
  { accounts = [], organizationalUnits = [] }: Exclusions,
  accountId: string,
  units: AccountUnits | undefined,
): Promise<SkipReason | undefined> {
  if (accounts.includes(accountId)) return excluded(`account ${accountId}`);
  if (organizationalUnits.length === 0 || units === undefined) return undefined;
  const ancestors = await units.ancestorsOf(accountId);
  const unit = ancestors.find((id) => organizationalUnits.includes(id));
  return unit === undefined
    ? undefined
    : excluded(`account ${accountId}, which lies under the organisational unit ${unit}`);
}

function excluded(what: string): SkipReason {
  return { code: 'excluded', reason: `the configuration excludes ${what}` };
}
