import { describe, expect, test } from 'vitest';
import type { OpinionResult } from '../../../lambda/ports/opinions.ts';
import { makeReportWriter } from '../../../lambda/report/proposal/report-html.ts';
import { articleProposal, HOSTILE } from '../proposals.ts';

const textOf = (html: string): string => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
const sectionOf = (html: string): string => /<section id="opinions".*?<\/section>/s.exec(html)?.[0] ?? '';

function report(opinions?: readonly OpinionResult[]): string {
  const { proposal, universe } = articleProposal();
  return makeReportWriter({}).write(proposal, universe, opinions)[0]?.body ?? '';
}

const RECOMMENDATION: OpinionResult = {
  opinion: 'aws-recommendation',
  verdict: 'differs',
  sentences: ["AWS's own recommendation keeps 0 actions that we remove, and removes 1200 that we keep."],
  details: [
    {
      policy: 'Own',
      verdict: 'differs',
      sentences: ['We keep 1200 actions that AWS removes, because so.'],
      lists: [{ title: 'We keep, AWS removes: so', count: 1200, actions: ['s3:GetObject', 's3:PutObject'] }],
    },
  ],
};

const AGAINST: OpinionResult = {
  opinion: 'access-not-granted',
  verdict: 'disagrees',
  sentences: ['AWS finds that removed actions might still be granted.'],
  details: [{ policy: 'Own', document: 'Own-copy', verdict: 'disagrees', sentences: [HOSTILE] }],
};

describe('second opinions in the report', () => {
  test('are not mentioned if none was requested', () => {
    expect(report()).not.toContain('opinion');
    expect(report([])).toBe(report());
  });

  test('are shown under their question, with a verdict and counted lists', () => {
    expect(textOf(sectionOf(report([RECOMMENDATION])))).toContain(
      'What would AWS itself recommend? (GetFindingRecommendation) AWS would do it differently ' +
        'AWS&#39;s own recommendation keeps 0 actions that we remove, and removes 1200 that we keep. Own ' +
        'AWS would do it differently We keep 1200 actions that AWS removes, because so. ' +
        'We keep, AWS removes: so (1,200) s3:GetObject s3:PutObject and 1,198 more',
    );
  });

  test('that contradict the proposal are announced at its top', () => {
    const top = (html: string): string => textOf(/<header.*?<\/header>/s.exec(html)?.[0] ?? '');
    expect(top(report([AGAINST]))).toContain('Second opinions from AWS AWS disagrees');
    expect(top(report([RECOMMENDATION]))).not.toContain('AWS disagrees');
  });

  test("show AWS's words as text, whatever they contain", () => {
    const html = report([AGAINST]);
    expect(html).not.toContain(HOSTILE);
    expect(sectionOf(html)).toContain('&lt;script&gt;');
    expect(textOf(sectionOf(html))).toContain('Own → Own-copy');
  });
});
