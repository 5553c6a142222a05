import { execFileSync } from 'node:child_process';
import type { BenchResult } from './engine.ts';

/**
 * MiB for V8's heap: half of the memory of the notifier's function. Without a limit, V8 would use more on a larger
 * machine.
 */
const HEAP = 512;

/**
 * Checks that the overview of very many proposals, which the notifier writes for each batch, fits into its function's
 * memory.
 */
export function* run(): Generator<BenchResult> {
  for (const rows of [50_000, 100_000, 200_000]) {
    const printed = execFileSync(process.execPath, [
      `--max-old-space-size=${String(HEAP)}`,
      '--import',
      'tsx',
      'scripts/bench/overview-rounds.ts',
      String(rows),
    ]).toString();
    const { megabytes, largest, median } = JSON.parse(printed) as Record<string, number>;
    yield {
      name: `overview of ${rows.toLocaleString('en-US')} proposals, read and written`,
      figures: {
        'index.json': `${(megabytes ?? 0).toFixed(0)} MB`,
        p50: `${((median ?? 0) / 1000).toFixed(1)} s`,
        rss: `${(largest ?? 0).toFixed(0)} MiB`,
      },
    };
  }
}
