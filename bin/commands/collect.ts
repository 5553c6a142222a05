import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import {
  COLLECTED_FILE_MODE,
  CollectionFolder,
  holdCollectionFolder,
  makeCollectionFolder,
  manifestIn,
} from '../../lambda/adapters/files/collection-folder.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { previousCatalogue, writeKeptCatalogue } from '../../lambda/adapters/files/catalogue-file.ts';
import { sha256, systemClock } from '../../lambda/adapters/node.ts';
import { REFERENCE_URL, ServiceReference } from '../../lambda/adapters/reference/service-reference.ts';
import { accountOfArn } from '../../lambda/core/model/account.ts';
import type { EvidenceSource } from '../../lambda/core/model/unused-access.ts';
import type { AccountReader, CollectionManifest } from '../../lambda/ports/collect.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { refreshCatalogue } from '../../lambda/use-cases/catalogue/refresh-catalogue.ts';
import { collectAccount, type CollectRequest } from '../../lambda/use-cases/collect/collect-account.ts';
import {
  FIND_ANALYZER,
  collectPermissions,
  READ_FINDINGS,
} from '../../lambda/use-cases/collect/collect-permissions.ts';
import { CollectProgress, printCollected } from '../output/collect-output.ts';
import { printJson, printStatus } from '../output/terminal.ts';
import { CATALOGUE } from './account-files.ts';
import { AccountProblem, analyzerFor, checkAnalyzer, ownAnalyzer, regionOf } from './collect-analyzer.ts';
import { daysOption, DEFAULT_DAYS, sourceOption } from './common-options.ts';

interface CollectOptions {
  readonly out?: string;
  readonly analyzer?: string;
  readonly source?: EvidenceSource;
  readonly unusedDays?: number;
  readonly lastAccessed?: boolean;
  readonly accounts?: readonly string[];
  readonly organization?: boolean;
  readonly memberRole?: string;
  readonly externalId?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly maxAge: number;
  readonly callsPerSecond: number;
  readonly catalogue: boolean;
  readonly catalogueFrom: string;
  readonly printPolicy?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * The `collect` command: reads everything that `account` needs, with the caller's own credentials. Exit status: 0
 * done; 1 something could not be read; 2 wrong usage.
 */
export function registerCollect(program: Command): void {
  program
    .command('collect')
    .description('read what account needs from AWS, with your own credentials; it changes nothing there')
    .option('--out <folder>', 'where to write: <folder>/<accountId>/…')
    .addOption(sourceOption())
    .option('--analyzer <arn>', 'the unused-access analyzer (default: the only active one)')
    .addOption(daysOption())
    .option(
      '--last-accessed',
      'also read IAM’s report of last use for each principal with a finding, and ages of keys and passwords',
    )
    .addOption(
      new Option('--accounts <ids>', 'several accounts, by their ids, separated by commas').argParser(
        readAccounts,
      ),
    )
    .option('--organization', 'every account of the organisation')
    .option('--member-role <name>', 'the role to assume in each account other than your own')
    .option('--external-id <id>', 'the external id that this role requires')
    .option('--profile <name>', 'the profile of ~/.aws/config to use')
    .option('--region <region>', 'the Region of the analyzer')
    .addOption(
      new Option('--max-age <age>', 'read again what is older than this, such as 30m, 24h or 7d')
        .argParser(readAge)
        .default(24 * HOUR, '24h'),
    )
    .addOption(
      new Option('--calls-per-second <n>', 'calls a second in each account, and of Access Analyzer')
        .argParser(readRate)
        .default(20),
    )
    .option('--no-catalogue', 'do not update the list of actions')
    .addOption(
      new Option('--catalogue-from <url>', 'where to read the list of actions')
        .default(REFERENCE_URL)
        .hideHelp(),
    )
    .option('--print-policy', 'print the least IAM policy that this needs, and do nothing')
    .option('--json', 'what was read, as JSON on standard output')
    .option('--quiet', 'no progress and no summary; failures are still printed')
    .action(collect);
}

const HOUR = 3_600_000;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: HOUR, d: 24 * HOUR };

function readAge(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const age = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (number !== '' && Number.isSafeInteger(age)) return age;
  throw new InvalidArgumentError('expected an age such as 30m, 24h or 7d');
}

function readRate(text: string): number {
  const rate = /^\d+$/.test(text) ? Number(text) : 0;
  if (rate >= 1 && rate <= 1_000) return rate;
  throw new InvalidArgumentError('expected a whole number from 1 to 1000');
}

function readAccounts(text: string): readonly string[] {
  const ids = text.split(',').map((id) => id.trim());
  const wrong = ids.find((id) => !/^\d{12}$/.test(id));
  if (wrong === undefined) return [...new Set(ids)];
  throw new InvalidArgumentError(`${JSON.stringify(wrong)} is not the id of an account, which has 12 digits`);
}

async function collect(options: CollectOptions): Promise<void> {
  checkOptions(options);
  const source = options.source ?? 'access-analyzer';
  if (options.printPolicy === true) {
    printPolicy(options, source);
    return;
  }
  const { out } = options;
  if (out === undefined) throw new InputError("required option '--out <folder>' not specified");
  const { identifyCaller } = await import('../../lambda/adapters/aws/sdk/caller.ts');
  const { CollectClients } = await import('../../lambda/adapters/aws/collect/collect-clients.ts');
  const { AwsAccountReader } = await import('../../lambda/adapters/aws/collect/account-reader.ts');
  const { organizationAccounts } =
    await import('../../lambda/adapters/aws/organizations/organization-accounts.ts');
  const clients = new CollectClients(options, options.callsPerSecond);
  const caller = await identifyCaller(clients.sts, options);
  checkAnalyzer(options.analyzer, caller.region);
  const members =
    options.organization === true ? await organizationAccounts(clients.organizations) : undefined;
  const accounts = members?.map(({ id }) => id) ?? options.accounts ?? [caller.accountId];
  const { memberRole: roleName, externalId, profile } = options;
  const other = accounts.find((accountId) => accountId !== caller.accountId);
  if (other !== undefined && roleName === undefined) {
    throw new InputError(
      `these credentials are of account ${caller.accountId}; for account ${other} add --member-role with the name of a role there`,
    );
  }
  const role =
    roleName === undefined
      ? undefined
      : { partition: caller.partition, roleName, externalId, advice: ADVICE };
  const clientsOf = clients.accountsOf(caller, role);
  const readerOf = (accountId: string): AccountReader =>
    new AwsAccountReader(accountId, clientsOf(accountId), profile);
  const isOne = options.accounts === undefined && options.organization !== true;
  if (isOne) refuseOthers(out, caller.accountId);
  const home = readerOf(caller.accountId);
  const needsAnalyzer = source === 'access-analyzer';
  // Other accounts can be read only through a role.
  const reachable = (accountId: string): AccountReader | undefined =>
    accountId === caller.accountId ? home : role && readerOf(accountId);
  const own = needsAnalyzer
    ? await ownAnalyzer(options.analyzer, accounts, home, reachable, caller.region)
    : undefined;
  const chosen = async (reader: AccountReader): Promise<string | null> => {
    const arn = needsAnalyzer ? await analyzerFor(reader, own, options.analyzer, caller.region) : null;
    checkPrevious(path.join(out, reader.accountId), arn);
    return arn;
  };
  // With one account, errors are found before anything is written.
  if (isOne) await chosen(home);
  makeCollectionFolder(out);
  const release = holdCollectionFolder(out);
  sayWhenInterrupted();
  const quiet = options.quiet === true;
  if (options.catalogue) await bringCatalogueUpToDate(path.join(out, CATALOGUE), options, quiet);
  const progress =
    quiet || !process.stderr.isTTY
      ? undefined
      : new CollectProgress((text) => process.stderr.write(text), Date.now);
  const manifests: CollectionManifest[] = [];
  const problems: string[] = [];
  for (const [place, accountId] of accounts.entries()) {
    progress?.begin(accountId, place, accounts.length);
    try {
      const reader = accountId === caller.accountId ? home : readerOf(accountId);
      const analyzerArn = await chosen(reader);
      const request: CollectRequest = {
        caller: caller.arn,
        accountName: members?.find(({ id }) => id === accountId)?.name,
        region: caller.region,
        source,
        unusedDays: options.unusedDays ?? DEFAULT_DAYS,
        analyzerArn,
        lastAccessed: options.lastAccessed === true,
        maxAge: options.maxAge,
      };
      const store = new CollectionFolder(out, accountId, Date.now);
      const manifest = await collectAccount(request, reader, store, systemClock, (section, done, total) =>
        progress?.observe(section, done, total),
      );
      progress?.clear();
      manifests.push(manifest);
      printCollected(manifest, path.join(out, accountId), quiet);
    } catch (error) {
      progress?.clear();
      if (!(error instanceof AdapterError) && !(error instanceof AccountProblem)) throw error;
      process.exitCode = 1;
      problems.push(`account ${accountId}: ${error.message}`);
      printStatus(`account ${accountId}: ${error.message}`);
    }
  }
  release();
  if (options.json === true) printJson('collect', { accounts: manifests, problems });
  if (!quiet && manifests.length > 0) {
    printStatus(`Now run: account --from ${out} --out <folder>`);
  }
}

/** What to do about an account whose role cannot be assumed. */
const ADVICE = 'make it there, with the statements that --print-policy prints for it';

function checkOptions({
  accounts,
  organization,
  analyzer,
  source,
  externalId,
  memberRole,
}: CollectOptions): void {
  if (accounts !== undefined && organization === true) {
    throw new InputError('--accounts and --organization cannot be given together');
  }
  if (analyzer !== undefined && source === 'last-accessed') {
    throw new InputError(
      '--analyzer and --source last-accessed cannot be given together: that source needs none',
    );
  }
  if (externalId !== undefined && memberRole === undefined) {
    throw new InputError('--external-id is for --member-role, which is not given');
  }
  if (analyzer !== undefined && regionOf(analyzer) === undefined) {
    throw new InputError(
      `--analyzer: ${JSON.stringify(analyzer)} is not the ARN of an analyzer, such as arn:aws:access-analyzer:eu-west-1:123456789012:analyzer/unused`,
    );
  }
}

/** Refuses a folder that contains another account, which would be overwritten or mixed up. */
function refuseOthers(out: string, accountId: string): void {
  if (!existsSync(out) || !statSync(out).isDirectory()) return;
  const other = readdirSync(out).find(
    (name) => /^\d{12}$/.test(name) && name !== accountId && manifestIn(path.join(out, name)),
  );
  if (other === undefined) return;
  throw new InputError(
    `${out}: holds account ${other}, and these credentials are of account ${accountId}; name another folder with --out, or both with --accounts ${other},${accountId}`,
  );
}

function checkPrevious(folder: string, analyzerArn: string | null): void {
  const previous = manifestIn(folder);
  if (!previous) return;
  const name = path.basename(folder);
  if (previous.accountId !== name) {
    throw new InputError(
      `${folder}: holds what was read of account ${previous.accountId}; name another folder with --out`,
    );
  }
  const before = previous.analyzerArn;
  if (before === null || analyzerArn === null || before === analyzerArn) return;
  throw new AccountProblem(
    `${folder}: was read from the analyzer ${before}, and now it would be ${analyzerArn}; name another folder with --out, or add --analyzer ${before}`,
  );
}

/** Prints how to continue after an interruption. Everything that was read is kept, so there is nothing to clean up. */
function sayWhenInterrupted(): void {
  process.once('SIGINT', () => {
    process.stderr.write('\n');
    printStatus('interrupted; the same command continues where it stopped');
    process.exit(130);
  });
}

/** Updates the catalogue, which says which actions AWS tracks. If that fails, the embedded one is used. */
async function bringCatalogueUpToDate(
  file: string,
  { maxAge, catalogueFrom }: CollectOptions,
  quiet: boolean,
): Promise<void> {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats && Date.now() - stats.mtimeMs <= maxAge) return;
  try {
    const outcome = await refreshCatalogue(previousCatalogue(file), {
      source: new ServiceReference({ url: catalogueFrom }),
      clock: systemClock,
      digest: sha256,
      embedded: embeddedCatalogue,
      acceptLosses: false,
    });
    if (outcome.kind === 'refused') throw new AdapterError(outcome.reason, 'permanent', 'malformed');
    writeKeptCatalogue(file, outcome.catalogue, COLLECTED_FILE_MODE);
  } catch (error) {
    if (!(error instanceof AdapterError)) throw error;
    if (!quiet)
      printStatus(`${file}: not brought up to date (${error.message}); the built-in list of actions is used`);
  }
}

function printPolicy(options: CollectOptions, source: EvidenceSource): void {
  const partition =
    options.analyzer?.split(':')[1] ??
    (options.region?.startsWith('cn-') === true
      ? 'aws-cn'
      : options.region?.startsWith('us-gov-') === true
        ? 'aws-us-gov'
        : 'aws');
  const { own, role } = collectPermissions({
    partition,
    source,
    lastAccessed: options.lastAccessed === true,
    analyzerArn: options.analyzer,
    hasOtherAccounts:
      options.organization === true ||
      (options.accounts ?? []).some((accountId) => accountId !== accountOfArn(options.analyzer ?? '')),
    memberRole: options.memberRole,
    organization: options.organization === true,
  });
  process.stdout.write(`${JSON.stringify(own, null, 2)}\n`);
  if (role !== undefined) {
    const sids = role.Statement.map(({ Sid }) => Sid).filter(
      (sid) => sid !== FIND_ANALYZER && sid !== READ_FINDINGS,
    );
    const more =
      source === 'last-accessed'
        ? ''
        : `; ${FIND_ANALYZER} and ${READ_FINDINGS} too where the account has an analyzer of its own`;
    printStatus(
      `of these, the role ${options.memberRole ?? ''} of each account needs ${sids.join(', ')}${more}`,
    );
  }
}
