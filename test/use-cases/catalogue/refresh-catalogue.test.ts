import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { asCatalogue, type KeptCatalogue } from '../../../lambda/core/catalogue/kept-catalogue.ts';
import type { CatalogueStore, LatestCatalogue } from '../../../lambda/ports/catalogue.ts';
import { storeFreshCatalogue } from '../../../lambda/use-cases/catalogue/refresh-catalogue.ts';
import { keptCatalogue, publisher, reference } from '../kept-catalogues.ts';

const TODAY = '2026-11-20T10:00:00.000Z';

function run(
  latest: LatestCatalogue,
  services = reference(),
  {
    salt = '',
    acceptLosses = false,
    isOvertaken = false,
    remaining = () => 300_000,
    embedded = reference(),
  }: {
    readonly salt?: string;
    readonly acceptLosses?: boolean;
    readonly isOvertaken?: boolean;
    readonly remaining?: () => number;
    /** What the program brings with it, which never says what is tracked. */
    readonly embedded?: ReadonlyMap<string, readonly string[]>;
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
    embedded: () => embeddedOf(embedded),
    acceptLosses,
  });
  return { outcome, steps, written: () => written };
}

const embeddedOf = (services: ReadonlyMap<string, readonly string[]>) =>
  makeCatalogue(
    { source: 'embedded', version: '1', date: '2026-09-26' },
    [...services].map(([name, actions]) => [name, actions.map((action) => action.replace('!', ''))] as const),
  );

const stored = (changes: Readonly<Record<string, readonly string[]>> = {}): LatestCatalogue => ({
  kind: 'found',
  catalogue: keptCatalogue('2026-10-01', reference(changes)),
  mark: '"m"',
});
const actionsOf = (catalogue: KeptCatalogue | undefined, service: string) =>
  catalogue?.services.find(({ name }) => name === service)?.actions;

describe('the stored catalogue', () => {
  test('is written under its version first, and then as the latest', async () => {
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

  test('is not written again if nothing is new', async () => {
    const { outcome, steps } = run(stored());
    expect(await outcome).toMatchObject({ written: 'nothing', read: 0, invalid: undefined });
    expect(steps).toEqual([]);
  });

  test('gets new ETags without a new version or date', async () => {
    const { outcome, steps, written } = run(stored(), reference(), { salt: 'v2-' });
    expect(await outcome).toMatchObject({ written: 'tags', read: 300 });
    expect(steps).toEqual(['replace "m"']);
    expect(written()?.origin).toEqual(keptCatalogue('2026-10-01').origin);
    expect(written()?.services[0]?.etag).toBe('"v2-GetThing-PutThing-!Poll"');
  });

  test('gets additions, and removals below the limit', async () => {
    const services = reference({ svc100: ['GetThing', 'PutThing'], svc400: ['New'] });
    const { outcome, written } = run(stored(), services);
    expect(await outcome).toMatchObject({ written: 'new', read: 2, losses: [] });
    expect(actionsOf(written(), 'svc100')).toEqual(['GetThing', 'PutThing']);
    expect(actionsOf(written(), 'svc400')).toEqual(['New']);
  });

  test('keeps a service that shrank by more than half or disappeared, and reports it every time', async () => {
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

  test('loses services if losses are accepted', async () => {
    const services = reference({ svc100: ['GetThing'] });
    const { outcome, written } = run(stored(), services, { acceptLosses: true });
    expect(await outcome).toMatchObject({ written: 'new', losses: [{ service: 'svc100' }] });
    expect(actionsOf(written(), 'svc100')).toEqual(['GetThing']);
  });

  test('is rebuilt from all services if it is invalid', async () => {
    const { outcome, steps } = run({ kind: 'invalid', problem: 'is not JSON', mark: '"bad"' });
    expect(await outcome).toMatchObject({ written: 'new', read: 300, invalid: 'is not JSON' });
    expect(steps.at(-1)).toBe('replace "bad"');
  });

  test('of another run that was faster is kept', async () => {
    const { outcome } = run(stored({ svc100: ['Old', 'Older'] }), reference(), { isOvertaken: true });
    expect(await outcome).toMatchObject({ kind: 'refreshed', written: 'overtaken' });
  });

  test('is unchanged if the index is too short', async () => {
    const services = reference();
    services.delete('svc100');
    const { outcome, steps } = run(stored(), services);
    expect(await outcome).toEqual({
      kind: 'refused',
      reason: 'the index lists 299 services, fewer than the 300 that there certainly are',
    });
    expect(steps).toEqual([]);
  });

  test('is unchanged if the time runs out, which is reported before the process is stopped', async () => {
    let asked = 0;
    const { outcome, steps } = run({ kind: 'none' }, reference(), {
      remaining: () => (asked++ < 40 ? 60_000 : 59_999),
    });
    await expect(outcome).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the time is up after \d+ of 300 services; it will be retried$/,
      ) as string,
      decision: 'retry',
    });
    expect(steps).toEqual([]);
  });
});

describe('the first stored catalogue', () => {
  const none: LatestCatalogue = { kind: 'none' };
  const without = (...names: readonly string[]) => {
    const services = reference({ svc900: ['GetThing'] });
    for (const name of names) services.delete(name);
    return services;
  };

  test('keeps and flags what the embedded catalogue has and the reference lacks', async () => {
    const { outcome, written } = run(none, without('svc100'));
    expect(await outcome).toMatchObject({
      written: 'new',
      against: 'embedded',
      losses: [{ service: 'svc100', before: 3, after: 0 }],
    });
    expect(actionsOf(written(), 'svc100')).toEqual(['GetThing', 'Poll', 'PutThing']);
    expect(actionsOf(written(), 'svc900')).toEqual(['GetThing']);
  });

  test('keeps and flags a service with less than half of its embedded actions', async () => {
    const services = reference({ svc100: ['GetThing'], svc101: ['GetThing', '!Poll'] });
    const { outcome, written } = run(none, services);
    expect(await outcome).toMatchObject({ losses: [{ service: 'svc100', before: 3, after: 1 }] });
    expect(actionsOf(written(), 'svc100')).toEqual(['GetThing', 'Poll', 'PutThing']);
    expect(actionsOf(written(), 'svc101')).toEqual(['GetThing', 'Poll']);
  });

  test('does not claim that AWS tracks what it keeps, and reads it again the next time', async () => {
    const { outcome, written } = run(none, without('svc100'));
    await outcome;
    const kept = written()?.services.find(({ name }) => name === 'svc100');
    expect(kept).toMatchObject({ untracked: undefined, etag: undefined });
    const { services } = asCatalogue(written()!);
    expect(services.get('svc100')?.untracked).toBeUndefined();
    expect([...(services.get('svc101')?.untracked ?? [])]).toEqual(['poll']);
    const next = run({ kind: 'found', catalogue: written()!, mark: '"m"' }, without());
    expect(await next.outcome).toMatchObject({ against: 'previous', read: 1, losses: [] });
    expect(next.written()?.services.find(({ name }) => name === 'svc100')?.untracked).toEqual(['Poll']);
  });

  test('flags a loss every time as long as the reference lacks it', async () => {
    const first = run(none, without('svc100'));
    await first.outcome;
    const again = run({ kind: 'found', catalogue: first.written()!, mark: '"m"' }, without('svc100'));
    expect(await again.outcome).toMatchObject({ written: 'nothing', losses: [{ service: 'svc100' }] });
    const accepted = run({ kind: 'found', catalogue: first.written()!, mark: '"m"' }, without('svc100'), {
      acceptLosses: true,
    });
    expect(await accepted.outcome).toMatchObject({ written: 'new', losses: [{ service: 'svc100' }] });
    expect(actionsOf(accepted.written(), 'svc100')).toBeUndefined();
  });

  test('treats another spelling of a service as the same service', async () => {
    const services = without('svc100').set('SVC100', ['GetThing', 'PutThing', '!Poll']);
    const { outcome, written } = run(none, services);
    expect(await outcome).toMatchObject({ losses: [] });
    expect(actionsOf(written(), 'svc100')).toBeUndefined();
    const shrunk = run(none, without('svc100').set('SVC100', ['GetThing']));
    expect(await shrunk.outcome).toMatchObject({ losses: [{ service: 'svc100', after: 1 }] });
    expect([actionsOf(shrunk.written(), 'svc100')?.length, actionsOf(shrunk.written(), 'SVC100')]).toEqual([
      3,
      undefined,
    ]);
  });

  test('is compared with the embedded one too if the stored one is invalid', async () => {
    const { outcome } = run({ kind: 'invalid', problem: 'is not JSON', mark: '"bad"' }, without('svc100'));
    expect(await outcome).toMatchObject({ against: 'embedded', losses: [{ service: 'svc100' }] });
  });

  test('is not compared if the embedded one has other names for most services', async () => {
    const other = new Map([...reference()].map(([name, actions]) => [`aws-${name}`, actions] as const));
    const half = new Map([...[...reference()].slice(0, 149), ...[...other].slice(149)]);
    expect(await run(none, reference(), { embedded: half }).outcome).toMatchObject({
      against: 'nothing',
      losses: [],
    });
    const most = new Map([...[...reference()].slice(0, 150), ...[...other].slice(150)]);
    const outcome = await run(none, reference(), { embedded: most }).outcome;
    expect(outcome.kind === 'refreshed' && outcome.losses.length).toBe(150);
  });
});
