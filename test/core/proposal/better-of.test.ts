import { describe, expect, test } from 'vitest';
import { betterOf } from '../../../lambda/core/proposal/better-of.ts';

function advice(shared: number, separate: number, copies = 3, policiesInAccount = 10) {
  return betterOf({
    shared: { actions: shared, principals: 3 },
    separate: { actions: separate, copies },
    policiesInAccount,
  });
}

describe('shared or separate', () => {
  test('is shared if nothing is left for the copies', () => {
    expect(advice(90, 90)).toEqual({
      better: 'shared',
      reason:
        'The shared change is better: one change removes 90 granted actions from 3 principals, and 3 copies of the policy would remove nothing more.',
    });
  });

  test('is shared from nine tenths on, shared first from half on, and separate below', () => {
    expect(advice(900, 1000).better).toBe('shared');
    expect(advice(899, 1000).better).toBe('shared-first');
    expect(advice(500, 1000).better).toBe('shared-first');
    expect(advice(499, 1000).better).toBe('separate');
  });

  test('is explained with the deciding figures, without rounding a share up', () => {
    expect(advice(1899, 2000, 1).reason).toBe(
      'The shared change is better: one change removes 1,899 granted actions from 3 principals, which is 94 % of the 2,000 that 1 copy of the policy would remove.',
    );
    expect(advice(3, 900).reason).toBe(
      'Separate proposals are better: one change removes 3 granted actions from 3 principals, which is less than 1 % of the 900 that 3 copies of the policy would remove. The shared change is also exact, if fewer policies matter more.',
    );
  });

  test('uses the singular for one action', () => {
    const { reason } = betterOf({
      shared: { actions: 1, principals: 1 },
      separate: { actions: 1, copies: 1 },
      policiesInAccount: 10,
    });
    expect(reason).toBe(
      'The shared change is better: one change removes 1 granted action from one principal, and 1 copy of the policy would remove nothing more.',
    );
  });

  test('is shared first if the account has no room for the copies', () => {
    expect(advice(3, 900, 3, 1497).better).toBe('separate');
    expect(advice(3, 900, 3, 1498)).toEqual({
      better: 'shared-first',
      reason:
        'The shared change first: one change removes 3 granted actions from 3 principals, which is less than 1 % of the 900 that 3 copies of the policy would remove. With the copies the account would have 1,501 customer managed policies; the quota is 1,500 unless AWS raised it.',
    });
  });

  test('is shared alone for policies through a group', () => {
    expect(
      betterOf({
        shared: { actions: 5, principals: 1 },
        separate: { actions: 0, copies: 0 },
        policiesInAccount: 1,
      }),
    ).toEqual({
      better: 'shared',
      reason:
        'The shared change is better: one change removes 5 granted actions from one principal; separate proposals cannot remove what a principal has through a group.',
    });
  });
});
