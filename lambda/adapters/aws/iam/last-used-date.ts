import type { RoleLastUsed } from '@aws-sdk/client-iam';
import { iso } from '../access-analyzer/finding-details.ts';

/**
 * When a role was last used, ISO 8601; null if IAM records no use, undefined if it does not say.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
 */
export function roleLastUsed({
  RoleLastUsed: used,
}: {
  readonly RoleLastUsed?: RoleLastUsed | undefined;
}): string | null | undefined {
  return used && lastUsedDate(used.LastUsedDate);
}

/**
 * Null if there is no date. An invalid date becomes `unreadable`, so that nobody takes it for an old one or for none.
 */
export function lastUsedDate(date: Date | undefined): string | null {
  return date === undefined ? null : (iso(date) ?? 'unreadable');
}
