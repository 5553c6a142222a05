import { statSync } from 'node:fs';
import { InvalidArgumentError, Option } from 'commander';
import { embeddedCatalogue } from '../../lambda/adapters/catalogue/embedded.ts';
import { readCatalogueFile } from '../../lambda/adapters/files/catalogue-file.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { present } from '../../lambda/adapters/files/collection-folder.ts';
import type { TextFile } from '../../lambda/adapters/files/read-text.ts';
import type { Catalogue } from '../../lambda/core/catalogue/catalogue.ts';
import type { EvidenceSource } from '../../lambda/core/model/unused-access.ts';
import type { Generalize, StarForm } from '../../lambda/core/model/proposed-policy.ts';
import { parseActionPattern } from '../../lambda/core/pattern/action-pattern.ts';
import { matchesPattern } from '../../lambda/core/pattern/matches.ts';
import { readKeepList } from '../../lambda/core/refine/keep-list.ts';
import { type AccountFiles, accountsIn, CATALOGUE } from './account-files.ts';

/** The options that `policy` and `account` have in common. */
export interface RefineOptions {
  readonly generalize?: Generalize;
  readonly star?: StarForm;
  readonly keep: readonly string[];
  readonly catalogue?: string;
}

export const generalizeOption = (): Option =>
  new Option('--generalize <mode>', 'what a split wildcard becomes (default: shortest)').choices([
    'shortest',
    'least',
    'enumerate',
  ]);

export const starOption = (): Option =>
  new Option(
    '--star <form>',
    'what a partly unused * becomes: a list, or NotAction, which keeps everything that is not reported (default: list)',
  ).choices(['list', 'not-action']);

export const keepOption = (): Option =>
  new Option(
    '--keep <pattern>',
    'an action pattern that always stays, for example iam:PassRole; may be repeated',
  )
    .argParser((value: string, earlier: readonly string[]) => [...earlier, value])
    .default([], 'none');

export const catalogueOption = (): Option =>
  new Option('--catalogue <file>', 'another action catalogue: a JSON object {service: [actionName, …]}');

/** Days without use after which access counts as unused, by default. */
export const DEFAULT_DAYS = 90;
const MOST_DAYS = 365;

export const sourceOption = (): Option =>
  new Option(
    '--source <source>',
    'the source of findings: an analyzer, or IAM’s own reports of last use, which are free (default: access-analyzer)',
  ).choices(['access-analyzer', 'last-accessed']);

export const daysOption = (): Option =>
  new Option(
    '--unused-days <n>',
    `with --source last-accessed: days without a use that count as unused (default: ${String(DEFAULT_DAYS)})`,
  ).argParser((text: string) => {
    const days = /^\d+$/.test(text) ? Number(text) : 0;
    if (days >= 1 && days <= MOST_DAYS) return days;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${String(MOST_DAYS)}`);
  });

/** The catalogue file of the option, or the one in the folder of `collect`; undefined for the embedded catalogue. */
export function catalogueOf({
  catalogue,
  from,
}: {
  readonly catalogue?: string;
  readonly from?: string;
}): string | undefined {
  if (catalogue !== undefined || from === undefined) return catalogue;
  return present(from, CATALOGUE);
}

/** The catalogue of the file, or the embedded one. */
export function loadCatalogue(file: TextFile | undefined): Catalogue {
  return file === undefined ? embeddedCatalogue() : readCatalogueFile(file);
}

const catalogues = new WeakMap<object, Catalogue>();

/** The catalogue of a job, read once for all its parts. */
export function catalogueFor(job: { readonly catalogue: TextFile | undefined }): Catalogue {
  const catalogue = catalogues.get(job) ?? loadCatalogue(job.catalogue);
  catalogues.set(job, catalogue);
  return catalogue;
}

/** The input options of `account` and `recheck`. */
export interface InputOptions {
  readonly accountDetails?: string;
  readonly findings?: string;
  readonly from?: string;
  readonly lastAccessed?: string;
  readonly source?: EvidenceSource;
  readonly unusedDays?: number;
}

export const fromOption = (): Option =>
  new Option(
    '--from <folder>',
    'instead of --account-details and --findings: a folder with <accountId>/account-details.json and <accountId>/findings.jsonl (or findings.json, or a folder findings) for each account',
  );

/**
 * The input of a run, one entry for each export.
 * @throws InputError if the options do not name it, or the folder is empty
 */
export function accountsOf(options: InputOptions, source?: EvidenceSource): readonly AccountFiles[] {
  const { accountDetails, findings, from, lastAccessed } = options;
  if (from !== undefined) {
    const other = Object.entries({
      '--account-details': accountDetails,
      '--findings': findings,
      '--last-accessed': lastAccessed,
    });
    const [both] = other.flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (both !== undefined) throw new InputError(`--from and ${both} cannot be given together`);
    return accountsIn(from);
  }
  const isFromReports = source === 'last-accessed';
  if (isFromReports && accountDetails !== undefined && lastAccessed === undefined) {
    throw new InputError(
      '--source last-accessed needs --last-accessed <folder>, or --from <folder> of what collect wrote',
    );
  }
  if (accountDetails === undefined || (findings === undefined && !isFromReports)) {
    const missing = accountDetails === undefined ? '--account-details <file>' : '--findings <file-or-folder>';
    throw new InputError(`required option '${missing}' not specified`);
  }
  if (isFolder(accountDetails)) {
    throw new InputError(
      `${accountDetails}: is a folder where a file is expected; give a folder of accounts with --from`,
    );
  }
  return [{ accountDetails, findings: findings === undefined ? [] : [findings], lastAccessed }];
}

/** @throws InputError if two options would read standard input, which can be read only once */
export function checkStandardInput(options: Readonly<Record<string, string | undefined>>): void {
  const names = Object.keys(options).filter((name) => options[name] === '-');
  if (names.length > 1) throw new InputError(`${names.join(' and ')} cannot both be standard input`);
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * Checks the patterns of a keep-list.
 * @param place where they come from: an option, or a file
 * @throws InputError if one is not a valid pattern
 */
export function checkKeepList(patterns: readonly string[], place: string): readonly string[] {
  const keep = readKeepList(patterns);
  if (!keep.ok) throw new InputError(`${place}: ${keep.problem}`);
  return patterns;
}

/**
 * Remarks about patterns of the keep-list that match no known action and so keep nothing, usually because they are
 * misspelt. One sentence each.
 */
export function unmatchedKeepEntries(
  patterns: readonly string[],
  { services, prefixes }: Catalogue,
  place: string,
): readonly string[] {
  return patterns.flatMap((text) => {
    const pattern = parseActionPattern(text);
    if (!pattern.ok || pattern.value.kind === 'everything') return [];
    const { service: key, action } = pattern.value;
    const service = services.get(key);
    if (service?.folded.some((name) => matchesPattern(action, name)) === true) return [];
    // If no actions of the service are known, it is unknown whether the pattern matches one.
    if (service ? service.actions.length === 0 : prefixes.includes(key)) return [];
    const what = service ? `no action of ${key}` : 'no service';
    return [`${place}: ${text} names ${what} that the catalogue knows; is it spelt right?`];
  });
}
