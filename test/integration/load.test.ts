import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadReport } from '../load/figures.ts';
import { ASSEMBLY, PROJECT_ROOT } from './harness/cdk.ts';

/*
 * The load model in small: the functions of the assembly that was deployed, in processes of their own, with every fault on.
 * Of the emulator it needs nothing.
 */

const LOAD = join(PROJECT_ROOT, 'test', 'load', 'run.ts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'load-model-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function play(
  ...args: readonly string[]
): Promise<{ readonly status: number | null; readonly report: LoadReport }> {
  const out = join(folder, 'load.json');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', LOAD, ...args, '--assembly', ASSEMBLY, '--out', out],
    {
      cwd: PROJECT_ROOT,
      stdio: 'ignore',
    },
  );
  await once(child, 'close');
  return { status: child.exitCode, report: JSON.parse(await readFile(out, 'utf8')) as LoadReport };
}

describe('the load model', () => {
  test('loses none of 80 findings in 5 accounts, and proposes none twice, whatever fails', async () => {
    const { status, report } = await play(
      ...['--findings', '80', '--accounts', '5', '--seed', '2', '--concurrency', '8'],
      ...['--lost', '0.05', '--duplicated', '0.05', '--killed', '0.2', '--account-rate', '30'],
      ...['--ended', '0.15'],
    );
    expect(report.problems).toEqual([]);
    expect(report.wrongStates).toBe(0);
    expect(report.ended.lost).toBeGreaterThan(0);
    expect(report.ended.ended).toBeGreaterThan(report.ended.lost);
    expect(status).toBe(0);
    // The faults were there.
    const [events] = report.phases;
    const worker = events?.functions.find(({ name }) => name === 'refine-finding');
    expect(report.events.lost).toBeGreaterThan(0);
    expect(report.events.duplicated).toBeGreaterThan(0);
    expect(worker?.killed).toBeGreaterThan(0);
    expect(worker?.throttled).toBeGreaterThan(0);
    expect(worker?.failed).toBeGreaterThan(0);
    const reasons = report.balance.deadLetterReasons;
    // An account whose role is missing makes no dead letters.
    expect(reasons['access-denied']).toBeUndefined();
    expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(
      report.balance.endings['dead-letter'],
    );
    const { proposed, unchanged, skipped, gone, unreachable, 'dead-letter': dead } = report.balance.endings;
    expect(unreachable).toBeGreaterThan(0);
    expect(proposed + unchanged + skipped + gone + unreachable + dead).toBe(80);
    expect(report.proposalsInOverview).toBe(proposed);
  });

  test('names the findings whose events were lost if there is no sweep, with exit status 1', async () => {
    const { status, report } = await play(
      ...['--findings', '30', '--accounts', '2', '--lost', '0.2', '--sweeps', '0'],
      ...['--throttled', '0', '--failed', '0', '--killed', '0', '--clock-step', '0'],
    );
    expect(report.events.lost).toBeGreaterThan(0);
    expect(report.problems).toHaveLength(report.events.lost);
    expect(report.problems.every((problem) => problem.includes('is lost: no proposal'))).toBe(true);
    expect(status).toBe(1);
  });
});
