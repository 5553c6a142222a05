import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { explain, type TextFile } from '../../lambda/adapters/files/read-text.ts';
import { byCodeUnit } from '../../lambda/core/model/order.ts';

/** What a run reads of one account, or of several in one export. Plain data. */
export interface AccountFiles {
  readonly accountDetails: TextFile;
  /** Files, or one folder of them. */
  readonly findings: readonly TextFile[];
  /** What `collect` keeps of passwords and access keys. */
  readonly credentials?: string | undefined;
  /** A folder of reports on last use. */
  readonly lastAccessed: string | undefined;
}

const DETAILS = 'account-details.json';
const FINDINGS = ['findings.jsonl', 'findings.json', 'findings'];
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
  if (existsSync(path.join(folder, DETAILS))) return [filesIn(folder)];
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
    accountDetails: path.join(folder, DETAILS),
    credentials: path.join(folder, CREDENTIALS),
    findings: findings.length > 0 ? findings : [path.join(folder, 'findings.jsonl')],
    lastAccessed: existsSync(lastAccessed) ? lastAccessed : undefined,
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
