import os from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import type { SharedEntry } from '../../lambda/report/run/run-overview.ts';
import type { RunRecord } from '../output/run-record.ts';
import type { AccountFiles } from './account-files.ts';
import type { PrincipalDifference } from './evidence.ts';
import {
  type AccountInput,
  type AccountPart,
  type AccountTask,
  type ObservePart,
  partRunner,
  partsOf,
} from './account-part.ts';

/** One task of a thread. */
export type ThreadTask =
  /** Refine a whole account, with its shared policies and groups. */
  | { readonly kind: 'account'; readonly files: AccountFiles }
  /** Read an account's export, for the parts that follow. */
  | { readonly kind: 'open'; readonly files: AccountFiles }
  /** Refine a part of the findings of the account that is open. */
  | { readonly kind: 'part'; readonly part: AccountPart };

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

/** How many principals a thread takes at once: so few that all threads end at nearly the same time. */
const PRINCIPALS_AT_ONCE = 10;
/** Parts that a thread has been given, so that it need not wait for this one, which answers only between its own parts. */
const PARTS_AHEAD = 2;

/** Further threads for the findings of one account. */
export class PartThreads {
  readonly #job: AccountTask;
  readonly #files: AccountFiles;
  readonly #threads: AccountThread[] = [];
  readonly #opened: Promise<unknown>[] = [];

  constructor(job: AccountTask, files: AccountFiles) {
    this.#job = job;
    this.#files = files;
  }

  /** Starts threads until there are that many with this one; they load the program and read the export meanwhile. */
  start(count: number): void {
    while (this.#threads.length + 1 < count) {
      const thread = new AccountThread(this.#job);
      const opened = thread.work({ kind: 'open', files: this.#files });
      // Awaited with the first parts; until then a rejection must not count as unhandled.
      opened.catch(() => undefined);
      this.#threads.push(thread);
      this.#opened.push(opened);
    }
  }

  /** Ends threads that were started too early: with few findings, they would cost more than they save. */
  async limit(count: number): Promise<void> {
    const surplus = this.#threads.splice(count - 1);
    this.#opened.length = this.#threads.length;
    await Promise.all(surplus.map((thread) => thread.end()));
  }

  /**
   * Handles the findings of the account on these threads and on this one.
   * @throws AdapterError if proposals cannot be stored
   */
  async run({ findings, ...input }: AccountInput, observe: ObservePart): Promise<void> {
    const runPart = partRunner(this.#job, input);
    // All take their parts from here. An error in one of the loops ends it for the others too.
    const parts = partsOf(findings.records, PRINCIPALS_AT_ONCE);
    const takeParts = async (thread: AccountThread): Promise<void> => {
      for (const part of parts) await thread.work({ kind: 'part', part }, observe);
    };
    const ended = Promise.all([
      ...this.#opened,
      ...this.#threads.flatMap((thread) => Array.from({ length: PARTS_AHEAD }, () => takeParts(thread))),
    ]);
    ended.catch(() => undefined);
    try {
      for (const part of parts) {
        await runPart(part, observe);
        await setImmediate();
      }
      await ended;
    } finally {
      await this.end();
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
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
            ended(place, await thread.work({ kind: 'account', files }));
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

/** A task that a thread has been given, and what to do with what it says of it. */
interface Pending {
  result: AccountResult;
  readonly observe: ObservePart;
  readonly resolve: (result: AccountResult) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that runs one task after the other, in the order in which they are given. */
class AccountThread {
  readonly #worker: Worker;
  readonly #pending: Pending[] = [];

  constructor(job: AccountTask) {
    this.#worker = new Worker(new URL('./account-worker.mjs', import.meta.url), { workerData: job });
    this.#worker
      .on('message', (message: ThreadMessage) => {
        this.#hear(message);
      })
      .on('error', (error) => {
        this.#fail(error);
      })
      .on('exit', () => {
        this.#fail(new Error('a thread ended before its work'));
      });
  }

  /** @throws InputError, AdapterError */
  work(task: ThreadTask, observe: ObservePart = () => undefined): Promise<AccountResult> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ result: NOTHING, observe, resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  #hear(message: ThreadMessage): void {
    const [current] = this.#pending;
    if (!current) return;
    if (message.kind === 'progress') current.observe(message.place, message.records);
    else if (message.kind === 'account') current.result = message.result;
    else {
      this.#pending.shift();
      if (message.kind === 'done') current.resolve(current.result);
      else if (message.isInput) current.reject(new InputError(message.message));
      else current.reject(new AdapterError(message.message, 'permanent', 'unavailable'));
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
