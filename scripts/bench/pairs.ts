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
 * Runs the offline job on 2,000 roles with two policies each, alternating between this build and another one, so that
 * other work on the machine affects both: `AGAINST=../other/dist/cli.mjs npm run bench -- pairs`.
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
        // Each run has its own folder, and all are deleted at the end: ext4 skips recently deleted inodes one by one,
        // so a run after a deletion takes several times as long in the kernel.
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
