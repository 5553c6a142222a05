import type { AccountFiles } from './commands/account-files.ts';
import {
  type AccountTask,
  partRunner,
  partsOf,
  readAccountInput,
  type RunPart,
} from './commands/account-part.ts';
import type { AccountResult, ThreadMessage, ThreadTask } from './commands/account-threads.ts';
import { runShared } from './commands/shared-part.ts';
import type { RunRecord } from './output/run-record.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { readAccountExport } from '../lambda/adapters/files/account-export.ts';
import { InputError } from '../lambda/adapters/files/input-error.ts';
import { AdapterError } from '../lambda/ports/system.ts';

/**
 * Refines one account from its files on this thread, and stores the proposals.
 * @throws InputError that names the file, AdapterError if proposals cannot be stored
 */
export async function runAccount(job: AccountTask, files: AccountFiles): Promise<AccountResult> {
  const input = await readAccountInput(files, job);
  const records: (readonly RunRecord[])[] = [];
  const runPart = partRunner(job, input);
  for (const part of partsOf(input.findings.records, Infinity)) {
    await runPart(part, (place, found) => {
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

/** A worker thread of `account`: runs the tasks that it receives, one after the other, and posts the results. */
const job = workerData as AccountTask;
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

let runPart: RunPart | undefined;

async function work(task: ThreadTask): Promise<void> {
  switch (task.kind) {
    case 'account':
      say({ kind: 'account', result: await runAccount(job, task.files) });
      return;
    case 'open': {
      const { files } = task;
      runPart = partRunner(job, { files, policies: readAccountExport(files.accountDetails) });
      return;
    }
    case 'part':
      await runPart?.(task.part, (place, records) => {
        say({ kind: 'progress', place, records });
      });
      return;
    default:
      task satisfies never;
  }
}

let last = Promise.resolve();
parentPort?.on('message', (task: ThreadTask) => {
  last = last
    .then(() => work(task))
    .then(
      () => {
        say({ kind: 'done' });
      },
      (error: unknown) => {
        if (!(error instanceof AdapterError) && !(error instanceof InputError)) throw error;
        say({ kind: 'failed', message: error.message, isInput: error instanceof InputError });
      },
    );
});
