import { expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { LatestCatalogue } from '../../../lambda/ports/catalogue.ts';
import {
  type CatalogueChoice,
  NewestCatalogue,
} from '../../../lambda/use-cases/catalogue/newest-catalogue.ts';
import { keptCatalogue } from '../kept-catalogues.ts';

const EMBEDDED = makeCatalogue({ source: 'embedded', version: '1', date: '2026-10-15' }, [
  ['s3', ['GetObject']],
]);
const found = (date: string): LatestCatalogue => ({
  kind: 'found',
  catalogue: keptCatalogue(date),
  mark: '"m"',
});

/** A store that gives these answers in turn, the last one for ever. */
function run(answers: readonly (LatestCatalogue | Error)[], now = '2026-11-01T00:00:00.000Z') {
  const choices: CatalogueChoice[] = [];
  let reads = 0;
  const source = new NewestCatalogue({
    store: {
      latest: async () => {
        const answer = answers[Math.min(reads, answers.length - 1)]!;
        reads += 1;
        await Promise.resolve();
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    embedded: () => EMBEDDED,
    clock: { now: () => now, remainingMillis: () => Infinity },
    onChoice: (choice) => {
      choices.push(choice);
    },
  });
  return { source, choices, reads: () => reads };
}

test('a stored catalogue of the same day or later is used', async () => {
  const { source, choices } = run([found('2026-10-15')]);
  const catalogue = await source.load();
  expect(catalogue.origin).toMatchObject({
    source: 'AWS Service Authorization Reference',
    date: '2026-10-15',
  });
  expect([catalogue.serviceCount, catalogue.actionCount]).toEqual([300, 900]);
  expect(catalogue.services.get('svc123')?.actions).toEqual(['GetThing', 'Poll', 'PutThing']);
  expect(choices).toMatchObject([{ because: 'stored', isOld: false }]);
});

test.each<[CatalogueChoice['because'], LatestCatalogue, string | undefined]>([
  ['none', { kind: 'none' }, undefined],
  ['older', found('2026-10-14'), undefined],
  ['invalid', { kind: 'invalid', problem: 'is not JSON', mark: '"m"' }, 'is not JSON'],
])(
  'if the stored catalogue is %s, the embedded one is used, which is reported once',
  async (because, latest, problem) => {
    const { source, choices, reads } = run([latest]);
    expect(await source.load()).toBe(EMBEDDED);
    expect(await source.load()).toBe(EMBEDDED);
    expect(choices).toMatchObject([{ because, problem }]);
    expect(reads()).toBe(1);
  },
);

test('concurrent findings share one read, and nothing is read before the first', async () => {
  const { source, reads } = run([found('2026-10-20')]);
  expect(reads()).toBe(0);
  const [first, second] = await Promise.all([source.load(), source.load()]);
  expect(first).toBe(second);
  expect(reads()).toBe(1);
});

test('a store that does not answer is an error, and is read again for the next finding', async () => {
  const { source, choices, reads } = run([
    new AdapterError('slow down', 'retry', 'throttled'),
    found('2026-10-20'),
  ]);
  const both = await Promise.allSettled([source.load(), source.load()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(reads()).toBe(1);
  expect(choices).toEqual([]);
  expect((await source.load()).origin.date).toBe('2026-10-20');
});

test('a catalogue that has not changed for more than 30 days is old', async () => {
  for (const [now, isOld] of [
    ['2026-11-19T00:00:00.000Z', false],
    ['2026-11-19T00:00:01.000Z', true],
  ] as const) {
    const { source, choices } = run([found('2026-10-20')], now);
    await source.load();
    expect(choices).toMatchObject([{ because: 'stored', isOld }]);
  }
});
