import type { AccountFiles } from './account-files.ts';
import { type AccountJob, dealOut, readAccountInput, runPart } from './account-part.ts';
import type { AccountResult } from './account-threads.ts';
import { runShared } from './shared-part.ts';
import type { RunRecord } from '../output/run-record.ts';

/**
 * One account from its files to its proposals, on this thread.
 * @throws InputError that names the file, AdapterError when proposals cannot be stored
 */
export async function runAccount(job: AccountJob, files: AccountFiles): Promise<AccountResult> {
  const input = await readAccountInput(files, job);
  const records: (readonly RunRecord[])[] = [];
  const [all] = dealOut(input.findings.records, 1);
  if (all) {
    await runPart(job, input, all, (place, found) => {
      records[place] = found;
    });
  }
  return {
    records,
    shared: await runShared(job, input),
    remarks: input.findings.remarks,
    complaints: input.complaints,
    comparison: input.comparison,
  };
}
