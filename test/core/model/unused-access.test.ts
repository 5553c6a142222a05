import { describe, expect, test } from 'vitest';
import { readUnusedAccess, type UnusedEntry } from '../../../lambda/core/model/unused-access.ts';

function read(entries: readonly UnusedEntry[]): { services: string[]; actions: string[] } | string {
  const result = readUnusedAccess(entries);
  if (!result.ok) return result.problem;
  const { services, actions } = result.value;
  return {
    services: [...services.keys()].sort(),
    actions: [...actions]
      .flatMap(([service, names]) => [...names.keys()].map((name) => `${service}:${name}`))
      .sort(),
  };
}

const names = (...actions: string[]): { action: string }[] => actions.map((action) => ({ action }));

describe('reading what a finding reports', () => {
  test('an entry whose actions are missing, null or empty reports the whole service', () => {
    expect(
      read([
        { serviceNamespace: 'a' },
        { serviceNamespace: 'B', actions: null },
        { serviceNamespace: 'c', actions: [] },
      ]),
    ).toEqual({ services: ['a', 'b', 'c'], actions: [] });
  });

  test('an entry with actions reports those and not the service', () => {
    expect(read([{ serviceNamespace: 's3', actions: names('GetObject') }])).toEqual({
      services: [],
      actions: ['s3:getobject'],
    });
  });

  test('bare and prefixed names, in any case, are the same action', () => {
    expect(
      read([
        { serviceNamespace: 's3', actions: names('GetObject', 's3:GetObject', 'S3:GETOBJECT') },
        { serviceNamespace: 'S3', actions: names('getobject') },
      ]),
    ).toEqual({ services: [], actions: ['s3:getobject'] });
  });

  test('names of inherited JavaScript members are ordinary names', () => {
    expect(
      read([
        { serviceNamespace: 'constructor', actions: names('__proto__', 'toString') },
        { serviceNamespace: 'valueOf' },
      ]),
    ).toEqual({ services: ['valueof'], actions: ['constructor:__proto__', 'constructor:tostring'] });
  });

  test('services that no policy can name are left out, because IAM would refuse a document with them', () => {
    expect(
      read([
        { serviceNamespace: '__proto__' },
        { serviceNamespace: 's3', actions: names('GetObject', '__proto__:GetObject', '-s3:GetObject') },
        { serviceNamespace: 'a_b', actions: names('Get') },
      ]),
    ).toEqual({ services: [], actions: ['s3:getobject'] });
  });

  test('the later of two dates is kept, in any order', () => {
    const dated = (lastAccessed?: string): UnusedEntry => ({ serviceNamespace: 's3', lastAccessed });
    for (const entries of [
      [dated('2026-01-01'), dated('2026-03-01'), dated()],
      [dated(), dated('2026-03-01'), dated('2026-01-01')],
    ]) {
      const result = readUnusedAccess(entries);
      expect(result.ok && result.value.services.get('s3')).toEqual({
        name: 's3',
        lastAccessed: '2026-03-01',
      });
    }
  });

  test.each([
    ['', []],
    ['s3 ', []],
    ['s3:*', []],
    ['s3', ['Get*']],
    ['s3', ['']],
    ['s3', ['s3:']],
    ['s3', ['s3:Get:Object']],
  ])('the service %j with the actions %j is refused by name', (serviceNamespace, actions) => {
    const result = read([{ serviceNamespace, actions: names(...actions) }]);
    expect(result).toContain(JSON.stringify(actions[0] ?? serviceNamespace));
  });
});
