import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  isUnfinished,
  MANIFEST,
  manifestIn,
  present,
} from '../../lambda/adapters/files/collection-folder.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { explain, nameOf, type TextFile } from '../../lambda/adapters/files/read-text.ts';
import type { AccountNames } from '../../lambda/core/model/account.ts';
import { byCodeUnit } from '../../lambda/core/model/order.ts';
import type { EvidenceSource } from '../../lambda/core/model/unused-access.ts';
import type { CollectionManifest, SectionName } from '../../lambda/ports/collect.ts';

/** The input files for one account, or for several in one export. Plain data. */
export interface AccountFiles {
  readonly accountDetails: TextFile;
  /** Files, or one folder. */
  readonly findings: readonly TextFile[];
  /** The file of `collect` about passwords and access keys. */
  readonly credentials?: string | undefined;
  /** A folder of reports of last use. */
  readonly lastAccessed: string | undefined;
  /** The manifest of `collect`; undefined if the files come from elsewhere. */
  readonly collected?: CollectionManifest | undefined;
  /** Whether `collect` was interrupted before they were complete. */
  readonly isUnfinished?: boolean;
}

const DETAILS = 'account-details.json';
const FINDINGS = ['findings.jsonl', 'findings.jsonl.gz', 'findings.json', 'findings.json.gz', 'findings'];
const LAST_ACCESSED = 'last-accessed';
const CREDENTIALS = 'credentials.jsonl';
/** The catalogue file that `collect` writes beside the accounts. */
export const CATALOGUE = 'catalogue.json';

/**
 * Finds the accounts in a folder: `<accountId>/account-details.json` with `findings.jsonl`, `findings.json` or a
 * folder `findings` beside it, and optionally a folder `last-accessed`; or these files of a single account.
 * @throws InputError that names the folder
 */
export function accountsIn(folder: string): readonly AccountFiles[] {
  const isAccount = [DETAILS, MANIFEST].some((name) => present(folder, name) !== undefined);
  if (isAccount || isUnfinished(folder)) return [filesIn(folder)];
  const accounts = foldersIn(folder)
    .filter((name) => /^\d{12}$/.test(name))
    .map((name) => filesIn(path.join(folder, name)));
  if (accounts.length > 0) return accounts;
  if (present(folder, CATALOGUE) !== undefined) {
    throw new InputError(
      `${folder}: collect was interrupted before it had read an account; type collect --out ${folder} again, with the options that it had`,
    );
  }
  throw new InputError(
    `${folder}: holds neither ${DETAILS} nor folders <accountId>/${DETAILS}; is it what collect wrote?`,
  );
}

function filesIn(folder: string): AccountFiles {
  const findings = FINDINGS.map((name) => path.join(folder, name)).filter((place) => existsSync(place));
  const lastAccessed = path.join(folder, LAST_ACCESSED);
  return {
    accountDetails: present(folder, DETAILS) ?? path.join(folder, DETAILS),
    findings: findings.length > 0 ? findings : [path.join(folder, 'findings.jsonl')],
    lastAccessed: existsSync(lastAccessed) ? lastAccessed : undefined,
    credentials: present(folder, CREDENTIALS),
    collected: manifestIn(folder),
    isUnfinished: isUnfinished(folder),
  };
}

function isThere(file: TextFile): boolean {
  return typeof file !== 'string' || existsSync(file);
}

/** The required sections of the manifest, in words. */
const NEEDED = { accountDetails: 'roles, users, groups and policies', findings: 'findings' } as const;

/**
 * Checks that `collect` has written what is needed: it may have been interrupted, or denied access.
 * @param source the source of findings; undefined if findings are not needed
 * @throws InputError that names the command to read the rest
 */
export function checkCollected(files: AccountFiles, source: EvidenceSource | undefined): void {
  const { accountDetails, findings, collected } = files;
  const folder = path.dirname(nameOf(accountDetails));
  const again = `type collect --out ${path.dirname(folder)} again, with the options that it had`;
  const check = (name: keyof typeof NEEDED & SectionName, file: string): void => {
    const reason = collected?.failed.find(({ what }) => what === NEEDED[name])?.reason;
    if (files.isUnfinished === true || collected?.state === 'running') {
      throw new InputError(
        `${folder}: collect was interrupted before ${file} was there; ${again}, and it goes on where it stopped`,
      );
    }
    if (collected?.sections[name]?.state === 'failed' && reason !== undefined) {
      throw new InputError(
        `${folder}: there is no ${file}, since collect could not read it (${reason}); ${again}`,
      );
    }
  };
  if (!isThere(accountDetails)) check('accountDetails', DETAILS);
  if (source === 'access-analyzer' && !findings.some(isThere)) check('findings', 'findings.jsonl');
}

/**
 * Checks that an export belongs to the account of its manifest, which the findings and reports belong to.
 * @throws InputError that names both accounts
 */
export function checkAccount(
  { collected, accountDetails }: AccountFiles,
  { accountIds }: { readonly accountIds: readonly string[] },
): void {
  const other = accountIds.find((id) => id !== collected?.accountId);
  if (collected === undefined || other === undefined) return;
  const file = nameOf(accountDetails);
  throw new InputError(
    `${file}: is about account ${other}, and ${path.join(path.dirname(file), MANIFEST)} about account ${collected.accountId}; were files of two accounts put together?`,
  );
}

/** The names of accounts that `collect` has read. */
export function namesIn(accounts: readonly AccountFiles[]): AccountNames {
  return Object.fromEntries(
    accounts.flatMap(({ collected }) =>
      collected?.accountName === undefined ? [] : [[collected.accountId, collected.accountName]],
    ),
  );
}

const HOUR = 3_600_000;

/** The age of the files that `collect` wrote, and what they lack, as one line; undefined for other files. */
export function describeAge(
  { collected, accountDetails }: AccountFiles,
  now: number,
): { readonly age: string | undefined; readonly problem: string | undefined } {
  // Missing files are reported by checkCollected.
  if (!collected || !isThere(accountDetails)) return { age: undefined, problem: undefined };
  const name = path.dirname(nameOf(accountDetails));
  const at = collected.sections.accountDetails?.readAt ?? collected.startedAt;
  const hours = Math.max(0, Math.floor((now - Date.parse(at)) / HOUR));
  const old =
    hours < 1
      ? 'less than an hour'
      : hours < 48
        ? `${String(hours)} ${hours === 1 ? 'hour' : 'hours'}`
        : `${String(Math.floor(hours / 24))} days`;
  const lacks =
    collected.state === 'running'
      ? 'its reading was interrupted'
      : collected.state === 'partial'
        ? `${String(collected.failed.length)} ${collected.failed.length === 1 ? 'thing' : 'things'} could not be read`
        : undefined;
  return {
    age: `${name}: as of ${at.slice(0, 16).replace('T', ' ')} UTC, ${old} old`,
    problem: lacks === undefined ? undefined : `${name}: not all of the account: ${lacks}; run collect again`,
  };
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.isDirectory())
      .sort(byCodeUnit);
  } catch (error) {
    throw new InputError(`${folder}: ${explain(error)}`);
  }
}
