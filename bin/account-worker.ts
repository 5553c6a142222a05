import { parentPort, workerData } from 'node:worker_threads';
import { readAccountExport } from '../lambda/adapters/files/account-export.ts';
import { InputError } from '../lambda/adapters/files/input-error.ts';
import { AdapterError } from '../lambda/ports/system.ts';
import { type AccountJob, runPart } from './commands/account-part.ts';
import type { ThreadMessage, ThreadTask } from './commands/account-threads.ts';
import { runAccount } from './commands/account-whole.ts';

/** A thread of `account`: does the tasks that it is given, one after the other, and says what came of them. */
const job = workerData as AccountJob;
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

async function work({ files, part }: ThreadTask): Promise<void> {
  if (!part) {
    say({ kind: 'account', result: await runAccount(job, files) });
    return;
  }
  await runPart(job, { files, policies: readAccountExport(files.accountDetails) }, part, (place, records) => {
    say({ kind: 'progress', place, records });
  });
}

parentPort?.on('message', (task: ThreadTask) => {
  work(task).then(
    () => {
      say({ kind: 'done' });
    },
    (error: unknown) => {
      if (!(error instanceof AdapterError) && !(error instanceof InputError)) throw error;
      say({ kind: 'failed', message: error.message, isInput: error instanceof InputError });
    },
  );
});
