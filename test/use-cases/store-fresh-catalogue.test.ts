import { describe, expect, test } from 'vitest';
import { sha256 } from '../../lambda/adapters/node/sha256.ts';
import type { KeptCatalogue } from '../../lambda/core/catalogue/kept-catalogue.ts';
import type { CatalogueStore, LatestCatalogue } from '../../lambda/ports/catalogue-store.ts';
import { storeFreshCatalogue } from '../../lambda/use-cases/store-fresh-catalogue.ts';
import { keptCatalogue, publisher, reference } from './kept-catalogues.ts';

const TODAY = '2026-11-20T10:00:00.000Z';

function run(
  latest: LatestCatalogue,
  services = reference(),
  {
    salt = '',
    acceptLosses = false,
    isOvertaken = false,
    remaining = () => 300_000,
  }: {
    readonly salt?: string;
    readonly acceptLosses?: boolean;
    readonly isOvertaken?: boolean;
    readonly remaining?: () => number;
  } = {},
) {
  const steps: string[] = [];
  let written: KeptCatalogue | undefined;
  const store: CatalogueStore = {
    latest: () => Promise.resolve(latest),
    version: () => Promise.reject(new Error('nobody asks for it')),
    keep: ({ origin }) => {
      steps.push(`keep ${origin.version}`);
      return Promise.resolve();
    },
    replaceLatest: (catalogue, before) => {
      steps.push(`replace ${before.kind === 'none' ? 'nothing' : before.mark}`);
      written = catalogue;
      return Promise.resolve(!isOvertaken);
    },
  };
  const outcome = storeFreshCatalogue({
    store,
    source: publisher(services, salt),
    clock: { now: () => TODAY, remainingMillis: remaining },
    digest: sha256,
    acceptLosses,
  });
  return { outcome, steps, written: () => written };
}

const stored = (changes: Readonly<Record<string, readonly string[]>> = {}): LatestCatalogue => ({
  kind: 'found',
  catalogue: keptCatalogue('2026-10-01', reference(changes)),
  mark: '"m"',
});
const actionsOf = (catalogue: KeptCatalogue | undefined, service: string) =>
  catalogue?.services.find(({ name }) => name === service)?.actions;

describe('the stored catalogue', () => {
  test('begins with a version and then becomes the latest', async () => {
    const { outcome, steps, written } = run({ kind: 'none' });
    expect(await outcome).toMatchObject({ kind: 'refreshed', written: 'new', read: 300, losses: [] });
    const version = written()?.origin.version ?? '';
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(steps).toEqual([`keep ${version}`, 'replace nothing']);
    expect(written()?.origin).toMatchObject({
      source: 'AWS Service Authorization Reference',
      date: '2026-11-20',
    });
  });

  test('is not written again where nothing is new', async () => {
    const { outcome, steps } = run(stored());
    expect(await outcome).toMatchObject({ written: 'nothing', read: 0, invalid: undefined });
    expect(steps).toEqual([]);
  });

  test('takes new tags over without a new version or date', async () => {
    const { outcome, steps, written } = run(stored(), reference(), { salt: 'v2-' });
    expect(await outcome).toMatchObject({ written: 'tags', read: 300 });
    expect(steps).toEqual(['replace "m"']);
    expect(written()?.origin).toEqual(keptCatalogue('2026-10-01').origin);
    expect(written()?.services[0]?.etag).toBe('"v2-GetThing-PutThing-!Poll"');
  });

  test('takes over what came, and what goes within reason', async () => {
    const services = reference({ svc100: ['GetThing', 'PutThing'], svc400: ['New'] });
    const { outcome, written } = run(stored(), services);
    expect(await outcome).toMatchObject({ written: 'new', read: 2, losses: [] });
    expect(actionsOf(written(), 'svc100')).toEqual(['GetThing', 'PutThing']);
    expect(actionsOf(written(), 'svc400')).toEqual(['New']);
  });

  test('keeps a service that shrank by more than half or is gone, and says so again and again', async () => {
    const services = reference({ svc100: ['GetThing'] });
    services.delete('svc101');
    services.set('svc400', ['New']);
    const losses = [
      { service: 'svc100', before: 3, after: 1 },
      { service: 'svc101', before: 3, after: 0 },
    ];
    const { outcome, written } = run(stored(), services);
    expect(await outcome).toMatchObject({ written: 'new', losses });
    expect(actionsOf(written(), 'svc100')).toEqual(['GetThing', 'Poll', 'PutThing']);
    expect(actionsOf(written(), 'svc101')).toEqual(['GetThing', 'Poll', 'PutThing']);
    const again = run({ kind: 'found', catalogue: written()!, mark: '"n"' }, services);
    expect(await again.outcome).toMatchObject({ written: 'nothing', losses });
  });

  test('believes losses when it is told to', async () => {
    const services = reference({ svc100: ['GetThing'] });
    const { outcome, written } = run(stored(), services, { acceptLosses: true });
    expect(await outcome).toMatchObject({ written: 'new', losses: [{ service: 'svc100' }] });
    expect(actionsOf(written(), 'svc100')).toEqual(['GetThing']);
  });

  test('that is invalid is made anew from all services', async () => {
    const { outcome, steps } = run({ kind: 'invalid', problem: 'is not JSON', mark: '"bad"' });
    expect(await outcome).toMatchObject({ written: 'new', read: 300, invalid: 'is not JSON' });
    expect(steps.at(-1)).toBe('replace "bad"');
  });

  test('of another run that was faster stays', async () => {
    const { outcome } = run(stored({ svc100: ['Old', 'Older'] }), reference(), { isOvertaken: true });
    expect(await outcome).toMatchObject({ kind: 'refreshed', written: 'overtaken' });
  });

  test('stays as it is where the index is too short', async () => {
    const services = reference();
    services.delete('svc100');
    const { outcome, steps } = run(stored(), services);
    expect(await outcome).toEqual({
      kind: 'refused',
      reason: 'the index lists 299 services, fewer than the 300 that there certainly are',
    });
    expect(steps).toEqual([]);
  });

  test('stays as it is where the time runs out, which is said before the process is stopped', async () => {
    let asked = 0;
    const { outcome, steps } = run({ kind: 'none' }, reference(), {
      remaining: () => (asked++ < 40 ? 60_000 : 59_999),
    });
    await expect(outcome).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the time is up after \d+ of 300 services; it will be tried again$/,
      ) as string,
      decision: 'retry',
    });
    expect(steps).toEqual([]);
  });
});
