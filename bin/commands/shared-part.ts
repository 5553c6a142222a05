import path from 'node:path';
import { FolderStore, replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { LastAccessFiles } from '../../lambda/adapters/files/last-access-files.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { systemClock } from '../../lambda/adapters/node.ts';
import { failureKey } from '../../lambda/contract/object-keys.ts';
import { makeReportWriter } from '../../lambda/report/proposal/report-html.ts';
import { type SharedEntry, sharedRunEntry } from '../../lambda/report/run/run-overview.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import { findingsByPrincipal } from '../../lambda/use-cases/propose/findings-by-principal.ts';
import { proposeShared, type SharedOutcome } from '../../lambda/use-cases/propose/propose-shared.ts';
import type { AccountInput, AccountJob } from './account-part.ts';
import { catalogueFor } from './common-options.ts';

/**
 * The last part of an offline run: what principals share. On one thread and in a fixed order, however many worked before.
 * @throws AdapterError when proposals cannot be stored
 */
export async function runShared(
  job: AccountJob,
  { files, policies, findings }: AccountInput,
): Promise<readonly SharedEntry[]> {
  // Whoever has it all counts, and here only some were read.
  if (job.only.length > 0) return [];
  const dependencies = {
    findings: findingsByPrincipal(findings.references, findings),
    store: new FolderStore(job.out),
    reports: job.reports
      ? makeReportWriter({ engineVersion: ENGINE_VERSION, accountNames: job.accountNames })
      : { write: () => [] },
    catalogue: catalogueFor(job),
    lastAccess:
      files.lastAccessed === undefined
        ? undefined
        : LastAccessFiles.at(files.lastAccessed, policies.accountIds.length),
    settings: job.settings,
    decisions: { inForce: () => Promise.resolve(job.decisions) },
    digest: sha256,
    clock: systemClock,
    runId: 'offline',
    engineVersion: ENGINE_VERSION,
  };
  const entries: SharedEntry[] = [];
  for (const accountId of policies.accountIds) {
    for await (const outcome of proposeShared(policies.inventory(accountId), dependencies)) {
      keepReplay(outcome, job.out);
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

/** What the verifier rejected is kept, so that the case can be repeated and reported. */
function keepReplay(outcome: SharedOutcome, out: string): void {
  if (outcome.kind !== 'failed' || outcome.replay === undefined) return;
  const file = path.join(out, failureKey(outcome.key));
  makeFolder(path.dirname(file));
  replaceFile(file, `${outcome.replay}\n`);
}
