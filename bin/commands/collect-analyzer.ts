import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { accountOfArn } from '../../lambda/core/model/account.ts';
import type { AccountReader, ActiveAnalyzer } from '../../lambda/ports/collect.ts';

/* Chooses the analyzer whose findings `collect` reads, with errors if there is no clear choice. */

/** A problem of one account; the others are still read. */
export class AccountProblem extends InputError {}

/** The Region in an analyzer's ARN; undefined if it is not an analyzer's ARN. */
export function regionOf(analyzer: string): string | undefined {
  return /^arn:aws[a-z-]*:access-analyzer:([a-z0-9-]+):\d{12}:analyzer\/[A-Za-z0-9_.-]+$/.exec(analyzer)?.[1];
}

/** @throws InputError if the named analyzer is in another Region than the run */
export function checkAnalyzer(analyzer: string | undefined, region: string): void {
  const where = analyzer === undefined ? undefined : regionOf(analyzer);
  if (where === undefined || where === region) return;
  throw new InputError(
    `the analyzer is in ${where}, and the Region of this run is ${region}; add --region ${where}`,
  );
}

/** The one active analyzer of an account. @throws InputError if there are several */
async function onlyAnalyzer(reader: AccountReader, region: string): Promise<ActiveAnalyzer | undefined> {
  const found = await reader.analyzers();
  if (found.length < 2) return found[0];
  throw new AccountProblem(
    `account ${reader.accountId} has ${String(found.length)} active unused-access analyzers in ${region}; choose one with --analyzer: ${found.map(({ arn }) => arn).join(', ')}`,
  );
}

/**
 * The named analyzer, or the one of the caller's account; undefined if there is none.
 * @param reachable reads another account; undefined if no role was named for it
 * @throws InputError, and AdapterError
 */
export async function ownAnalyzer(
  analyzer: string | undefined,
  accounts: readonly string[],
  home: AccountReader,
  reachable: (accountId: string) => AccountReader | undefined,
  region: string,
): Promise<ActiveAnalyzer | undefined> {
  if (analyzer === undefined) return onlyAnalyzer(home, region);
  const owner = accountOfArn(analyzer);
  if (accounts.every((accountId) => accountId === owner)) return { arn: analyzer, isOrganization: false };
  const reader = reachable(owner);
  if (!reader) {
    throw new InputError(
      `the analyzer ${analyzer} can be read in account ${owner} only, and these credentials are of account ${home.accountId}; use those of account ${owner}, or add --member-role with the name of a role there`,
    );
  }
  // An account analyzer has no findings about other accounts, which must not be taken for "no unused access".
  const found = await reader.analyzers();
  return found.find(({ arn }) => arn === analyzer) ?? { arn: analyzer, isOrganization: false };
}

/**
 * The analyzer whose findings are about an account: an organisation's analyzer covers every account, any other only
 * its own.
 * @param own see {@link ownAnalyzer}
 * @throws AccountProblem if the account has none, or several, and AdapterError
 */
export async function analyzerFor(
  reader: AccountReader,
  own: ActiveAnalyzer | undefined,
  named: string | undefined,
  region: string,
): Promise<string> {
  const { accountId } = reader;
  if (own && (own.isOrganization || accountOfArn(own.arn) === accountId)) return own.arn;
  if (named !== undefined) {
    throw new AccountProblem(
      `the analyzer ${named} knows account ${accountOfArn(named)} only; leave --analyzer out, or name the organisation's`,
    );
  }
  const found = await onlyAnalyzer(reader, region);
  if (found) return found.arn;
  throw new AccountProblem(
    `account ${accountId} has no active unused-access analyzer in ${region}; if it is in another Region, add --region, and if there is none, --source last-accessed does without`,
  );
}
