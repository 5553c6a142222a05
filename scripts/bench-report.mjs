// Times the report of the article's role: node scripts/bench-report.mjs [rounds]
// Prints the median and the 95th percentile of one rendering in milliseconds, and the size of the report in bytes.
import { build } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const rounds = Number(process.argv[2] ?? 300);
const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
try {
  const outfile = join(folder, 'bench.mjs');
  await build({
    stdin: {
      contents: `export { articleProposal } from './test/report/proposals.ts';
export { renderReport } from './lambda/report/report-html.ts';`,
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    define: {
      'import.meta.url': JSON.stringify(pathToFileURL(join(process.cwd(), 'test/report/proposals.ts')).href),
    },
  });
  const { articleProposal, renderReport } = await import(pathToFileURL(outfile).href);
  const { proposal, universe } = articleProposal();
  const bytes = Buffer.byteLength(renderReport(proposal, universe));
  for (let i = 0; i < 50; i += 1) renderReport(proposal, universe);
  const times = [];
  for (let i = 0; i < rounds; i += 1) {
    const start = performance.now();
    renderReport(proposal, universe);
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2);
  console.log(
    JSON.stringify({
      what: "report of the article's role",
      rounds,
      medianMs: Number(at(0.5)),
      p95Ms: Number(at(0.95)),
      bytes,
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
