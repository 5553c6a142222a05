import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './engine.ts';
import { runMetered } from './metered.ts';
import { writeSyntheticAccount } from './synthetic-account.ts';

const ROLES = Number(process.env['SCALE_ROLES'] ?? 100_000);

/** The offline job on an account that is not held whole. Some 10 files a proposal: it wants 10 GiB of disk. */
export async function* run(): AsyncGenerator<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unused-access-refiner-'));
  try {
    const { account, findings, bytes } = writeSyntheticAccount(folder, ROLES);
    const out = path.join(folder, 'out');
    const input = ['--account-details', account, '--findings', findings];
    const { seconds, processorSeconds, mebibytes } = await runMetered([
      'account',
      ...input,
      '--out',
      out,
      '--no-reports',
    ]);
    const rows = readFileSync(path.join(out, 'summary.csv'), 'utf8').split('\r\n');
    yield {
      name: `account of ${String(ROLES)} roles offline --no-reports`,
      figures: {
        time: `${seconds.toFixed(0)} s`,
        processor: `${processorSeconds.toFixed(0)} s`,
        memory: `${mebibytes.toFixed(0)} MiB`,
        input: `${(bytes / 1048576).toFixed(0)} MiB`,
        proposals: String(rows.filter((row) => row.includes('proposal.json')).length),
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
