import { beforeEach, describe, expect, test } from 'vitest';
import type { AccountInventory, UnusedFinding, UnusedOfPart } from '../../../lambda/ports/account.ts';
import { proposeSharedSlice } from '../../../lambda/use-cases/account/shared-slice.ts';
import { unusedOfAccount } from '../../../lambda/use-cases/account/unused-of-account.ts';

const ROLE = 'arn:aws:iam::123456789012:role/Orders';

function found(facts: Partial<UnusedFinding> = {}): UnusedFinding {
  return {
    id: 'f',
    analyzerArn: 'a',
    resource: ROLE,
    accountId: '123456789012',
    updatedAt: null,
    unused: [],
    ...facts,
  };
}

/** What a part says of whom nobody knows what they use. */
async function* unreadOnes(...unread: readonly string[]): AsyncGenerator<UnusedOfPart> {
  yield await Promise.resolve({ findings: [], unread });
}

async function* parts(...all: readonly (readonly UnusedFinding[])[]): AsyncGenerator<UnusedOfPart> {
  for (const findings of all) yield Promise.resolve({ findings, unread: [] });
}

describe('the unused access of an account', () => {
  test('is grouped by principal over all parts, as in the findings', async () => {
    const findings = await unusedOfAccount(
      parts(
        [
          found({
            id: 'a',
            unused: [
              ['s3', ['GetObject']],
              ['sns', []],
            ],
          }),
        ],
        [found({ id: 'b', unused: null }), found({ id: 'c', resource: `${ROLE}2` })],
      ),
    );
    const facts = { analyzerArn: 'a', resource: ROLE, accountId: '123456789012', updatedAt: null };
    expect(await findings.about(ROLE)).toEqual([
      {
        ...facts,
        id: 'a',
        findingType: 'UnusedPermission',
        status: 'ACTIVE',
        details: {
          type: 'UnusedPermission',
          entries: [
            { serviceNamespace: 's3', actions: [{ action: 'GetObject' }] },
            { serviceNamespace: 'sns' },
          ],
        },
      },
      {
        ...facts,
        id: 'b',
        findingType: 'UnusedIAMRole',
        status: 'ACTIVE',
        details: { type: 'UnusedIAMRole', lastAccessed: undefined },
      },
    ]);
    expect(await findings.about('arn:aws:iam::123456789012:role/Other')).toEqual([]);
  });
});

test('a principal whose finding could not be read does not count as one without a finding', async () => {
  const findings = await unusedOfAccount(unreadOnes(ROLE));
  expect(await findings.about(ROLE)).toBeUndefined();
  expect(await findings.about(`${ROLE}2`)).toEqual([]);
});

test('a principal that is missing from a partial listing may have a finding', async () => {
  const findings = await unusedOfAccount(parts([found()]), true);
  expect(await findings.about(ROLE)).toHaveLength(1);
  expect(await findings.about(`${ROLE}2`)).toBeUndefined();
});

describe('the shared slice of an account', () => {
  /** How many have a policy, where it is not one. */
  let holders: Readonly<Record<string, number>> = {};
  beforeEach(() => {
    holders = {};
  });

  const inventory = {
    accountId: '123456789012',
    customerManagedPolicies: 3,
    groups: () => [],
    sharedPolicies: () =>
      ['A', 'B', 'C'].map((name) => ({
        arn: `arn:aws:iam::123456789012:policy/${name}`,
        roles: Array.from({ length: holders[name] ?? 1 }, (_, n) => ({
          arn: n === 0 ? ROLE : `${ROLE}${String(n)}`,
          tags: [],
        })),
        users: [],
        groups: [],
      })),
  } as unknown as AccountInventory;

  /** Nobody has a finding, so each policy comes to nothing; the order and the place are what counts here. */
  async function run(
    after: string | null,
    remaining: (told: number) => number,
    accounts: readonly string[] = [],
    shown?: readonly string[],
  ) {
    const marked: string[] = [];
    const told: string[] = [];
    const noted: string[] = [];
    const clock = { now: () => '', remainingMillis: () => remaining(told.length) };
    const settings = {
      generalize: 'none',
      keep: [],
      exclude: { names: [], paths: [], tags: [], accounts },
    };
    const rest = await proposeSharedSlice({ inventory, unused: parts(), since: Infinity, shown, after }, {
      clock,
      settings,
      lifecycle: {
        repository: {
          list: () =>
            Promise.resolve({
              proposals: [
                { prefix: 'shared/1/policy/Gone/f/', proposalId: 'f', hasState: false, storedAt: 0 },
              ],
              leftOver: [],
              withheld: [],
            }),
          noteReopened: () => Promise.resolve(),
          mark: (prefix: string) => {
            marked.push(prefix);
            return Promise.resolve('version');
          },
        },
        noted: (prefix: string, { state }: { state: string }) => {
          noted.push(`${prefix} ${state} after ${String(told.length)}`);
        },
      },
      onOutcome: ({ key, kind }: { key: string; kind: string }) => {
        told.push(`${kind} ${key}`);
        return Promise.resolve();
      },
    } as never);
    return { rest, told, noted, marked };
  }

  test('handles the subjects one by one, to the end', async () => {
    expect(await run(null, () => 900_000)).toMatchObject({
      rest: undefined,
      told: [
        'blocked policy/arn:aws:iam::123456789012:policy/A',
        'blocked policy/arn:aws:iam::123456789012:policy/B',
        'blocked policy/arn:aws:iam::123456789012:policy/C',
      ],
      noted: ['shared/1/policy/Gone/f/ resolved after 3'],
    });
  });

  test('does not judge earlier proposals of an excluded account, which was not read', async () => {
    const { told, noted } = await run(null, () => 900_000, ['123456789012']);
    expect([told.length, noted]).toEqual([3, []]);
  });

  test('writes states of expired proposals of an excluded account, so that the overview drops them', async () => {
    const shown = ['shared/1/policy/Gone/f/', 'shared/1/policy/Expired/e/'];
    const { marked } = await run(null, () => 900_000, ['123456789012'], shown);
    expect(marked).toEqual(['shared/1/policy/Expired/e/']);
  });

  test('continues after the last subject if the time was short', async () => {
    const first = await run(null, (told) => (told < 2 ? 60_020 : 60_019));
    expect(first.rest).toBe('policy/arn:aws:iam::123456789012:policy/B');
    expect(first.told).toHaveLength(2);
    // What the account has no more is not said before all of it was looked at.
    expect(first.noted).toEqual([]);
    expect(await run(first.rest!, () => 900_000)).toMatchObject({
      rest: undefined,
      told: ['blocked policy/arn:aws:iam::123456789012:policy/C'],
      noted: ['shared/1/policy/Gone/f/ resolved after 1'],
    });
  });

  test('always begins the first subject, and a policy of many principals only if there is time for all of them', async () => {
    holders = { B: 10_000 };
    const { rest, told } = await run(null, () => 259_999);
    expect(rest).toBe('policy/arn:aws:iam::123456789012:policy/A');
    expect(told).toHaveLength(1);
    const second = await run(rest!, () => 0);
    expect(second.rest).toBe('policy/arn:aws:iam::123456789012:policy/B');
    expect((await run(null, () => 260_000)).told).toHaveLength(3);
  });
});
