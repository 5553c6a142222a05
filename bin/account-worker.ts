import { parentPort, workerData } from 'node:worker_threads';
import { AdapterError } from '../lambda/ports/system.ts';
import { readSharedInput, runPart } from './commands/account-part.ts';
import type { PartMessage, PartTask } from './commands/account-threads.ts';

/** A thread of `account`: does its part of the run and says what each finding came to. */
const { job, input, part } = workerData as PartTask;
const say = (message: PartMessage): void => parentPort?.postMessage(message);
try {
  await runPart(job, readSharedInput(input), part, (place, records) => {
    say({ kind: 'progress', place, records });
  });
} catch (error) {
  if (!(error instanceof AdapterError)) throw error;
  say({ kind: 'failed', message: error.message });
}
