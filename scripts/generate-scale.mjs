// Renews the tables of docs/scale.md from the cost model: node scripts/generate-scale.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = join(root, 'build', 'generate-scale.mjs');
mkdirSync(dirname(outfile), { recursive: true });
await build({
  entryPoints: [join(root, 'test', 'load', 'scale-tables.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
const { withScaleTables } = await import(pathToFileURL(outfile).href);
const file = join(root, 'docs', 'scale.md');
writeFileSync(file, withScaleTables(readFileSync(file, 'utf8')));
