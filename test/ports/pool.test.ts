import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pool } from '../../lambda/ports/pool.ts';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a pool', () => {
  test('keeps the order of the items, and never handles more at once than its width', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 6 }),
        async (items, width) => {
          let underWay = 0;
          let most = 0;
          const results = await pool(items, { width }, async (turns, place) => {
            underWay += 1;
            most = Math.max(most, underWay);
            for (let turn = 0; turn < turns; turn += 1) await tick();
            underWay -= 1;
            return `${String(place)}:${String(turns)}`;
          });
          expect(results).toEqual(items.map((turns, place) => `${String(place)}:${String(turns)}`));
          expect(most).toBe(Math.min(width, items.length));
        },
      ),
    );
  });

  test('begins no further item once `until` is true, and returns the results of those begun', async () => {
    const asked: number[] = [];
    const until = (place: number): boolean => {
      asked.push(place);
      return place >= 2;
    };
    expect(await pool(['a', 'b', 'c', 'd'], { width: 1, until }, (item) => Promise.resolve(item))).toEqual([
      'a',
      'b',
    ]);
    expect(asked).toEqual([0, 1, 2]);
  });

  test('begins nothing after the first error, and throws it once running items have ended', async () => {
    const ended: string[] = [];
    const working = pool(['slow', 'bad', 'next'], { width: 2 }, async (item) => {
      if (item === 'bad') throw new Error('first');
      await tick();
      await tick();
      ended.push(item);
      throw new Error('second');
    });
    await expect(working).rejects.toThrow('first');
    expect(ended).toEqual(['slow']);
  });

  test('of no items does nothing', async () => {
    const never = (): never => {
      throw new Error('asked');
    };
    expect(await pool([], { width: 3, until: never }, never)).toEqual([]);
  });
});
