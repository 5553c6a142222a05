import { describe, expect, test } from 'vitest';
import { partsOf } from '../../bin/commands/account-part.ts';
import type { FindingRecord } from '../../lambda/adapters/files/finding-page.ts';

function record(principal: string, findingId: string): FindingRecord {
  const reference = { analyzerArn: '', findingId, accountId: '', resource: principal };
  return { reference, answer: { kind: 'gone' }, isPartial: false };
}

const RECORDS = ['a', 'b', 'b', 'b', 'c', 'd', 'd'].map((name, place) => record(name, String(place)));

function placesOf(principals: number): readonly (readonly number[])[] {
  return [...partsOf(RECORDS, principals)].map(({ places }) => places);
}

describe('the findings of an account', () => {
  test('are split by principals, and all findings of a principal stay together', () => {
    expect(placesOf(1)).toEqual([[0], [1, 2, 3], [4], [5, 6]]);
    expect(placesOf(2)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
    expect(placesOf(3)).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6],
    ]);
    expect(placesOf(Infinity)).toEqual([[0, 1, 2, 3, 4, 5, 6]]);
  });

  test('keep their places in the run', () => {
    const [, second] = partsOf(RECORDS, 2);
    expect(second?.records.map(({ reference }) => reference.findingId)).toEqual(['4', '5', '6']);
  });

  test('are no part if there are none', () => {
    expect([...partsOf([], 10)]).toEqual([]);
  });
});
