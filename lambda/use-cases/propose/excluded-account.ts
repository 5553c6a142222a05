import type { AccountUnits } from '../../ports/account.ts';
import type { Exclusions } from '../../ports/settings.ts';
import type { SkipReason } from './skip-reason.ts';

/**
 * Whether the configuration wants the whole account left alone, by its id or by an organisational unit above it. Where the
 * account stands is asked only if some unit is excluded.
 * @param units undefined where nobody can say where an account stands; units then exclude nothing
 * @throws AdapterError when it cannot be found out where the account stands
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
