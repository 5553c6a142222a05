// Renews the README's tables of options and permissions: node scripts/generate-tables.mjs [FILE]
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = join(root, 'build', 'generate-tables.mjs');
mkdirSync(dirname(outfile), { recursive: true });
await build({
  entryPoints: [join(root, 'scripts', 'generate-tables.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  target: 'node20',
  logLevel: 'warning',
  outfile,
});
const { writeTables } = await import(pathToFileURL(outfile).href);
writeTables(process.argv[2] ?? join(root, 'README.md'));
