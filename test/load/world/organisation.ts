import { HOME_ACCOUNT } from '../../integration/harness/accounts.ts';

/**
 * The accounts of a generated organisation: how many findings each has follows from the numbers alone, so that nothing
 * has to be held but one number an account.
 */
export interface Organisation {
  readonly findings: number;
  readonly accounts: number;
  readonly seed: number;
  /** The account of a finding by its index. */
  accountOf(finding: number): Account;
  account(place: number): Account;
  byId(id: string): Account | undefined;
}

/** Findings `first` to `first + size - 1` are the account's, one a principal. */
export interface Account {
  readonly place: number;
  readonly id: string;
  readonly first: number;
  readonly size: number;
}

/** How fast the sizes fall from the largest account to the next: organisations have a few large accounts and many small ones. */
const SKEW = 1.1;

/**
 * The largest account first; every account has at least one finding.
 * @throws RangeError when there are fewer findings than accounts
 */
export function makeOrganisation(findings: number, accounts: number, seed: number): Organisation {
  if (accounts < 1 || findings < accounts) {
    throw new RangeError(
      `${String(findings)} findings in ${String(accounts)} accounts cannot be; give at least one finding an account`,
    );
  }
  const starts = startsOf(findings, accounts);
  const account = (place: number): Account => {
    const first = starts[place] ?? findings;
    return { place, id: accountId(place), first, size: (starts[place + 1] ?? findings) - first };
  };
  return {
    findings,
    accounts,
    seed,
    account,
    accountOf: (finding) => account(placeOf(starts, finding)),
    byId: (id) => {
      const place = accountPlace(id);
      return place !== undefined && place < accounts ? account(place) : undefined;
    },
  };
}

/** The account that the app is deployed in comes first; it is read with the function's own role. */
function accountId(place: number): string {
  return place === 0 ? HOME_ACCOUNT : String(FIRST_MEMBER + place * STEP);
}

function accountPlace(id: string): number | undefined {
  if (id === HOME_ACCOUNT) return 0;
  const place = (Number(id) - FIRST_MEMBER) / STEP;
  return Number.isInteger(place) && place > 0 ? place : undefined;
}

const FIRST_MEMBER = 200_000_000_000;
/** Ids that are not neighbours, as in reality. */
const STEP = 104_729;

function startsOf(findings: number, accounts: number): readonly number[] {
  const weights = Array.from({ length: accounts }, (_, place) => 1 / (place + 1) ** SKEW);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const spare = findings - accounts;
  const starts: number[] = [];
  let before = 0;
  for (const [place, weight] of weights.entries()) {
    starts.push(place + Math.round((before / total) * spare));
    before += weight;
  }
  return starts;
}

function placeOf(starts: readonly number[], finding: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= finding) low = middle;
    else high = middle - 1;
  }
  return low;
}
