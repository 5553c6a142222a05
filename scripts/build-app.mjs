// Bundles the CDK app into build/app.mjs, where cdk.json starts it. By esbuild's API: its installation may replace the
// script of its command line by a binary.
import { build } from 'esbuild';

await build({
  entryPoints: ['bin/app.ts'],
  outfile: 'build/app.mjs',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
