import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { play } from './play.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-fuzz-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('whatever tools do to the files, the result is the same, or refused, or reported', async () => {
  const counts = { same: 0, refused: 0, said: 0 };
  for (let seed = 1; seed <= 300; seed += 1) {
    const { outcome } = await play(seed, path.join(folder, 'world')).catch((error: unknown) => {
      throw new Error(`seed ${String(seed)}`, { cause: error });
    });
    counts[outcome] += 1;
  }
  // None of the three is what always comes out.
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(30);
});
