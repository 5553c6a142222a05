/**
 * The share of their runs that the properties make: `npm run mutants` makes few of them for each change of the code. What
 * must occur at least once is only expected of all runs.
 */
const SHARE = Number(process.env['LAWS_SHARE'] ?? 1);

export const makesAllRuns = SHARE === 1;

export function runs(numRuns: number): number {
  return Math.ceil(numRuns * SHARE);
}
