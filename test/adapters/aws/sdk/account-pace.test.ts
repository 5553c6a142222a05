import { describe, expect, test } from 'vitest';
import { AccountPace } from '../../../../lambda/adapters/aws/sdk/account-pace.ts';

const A = '111122223333';
const B = '444455556666';

/** A clock that stands still unless it is moved; waiting is noted and takes no time. */
function paceOf(rate: number) {
  const time = { millis: 1_000_000, waits: [] as number[] };
  const pace = new AccountPace(rate, {
    now: () => time.millis,
    wait: (millis) => {
      time.waits.push(millis);
      return Promise.resolve();
    },
  });
  const turns = async (accountId: string, count: number): Promise<number[]> => {
    time.waits = [];
    for (let turn = 0; turn < count; turn += 1) await pace.turn(accountId);
    return time.waits;
  };
  return { pace, time, turns };
}

describe('the pace of an account', () => {
  test('lets twelve calls through at once and spaces the others at the rate', async () => {
    const { turns } = paceOf(5);
    expect(await turns(A, 16)).toEqual([200, 400, 600, 800]);
  });

  test('is separate: another account does not wait', async () => {
    const { turns } = paceOf(5);
    await turns(A, 100);
    expect(await turns(B, 12)).toEqual([]);
  });

  test('accumulates unused calls, up to twelve', async () => {
    const { time, turns } = paceOf(5);
    await turns(A, 12);
    time.millis += 1_000;
    expect(await turns(A, 6)).toEqual([200]);
    time.millis += 3_600_000;
    expect(await turns(A, 13)).toEqual([200]);
  });

  test('is busy while a call would have to wait, and no other account is', async () => {
    const { pace, time, turns } = paceOf(5);
    expect(pace.isBusy(A)).toBe(false);
    await turns(A, 11);
    expect(pace.isBusy(A)).toBe(false);
    await turns(A, 1);
    expect([pace.isBusy(A), pace.isBusy(B)]).toEqual([true, false]);
    time.millis += 200;
    expect(pace.isBusy(A)).toBe(false);
  });

  test('does not change when the clock is set back', async () => {
    const { time, turns } = paceOf(5);
    await turns(A, 12);
    time.millis -= 60_000;
    expect(await turns(A, 1)).toEqual([200]);
  });

  test('halves when the account throttles, once for all calls in flight, down to one call a second', async () => {
    const { pace, time, turns } = paceOf(5);
    await turns(A, 12);
    for (let call = 0; call < 5; call += 1) pace.throttled(A);
    expect(await turns(A, 1)).toEqual([400]);
    time.millis += 1_000;
    pace.throttled(A);
    time.millis += 1_000;
    pace.throttled(A);
    time.millis += 1_000;
    pace.throttled(A);
    time.millis += 100_000;
    expect(await turns(A, 13)).toEqual([1_000]);
  });

  test('has no calls at once left when the account throttles', async () => {
    const { pace, turns } = paceOf(5);
    pace.throttled(A);
    expect(await turns(A, 1)).toEqual([400]);
  });

  test('stays below one call a second if configured so', async () => {
    const { pace, turns } = paceOf(0.5);
    await turns(A, 12);
    pace.throttled(A);
    expect(await turns(A, 1)).toEqual([2_000]);
  });

  test('rises with each successful call, by a fiftieth of the rate, up to the rate', async () => {
    const { pace, turns } = paceOf(5);
    await turns(A, 12);
    pace.throttled(A);
    for (let call = 0; call < 15; call += 1) pace.succeeded(A);
    // 2.5 + 15 × 0.1 = 4 calls a second.
    expect(await turns(A, 1)).toEqual([250]);
    for (let call = 0; call < 100; call += 1) pace.succeeded(A);
    expect((await turns(A, 2)).at(-1)).toBe(600);
  });
});

describe('the pause of an account', () => {
  test('is 30 seconds at first and affects no other account', () => {
    const { pace, time } = paceOf(5);
    expect(pace.pausedMillis(A)).toBe(0);
    pace.gaveUp(A);
    expect(pace.pausedMillis(A)).toBe(30_000);
    expect(pace.pausedMillis(B)).toBe(0);
    time.millis += 29_999;
    expect(pace.pausedMillis(A)).toBe(1);
    time.millis += 1;
    expect(pace.pausedMillis(A)).toBe(0);
  });

  test('does not grow through calls that were in flight when it began', () => {
    const { pace, time } = paceOf(5);
    pace.gaveUp(A);
    time.millis += 10_000;
    pace.gaveUp(A);
    expect(pace.pausedMillis(A)).toBe(20_000);
  });

  test('doubles up to 15 minutes while the account stays throttled, and is 30 seconds again after 15 quiet minutes', () => {
    const { pace, time } = paceOf(5);
    const pauses: number[] = [];
    for (let pause = 0; pause < 7; pause += 1) {
      pace.gaveUp(A);
      pauses.push(pace.pausedMillis(A));
      time.millis += pace.pausedMillis(A) + 1_000;
    }
    expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
    time.millis += 900_000;
    pace.gaveUp(A);
    expect(pace.pausedMillis(A)).toBe(30_000);
  });
});
