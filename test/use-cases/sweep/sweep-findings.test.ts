import { beforeEach, describe, expect, test } from 'vitest';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { FindingPage, FindingReference } from '../../../lambda/ports/findings.ts';
import type { SweepContinuation } from '../../../lambda/ports/sweep.ts';
import { newSweep, sweepFindings } from '../../../lambda/use-cases/sweep/sweep-findings.ts';
import type { ProposalFacts } from '../../../lambda/ports/proposals.ts';
import { facts, sharedFacts } from '../../report/facts.ts';
import { KeptSweeps } from '../kept-sweeps.ts';

const ANALYZER = 'arn:analyzer';
const START = newSweep(ANALYZER, 'sweep');
const COUNTS = { listed: 3, pages: 3, unread: 0, swept: 3, accounts: 0, restarts: 0 };

/** The rest of a listing whose first object is there. */
function rest1(nextToken: string, restarts = 0): SweepContinuation {
  const position = { phase: 'list', nextToken, listed: { from: 0, to: 1, isWhole: true } } as const;
  return { analyzerArn: ANALYZER, sweepId: 'sweep', restarts, position };
}

/** Findings `1`, or `1@222` in the account 222. */
function page(ids: readonly string[], nextToken?: string): FindingPage {
  return {
    references: ids.map((id) => {
      const [findingId = '', accountId = '1'] = id.split('@');
      return { analyzerArn: ANALYZER, findingId, accountId, resource: 'r' };
    }),
    nextToken,
  };
}
const throttled = new AdapterError('slow down', 'retry', 'throttled');
const invalid = new AdapterError('no such token', 'permanent', 'invalid');

let answers: Map<string | undefined, FindingPage | AdapterError>;
let asked: (string | undefined)[];
let sent: string[];
let rest: SweepContinuation[];
/** Seconds for which each rest waits. */
let delays: number[];
let jobs: string[];
let records: KeptSweeps;
let bulkThreshold: number;
let remaining: number;
let open: readonly (string | ProposalFacts)[] | AdapterError;
/** What was sent, with what the overview shows. */
let references: FindingReference[];
/** What lies in the bucket, by the key of its `proposal.json`. */
let stored: Map<string, ProposalFacts>;
/** Prefixes of what the bucket has forgotten. */
let expired: Set<string>;
let sending: (references: readonly FindingReference[]) => void;

beforeEach(() => {
  answers = new Map<string | undefined, FindingPage | AdapterError>([
    [undefined, page(['1', '2'], 'a')],
    ['a', page(['3'], 'b')],
    ['b', page([])],
  ]);
  asked = [];
  sent = [];
  rest = [];
  delays = [];
  jobs = [];
  bulkThreshold = 1000;
  records = new KeptSweeps();
  remaining = 300_000;
  open = [];
  references = [];
  stored = new Map();
  expired = new Set();
  sending = () => undefined;
});

/** A row of the overview about a finding. */
function rowOf(one: string | ProposalFacts): ProposalFacts {
  return typeof one === 'string' ? facts(`role-${one}`, { findingId: one, prefix: `p/${one}/` }) : one;
}

function sweep(start: SweepContinuation = START) {
  return sweepFindings(start, {
    findings: {
      listActive: (analyzerArn, token) => {
        expect(analyzerArn).toBe(ANALYZER);
        asked.push(token);
        const answer = answers.get(token);
        return answer instanceof AdapterError || answer === undefined
          ? Promise.reject(answer ?? invalid)
          : Promise.resolve(answer);
      },
    },
    records,
    bulkThreshold,
    jobs: {
      send: ({ accountId }) => {
        jobs.push(accountId);
        return Promise.resolve();
      },
    },
    overview: {
      read: () =>
        open instanceof AdapterError
          ? Promise.reject(open)
          : Promise.resolve({ rows: open.map(rowOf), version: undefined }),
    },
    proposals: {
      read: (key) => {
        const facts = stored.get(key);
        return Promise.resolve(facts ? { kind: 'found', facts } : { kind: 'gone' });
      },
      has: (key) => Promise.resolve(!expired.has(key.slice(0, -'proposal.json'.length))),
    },
    queue: {
      send: (all) => {
        try {
          sending(all);
        } catch (error) {
          return Promise.reject(error as Error);
        }
        references.push(...all);
        sent.push(...all.map(({ findingId }) => findingId));
        return Promise.resolve();
      },
    },
    rest: {
      continueLater: (continuation, delaySeconds = 0) => {
        rest.push(continuation);
        delays.push(delaySeconds);
        return Promise.resolve();
      },
    },
    clock: { now: () => '', remainingMillis: () => remaining },
  });
}

/** What a first slice listed, for tests of a second. */
function keepFirst(next: SweepContinuation): void {
  const { restarts, position } = next;
  records.listings.set('sweep/0', { references: page(['0']).references, restarts, next: position });
}

describe('a sweep', () => {
  test('queues the findings of every page after all are listed', async () => {
    expect(await sweep()).toEqual({
      kind: 'completed',
      ...COUNTS,
      reconsidered: { kind: 'sent', findings: 0 },
    });
    expect(sent).toEqual(['1', '2', '3']);
    expect(rest).toEqual([]);
    expect([...records.listings.keys()]).toEqual(['sweep/0']);
  });

  test('considers nothing missing if an entry of the listing could not be read, in any slice', async () => {
    open = ['1', 'elsewhere'];
    const whole = { reconsidered: { kind: 'sent', findings: 1 } };
    const partial = { reconsidered: { kind: 'not-looked' } };
    expect(await sweep()).toMatchObject({ ...whole, unread: 0 });
    records = new KeptSweeps();
    answers.set('a', { ...page(['3'], 'b'), unread: 2 });
    expect(await sweep()).toMatchObject({ ...partial, unread: 2 });
    // The second slice reads every entry, and the first did not.
    records = new KeptSweeps();
    answers.set(undefined, { ...page(['1', '2'], 'a'), unread: 1 });
    answers.set('a', page(['3'], 'b'));
    remaining = 29_999;
    await sweep();
    remaining = 300_000;
    const [second = START] = rest;
    expect(await sweep(second)).toMatchObject({ ...partial, unread: 0 });
    expect(sent.filter((id) => id === 'elsewhere')).toHaveLength(1);
  });

  test('marks the list of an account that is read as a whole as partial if the listing may lack findings', async () => {
    bulkThreshold = 1;
    await sweep();
    expect(records.accounts.get('sweep/1')).not.toHaveProperty('isPartial');
    records = new KeptSweeps();
    answers.set('a', { ...page(['3'], 'b'), unread: 1 });
    await sweep();
    expect(records.accounts.get('sweep/1')).toMatchObject({ isPartial: true });
  });

  test('counts only the entries of the last listing if it starts over', async () => {
    answers.set(undefined, { ...page(['1', '2'], 'a'), unread: 1 });
    answers.set('a', invalid);
    answers.set(undefined, page(['1', '2']));
    expect(await sweep(rest1('a'))).toMatchObject({ unread: 0, reconsidered: { kind: 'sent' } });
  });

  test('leaves the rest to a later slice if the time runs short, after at least one page, and queues nothing yet', async () => {
    remaining = 29_999;
    expect(await sweep()).toEqual({
      kind: 'continued',
      because: 'time',
      ...COUNTS,
      listed: 2,
      pages: 1,
      swept: 0,
    });
    expect(rest).toEqual([rest1('a')]);
    expect(delays).toEqual([0]);
    expect(sent).toEqual([]);
  });

  test('continues at the page where an earlier slice stopped, and queues what both listed', async () => {
    keepFirst(rest1('a'));
    expect(await sweep(rest1('a'))).toMatchObject({ kind: 'completed', listed: 1, swept: 2 });
    expect(asked).toEqual(['a', 'b']);
    expect(sent).toEqual(['0', '3']);
  });

  test('continues later at the same page if it is throttled after some progress', async () => {
    answers.set('a', throttled);
    expect(await sweep()).toMatchObject({ kind: 'continued', because: 'throttled', listed: 2, pages: 1 });
    expect(rest).toEqual([rest1('a')]);
    expect(delays).toEqual([300]);
  });

  test('fails, so that its message is retried, if it makes no progress at all', async () => {
    answers.set('a', throttled);
    await expect(sweep(rest1('a'))).rejects.toBe(throttled);
    expect(rest).toEqual([]);
  });

  test('continues like the first attempt if that died after storing its object', async () => {
    keepFirst(rest1('b'));
    remaining = 0;
    await sweep();
    expect(rest).toEqual([rest1('b')]);
  });

  test('starts over if its token is no longer valid, and discards what it had listed', async () => {
    keepFirst(rest1('expired'));
    expect(await sweep(rest1('expired'))).toEqual({
      kind: 'completed',
      ...COUNTS,
      restarts: 1,
      reconsidered: { kind: 'sent', findings: 0 },
    });
    expect(asked).toEqual(['expired', undefined, 'a', 'b']);
    expect(sent).toEqual(['1', '2', '3']);
  });

  test('counts how often it started over, and fails if its tokens are never valid', async () => {
    remaining = 0;
    expect(await sweep(rest1('expired', 1))).toMatchObject({ restarts: 2 });
    expect(rest).toEqual([
      {
        ...rest1('a', 2),
        position: { phase: 'list', nextToken: 'a', listed: { from: 1, to: 2, isWhole: true } },
      },
    ]);
    await expect(sweep(rest1('expired', 2))).rejects.toBe(invalid);
  });

  test('fails at once if access to the analyzer is denied', async () => {
    answers.set(undefined, invalid);
    await expect(sweep()).rejects.toBe(invalid);
    expect(asked).toEqual([undefined]);
  });

  test('fails, instead of looping, if a page names itself as the next one', async () => {
    answers.set('a', page(['3'], 'a'));
    await expect(sweep()).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('a listed finding', () => {
  const position = { phase: 'send', offset: 1, listed: { from: 0, to: 1, isWhole: true } } as const;

  beforeEach(() => {
    bulkThreshold = 3;
    answers.set(undefined, page(['1@b', '2@a', '3@c', '4@a', '5@b', '6@a', '6@a'], undefined));
  });

  test('is queued with its account if the account has enough of them, and on its own otherwise', async () => {
    expect(await sweep()).toMatchObject({ kind: 'completed', swept: 6, accounts: 1 });
    expect(jobs).toEqual(['a']);
    expect(records.accounts.get('sweep/a')?.references.map(({ findingId }) => findingId)).toEqual([
      '2',
      '4',
      '6',
    ]);
    expect(sent).toEqual(['1', '5', '3']);
  });

  test('is queued first if its account is the largest, which takes longest', async () => {
    answers.set(
      undefined,
      page(['1@a', '2@b', '3@b', '4@b', '5@d', '6@d', '7@d', '8@c', '9@c', '10@c', '11@c'], undefined),
    );
    expect(await sweep()).toMatchObject({ kind: 'completed', swept: 11, accounts: 3 });
    expect(jobs).toEqual(['c', 'b', 'd']);
    expect(sent).toEqual(['1']);
  });

  test('is queued account by account, and a later slice continues if the time runs short', async () => {
    remaining = 0;
    expect(await sweep()).toMatchObject({ kind: 'continued', because: 'time', swept: 3, accounts: 1 });
    expect(rest).toEqual([{ ...START, position }]);
    expect(sent).toEqual([]);
    rest = [];
    remaining = 300_000;
    expect(await sweep({ ...START, position })).toMatchObject({ kind: 'completed', listed: 0, swept: 3 });
    expect(asked).toEqual([undefined]);
    expect(sent).toEqual(['1', '5', '3']);
    expect(jobs).toEqual(['a']);
  });

  test('is left to a later slice if the queue temporarily does not answer', async () => {
    sending = () => {
      throw throttled;
    };
    expect(await sweep()).toMatchObject({ kind: 'continued', because: 'throttled', swept: 3 });
    expect(rest).toEqual([{ ...START, position }]);
    expect(delays).toEqual([300]);
    await expect(sweep({ ...START, position })).rejects.toBe(throttled);
  });

  test('is not queued if access to the queue is denied, and the sweep fails at once', async () => {
    sending = () => {
      throw invalid;
    };
    await expect(sweep()).rejects.toBe(invalid);
    expect(rest).toEqual([]);
  });
});

describe('a proposal that is shown as current', () => {
  test('has its finding queued if that was not listed', async () => {
    open = ['2', 'closed', '3'];
    expect(await sweep()).toMatchObject({ kind: 'completed', reconsidered: { kind: 'sent', findings: 1 } });
    expect(sent).toEqual(['1', '2', '3', 'closed']);
  });

  test('is compared with what all slices of a sweep listed', async () => {
    open = ['0', 'closed', '3'];
    keepFirst(rest1('a'));
    expect(await sweep(rest1('a'))).toMatchObject({ reconsidered: { kind: 'sent', findings: 1 } });
    expect(sent).toEqual(['0', '3', 'closed']);
  });

  test("is named in its finding's message, so that the worker detects outdated rows", async () => {
    open = ['2', 'closed', facts('x', { findingId: '1', state: { name: 'applied', reason: '' } })];
    await sweep();
    expect(references.map(({ findingId, shown }) => [findingId, shown])).toEqual([
      ['1', []],
      ['2', ['p/2/']],
      ['3', []],
      ['closed', ['p/closed/']],
    ]);
  });

  test('is queued in batches, and the rest later if the time runs short', async () => {
    const many = Array.from({ length: 1_200 }, (_, n) => `closed-${String(n).padStart(4, '0')}`);
    open = many;
    sending = (all) => {
      if (all.length >= 500) remaining = 0;
    };
    expect(await sweep()).toMatchObject({ kind: 'continued', because: 'time' });
    expect([sent.length, rest[0]?.position]).toMatchObject([503, { phase: 'missing', after: 'closed-0499' }]);
    remaining = 300_000;
    sending = () => undefined;
    expect(await sweep(rest[0])).toMatchObject({
      kind: 'completed',
      reconsidered: { kind: 'sent', findings: 700 },
    });
    expect(sent.slice(3)).toEqual(many);
  });

  test('about a shared subject makes its account be read as a whole, however few findings it has', async () => {
    const subject = { ...sharedFacts('Orders').subject, accountId: '1' };
    open = [
      sharedFacts('Orders', { subject }),
      sharedFacts('Web', { subject: { ...subject, accountId: '7' } }),
      sharedFacts('Old', { subject: { ...subject, accountId: '8' }, state: { name: 'applied', reason: '' } }),
    ];
    expect(await sweep()).toMatchObject({ kind: 'completed', accounts: 1 });
    expect([jobs, sent]).toEqual([['1', '7'], []]);
    expect(records.accounts.get('sweep/7')).toEqual({
      references: [],
      shared: [sharedFacts('Web', { subject: { ...subject, accountId: '7' } }).prefix],
      since: 0,
    });
  });

  test('is left to the next sweep if the beginning of this one was not stored', async () => {
    open = ['closed'];
    const listed = { from: 0, to: 0, isWhole: false };
    const position = { phase: 'list', nextToken: 'a', listed } as const;
    expect(await sweep({ ...START, position })).toMatchObject({ reconsidered: { kind: 'not-looked' } });
    expect(sent).toEqual(['3']);
  });

  test('does not fail the sweep if it cannot be checked', async () => {
    open = invalid;
    expect(await sweep()).toMatchObject({
      kind: 'completed',
      swept: 3,
      reconsidered: { kind: 'failed', error: invalid },
    });
  });
});

describe('a proposal that is shown as settled', () => {
  const settled = { state: { name: 'resolved', reason: '' } } as const;

  test('has its finding queued once it has expired, whether or not that was listed', async () => {
    open = [
      facts('a', { findingId: '1', prefix: 'p/a/', ...settled }),
      facts('b', { findingId: 'ended', prefix: 'p/b/', ...settled }),
      facts('c', { findingId: 'there', prefix: 'p/c/', ...settled }),
    ];
    expired = new Set(['p/a/', 'p/b/']);
    expect(await sweep()).toMatchObject({ kind: 'completed', reconsidered: { kind: 'sent', findings: 1 } });
    expect(references.map(({ findingId, shown }) => [findingId, shown])).toEqual([
      ['1', ['p/a/']],
      ['2', []],
      ['3', []],
      ['ended', ['p/b/']],
    ]);
  });

  test('about a shared subject has its account queued once it has expired', async () => {
    const subject = { ...sharedFacts('Old').subject, accountId: '7' };
    const [old, kept] = [
      sharedFacts('Old', { subject, ...settled }),
      sharedFacts('Kept', { subject, ...settled }),
    ];
    open = [old, kept];
    expired = new Set([old.prefix]);
    await sweep();
    expect([jobs, records.accounts.get('sweep/7')?.shared]).toEqual([['7'], [old.prefix]]);
  });
});

describe('a proposal that became current again', () => {
  const lies = (findingId: string, more: Partial<ProposalFacts> = {}): string => {
    const one = facts(`role-${findingId}`, { findingId, prefix: `p/${findingId}/`, ...(more as object) });
    stored.set(`${one.prefix}proposal.json`, one);
    records.again.add(one.prefix);
    return one.prefix;
  };

  test('is queued if neither the overview shows it nor the listing names its finding', async () => {
    lies('ended');
    expect(await sweep()).toMatchObject({ kind: 'completed', reconsidered: { kind: 'sent', findings: 1 } });
    expect(references.at(-1)).toMatchObject({ findingId: 'ended', shown: [] });
  });

  test('is queued if the overview shows it with another finding', async () => {
    const prefix = lies('ended');
    open = [facts('role-ended', { findingId: 'before', prefix })];
    await sweep();
    expect(references.slice(-2).map(({ findingId, shown }) => [findingId, shown])).toEqual([
      ['before', [prefix]],
      ['ended', []],
    ]);
  });

  test('is not queued if it is settled by now, or gone, or shown with a listed finding', async () => {
    lies('settled', { state: { name: 'resolved', reason: '' } });
    stored.delete(`${lies('gone')}proposal.json`);
    stored.delete(`${lies('2')}proposal.json`);
    open = ['2'];
    await sweep();
    expect(sent).toEqual(['1', '2', '3']);
  });

  test('and was then settled for another reason than the overview shows is queued, so that its row is updated', async () => {
    const prefix = lies('ended', { state: { name: 'superseded', reason: '' } });
    open = [facts('role-ended', { findingId: 'ended', prefix, state: { name: 'resolved', reason: '' } })];
    expect(await sweep()).toMatchObject({ kind: 'completed', reconsidered: { kind: 'sent', findings: 1 } });
    expect(references.at(-1)).toMatchObject({ findingId: 'ended', shown: [prefix] });
  });

  test('is not named as shown if its row in the overview is outdated', async () => {
    const [remarked, stopped] = [lies('1', { remark: 'grew' }), lies('2', { warnings: ['stop'] })];
    const known = lies('3', { remark: 'grew', warnings: ['stop'] });
    open = [
      facts('role-1', { findingId: '1', prefix: remarked }),
      facts('role-2', { findingId: '2', prefix: stopped }),
      facts('role-3', { findingId: '3', prefix: known, remark: 'grew', warnings: ['stop'] }),
    ];
    await sweep();
    expect(references.map(({ findingId, shown }) => [findingId, shown])).toEqual([
      ['1', []],
      ['2', []],
      ['3', [known]],
    ]);
  });

  test('about a shared subject is not named as shown either if its row is outdated', async () => {
    const subject = { ...sharedFacts('Orders').subject, accountId: '1' };
    const one = sharedFacts('Orders', { subject });
    open = [one];
    stored.set(`${one.prefix}proposal.json`, { ...one, warnings: ['stop'] });
    records.again.add(one.prefix);
    await sweep();
    expect([jobs, records.accounts.get('sweep/1')?.shared]).toEqual([['1'], []]);
  });

  test('about a shared subject makes its account be read as a whole', async () => {
    const subject = { ...sharedFacts('Orders').subject, accountId: '1' };
    const one = sharedFacts('Orders', { subject });
    stored.set(`${one.prefix}proposal.json`, one);
    records.again.add(one.prefix);
    await sweep();
    expect([jobs, records.accounts.get('sweep/1')]).toMatchObject([['1'], { shared: [] }]);
  });
});
