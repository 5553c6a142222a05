import { type Candidate, type Decision, decisionPhrase, rejectionOf } from '../../core/decision/decision.ts';
import { hasEffect } from '../../core/risk/risk.ts';
import type { PrincipalRef, Tag } from '../../core/model/principal.ts';
import { foldCase, matchesPattern } from '../../core/pattern/matches.ts';
import type { Exclusions, RefinementSettings } from '../../ports/settings.ts';
import type { SkipCode } from './outcome.ts';
import type { AccountUnits } from '../../ports/account.ts';

export interface SkipReason {
  readonly code: SkipCode;
  readonly reason: string;
}

/**
 * Why a principal is skipped because AWS manages its permissions.
 * Source: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html and
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function ownedByAws(ref: PrincipalRef): SkipReason | undefined {
  if (ref.type !== 'role') return undefined;
  if (ref.path.startsWith('/aws-service-role/')) {
    return {
      code: 'service-linked-role',
      reason: 'a service-linked role: AWS owns its permissions and nobody else can change them',
    };
  }
  if (ref.path.startsWith('/aws-reserved/sso.amazonaws.com/') || ref.name.startsWith('AWSReservedSSO_')) {
    return {
      code: 'identity-center-role',
      reason: 'a role of IAM Identity Center: change its permission set instead, the role follows',
    };
  }
  return undefined;
}

/** Whether the configuration excludes the principal. Tags are compared once they are known. */
export function excludedBy(
  exclude: Exclusions,
  ref: PrincipalRef,
  tags: readonly Tag[],
): SkipReason | undefined {
  const name = exclude.names.find((pattern) => matchesPattern(foldCase(pattern), foldCase(ref.name)));
  if (name !== undefined) return excluded(`it: the name matches ${JSON.stringify(name)}`);
  const path = exclude.paths.find((prefix) => ref.path.startsWith(prefix));
  if (path !== undefined) return excluded(`it: the path begins with ${JSON.stringify(path)}`);
  const tag = tags.find((own) =>
    exclude.tags.some(({ key, value }) => key === own.key && (value === null || value === own.value)),
  );
  return tag && excluded(`it: it carries the tag ${JSON.stringify(tag.key)}`);
}

/** Why a possible proposal is skipped: somebody rejected it, or its effect is known and below the configured level. */
export function unwanted(
  candidate: Candidate,
  decisions: readonly Decision[],
  { minEffect }: Pick<RefinementSettings, 'minEffect'>,
): SkipReason | undefined {
  const rejected = rejectionOf(decisions, candidate);
  if (rejected) return { code: 'rejected', reason: `its proposal was ${decisionPhrase(rejected)}` };
  const { removed } = candidate;
  if (minEffect === undefined || removed === undefined || hasEffect(removed, minEffect)) return undefined;
  return {
    code: 'small-effect',
    reason: `removes nothing of the level ${minEffect} or above, which the settings require`,
  };
}

/**
 * Whether the configuration excludes the whole account, by its id or by an organisational unit above it. The account's
 * units are read only if a unit is excluded.
 * @param units undefined if the units of an account cannot be read; units then exclude nothing
 * @throws AdapterError if the account's units cannot be read
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
