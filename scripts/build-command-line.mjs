import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the command line and the thread that it starts into a folder. Packages stay outside the bundle: they are
 * installed beside it. What only one command needs is split off and loaded by that command.
 */
export async function buildCommandLine(outdir, { sourcemap = false } = {}) {
  await build({
    entryPoints: { cli: 'bin/cli.ts', 'account-worker': 'bin/account-worker.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    sourcemap,
    logLevel: 'warning',
  });
  await chmod(path.join(outdir, 'cli.mjs'), 0o755);
}
