import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { AdapterError } from '../../lambda/ports/system.ts';
import type { FindingReference } from '../../lambda/ports/findings.ts';
import {
  type AccountInput,
  type AccountJob,
  type AccountPart,
  dealOut,
  type ObservePart,
  runPart,
  type SharedInput,
} from './account-part.ts';
import type { RunRecord } from '../output/run-record.ts';

/** What a thread is started with. */
export interface PartTask {
  readonly job: AccountJob;
  readonly input: SharedInput;
  readonly part: AccountPart;
}

/** What a thread says. Instances of classes do not survive the way, so an error comes as its sentence. */
export type PartMessage =
  | { readonly kind: 'progress'; readonly place: number; readonly records: readonly RunRecord[] }
  | { readonly kind: 'failed'; readonly message: string };

/** Below this many findings a second thread costs more than it brings: it reads the account for itself. */
const WORTH_A_THREAD = 500;
/** Each thread holds an index of the whole account; more of them are for whoever asks. */
const MOST_BY_DEFAULT = 4;

/** Threads for a run when nobody says how many. */
export function defaultThreads(findings: number): number {
  const useful = Math.ceil(findings / WORTH_A_THREAD);
  return Math.max(1, Math.min(os.availableParallelism(), MOST_BY_DEFAULT, useful));
}

/**
 * Runs the job on so many threads, this one among them.
 * @throws AdapterError when proposals cannot be stored; the other threads have ended by then
 */
export async function runThreads(
  job: AccountJob,
  input: AccountInput,
  references: readonly FindingReference[],
  threads: number,
  observe: ObservePart,
): Promise<void> {
  const [mine, ...parts] = dealOut(references, threads);
  const others = parts.map((part) => {
    const findings = input.findings.share(part.references.map(({ findingId }) => findingId));
    return startThread({ job, input: { account: input.account, findings }, part }, observe);
  });
  const ended = Promise.all(others.map(({ done }) => done));
  // Looked at below; until then a failure must not count as one that nobody handles.
  ended.catch(() => undefined);
  try {
    if (mine) await runPart(job, input, mine, observe);
    await ended;
  } finally {
    await Promise.all(others.map(({ worker }) => worker.terminate()));
  }
}

function startThread(
  task: PartTask,
  observe: ObservePart,
): { readonly worker: Worker; readonly done: Promise<void> } {
  const worker = new Worker(new URL('./account-worker.mjs', import.meta.url), { workerData: task });
  const done = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: PartMessage) => {
      if (message.kind === 'progress') observe(message.place, message.records);
      else reject(new AdapterError(message.message, 'permanent', 'unavailable'));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      resolve();
    });
  });
  return { worker, done };
}
