// `npm run bench [-- NAME …]`: measures what docs/benchmarks.md records. Prints a table and writes build/bench.json.
// Figures depend on the machine; nothing here passes or fails.
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { build } from 'esbuild';

await mkdir('build/bench', { recursive: true });
await build({
  entryPoints: [
    'engine',
    'account',
    'refresh',
    'opinions',
    'retries',
    'scale',
    'large-account',
    'overview',
    'overview-rounds',
    'catalogue-load',
  ].map((name) => `scripts/bench/${name}.ts`),
  outdir: 'build/bench',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});

const wanted = process.argv.slice(2);
// The last three take minutes, `scale` some 10 GiB of disk too: they run when they are named.
const suites = ['engine', 'account', 'refresh', 'opinions', 'retries', 'scale', 'large-account', 'overview'];
const onlyNamed = new Set(['scale', 'large-account', 'overview']);
const results = [];
for (const name of suites) {
  if (wanted.length > 0 ? !wanted.includes(name) : onlyNamed.has(name)) continue;
  const { run } = await import(`../build/bench/${name}.mjs`);
  for await (const result of run()) {
    results.push(result);
    const figures = Object.entries(result.figures).map(([key, value]) => `${key} ${value}`);
    console.log(`${result.name.padEnd(58)} ${figures.join('  ')}`);
  }
}
const machine = `${os.cpus().length} × ${os.cpus()[0]?.model ?? 'unknown'}`;
await writeFile(
  'build/bench.json',
  `${JSON.stringify({ machine, node: process.version, date: new Date().toISOString(), results }, null, 2)}\n`,
);
