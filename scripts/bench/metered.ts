import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

/**
 * Runs the command line in a separate process, and measures wall-clock time, the CPU time of all threads, and peak
 * memory.
 */
export async function runMetered(
  args: readonly string[],
  program = 'dist/cli.mjs',
): Promise<{ readonly seconds: number; readonly processorSeconds: number; readonly mebibytes: number }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-meter-'));
  // The process reports its peak memory when it ends, because the parent cannot see it.
  const meter = path.join(folder, 'meter.mjs');
  writeFileSync(
    meter,
    `process.on('exit', () => {
      const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
      process._rawDebug('used ' + maxRSS + ' ' + (userCPUTime + systemCPUTime));
    });\n`,
  );
  try {
    const began = performance.now();
    const child = spawn(process.execPath, ['--import', meter, program, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    if (status !== 0) throw new Error(stderr.slice(-500));
    // Threads also run the exit handler, and report the same process.
    const used = [...stderr.matchAll(/^used (\d+) (\d+)$/gm)];
    const most = (place: number): number => Math.max(...used.map((figures) => Number(figures[place])));
    return {
      seconds: (performance.now() - began) / 1000,
      processorSeconds: most(2) / 1e6,
      mebibytes: most(1) / 1024,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
