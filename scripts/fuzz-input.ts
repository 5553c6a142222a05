import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Difference, play } from '../test/fuzz/play.ts';

/*
 * Mutates exports, findings and reports of last use as other tools would: `npm run fuzz -- 10000 [first seed]`. It
 * prints the outcomes of each mutation, and every seed whose result differs without a message.
 */
const [count = '1000', first = '1'] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-fuzz-'));
const counts = new Map<string, number>();
let differences = 0;
for (let seed = Number(first); seed < Number(first) + Number(count); seed += 1) {
  try {
    const { mutations, outcome } = await play(seed, path.join(folder, 'world'));
    for (const name of new Set(['all', ...mutations])) {
      const key = `${name}: ${outcome}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  } catch (error) {
    differences += 1;
    if (error instanceof Difference) process.stdout.write(`seed ${String(seed)}: ${error.message}\n`);
    else
      process.stdout.write(
        `seed ${String(seed)}: ${error instanceof Error ? (error.stack ?? '') : 'unknown error'}\n`,
      );
  }
}
rmSync(folder, { recursive: true, force: true });
for (const [what, number] of [...counts].sort())
  process.stdout.write(`${String(number).padStart(8)} ${what}\n`);
process.stdout.write(`${String(differences)} without a word\n`);
process.exitCode = differences === 0 ? 0 : 1;
