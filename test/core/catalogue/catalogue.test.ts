import { describe, expect, test } from 'vitest';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { makeUniverse } from '../../../lambda/core/catalogue/universe.ts';
import { readUnusedAccess } from '../../../lambda/core/model/unused-access.ts';

const ORIGIN = { source: 'test', version: '1', date: '2026-01-01' };

describe('a catalogue', () => {
  test('counts names that differ only in case once, and sorts by folded name', () => {
    const catalogue = makeCatalogue(ORIGIN, [['S3', ['PutB', 'getA', 'GetA', '__proto__']]]);
    expect(catalogue.services.get('s3')).toMatchObject({
      actions: ['__proto__', 'GetA', 'PutB'],
      folded: ['__proto__', 'geta', 'putb'],
    });
    expect([catalogue.serviceCount, catalogue.actionCount]).toEqual([1, 3]);
  });

  test('joins a service that is listed twice in different cases', () => {
    const catalogue = makeCatalogue(ORIGIN, [
      ['sns', ['Publish']],
      ['SNS', ['Subscribe', 'publish']],
    ]);
    expect(catalogue.services.get('sns')?.folded).toEqual(['publish', 'subscribe']);
    expect([catalogue.serviceCount, catalogue.actionCount]).toEqual([1, 2]);
  });

  test('does not depend on the order of its entries', () => {
    const entries: [string, string[]][] = [
      ['b', ['Y', 'x']],
      ['a', ['Q', 'q2']],
    ];
    const backwards = entries.map(([s, a]): [string, string[]] => [s, [...a].reverse()]).reverse();
    const list = (c: ReturnType<typeof makeCatalogue>): unknown =>
      [...c.services].map(([k, { actions }]) => [k, actions]);
    expect(list(makeCatalogue(ORIGIN, backwards))).toEqual(list(makeCatalogue(ORIGIN, entries)));
  });

  test('finds every position, and no inherited member of JavaScript objects', () => {
    const service = makeCatalogue(ORIGIN, [['constructor', ['B', 'A']]]).services.get('constructor');
    expect([...(service?.position ?? [])]).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
    expect(service?.position.get('toString')).toBeUndefined();
    expect(makeCatalogue(ORIGIN, []).services.get('constructor')).toBeUndefined();
  });
});

describe('the universe', () => {
  test("is the catalogue and the names of the finding, in the catalogue's spelling if known", () => {
    const unused = readUnusedAccess([
      { serviceNamespace: 's3', actions: [{ action: 'getobject' }, { action: 'NewThing' }] },
      { serviceNamespace: 'nowhere', actions: [{ action: 'Do' }] },
      { serviceNamespace: 'silent' },
    ]);
    if (!unused.ok) throw new Error(unused.problem);
    const universe = makeUniverse(makeCatalogue(ORIGIN, [['s3', ['GetObject', 'PutObject']]]), unused.value);
    expect(universe.services.get('s3')?.actions).toEqual(['GetObject', 'NewThing', 'PutObject']);
    expect(universe.services.get('nowhere')?.actions).toEqual(['Do']);
    expect(universe.services.has('silent')).toBe(false);
    expect(universe.actionCount).toBe(4);
    expect([universe.isKnownService('s3'), universe.isKnownService('nowhere')]).toEqual([true, false]);
  });
});
