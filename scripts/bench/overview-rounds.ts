import { performance } from 'node:perf_hooks';
import { readIndexData, renderIndexData } from '../../lambda/stored/overview.ts';
import type { PrincipalFacts } from '../../lambda/ports/proposals.ts';
import { renderBucketOverview } from '../../lambda/report/run/bucket-overview.ts';
import { facts } from '../../test/report/facts.ts';

/*
 * The notifier's work on the overview for each batch, without S3: parses `index.json`, renders it again, and renders
 * the page. Started as a separate process with the number of rows; prints peak memory and the median time.
 */

const ROUNDS = 5;
const rows = Number(process.argv[2]);
let text = renderIndexData(Array.from({ length: rows }, (_, n) => row(n)));
const millis: number[] = [];
let largest = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  const began = performance.now();
  const read = readIndexData(text);
  if (!read.ok) throw new Error(read.problem);
  const proposals = read.value;
  text = renderIndexData(proposals);
  renderBucketOverview(proposals, { partition: 'aws', region: 'eu-west-1', bucket: 'bucket' }, '1.0.0');
  millis.push(performance.now() - began);
  largest = Math.max(largest, process.memoryUsage.rss() / 1048576);
}
millis.sort((a, b) => a - b);
console.log(
  JSON.stringify({ megabytes: text.length / 1e6, largest, median: millis[Math.floor(ROUNDS / 2)] }),
);

/** All proposals are different, so that no two share a row. */
function row(n: number): PrincipalFacts {
  const accountId = String(200_000_000_000 + (n % 2_000));
  const name = `role-of-some-team-${String(n)}`;
  const digits = n.toString(16).padStart(32, '0');
  const same = facts(name);
  return {
    ...same,
    prefix: `proposals/${accountId}/role/${name}/${digits}/`,
    proposalId: digits,
    principal: { arn: `arn:aws:iam::${accountId}:role/${name}`, type: 'role', name, path: '/', accountId },
    findingId: `8f1c2a5e-0b7d-4c39-9d52-${digits.slice(20)}`,
    signature: digits,
    catalogue: { source: 'embedded', version: '1', services: 456, actions: 22_091 },
    summary: same.summary && { ...same.summary, actionsGrantedBefore: 84 + (n % 50) },
  };
}
