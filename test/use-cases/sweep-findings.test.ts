import { beforeEach, describe, expect, test } from 'vitest';
import { AdapterError } from '../../lambda/ports/errors.ts';
import type { FindingPage, FindingReference } from '../../lambda/ports/finding-source.ts';
import type { SweepContinuation } from '../../lambda/ports/sweep-queue.ts';
import { sweepFindings } from '../../lambda/use-cases/sweep-findings.ts';

const ANALYZER = 'arn:analyzer';
const START: SweepContinuation = { analyzerArn: ANALYZER, nextToken: undefined, restarts: 0 };

function page(ids: readonly string[], nextToken?: string): FindingPage {
  return {
    references: ids.map((findingId) => ({ analyzerArn: ANALYZER, findingId, accountId: '1', resource: 'r' })),
    nextToken,
  };
}
const throttled = new AdapterError('slow down', 'retry', 'throttled');
const invalid = new AdapterError('no such token', 'permanent', 'invalid');

let answers: Map<string | undefined, FindingPage | AdapterError>;
let asked: (string | undefined)[];
let sent: string[];
let rest: SweepContinuation[];
let remaining: number;
let open: readonly string[] | AdapterError;
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
  remaining = 300_000;
  open = [];
  sending = () => undefined;
});

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
    open: {
      findings: (analyzerArn) => {
        expect(analyzerArn).toBe(ANALYZER);
        return open instanceof AdapterError ? Promise.reject(open) : Promise.resolve(page(open).references);
      },
    },
    queue: {
      send: (references) => {
        try {
          sending(references);
        } catch (error) {
          return Promise.reject(error as Error);
        }
        sent.push(...references.map(({ findingId }) => findingId));
        return Promise.resolve();
      },
    },
    rest: {
      continueLater: (continuation) => {
        rest.push(continuation);
        return Promise.resolve();
      },
    },
    clock: { now: () => '', remainingMillis: () => remaining },
  });
}

describe('a sweep', () => {
  test('sends the findings of every page', async () => {
    expect(await sweep()).toEqual({
      kind: 'completed',
      swept: 3,
      pages: 3,
      restarts: 0,
      reconsidered: { kind: 'sent', findings: 0 },
    });
    expect(sent).toEqual(['1', '2', '3']);
    expect(rest).toEqual([]);
  });

  test('leaves the rest to later when the time is short, after at least one page', async () => {
    remaining = 29_999;
    expect(await sweep()).toEqual({ kind: 'continued', because: 'time', swept: 2, pages: 1, restarts: 0 });
    expect(rest).toEqual([{ analyzerArn: ANALYZER, nextToken: 'a', restarts: 0 }]);
  });

  test('goes on at the page where an earlier stretch stopped', async () => {
    expect(await sweep({ ...START, nextToken: 'a' })).toMatchObject({ kind: 'completed', swept: 1 });
    expect(asked).toEqual(['a', 'b']);
  });

  test('that is throttled after some progress goes on later at the same page', async () => {
    answers.set('a', throttled);
    expect(await sweep()).toEqual({
      kind: 'continued',
      because: 'throttled',
      swept: 2,
      pages: 1,
      restarts: 0,
    });
    expect(rest).toEqual([{ analyzerArn: ANALYZER, nextToken: 'a', restarts: 0 }]);
  });

  test('whose queue does not answer for now sends the same page again later', async () => {
    sending = (references) => {
      if (references.some(({ findingId }) => findingId === '3')) throw throttled;
    };
    await sweep();
    expect(rest).toEqual([{ analyzerArn: ANALYZER, nextToken: 'a', restarts: 0 }]);
    expect(sent).toEqual(['1', '2']);
  });

  test('that makes no progress at all fails, so that its message comes again later', async () => {
    answers.set('a', throttled);
    await expect(sweep({ ...START, nextToken: 'a' })).rejects.toBe(throttled);
    expect(rest).toEqual([]);
  });

  test('whose token is no longer valid begins anew', async () => {
    expect(await sweep({ ...START, nextToken: 'expired' })).toEqual({
      kind: 'completed',
      swept: 3,
      pages: 3,
      restarts: 1,
      reconsidered: { kind: 'sent', findings: 0 },
    });
    expect(asked).toEqual(['expired', undefined, 'a', 'b']);
  });

  test('remembers that it began anew, and fails when its tokens never hold', async () => {
    remaining = 0;
    expect(await sweep({ ...START, nextToken: 'expired', restarts: 1 })).toMatchObject({ restarts: 2 });
    expect(rest).toEqual([{ analyzerArn: ANALYZER, nextToken: 'a', restarts: 2 }]);
    await expect(sweep({ ...START, nextToken: 'expired', restarts: 2 })).rejects.toBe(invalid);
  });

  test('of an analyzer that is refused fails at once', async () => {
    answers.set(undefined, invalid);
    await expect(sweep()).rejects.toBe(invalid);
    expect(asked).toEqual([undefined]);
  });

  test('whose queue is refused fails at once and does not begin anew', async () => {
    sending = () => {
      throw invalid;
    };
    await expect(sweep({ ...START, nextToken: 'a' })).rejects.toBe(invalid);
    expect(asked).toEqual(['a']);
  });

  test('whose page names itself as the next one is an error and not an endless loop', async () => {
    answers.set('a', page(['3'], 'a'));
    await expect(sweep()).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('a proposal that is shown as current', () => {
  test('is looked at again where its finding was not listed', async () => {
    open = ['2', 'closed', '3'];
    expect(await sweep()).toMatchObject({ kind: 'completed', reconsidered: { kind: 'sent', findings: 1 } });
    expect(sent).toEqual(['1', '2', '3', 'closed']);
  });

  test('is left to the next sweep where this one is the rest of another', async () => {
    open = ['closed'];
    expect(await sweep({ ...START, nextToken: 'a' })).toMatchObject({ reconsidered: { kind: 'not-looked' } });
    expect(sent).toEqual(['3']);
  });

  test('that cannot be looked for does not undo the sweep', async () => {
    open = invalid;
    expect(await sweep()).toMatchObject({
      kind: 'completed',
      swept: 3,
      reconsidered: { kind: 'failed', error: invalid },
    });
  });
});
