import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import type { SharedEntry } from '../../lambda/report/run/run-overview.ts';
import type { RunRecord } from '../output/run-record.ts';
import type { AccountFiles } from './account-files.ts';
import type { PrincipalDifference } from './evidence.ts';
import {
  type AccountInput,
  type AccountTask,
  type AccountPart,
  splitFindings,
  type ObservePart,
  runPart,
} from './account-part.ts';

/** One task of a thread: a part of one account's findings, or a whole account with its shared policies and groups. */
export interface ThreadTask {
  readonly files: AccountFiles;
  readonly part: AccountPart | undefined;
}

/** The outcome of one account. */
export interface AccountResult {
  /** In the order of the findings. */
  readonly records: readonly (readonly RunRecord[])[];
  readonly shared: readonly SharedEntry[];
  readonly remarks: readonly string[];
  /** Unreadable entries of its files, one line each. */
  readonly complaints: readonly string[];
  /** How an analyzer's findings and reports of last use differ, if the account has both. */
  readonly comparison?: readonly PrincipalDifference[] | undefined;
}

/** A message of a thread. Class instances cannot be sent between threads, so an error is sent as its sentence. */
export type ThreadMessage =
  | { readonly kind: 'progress'; readonly place: number; readonly records: readonly RunRecord[] }
  | { readonly kind: 'account'; readonly result: AccountResult }
  | { readonly kind: 'done' }
  /** Whether the error concerns only the input of the task. */
  | { readonly kind: 'failed'; readonly message: string; readonly isInput: boolean };

/** With fewer findings a second thread costs more than it saves, because it reads the account again. */
const WORTH_A_THREAD = 500;
/** The most threads by default, because each holds an account in memory. */
const MOST_BY_DEFAULT = 4;

/** The default number of threads for the findings of one account. */
export function defaultThreads(findings: number): number {
  return threadsFor(Math.ceil(findings / WORTH_A_THREAD));
}

/** The default number of threads for that many pieces of work. */
export function threadsFor(pieces: number): number {
  return Math.max(1, Math.min(os.availableParallelism(), MOST_BY_DEFAULT, pieces));
}

/**
 * Handles the findings of one account on several threads, including this one.
 * @throws AdapterError if proposals cannot be stored; the other threads have ended by then
 */
export async function runParts(
  job: AccountTask,
  input: AccountInput,
  threads: number,
  observe: ObservePart,
): Promise<void> {
  const [mine, ...parts] = splitFindings(input.findings.records, threads);
  const others = parts.map((part) => {
    const thread = new AccountThread(job);
    return { thread, done: thread.work({ files: input.files, part }, observe) };
  });
  const ended = Promise.all(others.map(({ done }) => done));
  // Awaited below; until then a rejection must not count as unhandled.
  ended.catch(() => undefined);
  try {
    if (mine) await runPart(job, input, mine, observe);
    await ended;
  } finally {
    await Promise.all(others.map(({ thread }) => thread.end()));
  }
}

/**
 * Handles several accounts in parallel, each on one of the threads.
 * @param ended called for each account, by its index, with its outcome or why it cannot be read
 * @throws AdapterError if proposals cannot be stored
 */
export async function runAccounts(
  job: AccountTask,
  accounts: readonly AccountFiles[],
  threads: number,
  ended: (place: number, result: AccountResult | InputError) => void,
): Promise<void> {
  const queue = accounts.entries();
  const pool = Array.from({ length: threads }, () => new AccountThread(job));
  try {
    await Promise.all(
      pool.map(async (thread) => {
        for (const [place, files] of queue) {
          try {
            ended(place, await thread.work({ files, part: undefined }, () => undefined));
          } catch (error) {
            if (!(error instanceof InputError)) throw error;
            ended(place, error);
          }
        }
      }),
    );
  } finally {
    await Promise.all(pool.map((thread) => thread.end()));
  }
}

const NOTHING: AccountResult = { records: [], shared: [], remarks: [], complaints: [] };

/** A thread that runs one task after the other. */
class AccountThread {
  readonly #worker: Worker;

  constructor(job: AccountTask) {
    this.#worker = new Worker(new URL('./account-worker.mjs', import.meta.url), { workerData: job });
    // The pending task is rejected with the error.
    this.#worker.on('error', () => undefined);
  }

  /** @throws InputError, AdapterError */
  work(task: ThreadTask, observe: ObservePart): Promise<AccountResult> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      let result = NOTHING;
      const hear = (message: ThreadMessage): void => {
        if (message.kind === 'progress') observe(message.place, message.records);
        else if (message.kind === 'account') result = message.result;
        else {
          stop();
          if (message.kind === 'done') resolve(result);
          else if (message.isInput) reject(new InputError(message.message));
          else reject(new AdapterError(message.message, 'permanent', 'unavailable'));
        }
      };
      const fail = (error: Error): void => {
        stop();
        reject(error);
      };
      const exit = (): void => {
        fail(new Error('a thread ended before its work'));
      };
      const stop = (): void => {
        worker.off('message', hear).off('error', fail).off('exit', exit);
      };
      worker.on('message', hear).on('error', fail).on('exit', exit);
      worker.postMessage(task);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
