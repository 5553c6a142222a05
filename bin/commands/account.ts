import { existsSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { LastAccessFiles } from '../../lambda/adapters/files/last-access-files.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { explain, nameOf } from '../../lambda/adapters/files/read-text.ts';
import { type OfflineSettings, readSettingsFile } from '../../lambda/adapters/files/settings-file.ts';
import { IAC_FORMATS, type IacFormat } from '../../lambda/report/iac/render-iac.ts';
import { renderIndex } from '../../lambda/report/run/index-page.ts';
import { renderSummaryCsv } from '../../lambda/report/run/summary-csv.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { type AccountJob, readAccountInput } from './account-part.ts';
import { defaultThreads, runThreads } from './account-threads.ts';
import { runOverview } from './run-overview.ts';
import type { RunRecord } from '../output/run-record.ts';
import { type RunFiles, RunTable } from '../output/run-table.ts';
import { runShared } from './shared-part.ts';
import { renderShared, sharedComplaints } from '../output/shared-table.ts';
import { show, tell } from '../output/terminal.ts';
import {
  catalogueOption,
  checkKeepList,
  generalizeOption,
  starOption,
  keepOption,
  loadCatalogue,
  type RefineOptions,
} from './common-options.ts';

interface AccountOptions extends RefineOptions {
  readonly accountDetails: string;
  readonly findings: string;
  readonly out: string;
  readonly config?: string;
  readonly lastAccessed?: string;
  readonly quiet?: boolean;
  readonly jobs?: number;
  readonly reports: boolean;
  readonly iac?: IacFormat;
}

/** `account`: the whole job offline. */
export function registerAccount(program: Command): void {
  program
    .command('account')
    .description('refine every principal of an exported account')
    .requiredOption('--account-details <file>', 'output of aws iam get-account-authorization-details')
    .requiredOption(
      '--findings <file-or-folder>',
      'get-finding-v2 responses: JSON array, JSON Lines, or a folder',
    )
    .requiredOption('--out <folder>', 'where the proposals go')
    .addOption(generalizeOption())
    .addOption(starOption())
    .addOption(keepOption())
    .addOption(catalogueOption())
    .option(
      '--last-accessed <folder>',
      'outputs of aws iam get-service-last-accessed-details as role/<name>.json and user/<name>.json',
    )
    .option(
      '--config <file>',
      'settings: generalize, star, keep, excludeNames, excludePaths, excludeTags, excludeAccounts, ownerTag, analyzerArn, managedPoliciesPerRole, managedPoliciesPerUser',
    )
    .addOption(
      new Option('--iac <format>', 'write the changes as code too, one file a principal, under iac/').choices(
        IAC_FORMATS,
      ),
    )
    .option('--no-reports', 'leave out report.html and index.html')
    .addOption(
      new Option(
        '--jobs <n>',
        'threads to work on; each holds an index of the account (default: one a processor, up to 4)',
      ).argParser(readJobs),
    )
    .option('--quiet', 'no progress and no table; what failed is still said')
    .action(refineAccountFiles);
}

function readJobs(text: string): number {
  const jobs = /^\d+$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${String(MOST_JOBS)}`);
}

const MOST_JOBS = 64;

async function refineAccountFiles(options: AccountOptions): Promise<void> {
  const settings: OfflineSettings =
    options.config === undefined
      ? { exclude: { names: [], paths: [], tags: [] }, ignored: [] }
      : readSettingsFile(options.config);
  const job = jobOf(options, settings);
  const catalogue = loadCatalogue(options.catalogue);
  const input = readAccountInput(job);
  const { references, incomplete } = input.findings;
  if (references.length === 0) throw new InputError(`${options.findings}: holds no findings`);
  prepareFolder(options.out);
  const quiet = options.quiet === true;
  if (!quiet && settings.ignored.length > 0) {
    tell(`${options.config ?? ''}: not used offline: ${settings.ignored.join(', ')}`);
  }
  for (const id of incomplete) {
    tell(
      `${options.findings}: the last page of the finding ${id} is missing, so only a part of what is unused goes`,
    );
  }
  const records: (readonly RunRecord[])[] = [];
  let done = 0;
  const progress = startProgress(references.length, quiet);
  const threads = options.jobs ?? defaultThreads(references.length);
  await runThreads(job, input, references, Math.min(threads, references.length), (place, found) => {
    records[place] = found;
    done += 1;
    progress?.update(done);
  })
    .finally(() => progress?.stop())
    .catch((error: unknown) => {
      // What failed before the run had to end is said too.
      for (const line of tableOf(records, options).complaints) tell(line);
      throw error;
    });
  const shared = await runShared(job, input);
  const table = tableOf(records, options);
  const index = path.join(options.out, 'index.html');
  if (!quiet) {
    show(table.render({ columns: process.stderr.columns, hasColors: hasColors() }));
    const together = renderShared(shared, process.stderr.columns);
    if (together !== undefined) show(`${together}\n`);
    tell(
      options.reports
        ? `Open ${index}; the proposals lie beside it in ${path.join(options.out, 'proposals')}`
        : `The proposals lie in ${path.join(options.out, 'proposals')}, a summary in ${path.join(options.out, 'summary.csv')}`,
    );
  }
  const complaints = [...table.complaints, ...sharedComplaints(shared, options.accountDetails)];
  for (const line of complaints) tell(line);
  if (complaints.length > 0) process.exitCode = 1;
  const overview = {
    ...runOverview(records.flat(), catalogue, job.settings.generalize, ENGINE_VERSION),
    shared,
  };
  writeRunFile(path.join(options.out, 'summary.csv'), renderSummaryCsv(overview));
  if (options.reports) writeRunFile(index, renderIndex(overview));
}

function jobOf(options: AccountOptions, settings: OfflineSettings): AccountJob {
  const { accountDetails, findings, out, catalogue, lastAccessed, reports, iac } = options;
  // That it is there is found out before the work begins.
  if (lastAccessed !== undefined) LastAccessFiles.at(lastAccessed);
  const keep = [
    ...checkKeepList(settings.keep ?? [], options.config ?? '--config'),
    ...checkKeepList(options.keep, '--keep'),
  ];
  const generalize = options.generalize ?? settings.generalize ?? 'shortest';
  return {
    accountDetails,
    findings,
    analyzerArn: settings.analyzerArn ?? null,
    out,
    catalogue,
    lastAccessed,
    settings: {
      generalize,
      star: options.star ?? settings.star ?? 'list',
      keep,
      exclude: settings.exclude,
      managedPolicies: settings.managedPolicies,
      ownerTag: settings.ownerTag,
    },
    reports,
    iac,
  };
}

/** In the order of the findings, however many threads worked on them. */
function tableOf(records: readonly (readonly RunRecord[])[], files: RunFiles): RunTable {
  const table = new RunTable(files);
  for (const record of records.flat()) table.add(record);
  return table;
}

/** @throws AdapterError that names the file; the proposals are complete by then */
function writeRunFile(file: string, body: string): void {
  try {
    replaceFile(file, body);
  } catch (error) {
    throw new AdapterError(`${file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
  }
}

/** Colours for a terminal that shows them; https://no-color.org */
function hasColors(): boolean {
  return process.stderr.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

function startProgress(total: number, quiet: boolean): SingleBar | undefined {
  if (quiet || !process.stderr.isTTY) return undefined;
  const bar = new SingleBar({
    format: '{bar} {value}/{total} findings',
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(total, 0);
  return bar;
}

/** Finds out before the work begins whether proposals can be written. */
function prepareFolder(folder: string): void {
  const probe = path.join(folder, '.unused-access-refiner');
  try {
    if (existsSync(folder) && !statSync(folder).isDirectory()) {
      throw new InputError(`${folder}: is a file where a folder is expected`);
    }
    makeFolder(folder);
    replaceFile(probe, '');
    unlinkSync(probe);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(`${nameOf(folder)}: ${explain(error)}`);
  }
}
