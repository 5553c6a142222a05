import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountJob } from '../../../lambda/ports/account.ts';
import type { ProposalFacts } from '../../../lambda/ports/proposals.ts';
import type { AccountSweep } from '../../../lambda/ports/sweep.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import { sweepAccounts } from '../../../lambda/use-cases/sweep/sweep-accounts.ts';
import { facts, sharedFacts } from '../../report/facts.ts';
import { KeptSweeps } from '../kept-sweeps.ts';

const START: AccountSweep = { sweepId: 'sweep', after: '' };
const throttled = new AdapterError('slow down', 'retry', 'throttled');
const denied = new AdapterError('no', 'permanent', 'access-denied');

/** Twenty accounts, in the order of their ids. */
const ALL = Array.from({ length: 20 }, (_, place) => String(100_000_000_000 + place));

let accounts: readonly string[] | AdapterError;
let rows: readonly ProposalFacts[] | AdapterError;
let records: KeptSweeps;
let sent: AccountJob[];
/** The rest of a sweep with the seconds for which it waits. */
let rest: (readonly [AccountSweep, number | undefined])[];
/** Milliseconds that are left, after so many jobs. */
let remaining: (jobs: number) => number;
let sending: (accountId: string) => void;

beforeEach(() => {
  accounts = ALL;
  rows = [];
  records = new KeptSweeps();
  sent = [];
  rest = [];
  remaining = () => 300_000;
  sending = () => undefined;
});

function sweep(start = START) {
  return sweepAccounts(start, {
    accounts: {
      accounts: () =>
        accounts instanceof AdapterError ? Promise.reject(accounts) : Promise.resolve(accounts),
    },
    overview: {
      read: () =>
        rows instanceof AdapterError ? Promise.reject(rows) : Promise.resolve({ rows, version: undefined }),
    },
    proposals: { read: () => Promise.resolve({ kind: 'gone' }), has: () => Promise.resolve(true) },
    records,
    jobs: {
      send: (job) => {
        try {
          sending(job.accountId);
        } catch (error) {
          return Promise.reject(error as Error);
        }
        sent.push(job);
        return Promise.resolve();
      },
    },
    rest: {
      accountsLater: (place, seconds) => {
        rest.push([place, seconds]);
        return Promise.resolve();
      },
    },
    clock: { now: () => '2026-11-29T12:00:00.000Z', remainingMillis: () => remaining(sent.length) },
  });
}

describe('a sweep without an analyzer', () => {
  test('queues a job for each account', async () => {
    expect(await sweep()).toEqual({ kind: 'completed', overlooked: undefined, accounts: 20 });
    expect(sent.map(({ accountId }) => accountId).toSorted()).toEqual(ALL);
    expect(sent[0]).toEqual({
      analyzerArn: 'last-accessed',
      sweepId: 'sweep',
      accountId: '100000000000',
      next: 0,
      parts: 0,
      shared: null,
      deferrals: 0,
    });
    expect(rest).toEqual([]);
  });

  test('stores for each account what is shown about its principals and its shared subjects', async () => {
    rows = [
      facts('one', { findingId: 'last-accessed:one', prefix: 'p/one/' }),
      facts('two', { findingId: 'last-accessed:two', prefix: 'p/two/' }),
      sharedFacts('Everybody', { prefix: 'shared/1/' }),
    ];
    const [about] = rows;
    const accountId = about !== undefined && 'principal' in about ? about.principal.accountId : '';
    accounts = [...ALL, accountId].toSorted();
    await sweep();
    const own = records.accounts.get(`sweep/${accountId}`);
    expect(
      own?.references.map(({ findingId, shown, analyzerArn }) => [findingId, shown, analyzerArn]),
    ).toEqual([
      ['last-accessed:one', ['p/one/'], 'last-accessed'],
      ['last-accessed:two', ['p/two/'], 'last-accessed'],
    ]);
    expect(own?.shared).toEqual(['shared/1/']);
    // Nothing is shown about the others, which is known.
    expect(records.accounts.get('sweep/100000000003')).toEqual({ references: [], shared: [], since: 0 });
  });

  test('continues if the overview cannot be read, says why, and concludes nothing from that', async () => {
    rows = new AdapterError('no such bucket', 'permanent', 'unavailable');
    expect(await sweep()).toEqual({ kind: 'completed', overlooked: rows, accounts: 20 });
    expect(records.accounts.get('sweep/100000000003')).toEqual({
      references: [],
      shared: undefined,
      since: 0,
    });
  });

  test('leaves the rest to a later slice if its time runs out, which continues after the last account', async () => {
    remaining = (jobs) => (jobs < 8 ? 300_000 : 29_999);
    expect(await sweep()).toEqual({ kind: 'continued', because: 'time', accounts: 8 });
    expect(rest).toEqual([[{ sweepId: 'sweep', after: '100000000007' }, undefined]]);
    const [[later = START] = []] = rest;
    remaining = () => 300_000;
    sent = [];
    expect(await sweep(later)).toEqual({ kind: 'completed', overlooked: undefined, accounts: 12 });
    expect(sent.map(({ accountId }) => accountId).toSorted()).toEqual(ALL.slice(8));
  });

  test('makes some progress, however little time there is', async () => {
    remaining = () => 0;
    expect(await sweep()).toMatchObject({ kind: 'continued', accounts: 8 });
  });

  test('waits if the queue stops accepting messages, and repeats uncertain ones', async () => {
    sending = (accountId) => {
      if (accountId === '100000000012') throw throttled;
    };
    expect(await sweep()).toEqual({ kind: 'continued', because: 'throttled', accounts: 8 });
    expect(rest).toEqual([[{ sweepId: 'sweep', after: '100000000007' }, 300]]);
  });

  test.each([
    ['the first job cannot be sent', (): void => void (sending = () => fail(throttled)), throttled],
    [
      'a retry does not help',
      (): void => void (sending = (id) => void (id > '100000000008' && fail(denied))),
      denied,
    ],
    ['the accounts cannot be listed', (): void => void (accounts = throttled), throttled],
  ])('fails if %s', async (_, prepare, error) => {
    prepare();
    await expect(sweep()).rejects.toBe(error);
    expect(rest).toEqual([]);
  });
});

function fail(error: AdapterError): never {
  throw error;
}
