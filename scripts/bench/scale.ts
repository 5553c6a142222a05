import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './engine.ts';
import { runMetered } from './metered.ts';
import { writeSyntheticAccount } from './synthetic-account.ts';

const ROLES = Number(process.env['SCALE_ROLES'] ?? 100_000);
const ACCOUNTS = Number(process.env['SCALE_ACCOUNTS'] ?? 200);

/**
 * Runs the offline job on a folder of accounts of the same size. It writes about five files for each proposal and
 * needs 10 GiB of disk.
 */
export async function* run(): AsyncGenerator<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unused-access-refiner-'));
  try {
    const from = path.join(folder, 'from');
    let bytes = 0;
    for (let place = 0; place < ACCOUNTS; place += 1) {
      const accountId = String(100_000_000_000 + place);
      const inner = path.join(from, accountId);
      mkdirSync(inner, { recursive: true });
      bytes += writeSyntheticAccount(inner, ROLES / ACCOUNTS, accountId).bytes;
    }
    const out = path.join(folder, 'out');
    const args = ['account', '--from', from, '--out', out, '--no-reports'];
    const { seconds, processorSeconds, mebibytes } = await runMetered(args);
    const rows = readFileSync(path.join(out, 'summary.csv'), 'utf8').split('\r\n');
    yield {
      name: `${String(ROLES)} roles in ${String(ACCOUNTS)} accounts offline --no-reports`,
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
