import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './engine.ts';
import { runMetered } from './metered.ts';
import { percentile } from './random.ts';
import { writeSyntheticAccount } from './synthetic-account.ts';

const ROLES = 2_000;
const PAIRS = 5;

/**
 * The offline job of 2,000 roles with two policies each, by this build and by another one in turn, so that whatever else
 * the machine does meets both: `AGAINST=../other/dist/cli.mjs npm run bench -- pairs`.
 */
export async function* run(): AsyncGenerator<BenchResult> {
  const other = process.env['AGAINST'];
  if (other === undefined) throw new Error('pairs: set AGAINST to the dist/cli.mjs of the other build');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unused-access-refiner-'));
  try {
    const { account, findings } = writeSyntheticAccount(folder, ROLES);
    const seconds = new Map<string, number[]>();
    const processor = new Map<string, number[]>();
    for (let pair = 0; pair < PAIRS; pair += 1) {
      for (const program of [other, 'dist/cli.mjs']) {
        // A folder of its own for each run, all deleted at the end: ext4 steps over every inode that was deleted within
        // the last minutes, one by one, so a run after a deletion takes several times as long in the kernel.
        const out = mkdtempSync(path.join(folder, 'out-'));
        const args = ['--account-details', account, '--findings', findings, '--out', out, '--no-reports'];
        const used = await runMetered(['account', ...args], program);
        seconds.set(program, [...(seconds.get(program) ?? []), used.seconds]);
        processor.set(program, [...(processor.get(program) ?? []), used.processorSeconds]);
      }
    }
    for (const [program, samples] of seconds) {
      yield {
        name: `account of ${String(ROLES)} roles, --no-reports, ${program}`,
        figures: {
          'time (median)': `${percentile(samples, 0.5).toFixed(1)} s`,
          'processor (median)': `${percentile(processor.get(program) ?? [], 0.5).toFixed(1)} s`,
        },
      };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
