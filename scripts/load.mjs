// `npm run load -- --findings 1000 --accounts 10`: the deployed functions, each in processes of its own, against loopback
// services that behave like AWS at scale. Prints a table, writes build/load.json; status 1 when a finding is missing.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outdir = join(root, 'build', 'load');
mkdirSync(outdir, { recursive: true });
await build({
  entryPoints: ['run', 'synth'].map((name) => join(root, 'test', 'load', `${name}.ts`)),
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
  // Beside the bundle the harness would look for its runner in vain.
  define: {
    'import.meta.url': JSON.stringify(
      pathToFileURL(join(root, 'test', 'integration', 'harness', 'load.ts')).href,
    ),
  },
});
const { run } = await import(pathToFileURL(join(outdir, 'run.mjs')).href);
process.exitCode = await run(process.argv.slice(2));
