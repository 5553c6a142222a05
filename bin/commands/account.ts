import { existsSync, statSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { LastAccessFiles } from '../../lambda/adapters/files/last-access-files.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { explain, holdText, nameOf } from '../../lambda/adapters/files/read-text.ts';
import { type OfflineSettings, readSettingsFile } from '../../lambda/adapters/files/settings-file.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import { type Effect, EFFECTS } from '../../lambda/core/risk/risk.ts';
import { OPTION_NAMES, unknownOption } from '../../lib/config/options.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { IAC_FORMATS, type IacFormat } from '../../lambda/report/iac/render-iac.ts';
import { renderIndex } from '../../lambda/report/run/index-page.ts';
import { type RunOverview, withAccountNames } from '../../lambda/report/run/run-overview.ts';
import { renderSummaryCsv } from '../../lambda/report/run/summary-csv.ts';
import { counted } from '../../lambda/report/text/format.ts';
import { ENGINE_VERSION } from '../../lambda/runtime/engine-version.ts';
import { printJson, print, printStatus } from '../output/terminal.ts';
import { runJson, runOverview } from '../output/run-record.ts';
import { RunTable, renderShared, sharedComplaints } from '../output/run-table.ts';
import { stampReports, withDecisions } from '../output/decided.ts';
import { folderOf, storedEntries, withRivals } from '../output/stored-entries.ts';
import { arnOf, unmatchedSelections, settingsWithoutEffect } from './without-effect.ts';
import { type AccountFiles, describeAge, namesIn } from './account-files.ts';
import type { AccountTask } from './account-part.ts';
import {
  accountsOf,
  catalogueFor,
  catalogueOf,
  catalogueOption,
  checkKeepList,
  checkStandardInput,
  daysOption,
  fromOption,
  generalizeOption,
  starOption,
  type InputOptions,
  keepOption,
  unmatchedKeepEntries,
  sourceOption,
  type RefineOptions,
} from './common-options.ts';
import { asOfOption, decisionsOption, loadDecisions } from './decisions-option.ts';
import { failOnOption, FOUND, onlyOption } from './selection.ts';
import {
  type HowToRefine,
  type RefinedAccount,
  refineOneAccount,
  refineSeveralAccounts,
} from './refine-accounts.ts';

interface AccountOptions extends RefineOptions, InputOptions, HowToRefine {
  readonly out: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly only: readonly string[];
  readonly failOn: readonly string[];
  readonly reports: boolean;
  readonly iac?: IacFormat;
  readonly minEffect?: Effect;
  readonly decisions?: string;
  readonly asOf?: string;
}

/** The `account` command: refines whole accounts offline. */
export function registerAccount(program: Command): void {
  program
    .command('account')
    .description('refine every principal of an exported account')
    .option('--account-details <file>', 'output of aws iam get-account-authorization-details')
    .option('--findings <file-or-folder>', 'get-finding-v2 responses: JSON array, JSON Lines, or a folder')
    .addOption(fromOption())
    .addOption(sourceOption())
    .addOption(daysOption())
    .requiredOption('--out <folder>', 'where to write the proposals')
    .addOption(generalizeOption())
    .addOption(starOption())
    .addOption(keepOption())
    .addOption(catalogueOption())
    .addOption(
      new Option(
        '--min-effect <level>',
        'leave out and count proposals that remove nothing of this access level or above',
      ).choices(EFFECTS),
    )
    .option(
      '--last-accessed <folder>',
      'outputs of aws iam get-service-last-accessed-details as role/<name>.json and user/<name>.json',
    )
    .option(
      '--config <file>',
      'settings: generalize, star, keep, excludeNames, excludePaths, excludeTags, excludeAccounts, minEffect, ownerTag, accountNames, analyzerArn, managedPoliciesPerRole, managedPoliciesPerUser',
    )
    .addOption(
      new Option(
        '--iac <format>',
        'write the changes as code too, one file for each principal, under iac/',
      ).choices(IAC_FORMATS),
    )
    .addOption(decisionsOption())
    .addOption(asOfOption())
    .addOption(onlyOption())
    .addOption(failOnOption(STATES))
    .option('--json', 'the outcome, as JSON on standard output')
    .option('--no-reports', 'leave out report.html and index.html')
    .addOption(
      new Option(
        '--jobs <n>',
        'threads to work on; each holds an account (default: one a processor, up to 4)',
      ).argParser(readJobs),
    )
    .option('--quiet', 'no progress and no table; failures are still printed')
    .action(refineAccountFiles);
}

function readJobs(text: string): number {
  const jobs = /^\d+$/.test(text) ? Number(text) : 0;
  if (jobs >= 1 && jobs <= MOST_JOBS) return jobs;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${String(MOST_JOBS)}`);
}

const MOST_JOBS = 64;

/**
 * When V8 optimises a function, by its major version (Node.js 20, 22 and 24): four times as late as by default, and with less
 * of what the function calls in it. By default a third of the processor time of some thousand principals goes there, once
 * for each thread. V8 complains of a flag that it does not know, so other versions are left as they are.
 */
const LATER: Readonly<Record<string, string>> = {
  11: '--interrupt-budget=300000',
  12: '--invocation-count-for-turbofan=12000',
  13: '--invocation-count-for-turbofan=12000',
};

function optimiseLater(): void {
  const flag = LATER[process.versions.v8.split('.')[0] ?? ''];
  if (flag !== undefined) setFlagsFromString(`${flag} --max-inlined-bytecode-size-cumulative=300`);
}

async function refineAccountFiles(options: AccountOptions): Promise<void> {
  optimiseLater();
  const { accountDetails, findings, config, catalogue: file, out } = options;
  checkStandardInput({
    '--account-details': accountDetails,
    '--findings': findings,
    '--config': config,
    '--catalogue': file,
    '--decisions': options.decisions,
  });
  const accounts = accountsOf(options, options.source);
  const settings: OfflineSettings =
    config === undefined
      ? { exclude: { names: [], paths: [], tags: [] }, accountNames: {}, ignored: [] }
      : readSettingsFile(config);
  const optionNames: readonly string[] = OPTION_NAMES;
  const unknown = settings.ignored.find((name) => !optionNames.includes(name));
  if (unknown !== undefined) throw new InputError(`${nameOf(config ?? '')}: ${unknownOption(unknown)}`);
  const job = jobOf(options, settings, accounts);
  const catalogue = catalogueFor(job);
  const quiet = options.quiet === true;
  const begin = (): void => {
    prepareFolder(out);
    for (const files of accounts) {
      const { age, problem } = describeAge(files, Date.now());
      if (age !== undefined && !quiet) printStatus(age);
      if (problem !== undefined) printStatus(problem);
    }
    if (!quiet && settings.ignored.length > 0) {
      printStatus(`${nameOf(config ?? '')}: not used offline: ${settings.ignored.join(', ')}`);
    }
    const settingsFile = nameOf(config ?? '');
    for (const line of unmatchedKeepEntries(settings.keep ?? [], catalogue, settingsFile)) printStatus(line);
    for (const line of unmatchedKeepEntries(options.keep, catalogue, '--keep')) printStatus(line);
  };
  const [only, ...others] = accounts;
  const results =
    only && others.length === 0
      ? [await refineOneAccount(only, job, options, begin)]
      : await refineSeveralAccounts(accounts, job, options, begin);
  const table = new RunTable(job.decisions);
  for (const { files, records } of results) for (const found of records) table.add(found, files);
  const overview = overviewOf(results, catalogue, job);
  const index = path.join(out, 'index.html');
  if (!quiet && options.json !== true) {
    print(table.render({ columns: process.stdout.columns, hasColors: hasColors() }));
    const together = renderShared(overview.own.shared ?? [], process.stdout.columns);
    if (together !== undefined) print(`${together}\n`);
  }
  if (!quiet) {
    printStatus(
      options.reports
        ? `Open ${index}; the proposals are beside it in ${path.join(out, 'proposals')}`
        : `The proposals are in ${path.join(out, 'proposals')}, a summary in ${path.join(out, 'summary.csv')}`,
    );
  }
  const all = results.flatMap(({ records }) => records.flat());
  const about = { only: job.only, exclude: job.settings.exclude, ownerTag: job.settings.ownerTag };
  const idle = quiet ? [] : settingsWithoutEffect({ ...about, settingsFile: nameOf(config ?? '') }, all);
  for (const line of [
    ...table.remarks,
    ...unmatchedSelections(job.only, all.map(arnOf), 'findings'),
    ...idle,
  ])
    printStatus(line);
  const complaints = [
    ...results.flatMap(({ problem }) => problem ?? []),
    ...results.flatMap((result) => result.complaints),
    ...table.complaints,
    ...results.flatMap((result) => sharedComplaints(result.shared, result.files.accountDetails)),
    ...overview.complaints,
  ];
  for (const line of complaints) printStatus(line);
  writeComparison(out, results, quiet);
  writeRunFile(path.join(out, 'summary.csv'), renderSummaryCsv(overview.run));
  if (options.reports) {
    stampReports(out, overview.run, job.decisions);
    writeRunFile(index, renderIndex(overview.run));
  }
  if (options.json === true) printJson('account', runJson(overview.own, complaints));
  if (complaints.length > 0) process.exitCode = 1;
  else if (hasState(results, options.failOn)) process.exitCode = FOUND;
}

/** The values of `--fail-on`. */
const STATES = ['proposed', 'unchanged', 'skipped', 'gone', 'blocked', 'withheld'];

function hasState(results: readonly RefinedAccount[], states: readonly string[]): boolean {
  const isNamed = (state: string): boolean => states.includes(state);
  return results.some(
    ({ records, shared }) =>
      shared.some(({ outcome }) => isNamed(outcome)) ||
      records.some((outcomes) =>
        outcomes.some(
          (record) =>
            isNamed(record.kind) ||
            (record.kind === 'skipped' && record.code === 'withheld' && isNamed('withheld')),
        ),
      ),
  );
}

/** The overview of this run's proposals together with those of earlier runs in the same folder. */
function overviewOf(
  results: readonly RefinedAccount[],
  catalogue: Catalogue,
  job: AccountTask,
): { readonly run: RunOverview; readonly own: RunOverview; readonly complaints: readonly string[] } {
  const run = runOverview(
    results.flatMap(({ records }) => records.flat()),
    catalogue,
    job.settings.generalize,
    ENGINE_VERSION,
  );
  const shared = results.flatMap((result) => result.shared);
  // Two findings about one principal may lead to the same proposal.
  const own = new Map(run.entries.map((entry) => [entry.path, entry]));
  const known = new Set([...own.keys(), ...shared.flatMap(({ path: at }) => at ?? [])].map(folderOf));
  const earlier = storedEntries(job.out, (prefix) => known.has(prefix), job.decisions);
  const hasEarlier = earlier.entries.length + earlier.shared.length > 0;
  const shown = (one: RunOverview): RunOverview =>
    withAccountNames(withDecisions(one, job.decisions), job.settings.accountNames ?? {});
  return {
    own: shown({ ...run, entries: [...own.values()], shared }),
    run: shown({
      ...run,
      // Earlier runs may have used other catalogues and settings.
      ...(hasEarlier ? { catalogue: null, generalize: null } : {}),
      entries: withRivals([...own.values(), ...earlier.entries]),
      shared: [...shared, ...earlier.shared],
    }),
    complaints: earlier.complaints,
  };
}

function jobOf(
  options: AccountOptions,
  settings: OfflineSettings,
  accounts: readonly AccountFiles[],
): AccountTask {
  const { out, lastAccessed, reports, iac } = options;
  const catalogue = catalogueOf(options);
  // Fails before the work begins if the folder does not exist.
  if (lastAccessed !== undefined) LastAccessFiles.at(lastAccessed, 1);
  const keep = [
    ...checkKeepList(settings.keep ?? [], nameOf(options.config ?? '--config')),
    ...checkKeepList(options.keep, '--keep'),
  ];
  const generalize = options.generalize ?? settings.generalize ?? 'shortest';
  return {
    analyzerArn: settings.analyzerArn ?? null,
    evidence: { source: options.source, unusedDays: options.unusedDays },
    out,
    only: options.only,
    // A pipe can be read only once, but every thread needs its text.
    catalogue: catalogue === undefined ? undefined : holdText(catalogue),
    settings: {
      generalize,
      star: options.star ?? settings.star ?? 'list',
      keep,
      exclude: settings.exclude,
      managedPolicies: settings.managedPolicies,
      ownerTag: settings.ownerTag,
      // Names from the settings take precedence over those of the organisation.
      accountNames: { ...namesIn(accounts), ...settings.accountNames },
      minEffect: options.minEffect ?? settings.minEffect,
    },
    reports,
    iac,
    decisions: loadDecisions(options, out),
  };
}

/** Writes the differences between both sources to a file, and prints their number. */
function writeComparison(out: string, results: readonly RefinedAccount[], quiet: boolean): void {
  if (results.every(({ comparison }) => comparison === undefined)) return;
  const all = results.flatMap(({ comparison }) => comparison ?? []);
  const file = path.join(out, 'comparison.json');
  writeRunFile(file, `${JSON.stringify(all, null, 2)}\n`);
  if (quiet) return;
  const total = (side: 'onlyAnalyzer' | 'onlyLastAccessed'): string => {
    const services = all.reduce((sum, each) => sum + each[side].services.length, 0);
    const actions = all.reduce((sum, each) => sum + each[side].actions.length, 0);
    return `${counted(services, 'service')} and ${counted(actions, 'action')}`;
  };
  printStatus(
    `${file}: the analyzer alone reports ${total('onlyAnalyzer')}, IAM's reports of last use alone ${total('onlyLastAccessed')}`,
  );
}

/** @throws AdapterError that names the file; the proposals are complete by then */
function writeRunFile(file: string, body: string): void {
  try {
    replaceFile(file, body);
  } catch (error) {
    throw new AdapterError(`${file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
  }
}

/** Whether the terminal shows colours; see https://no-color.org */
function hasColors(): boolean {
  return process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

/** Checks before the work begins that proposals can be written. */
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
