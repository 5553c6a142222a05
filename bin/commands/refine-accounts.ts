import { SingleBar } from 'cli-progress';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { holdText, nameOf } from '../../lambda/adapters/files/read-text.ts';
import type { RunRecord } from '../output/run-record.ts';
import { type RunFiles, RunTable } from '../output/run-table.ts';
import { printStatus } from '../output/terminal.ts';
import { type AccountFiles, checkCollected } from './account-files.ts';
import { type AccountTask, readAccountInput } from './account-part.ts';
import {
  type AccountResult,
  defaultThreads,
  PartThreads,
  runAccounts,
  threadsFor,
} from './account-threads.ts';
import { sourceOf } from './evidence.ts';
import { runShared } from './shared-part.ts';

/** The outcome of one account, with the names of its files for messages. */
export interface RefinedAccount extends AccountResult {
  readonly files: RunFiles;
  /** Why it could not be read. */
  readonly problem?: string;
}

/** How to run a refinement. */
export interface HowToRefine {
  /** No progress on a terminal. */
  readonly quiet?: boolean;
  /** The number of threads; chosen automatically unless given. */
  readonly jobs?: number;
}

/**
 * Refines one account, with its findings in parallel.
 * @param begin called once the input has been read, before anything is written
 * @throws InputError that names the file, before `begin`
 */
export async function refineOneAccount(
  files: AccountFiles,
  job: AccountTask,
  how: HowToRefine,
  begin: () => void,
): Promise<RefinedAccount> {
  const { jobs } = how;
  checkCollected(files, sourceOf(job.evidence ?? {}, files));
  // Each thread parses the export itself, from the same text.
  const held = { ...files, accountDetails: holdText(files.accountDetails) };
  const threads = new PartThreads(job, held);
  const isLong = held.accountDetails.text.length > LONG && job.only.length === 0;
  if (isLong) threads.start(jobs ?? threadsFor(Infinity));
  try {
    return await refineHeld(held, job, threads, how, begin);
  } finally {
    await threads.end();
  }
}

/** Characters of an export of so many principals that their findings are worth further threads. */
const LONG = 2 ** 20;

async function refineHeld(
  files: AccountFiles,
  job: AccountTask,
  threads: PartThreads,
  { quiet, jobs }: HowToRefine,
  begin: () => void,
): Promise<RefinedAccount> {
  const input = await readAccountInput(files, job);
  const { records: found, remarks } = input.findings;
  const names = namesOf(files);
  // No findings are a valid result for a collected account.
  if (found.length === 0 && (files.collected === undefined || job.only.length > 0)) {
    throw new InputError(
      job.only.length > 0
        ? `${names.findings}: none of its findings is about a principal that --only ${job.only.join(' --only ')} matches`
        : `${names.findings}: holds no findings`,
    );
  }
  begin();
  for (const line of remarks) printStatus(line);
  const records: (readonly RunRecord[])[] = [];
  let done = 0;
  const progress = startProgress(found.length, 'findings', quiet === true);
  const count = Math.max(1, Math.min(jobs ?? defaultThreads(found.length), found.length));
  threads.start(count);
  await threads.limit(count);
  await threads
    .run(input, (place, outcomes) => {
      records[place] = outcomes;
      done += 1;
      progress?.update(done);
    })
    .finally(() => progress?.stop())
    .catch((error: unknown) => {
      // Print the failures before the error that ended the run.
      const table = new RunTable();
      for (const outcomes of records) table.add(outcomes, names);
      for (const line of table.complaints) printStatus(line);
      throw error;
    });
  return {
    files: names,
    records,
    remarks,
    complaints: input.complaints,
    shared: await runShared(job, input),
    comparison: input.comparison,
  };
}

/**
 * Refines several accounts in parallel. One that cannot be read does not stop the others.
 * @throws InputError if none of the accounts can be read
 */
export async function refineSeveralAccounts(
  accounts: readonly AccountFiles[],
  job: AccountTask,
  { quiet, jobs }: HowToRefine,
  begin: () => void,
): Promise<readonly RefinedAccount[]> {
  begin();
  const results: RefinedAccount[] = [];
  let done = 0;
  const progress = startProgress(accounts.length, 'accounts', quiet === true);
  const threads = Math.min(jobs ?? threadsFor(accounts.length), accounts.length);
  await runAccounts(job, accounts, threads, (place, result) => {
    const files = namesOf(accounts[place]);
    results[place] =
      result instanceof InputError
        ? { files, records: [], shared: [], remarks: [], complaints: [], problem: result.message }
        : { files, ...result };
    done += 1;
    progress?.update(done);
  }).finally(() => progress?.stop());
  const [first] = results;
  if (first?.problem !== undefined && results.every(({ problem }) => problem !== undefined)) {
    throw new InputError(first.problem);
  }
  for (const { remarks } of results) for (const line of remarks) printStatus(line);
  return results;
}

function namesOf(files: AccountFiles | undefined): RunFiles {
  const [findings = ''] = files?.findings ?? [];
  return { accountDetails: nameOf(files?.accountDetails ?? ''), findings: nameOf(findings) };
}

function startProgress(total: number, what: string, quiet: boolean): SingleBar | undefined {
  if (quiet || !process.stderr.isTTY) return undefined;
  const bar = new SingleBar({
    format: `{bar} {value}/{total} ${what}`,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(total, 0);
  return bar;
}
