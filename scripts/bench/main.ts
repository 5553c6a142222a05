// `npm run bench [-- NAME …]`: measures the figures in docs/. Prints a table and writes build/bench.json. Figures
// depend on the machine; nothing passes or fails, except for `bundle`, which has limits.
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import type { BenchResult } from './engine.ts';

type Suite = () => Iterable<BenchResult> | AsyncIterable<BenchResult>;

const SUITES: Readonly<Record<string, () => Promise<{ readonly run: Suite }>>> = {
  engine: () => import('./engine.ts'),
  account: () => import('./account.ts'),
  refresh: () => import('./refresh.ts'),
  opinions: () => import('./opinions.ts'),
  retries: () => import('./retries.ts'),
  report: () => import('./report.ts'),
  scale: () => import('./scale.ts'),
  'large-account': () => import('./large-account.ts'),
  overview: () => import('./overview.ts'),
  bundle: () => import('./bundle.ts'),
  fit: () => import('./fit.ts'),
  pairs: () => import('./pairs.ts'),
};
// These take minutes, and `scale` also needs some 10 GiB of disk, so they run only if named.
const ONLY_NAMED = new Set(['scale', 'large-account', 'overview', 'bundle', 'fit', 'pairs']);

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in SUITES));
if (unknown !== undefined) {
  console.error(`bench: there is no suite ${unknown}; name some of ${Object.keys(SUITES).join(', ')}`);
  process.exit(2);
}
await mkdir('build', { recursive: true });
const results: BenchResult[] = [];
for (const [name, load] of Object.entries(SUITES)) {
  if (wanted.length > 0 ? !wanted.includes(name) : ONLY_NAMED.has(name)) continue;
  const { run } = await load();
  for await (const result of run()) {
    results.push(result);
    const figures = Object.entries(result.figures).map(([key, value]) => `${key} ${value}`);
    console.log(`${result.name.padEnd(58)} ${figures.join('  ')}`);
  }
}
const machine = `${String(os.cpus().length)} × ${os.cpus()[0]?.model ?? 'unknown'}`;
const record = { machine, node: process.version, date: new Date().toISOString(), results };
await writeFile('build/bench.json', `${JSON.stringify(record, null, 2)}\n`);
