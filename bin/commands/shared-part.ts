import { FolderStore } from '../../lambda/adapters/files/folder-store.ts';
import { LastAccessFiles } from '../../lambda/adapters/files/last-access-files.ts';
import type {
  Finding,
  FindingReference,
  FindingSource,
  UnusedFindings,
} from '../../lambda/ports/findings.ts';
import { type SharedEntry, sharedRunEntry } from '../../lambda/report/run/run-overview.ts';
import { proposeShared, type SharedOutcome } from '../../lambda/use-cases/propose/propose-shared.ts';
import { type AccountInput, type AccountTask, dependenciesOf, keepReplay } from './account-part.ts';

/**
 * The last part of an offline run: shared policies and groups, on one thread and in a fixed order.
 * @throws AdapterError if proposals cannot be stored
 */
export async function runShared(
  job: AccountTask,
  { files, policies, findings }: AccountInput,
): Promise<readonly SharedEntry[]> {
  // Shared subjects depend on all holders, and `--only` selects some.
  if (job.only.length > 0) return [];
  const dependencies = {
    findings: findingsByPrincipal(findings.references, findings),
    store: new FolderStore(job.out),
    ...dependenciesOf(job),
    lastAccess:
      files.lastAccessed === undefined
        ? undefined
        : LastAccessFiles.at(files.lastAccessed, policies.accountIds.length),
  };
  const entries: SharedEntry[] = [];
  for (const accountId of policies.accountIds) {
    for await (const outcome of proposeShared(policies.inventory(accountId), dependencies)) {
      if (outcome.kind === 'failed') keepReplay(outcome.key, outcome.replay, job.out);
      entries.push(entryOf(outcome, job.reports));
    }
  }
  return entries;
}

function entryOf(outcome: SharedOutcome, hasReports: boolean): SharedEntry {
  const { subject, kind } = outcome;
  if (kind !== 'proposed') {
    return {
      subject,
      outcome: kind,
      reason: outcome.reason,
      ...(kind === 'unchanged' ? { refused: outcome.refused } : {}),
    };
  }
  return sharedRunEntry(outcome.proposal, { folder: outcome.stored.prefix, hasReport: hasReports });
}

/** The ACTIVE findings of a source by principal. Each finding is read again when it is needed. */
function findingsByPrincipal(references: readonly FindingReference[], source: FindingSource): UnusedFindings {
  const byPrincipal = new Map<string, FindingReference[]>();
  for (const reference of references) {
    const known = byPrincipal.get(reference.resource);
    if (known) known.push(reference);
    else byPrincipal.set(reference.resource, [reference]);
  }
  return {
    about: async (principalArn) => {
      const found: Finding[] = [];
      for (const reference of byPrincipal.get(principalArn) ?? []) {
        const answer = await source.getFinding(reference);
        if (answer.kind === 'unreadable') return undefined;
        if (answer.kind === 'found' && answer.finding.status === 'ACTIVE') found.push(answer.finding);
      }
      return found;
    },
  };
}
