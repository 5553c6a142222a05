// Bundles the CDK app into the file that is named, where cdk.json starts it. By esbuild's API: its installation may replace the
// script of its command line by a binary.
import { build } from 'esbuild';

const [outfile = 'build/app.mjs'] = process.argv.slice(2);
await build({
  entryPoints: ['bin/app.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
