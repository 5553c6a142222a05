import { chmod, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles the command line and the thread that it starts into a folder. Small packages are part of the bundle, which
 * takes a third off the start of each command; the SDK's clients stay beside it, since only some commands load them.
 */
export async function buildCommandLine(
  outdir: string,
  options: { readonly sourcemap?: boolean } = {},
): Promise<void> {
  await build({
    entryPoints: { cli: 'bin/cli.ts', 'account-worker': 'bin/account-worker.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['@aws-sdk/*'],
    // A package's ES modules: those for CommonJS may load files that a bundle does not have.
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire as ___r}from'node:module';const require=___r(import.meta.url);" },
    legalComments: 'linked',
    sourcemap: options.sourcemap ?? false,
    logLevel: 'warning',
  });
  await chmod(path.join(outdir, 'cli.mjs'), 0o755);
}

// `npm run prepare`: into dist/, without the parts that an earlier build split off.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await rm('dist', { recursive: true, force: true });
  await buildCommandLine('dist', { sourcemap: true });
}
