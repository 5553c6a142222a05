import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';

/** `LIFECYCLE_SEEDS=100000 npx vitest run test/use-cases/lifecycle/simulation.test.ts`, by hand. */
const SEEDS = Number(process.env['LIFECYCLE_SEEDS'] ?? 500);
/**
 * Seeds that failed once. 418 and 472: a proposal that had expired was called resolved while another worker stored it
 * again. The others: a job took a listing from before a finding came for proof that there is none.
 */
const CASES: readonly number[] = [418, 472, 837, 1599, 1732, 1877];

async function failures(seeds: Iterable<number>): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const seed of seeds) {
    for (const wrong of await simulate(seed)) failed.push(`seed ${String(seed)}: ${wrong}`);
    if (failed.length > 10) break;
  }
  return failed;
}

test('what is stored, shown and told is true after one quiet sweep, whatever died or was late', async () => {
  expect(await failures(Array.from({ length: SEEDS }, (_, seed) => seed + 1))).toEqual([]);
}, 86_400_000);

test('so it is for seeds that failed once', async () => {
  expect(await failures(CASES)).toEqual([]);
}, 60_000);
