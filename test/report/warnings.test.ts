import { composeChatNotice } from '../../lambda/report/notice/chat-notice.ts';
import { describe, expect, test } from 'vitest';
import { renderShared } from '../../bin/output/run-table.ts';
import type { ProposalFacts } from '../../lambda/ports/proposals.ts';
import { composeNotice } from '../../lambda/report/notice/notice.ts';
import { composeOverview } from '../../lambda/report/notice/overview-notice.ts';
import { renderBucketOverview } from '../../lambda/report/run/bucket-overview.ts';
import { renderIndex } from '../../lambda/report/run/index-page.ts';
import type { RunOverview, SharedEntry } from '../../lambda/report/run/run-overview.ts';
import { renderSummaryCsv } from '../../lambda/report/run/summary-csv.ts';
import { readIndexData, renderIndexData } from '../../lambda/stored/overview.ts';
import { CONTEXT, facts, sharedFacts } from './facts.ts';
import { syntheticRun } from './runs.ts';

const WARNING = 'Do not apply this: sqs was used on 2026-11-24.';
const ONE = facts('Orders', { warnings: [WARNING] });
const SHARED = sharedFacts('Shared', { warnings: [WARNING] });

/** A run in which only a principal's proposal, or only a shared one, is stopped. */
function runOf(kind: 'principal' | 'shared'): RunOverview {
  const run = syntheticRun(1, 1);
  const { subject, summary, advice } = SHARED;
  const shared: SharedEntry = {
    subject,
    outcome: 'proposed',
    reason: advice.reason,
    path: 'shared/x/report.html',
    principals: 12,
    numbers: summary,
    warnings: [WARNING],
  };
  return kind === 'shared'
    ? { ...run, entries: [], others: [], shared: [shared] }
    : { ...run, entries: run.entries.map((entry) => ({ ...entry, warnings: [WARNING] })), others: [] };
}

/** Every place where proposals are listed, and what it says of those that are stopped. */
const PLACES: readonly (readonly [string, (facts: ProposalFacts, run: RunOverview) => string])[] = [
  ['index.html', (_, run) => renderIndex(run)],
  ['summary.csv', (_, run) => renderSummaryCsv(run)],
  ['the overview in the bucket', (one) => renderBucketOverview([one], CONTEXT, '1.0.0')],
  [
    'the overview in the bucket, by its stored rows',
    (one) => {
      const read = readIndexData(renderIndexData([one]));
      return read.ok ? renderBucketOverview(read.value, CONTEXT, '1.0.0') : read.problem;
    },
  ],
  ['a message', (one) => composeNotice([one], CONTEXT).text],
  ['a message for programs', (one) => composeNotice([one], CONTEXT).json],
  ['a message for a chat', (one) => composeChatNotice([one], CONTEXT)],
  ['the message about all', (one) => composeOverview([one], undefined, CONTEXT).text],
];

describe.each(PLACES)('%s', (_, say) => {
  test.each([
    ['principal', ONE],
    ['shared', SHARED],
  ] as const)('shows the warnings of a proposal: %s', (kind, one) => {
    expect(say(one, runOf(kind))).toContain(WARNING);
  });
});

test('the table of a run shows warnings of a shared proposal before the advice', () => {
  expect(renderShared(runOf('shared').shared ?? [], undefined)).toContain(
    `STOP: ${WARNING} The shared change is better`,
  );
});

test('no warning is shown if there is none', () => {
  const all = [facts('Orders'), sharedFacts('Shared')];
  expect(renderBucketOverview(all, CONTEXT, '1.0.0')).not.toMatch(/stop/i);
  expect(composeNotice(all, CONTEXT).text).not.toMatch(/stop/i);
  expect(renderIndexData(all)).not.toContain('warnings');
});
