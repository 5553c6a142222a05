import { describe, expect, test } from 'vitest';
import {
  type LastUseReading,
  laterReading,
  withEarlierReading,
  withReadingBeside,
} from '../../../lambda/core/proposal/last-use-reading.ts';
import type { RefineProposal } from '../../../lambda/core/proposal/schema.ts';

/** A reading of that day of November; undated without one. */
function reading(day: number | null, warnings: readonly string[], isPartial?: true): LastUseReading {
  const asOf = day === null ? null : `2026-11-${String(day)}T00:00:00.000Z`;
  return { asOf, ...(isPartial ? { isPartial } : {}), warnings, remarks: [] };
}

describe('of two readings of last use', () => {
  test.each<[string, LastUseReading | undefined, LastUseReading | undefined, readonly string[] | undefined]>([
    ['none and none', undefined, undefined, undefined],
    ['none after one: absence of data clears nothing', reading(20, ['s3']), undefined, ['s3']],
    ['the first', undefined, reading(20, ['s3']), ['s3']],
    ['a later one that says the same', reading(20, ['s3']), reading(21, ['s3']), ['s3']],
    ['a later one that says another thing', reading(20, ['s3']), reading(21, ['sqs']), ['sqs']],
    ['a later one that clears it', reading(20, ['s3']), reading(21, []), []],
    ['the same one, for a newer finding', reading(20, ['s3']), reading(20, []), []],
    ['an older one that says nothing', reading(20, ['s3']), reading(19, []), ['s3']],
    ['an older one that says something', reading(20, []), reading(19, ['s3']), []],
    ['a later one of a part', reading(20, ['s3']), reading(21, [], true), ['s3']],
    ['a later one of a part that says more', reading(20, ['s3']), reading(21, ['sqs'], true), ['sqs', 's3']],
    ['a later one after one of a part', reading(20, ['s3'], true), reading(21, []), []],
    ['an older one after one of a part', reading(20, [], true), reading(19, ['s3']), ['s3']],
    ['an undated one that says nothing', reading(20, ['s3']), reading(null, []), ['s3']],
    ['an undated one that says something', reading(20, []), reading(null, ['s3']), ['s3']],
    ['a dated one after an undated one', reading(null, ['s3']), reading(20, []), []],
  ])('%s', (_, before, now, expected) => {
    expect(laterReading(before, now)?.warnings).toEqual(expected);
  });

  test('the complete one has the time', () => {
    expect(laterReading(reading(20, ['s3']), reading(null, []))).toEqual({
      asOf: '2026-11-20T00:00:00.000Z',
      isPartial: true,
      warnings: ['s3'],
      remarks: [],
    });
  });
});

function proposal(parts: Partial<RefineProposal>): RefineProposal {
  return { warnings: [], notes: ['a note'], staying: [], ...parts } as unknown as RefineProposal;
}

const lastUse = { asOf: '2026-11-20T00:00:00.000Z', remarks: ['s3 was used'] };
const staying = [{ reason: 'used', count: 1, actions: ['s3:PutObject'] }] as const;

describe('a proposal that is made again', () => {
  test('without reading last use keeps the known dates', () => {
    const before = proposal({ warnings: ['stop'], lastUse, notes: ['s3 was used', 'old'], staying });
    expect(withEarlierReading(proposal({}), before)).toEqual(
      proposal({ warnings: ['stop'], lastUse, notes: ['s3 was used', 'a note'], staying }),
    );
  });

  test('keeps its own staying actions if it has dates of its own, or if the stored one has none', () => {
    const own = { asOf: '2026-11-19T00:00:00.000Z', remarks: [] };
    const warned = proposal({ warnings: ['stop'], lastUse, staying });
    const after = withEarlierReading(proposal({ lastUse: own, staying: [] }), warned);
    expect([after.warnings, after.lastUse?.asOf, after.staying]).toEqual([['stop'], lastUse.asOf, []]);
    expect(withEarlierReading(proposal({}), proposal({ warnings: ['stop'], staying })).staying).toEqual([]);
  });

  test('keeps the warnings of an earlier version without a time', () => {
    expect(withEarlierReading(proposal({}), proposal({ warnings: ['stop'] })).warnings).toEqual(['stop']);
  });

  test('with a later reading has the later dates, and is the same if none were known', () => {
    const now = proposal({ lastUse: { ...lastUse, asOf: '2026-11-21T00:00:00.000Z' } });
    expect(withEarlierReading(now, proposal({ warnings: ['stop'], lastUse }))).toBe(now);
    expect(withEarlierReading(now, proposal({}))).toBe(now);
    const silent = proposal({});
    expect(withEarlierReading(silent, proposal({}))).toBe(silent);
  });
});

describe('the reading beside a proposal', () => {
  const own = proposal({ warnings: ['stop'], lastUse });
  test.each([
    ['nothing', undefined, ['stop']],
    ['nothing of its uses', {}, ['stop']],
    ['a later answer that clears it', { lastUse: reading(21, []) }, []],
    ['a later answer that stops it', { lastUse: reading(21, ['sqs']) }, ['sqs']],
    ['an older one', { lastUse: reading(19, []) }, ['stop']],
  ])('%s', (_, said, expected) => {
    expect(withReadingBeside(own, said).warnings).toEqual(expected);
  });
});
