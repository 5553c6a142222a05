import { performance } from 'node:perf_hooks';
import { renderReport } from '../../lambda/report/proposal/report-html.ts';
import { articleProposal } from '../../test/report/proposals.ts';
import type { BenchResult } from './engine.ts';

const ROUNDS = 300;

/** Measures the report of the article's role: milliseconds of one rendering, and its size. */
export function* run(): Generator<BenchResult> {
  const { proposal, universe } = articleProposal();
  for (let i = 0; i < 50; i += 1) renderReport(proposal, universe);
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const began = performance.now();
    renderReport(proposal, universe);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(2)} ms`;
  yield {
    name: 'report of the article’s role',
    figures: {
      p50: at(0.5),
      p95: at(0.95),
      size: `${String(Buffer.byteLength(renderReport(proposal, universe)))} bytes`,
    },
  };
}
