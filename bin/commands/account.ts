import { existsSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { SingleBar } from 'cli-progress';
import { type Command, Option } from 'commander';
import { AccountExportPolicies } from '../../lambda/adapters/files/account-export.ts';
import { FindingsFiles } from '../../lambda/adapters/files/findings-files.ts';
import { FolderStore, replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { explain } from '../../lambda/adapters/files/read-text.ts';
import { type OfflineSettings, readSettingsFile } from '../../lambda/adapters/files/settings-file.ts';
import { sha256 } from '../../lambda/adapters/node/sha256.ts';
import { systemClock } from '../../lambda/adapters/node/system-clock.ts';
import { failureKey } from '../../lambda/contract/object-keys.ts';
import { renderIndex } from '../../lambda/report/index-page.ts';
import { renderSummaryCsv } from '../../lambda/report/summary-csv.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import { AdapterError } from '../../lambda/ports/errors.ts';
import { type AccountOutcome, refineAccount } from '../../lambda/use-cases/refine-account.ts';
import { offlineReports } from './offline-reports.ts';
import { RunCollector } from './run-collector.ts';
import { RunTable } from './run-table.ts';
import {
  catalogueOption,
  checkKeepList,
  generalizeOption,
  keepOption,
  loadCatalogue,
  type RefineOptions,
  show,
  tell,
} from './shared.ts';

interface AccountOptions extends RefineOptions {
  readonly accountDetails: string;
  readonly findings: string;
  readonly out: string;
  readonly config?: string;
  readonly quiet?: boolean;
  readonly reports: boolean;
  readonly format: 'html' | 'markdown';
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
    .addOption(keepOption())
    .addOption(catalogueOption())
    .option(
      '--config <file>',
      'settings: generalize, keep, excludeNames, excludePaths, excludeTags, analyzerArn',
    )
    .addOption(
      new Option('--format <format>', 'markdown writes report.md for pull requests too')
        .choices(['html', 'markdown'])
        .default('html'),
    )
    .option('--no-reports', 'leave out report.html and index.html')
    .option('--quiet', 'no progress and no table; what failed is still said')
    .action(refineAccountFiles);
}

async function refineAccountFiles(options: AccountOptions): Promise<void> {
  const settings: OfflineSettings =
    options.config === undefined
      ? { exclude: { names: [], paths: [], tags: [] }, ignored: [] }
      : readSettingsFile(options.config);
  const keep = [
    ...checkKeepList(settings.keep ?? [], options.config ?? '--config'),
    ...checkKeepList(options.keep, '--keep'),
  ];
  const catalogue = loadCatalogue(options.catalogue);
  const policies = AccountExportPolicies.fromFile(options.accountDetails);
  const findings = FindingsFiles.from(options.findings, settings.analyzerArn ?? null);
  const { references } = findings;
  if (references.length === 0) throw new InputError(`${options.findings}: holds no findings`);
  prepareFolder(options.out);
  const quiet = options.quiet === true;
  if (!quiet && settings.ignored.length > 0) {
    tell(`${options.config ?? ''}: not used offline: ${settings.ignored.join(', ')}`);
  }
  for (const id of findings.incomplete) {
    tell(
      `${options.findings}: the last page of the finding ${id} is missing, so only a part of what is unused goes`,
    );
  }
  const generalize = options.generalize ?? settings.generalize ?? 'shortest';
  const table = new RunTable(options);
  const run = new RunCollector(options.reports, sha256);
  const progress = startProgress(references.length, quiet);
  await refineAccount(
    references,
    {
      findings,
      policies,
      store: new FolderStore(options.out),
      reports: offlineReports(options, ENGINE_VERSION),
      catalogue,
      settings: {
        generalize,
        keep,
        exclude: settings.exclude,
      },
      digest: sha256,
      clock: systemClock,
      runId: 'offline',
      engineVersion: ENGINE_VERSION,
    },
    (outcomes, done) => {
      for (const outcome of outcomes) {
        table.add(outcome);
        run.add(outcome);
        keepReplay(outcome, options.out);
      }
      progress?.update(done);
    },
  )
    .finally(() => progress?.stop())
    .catch((error: unknown) => {
      // What failed before the run had to end is said too.
      for (const line of table.complaints) tell(line);
      throw error;
    });
  const index = path.join(options.out, 'index.html');
  if (!quiet) {
    show(table.render({ columns: process.stderr.columns, hasColors: hasColors() }));
    tell(
      options.reports
        ? `Open ${index}; the proposals lie beside it in ${path.join(options.out, 'proposals')}`
        : `The proposals lie in ${path.join(options.out, 'proposals')}, a summary in ${path.join(options.out, 'summary.csv')}`,
    );
  }
  for (const line of table.complaints) tell(line);
  if (table.hasFailures) process.exitCode = 1;
  const overview = run.overview(catalogue, generalize, ENGINE_VERSION);
  writeRunFile(path.join(options.out, 'summary.csv'), renderSummaryCsv(overview));
  if (options.reports) writeRunFile(index, renderIndex(overview));
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
    throw error instanceof InputError ? error : new InputError(`${folder}: ${explain(error)}`);
  }
}

/** What the verifier rejected is kept, so that the case can be repeated and reported. */
function keepReplay(outcome: AccountOutcome, out: string): void {
  if (outcome.kind !== 'failed' || outcome.replay === undefined) return;
  const file = path.join(out, failureKey(outcome.findingId));
  makeFolder(path.dirname(file));
  replaceFile(file, `${outcome.replay}\n`);
}
