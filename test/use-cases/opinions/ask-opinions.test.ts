import type { RecommendedStep } from '../../../lambda/core/opinion/compare-recommendation.ts';
import { readReplay } from '../../../lambda/stored/proposal.ts';
import { describe, expect, test } from 'vitest';
import { OPINIONS } from '../../../lambda/contract/settings.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import { OpinionBlock, type PolicyIssue } from '../../../lambda/ports/opinions.ts';
import { allow, asking, PASS, policy, proposal } from '../opinions.ts';

const DENIED = new AdapterError('AWS answers AccessDeniedException: no', 'permanent', 'access-denied');
const never = (): Promise<never> => new Promise(() => undefined);

function issue(type: PolicyIssue['type'], code: string, sentence: string): PolicyIssue {
  return { type, code, sentence };
}

async function blockOf(promise: Promise<unknown>): Promise<OpinionBlock> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof OpinionBlock) return error;
    throw error;
  }
  throw new Error('expected a block');
}

/** A policy whose two documents took the place of one. */
const SPLIT = policy({
  disposition: 'replace',
  after: [
    { name: 'Orders-1', document: allow('s3:GetObject') },
    { name: 'Orders-2', document: allow('s3:PutObject') },
  ],
});

describe('second opinions', () => {
  test('are requested concurrently, and returned in the order in which they are enabled', async () => {
    const begun: string[] = [];
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const begin = async (name: string): Promise<void> => {
      begun.push(name);
      // Nobody gets an answer before everybody has asked.
      if (begun.length === 4) release();
      await gate;
    };
    const results = await asking(
      OPINIONS,
      {
        validatePolicy: async (document) => {
          if (document !== SPLIT.before) await begin('validate');
          return [];
        },
        checkNoNewAccess: () => begin('new').then(() => PASS),
        checkAccessNotGranted: () => begin('granted').then(() => PASS),
        recommend: () => begin('recommend').then(() => ({ kind: 'failed', reason: 'no' })),
      },
      { on: proposal([policy({ before: SPLIT.before })]) },
    );
    expect(begun.sort()).toEqual(['granted', 'new', 'recommend', 'validate']);
    expect(results.map(({ opinion, verdict }) => [opinion, verdict])).toEqual([
      ['validate-policy', 'agrees'],
      ['no-new-access', 'agrees'],
      ['access-not-granted', 'agrees'],
      ['aws-recommendation', 'unavailable'],
    ]);
  });

  test('that do not arrive in time are left out, each on its own', async () => {
    const controller = new AbortController();
    const asked = asking(
      OPINIONS,
      { validatePolicy: never, checkAccessNotGranted: never, recommend: never },
      { timeout: () => controller.signal },
    );
    setImmediate(() => {
      controller.abort();
    });
    const results = await asked;
    expect(results.map(({ verdict }) => verdict)).toEqual([
      'unavailable',
      'agrees',
      'unavailable',
      'unavailable',
    ]);
    expect(results[0]?.details[0]?.sentences).toEqual(['AWS did not answer in time']);
    expect(results[3]?.sentences).toEqual([
      'There is no recommendation of AWS to compare with: AWS did not answer in time',
    ]);
  });

  test('get the time of the option, but never the time reserved for storing', async () => {
    const given: number[] = [];
    const timeout = (millis: number): AbortSignal => {
      given.push(millis);
      return new AbortController().signal;
    };
    await asking(['no-new-access'], {}, { timeout });
    await asking(['no-new-access'], {}, { timeout, remainingMillis: 32_000.5 });
    expect(given).toEqual([20_000, 12_000]);
  });

  test('are not requested if no time is left', async () => {
    const timeout = (): never => {
      throw new Error('a question was asked');
    };
    const checkNoNewAccess = (): never => {
      throw new Error('a question was asked');
    };
    const [result] = await asking(
      ['no-new-access'],
      { checkNoNewAccess },
      { timeout, remainingMillis: 20_000 },
    );
    expect(result).toMatchObject({
      verdict: 'unavailable',
      sentences: ['AWS compared none of 1 new document with its original.'],
    });
  });

  test('that AWS refuses are reported in its words', async () => {
    const refuse = () => Promise.reject(DENIED);
    const results = await asking(OPINIONS, {
      validatePolicy: refuse,
      checkNoNewAccess: refuse,
      checkAccessNotGranted: refuse,
      recommend: refuse,
    });
    expect(results.map(({ verdict }) => verdict)).toEqual(Array(4).fill('unavailable'));
    expect(JSON.stringify(results).match(/AWS answers AccessDeniedException: no/g)).toHaveLength(4);
  });

  test('do not hide a bug', async () => {
    const recommend = () => Promise.reject(new TypeError('undefined'));
    await expect(asking(['aws-recommendation'], { recommend })).rejects.toThrow(TypeError);
  });

  test('are not requested if no document is new', async () => {
    const refuse = (): never => {
      throw new Error('a question was asked');
    };
    const gone = policy({ disposition: 'remove', after: [] });
    const same = policy({ name: 'Same', disposition: 'unchanged', removed: [] });
    const results = await asking(
      ['validate-policy', 'no-new-access', 'access-not-granted'],
      { validatePolicy: refuse, checkNoNewAccess: refuse, checkAccessNotGranted: refuse },
      { on: proposal([gone, same]) },
    );
    expect(results.map(({ verdict }) => verdict)).toEqual(['not-asked', 'not-asked', 'not-asked']);
  });
});

describe('ValidatePolicy', () => {
  test('blocks a proposal with an error that the original does not have', async () => {
    const old = issue('ERROR', 'INVALID_ACTION', 'The action s3:Gone does not exist.');
    const fresh = issue('ERROR', 'MISSING_ACTION', 'Add an Action.');
    const { before } = SPLIT;
    const block = await blockOf(
      asking(
        ['validate-policy'],
        { validatePolicy: (document) => Promise.resolve(document === before ? [old] : [old, fresh]) },
        { on: proposal([SPLIT]) },
      ),
    );
    expect(block).toMatchObject({ opinion: 'validate-policy', replay: undefined });
    expect(block.message).toBe(
      "the finding f-1 gets no proposal for arn:aws:iam::123456789012:role/R, because AWS's own check speaks against it: " +
        'policy Orders, new document Orders-1: ValidatePolicy: ERROR MISSING_ACTION: Add an Action.; ' +
        'policy Orders, new document Orders-2: ValidatePolicy: ERROR MISSING_ACTION: Add an Action.',
    );
  });

  test('does not block for an error of the original, and shows what else is new', async () => {
    const old = issue('ERROR', 'INVALID_ACTION', 'The action s3:Gone does not exist.');
    const hint = issue('SUGGESTION', 'REDUNDANT_ACTION', 'Remove one.');
    const on = proposal();
    const before = on.policies[0]?.before;
    const [result] = await asking(
      ['validate-policy'],
      { validatePolicy: (document) => Promise.resolve(document === before ? [old] : [old, hint, hint]) },
      { on },
    );
    expect(result).toEqual({
      opinion: 'validate-policy',
      verdict: 'agrees',
      sentences: ['AWS finds no error in 1 new document that the original does not have.'],
      details: [
        {
          policy: 'Orders',
          document: 'Orders',
          verdict: 'agrees',
          sentences: [
            'AWS reports 1 thing that it does not report about the original.',
            'ValidatePolicy: SUGGESTION REDUNDANT_ACTION: Remove one.',
          ],
        },
      ],
    });
  });

  test('issues of the original alone do not count', async () => {
    const on = proposal();
    const before = on.policies[0]?.before;
    const fresh = issue('ERROR', 'MISSING_ACTION', 'Add an Action.');
    const [result] = await asking(
      ['validate-policy'],
      {
        validatePolicy: (document) =>
          document === before ? Promise.reject(DENIED) : Promise.resolve([fresh]),
      },
      { on },
    );
    expect(result?.verdict).toBe('unavailable');
  });
});

describe('CheckNoNewAccess', () => {
  test('compares each part of a split policy with the whole', async () => {
    const asked: unknown[] = [];
    const [result] = await asking(
      ['no-new-access'],
      {
        checkNoNewAccess: (existing, proposed) => {
          asked.push([existing === SPLIT.before, proposed]);
          return Promise.resolve(PASS);
        },
      },
      { on: proposal([SPLIT]) },
    );
    expect(asked).toEqual([
      [true, allow('s3:GetObject')],
      [true, allow('s3:PutObject')],
    ]);
    expect(result?.sentences).toEqual([
      'AWS finds no new access in 2 new documents, each compared with its original.',
    ]);
  });

  test('that fails blocks the proposal, and has the input for a replay', async () => {
    const block = await blockOf(
      asking(['validate-policy', 'no-new-access'], {
        checkNoNewAccess: () =>
          Promise.resolve({ result: 'FAIL', sentences: ['New access.', 'In statement 0.'] }),
      }),
    );
    expect(block.opinion).toBe('no-new-access');
    expect(block.message).toBe(
      "the finding f-1 gets no proposal for arn:aws:iam::123456789012:role/R, because AWS's own check speaks against it: " +
        'policy Orders: CheckNoNewAccess: FAIL: New access. In statement 0.',
    );
    expect(readReplay(block.replay ?? '').ok).toBe(true);
    expect(JSON.parse(block.replay ?? '')).toEqual({
      policy: allow('s3:GetObject', 's3:GetBucketPolicy'),
      unused: [{ serviceNamespace: 'sqs' }, { serviceNamespace: 's3', actions: ['GetBucketPolicy'] }],
      keep: ['iam:PassRole'],
      generalize: 'shortest',
      rejected: [allow('s3:GetObject')],
      answers: ['policy Orders: CheckNoNewAccess: FAIL: New access. In statement 0.'],
    });
  });

  test('that fails for one document blocks the proposal, even if others get no answer', async () => {
    let call = 0;
    const block = await blockOf(
      asking(
        ['no-new-access'],
        {
          checkNoNewAccess: () => {
            call += 1;
            return call === 1
              ? Promise.reject(DENIED)
              : Promise.resolve({ result: 'FAIL', sentences: ['New.'] });
          },
        },
        { on: proposal([SPLIT]) },
      ),
    );
    expect(block.message).toContain('new document Orders-2: CheckNoNewAccess: FAIL: New.');
  });

  test('takes precedence over an error of ValidatePolicy', async () => {
    const on = proposal();
    const before = on.policies[0]?.before;
    const block = await blockOf(
      asking(
        ['validate-policy', 'no-new-access'],
        {
          validatePolicy: (document) =>
            Promise.resolve(document === before ? [] : [issue('ERROR', 'X', 'Wrong.')]),
          checkNoNewAccess: () => Promise.resolve({ result: 'FAIL', sentences: ['New.'] }),
        },
        { on },
      ),
    );
    expect(block.opinion).toBe('no-new-access');
    expect(block.message).toContain(
      'ValidatePolicy: ERROR X: Wrong.; policy Orders: CheckNoNewAccess: FAIL: New.',
    );
  });
});

describe('CheckAccessNotGranted', () => {
  const many = Array.from({ length: 250 }, (_, n) => `s3:Action${String(n).padStart(3, '0')}`);

  test('asks about 100 actions at once, ten times for each finding, and says what it did not ask about', async () => {
    const asked: string[] = [];
    const policies = ['A', 'B', 'C', 'D'].map((name) => policy({ name, removed: many }));
    const [result] = await asking(
      ['access-not-granted'],
      {
        checkAccessNotGranted: (_, actions) => {
          asked.push(`${String(actions[0])} ${String(actions.length)}`);
          return Promise.resolve(PASS);
        },
      },
      { on: proposal(policies) },
    );
    expect(asked).toHaveLength(10);
    expect(asked.slice(0, 4)).toEqual([
      's3:Action000 100',
      's3:Action100 100',
      's3:Action200 50',
      's3:Action000 100',
    ]);
    expect(result).toMatchObject({
      verdict: 'partly',
      sentences: [
        'AWS finds none of the removed actions that it looked for in 4 new documents.',
        '150 actions were not asked about: at most 10 calls are made for a finding.',
      ],
    });
    expect(result?.details.map(({ verdict }) => verdict)).toEqual(['agrees', 'agrees', 'agrees', 'partly']);
    expect(result?.details[3]?.sentences.at(-1)).toBe('AWS was not asked about 150 actions.');
  });

  test('that fails is shown and blocks nothing', async () => {
    const [result] = await asking(['access-not-granted'], {
      checkAccessNotGranted: () => Promise.resolve({ result: 'FAIL', sentences: ['It is granted.'] }),
    });
    expect(result).toMatchObject({
      verdict: 'disagrees',
      details: [
        {
          policy: 'Orders',
          verdict: 'disagrees',
          sentences: ['AWS finds that it might still grant some of what was removed.', 'It is granted.'],
        },
      ],
    });
  });
});

describe("AWS's recommendation", () => {
  const recommending = (...steps: readonly RecommendedStep[]) =>
    asking(['aws-recommendation'], { recommend: () => Promise.resolve({ kind: 'recommended', steps }) });
  const create = (...actions: readonly string[]): RecommendedStep => ({
    step: 'create',
    policyId: 'Orders',
    document: { readable: true, value: allow(...actions) },
  });

  test('that keeps what the proposal removes is shown with those actions alone', async () => {
    const [result] = await recommending(create('s3:GetObject', 's3:GetBucketPolicy'));
    expect(result).toEqual({
      opinion: 'aws-recommendation',
      verdict: 'differs',
      sentences: ["AWS's own recommendation keeps 1 action that we remove, and removes 0 that we keep."],
      details: [
        {
          policy: 'Orders',
          verdict: 'differs',
          sentences: ['AWS keeps 1 action that we remove as unused.'],
          lists: [{ title: 'AWS keeps, we remove', count: 1, actions: ['s3:GetBucketPolicy'] }],
        },
      ],
    });
  });

  test('that removes what the proposal keeps is shown with those actions alone, and the reason', async () => {
    const [result] = await recommending({ step: 'detach', policyId: 'Orders', document: undefined });
    expect(result?.details).toEqual([
      {
        policy: 'Orders',
        verdict: 'differs',
        sentences: ['We keep 1 action that AWS removes, because the finding does not report them unused.'],
        lists: [
          {
            title: 'We keep, AWS removes: the finding does not report them unused',
            count: 1,
            actions: ['s3:GetObject'],
          },
        ],
      },
    ]);
  });

  test('that leaves the same actions agrees', async () => {
    const [result] = await recommending(create('s3:GetObject'));
    expect(result).toMatchObject({
      verdict: 'agrees',
      sentences: ["AWS's own recommendation leaves the same actions granted."],
      details: [{ verdict: 'agrees', sentences: ['Both leave the same actions granted.'] }],
    });
  });
});
