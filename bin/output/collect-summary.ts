import path from 'node:path';
import type { CollectionManifest, SectionName } from '../../lambda/ports/collect.ts';
import { count } from '../../lambda/report/text/format.ts';
import { tell } from './terminal.ts';

const WORDS: readonly (readonly [SectionName, string])[] = [
  ['accountDetails', 'roles, users, groups and policies'],
  ['findings', 'findings'],
  ['lastAccessed', 'reports of last use'],
  ['credentials', 'users with the ages of their credentials'],
];

/** Reasons of failures that are printed one by one, and the names that are printed for each. */
const MOST_FAILURES = 20;
const MOST_NAMES = 5;

/**
 * Says how much was read of an account, and what was not: that sets exit status 1.
 * @param folder of the account
 */
export function printCollected(manifest: CollectionManifest, folder: string, quiet: boolean): void {
  const { sections, failed, accountId } = manifest;
  if (!quiet) {
    const parts = WORDS.flatMap(([name, words]) => {
      const section = sections[name];
      return section === null || section.state === 'failed' ? [] : [`${count(section.count)} ${words}`];
    });
    tell(`${folder}: ${parts.join(', ') || 'nothing'}`);
  }
  // What all fails for one reason, such as a role that cannot be assumed, is one line.
  const byReason = new Map<string, string[]>();
  for (const { what, reason } of failed) byReason.set(reason, [...(byReason.get(reason) ?? []), what]);
  for (const [reason, whats] of [...byReason].slice(0, MOST_FAILURES)) {
    const rest = whats.length - MOST_NAMES;
    const names = `${whats.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${count(rest)} more` : ''}`;
    tell(`account ${accountId}: ${names}: ${reason}`);
  }
  if (byReason.size > MOST_FAILURES) {
    tell(
      `account ${accountId}: and ${count(byReason.size - MOST_FAILURES)} more; all are in ${path.join(folder, 'manifest.json')}`,
    );
  }
  if (failed.length > 0) process.exitCode = 1;
}
