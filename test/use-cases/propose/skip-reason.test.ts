import { describe, expect, test } from 'vitest';
import { excludedAccount } from '../../../lambda/use-cases/propose/skip-reason.ts';

const ACCOUNT = '111122223333';
const NOTHING = { names: [], paths: [], tags: [] };

function organisation(...ancestors: readonly string[]) {
  const asked: string[] = [];
  return {
    asked,
    ancestorsOf: (accountId: string) => {
      asked.push(accountId);
      return Promise.resolve(ancestors);
    },
  };
}

describe('an account', () => {
  test('is excluded if it is named', async () => {
    const units = organisation();
    const exclude = { ...NOTHING, accounts: ['444455556666', ACCOUNT] };
    expect(await excludedAccount(exclude, ACCOUNT, units)).toEqual({
      code: 'excluded',
      reason: 'the configuration excludes account 111122223333',
    });
    expect(await excludedAccount(exclude, '777788889999', units)).toBeUndefined();
    expect(units.asked).toEqual([]);
  });

  test('is excluded if a unit above it is named, at any level', async () => {
    const units = organisation('ou-ab12-11111111', 'ou-ab12-22222222', 'r-ab12');
    for (const id of ['ou-ab12-11111111', 'ou-ab12-22222222', 'r-ab12']) {
      const exclude = { ...NOTHING, organizationalUnits: ['ou-ab12-99999999', id] };
      expect(await excludedAccount(exclude, ACCOUNT, units)).toEqual({
        code: 'excluded',
        reason: `the configuration excludes account 111122223333, which lies under the organisational unit ${id}`,
      });
    }
    const other = { ...NOTHING, organizationalUnits: ['ou-ab12-99999999'] };
    expect(await excludedAccount(other, ACCOUNT, units)).toBeUndefined();
  });

  test('is not looked up in the organisation unless some unit is excluded', async () => {
    const units = organisation('r-ab12');
    expect(await excludedAccount(NOTHING, ACCOUNT, units)).toBeUndefined();
    expect(units.asked).toEqual([]);
  });
});
