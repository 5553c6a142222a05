import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coverCheaply, type Offer } from '../../../../lambda/core/fit/cover/weighted-cover.ts';

const offer = (cost: number, ...covered: number[]): Offer => ({ cost, covered });

describe('the cheapest cover', () => {
  test('prefers one offer for all elements to many for each', () => {
    expect(coverCheaply(3, [offer(2, 0), offer(2, 1), offer(2, 2), offer(5, 0, 1, 2)])).toEqual([3]);
  });

  test('drops an early choice that becomes superfluous', () => {
    // Greedy takes the first offer (1 each), then needs both others, which cover its elements too.
    expect(coverCheaply(4, [offer(2, 0, 1), offer(3, 0, 2), offer(3, 1, 3)])).toEqual([1, 2]);
  });

  test('replaces a greedy choice by a better one', () => {
    // Greedy starts with the widest offer at the best price and pays for the rest; two others do it for less.
    const offers = [offer(3.9, 1, 2, 3, 4), offer(3, 0, 1, 2), offer(3, 3, 4, 5), offer(3, 0), offer(3, 5)];
    expect(coverCheaply(6, offers)).toEqual([1, 2]);
  });

  test('takes the earlier of equal offers', () => {
    expect(coverCheaply(1, [offer(2, 0), offer(2, 0)])).toEqual([0]);
    expect(coverCheaply(2, [offer(2, 0), offer(2, 1), offer(2, 1), offer(2, 1)])).toEqual([0, 1]);
    expect(coverCheaply(4, [offer(2, 0), offer(2, 1), offer(2, 2), offer(2, 2), offer(2, 3)])).toEqual([
      0, 1, 2, 4,
    ]);
  });

  test('covers every element without superfluous offers, at a total cost within a thousandth of the minimum', () => {
    let found = 0;
    let least = 0;
    const sets = fc.array(
      fc.record({ cost: fc.integer({ min: 3, max: 20 }), mask: fc.integer({ min: 1, max: 127 }) }),
      { minLength: 1, maxLength: 11 },
    );
    fc.assert(
      fc.property(sets, (some) => {
        const offers = [...some, { cost: 40, mask: 127 }].map(({ cost, mask }) =>
          offer(cost, ...[0, 1, 2, 3, 4, 5, 6].filter((element) => (mask >> element) % 2 === 1)),
        );
        const taken = coverCheaply(7, offers);
        const coveredBy = (positions: readonly number[]): number =>
          new Set(positions.flatMap((at) => offers[at]?.covered ?? [])).size;
        expect(coveredBy(taken)).toBe(7);
        for (const at of taken) expect(coveredBy(taken.filter((other) => other !== at))).toBeLessThan(7);
        found += taken.reduce((sum, at) => sum + (offers[at]?.cost ?? 0), 0);
        least += leastCost(offers);
      }),
      { numRuns: 300, seed: 5 },
    );
    expect(found / least).toBeGreaterThanOrEqual(1);
    expect(found / least).toBeLessThan(1.001);
  });
});

function leastCost(offers: readonly Offer[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let choice = 0; choice < 1 << offers.length; choice += 1) {
    const chosen = offers.filter((_, at) => (choice >> at) % 2 === 1);
    if (new Set(chosen.flatMap(({ covered }) => covered)).size < 7) continue;
    least = Math.min(
      least,
      chosen.reduce((sum, { cost }) => sum + cost, 0),
    );
  }
  return least;
}
