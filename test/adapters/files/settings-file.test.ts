import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettingsFile } from '../../../lambda/adapters/files/settings-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function settings(value: unknown) {
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify(value));
  return readSettingsFile(file);
}

test('accounts are excluded offline as they are deployed; organisational units are not known there', () => {
  expect(
    settings({
      excludeAccounts: ['111122223333'],
      excludeOrganizationalUnits: ['ou-ab12-11111111'],
      accountCallsPerSecond: 20,
    }),
  ).toEqual({
    exclude: { names: [], paths: [], tags: [], accounts: ['111122223333'] },
    ignored: ['excludeOrganizationalUnits', 'accountCallsPerSecond'],
  });
});

test('an account id that is none is an error that names the file and the place', () => {
  expect(() => settings({ excludeAccounts: ['12345'] })).toThrow(
    /settings\.json: .*excludeAccounts.*expected an account id of 12 digits/,
  );
});
