import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BenchResult } from './engine.ts';
import { runMetered } from './metered.ts';
import { writeSyntheticAccount } from './synthetic-account.ts';

const ROLES = 10_000;

/** Runs the whole offline job on a synthetic account, with the command in a separate process. */
export async function* run(): AsyncGenerator<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'unused-access-refiner-'));
  try {
    const { account, findings, bytes } = writeSyntheticAccount(folder, ROLES);
    for (const flags of [['--no-reports'], []]) {
      // Deleted only at the end, because a file system slows down for a while after a deletion (see `pairs.ts`).
      const out = path.join(folder, `out${flags.join('')}`);
      const { seconds, mebibytes } = await runMetered([
        'account',
        '--account-details',
        account,
        '--findings',
        findings,
        '--out',
        out,
        ...flags,
      ]);
      yield {
        name: `account of ${String(ROLES)} roles offline ${flags.join(' ') || 'with reports and index'}`,
        figures: {
          time: `${seconds.toFixed(1)} s`,
          memory: `${mebibytes.toFixed(0)} MiB`,
          input: `${(bytes / 1048576).toFixed(0)} MiB`,
        },
      };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
