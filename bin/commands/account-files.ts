import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { MANIFEST, manifestIn, present } from '../../lambda/adapters/files/collection-folder.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { explain, nameOf, type TextFile } from '../../lambda/adapters/files/read-text.ts';
import { byCodeUnit } from '../../lambda/core/model/order.ts';
import type { CollectionManifest } from '../../lambda/ports/collect.ts';

/** What a run reads of one account, or of several in one export. Plain data. */
export interface AccountFiles {
  readonly accountDetails: TextFile;
  /** Files, or one folder of them. */
  readonly findings: readonly TextFile[];
  /** What `collect` keeps of passwords and access keys. */
  readonly credentials?: string | undefined;
  /** A folder of reports on last use. */
  readonly lastAccessed: string | undefined;
  /** What `collect` says of them; undefined where something else has written them. */
  readonly collected?: CollectionManifest | undefined;
}

const DETAILS = 'account-details.json';
const FINDINGS = ['findings.jsonl', 'findings.jsonl.gz', 'findings.json', 'findings.json.gz', 'findings'];
const LAST_ACCESSED = 'last-accessed';
const CREDENTIALS = 'credentials.jsonl';
/** The list of actions that `collect` keeps beside the accounts. */
export const CATALOGUE = 'catalogue.json';

/**
 * The accounts of a folder: `<accountId>/account-details.json` with `findings.jsonl`, `findings.json` or a folder `findings`
 * beside it, and a folder `last-accessed` where there is one; or these files of one account.
 * @throws InputError that names the folder
 */
export function accountsIn(folder: string): readonly AccountFiles[] {
  if (present(folder, DETAILS) !== undefined) return [filesIn(folder)];
  const accounts = foldersIn(folder)
    .filter((name) => /^\d{12}$/.test(name))
    .map((name) => filesIn(path.join(folder, name)));
  if (accounts.length > 0) return accounts;
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
  };
}

/**
 * That an export is of the account that `collect` says it is of: its findings, reports and what was not read are.
 * @throws InputError that names both
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

const HOUR = 3_600_000;

/** How old what `collect` has written is, and what it lacks: one line an account; nothing for other folders. */
export function describeAge(
  { collected, accountDetails }: AccountFiles,
  now: number,
): { readonly age: string | undefined; readonly problem: string | undefined } {
  if (!collected) return { age: undefined, problem: undefined };
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
