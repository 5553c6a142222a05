import type { RoleLastUsed } from '@aws-sdk/client-iam';
import { iso } from '../access-analyzer/finding-details.ts';

/**
 * When a role was last used, ISO 8601; null where IAM records no use, undefined where it does not say.
 * Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html
 */
export function roleLastUsed({
  RoleLastUsed: used,
}: {
  readonly RoleLastUsed?: RoleLastUsed | undefined;
}): string | null | undefined {
  return used && lastUsedDate(used.LastUsedDate);
}

/** Null without a date. One that cannot be read is one all the same, and no reader takes it for an old one. */
export function lastUsedDate(date: Date | undefined): string | null {
  return date === undefined ? null : (iso(date) ?? 'unreadable');
}
