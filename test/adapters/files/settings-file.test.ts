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

test('accounts are excluded offline as in the deployed stack; organisational units are not supported offline', () => {
  expect(
    settings({
      excludeAccounts: ['111122223333'],
      excludeOrganizationalUnits: ['ou-ab12-11111111'],
      accountCallsPerSecond: 20,
    }),
  ).toEqual({
    accountNames: {},
    exclude: { names: [], paths: [], tags: [], accounts: ['111122223333'] },
    ignored: ['excludeOrganizationalUnits', 'accountCallsPerSecond'],
  });
});

test('accounts get the names in the settings, and an invalid one is named with its position', () => {
  const accountNames = ['111122223333=payments-prod', '123456789012=Shared services'];
  expect(settings({ accountNames }).accountNames).toEqual({
    '111122223333': 'payments-prod',
    '123456789012': 'Shared services',
  });
  expect(() => settings({ accountNames: ['payments-prod'] })).toThrow(
    /settings\.json: .*accountNames.*expected an account as 111122223333=payments-prod/,
  );
});

test('an invalid account id is an error that names the file and the position', () => {
  expect(() => settings({ excludeAccounts: ['12345'] })).toThrow(
    /settings\.json: .*excludeAccounts.*expected an account id of 12 digits/,
  );
});
