import { describe, expect, it } from 'vitest';
import type { LevelCounts } from '../../../lambda/core/risk/risk.ts';
import { count } from '../../../lambda/core/model/wording.ts';
import { counted, day, share, utf8Bytes } from '../../../lambda/report/text/format.ts';
import { riskPhrase } from '../../../lambda/report/text/risk-words.ts';
import { proofSentence, sharedProofSentence } from '../../../lambda/report/text/wording.ts';
import { articleProposal } from '../proposals.ts';

describe('numbers in reports', () => {
  it('have a comma between thousands, whatever the locale', () => {
    expect([0, 999, 1000, 22093, 1234567].map(count)).toEqual(['0', '999', '1,000', '22,093', '1,234,567']);
  });

  it('agree with the noun they count', () => {
    expect([counted(1, 'action'), counted(2, 'policy', 'policies'), counted(0, 'action')]).toEqual([
      '1 action',
      '2 policies',
      '0 actions',
    ]);
  });

  it('never round a share to 0 or 100 %', () => {
    expect([share(0, 9), share(9, 9), share(1, 900), share(899, 900), share(30, 84), share(0, 0)]).toEqual([
      '0%',
      '100%',
      '<1%',
      '>99%',
      '36%',
      '0%',
    ]);
  });

  it('shorten a time to its day and keep other text', () => {
    expect([day('2026-03-14T09:26:53.000Z'), day('yesterday')]).toEqual(['2026-03-14', 'yesterday']);
  });

  it('count the bytes of UTF-8 as the runtime does', () => {
    for (const text of ['', 'abc', 'Ü', '日本', '😀', 'a\ud800b', '\udc00😀']) {
      expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length);
    }
  });
});

describe('the risk of actions', () => {
  const none: LevelCounts = { permissions: 0, write: 0, tagging: 0, read: 0, list: 0, unknown: 0 };

  it.each([
    [2, { ...none, permissions: 1, read: 3 }, '2 high-impact; 1 changes permissions and 3 read'],
    [0, { ...none, read: 3 }, '3 read'],
    [2, none, '2 high-impact'],
    [0, none, ''],
  ])('is told in as many parts as there are: %i high-impact, %j', (highImpact, levels, phrase) => {
    expect(riskPhrase({ weight: 0, highImpact, levels })).toBe(phrase);
  });
});

describe('what the proof says', () => {
  const { proposal } = articleProposal();
  const keeping = { ...proposal, retained: [{ action: 'iam:PassRole', reason: 'never recorded' }] };

  it('names the retained actions only if there are any', () => {
    expect(proofSentence(proposal)).toMatch(/, less what the finding reports unused\.$/);
    expect(proofSentence(keeping)).toMatch(/, less what the finding reports unused and not retained\.$/);
    expect(sharedProofSentence(proposal)).toMatch(/, less what is reported unused for all holders\.$/);
    expect(sharedProofSentence(keeping)).toMatch(
      /, less what is reported unused for all holders and not retained\.$/,
    );
  });
});
