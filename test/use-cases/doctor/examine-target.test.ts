import { describe, expect, test } from 'vitest';

import type { DeploymentTarget } from '../../../lambda/ports/deployment-target.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import { examineTarget, type PlannedDeployment } from '../../../lambda/use-cases/doctor/examine-target.ts';

const WANTED: PlannedDeployment = {
  accountId: '111122223333',
  region: 'eu-west-1',
  partition: 'aws',
  analyzer: { kind: 'create', type: 'ACCOUNT_UNUSED_ACCESS' },
  hasMemberRole: false,
  organizationId: undefined,
  concurrency: 4,
  managedPoliciesPerRole: undefined,
  managedPoliciesPerUser: undefined,
  permissionsBoundary: undefined,
  qualifier: 'hnb659fds',
};

const target = (more: Partial<DeploymentTarget> = {}): DeploymentTarget => ({
  analyzers: () => Promise.resolve([]),
  bootstrapVersion: () => Promise.resolve(27),
  unreservedConcurrency: () => Promise.resolve(1000),
  policyQuotas: () => Promise.resolve({ role: 20, user: 10 }),
  organization: () => Promise.resolve(undefined),
  analyzerAdministrators: () => Promise.resolve([]),
  policyExists: () => Promise.resolve(true),
  ...more,
});

/** ObservationLevel and sentence of what is said about one thing. */
async function about(
  subject: string,
  wanted: Partial<PlannedDeployment>,
  more: Partial<DeploymentTarget> = {},
): Promise<readonly string[]> {
  const { observations } = await examineTarget({ ...WANTED, ...wanted }, target(more));
  return observations.flatMap(({ level, about: one, says }) =>
    one === subject ? [`${level}: ${says}`] : [],
  );
}

describe('a target', () => {
  test('that has everything needs no options', async () => {
    const { observations, options, needsBootstrap } = await examineTarget(WANTED, target());
    expect(observations.map(({ level }) => level)).toEqual(['good', 'good', 'good', 'good', 'good']);
    expect([options, needsBootstrap]).toEqual([{}, false]);
  });

  test('with an old bootstrap stack needs a newer one', async () => {
    const { needsBootstrap } = await examineTarget(
      WANTED,
      target({ bootstrapVersion: () => Promise.resolve(5) }),
    );
    expect(needsBootstrap).toBe(true);
    expect(await about('bootstrap', {}, { bootstrapVersion: () => Promise.resolve(5) })).toEqual([
      "wrong: the CDK's bootstrap stack is of version 5, and 6 is the oldest that will do; type npx cdk bootstrap aws://111122223333/eu-west-1",
    ]);
  });

  test.each([
    [11, 3],
    [10, 3],
    [8, 2],
    [7, 2],
    [1, 2],
  ])('with a concurrency limit of %i gets the option concurrency=%i', async (limit, concurrency) => {
    const { options } = await examineTarget(
      WANTED,
      target({ unreservedConcurrency: () => Promise.resolve(limit) }),
    );
    expect(options).toEqual({ concurrency: String(concurrency) });
  });

  test('is told how many workers fit, or that not even the fewest do', async () => {
    const limited = (limit: number) =>
      about('concurrency', {}, { unreservedConcurrency: () => Promise.resolve(limit) });
    expect(await limited(8)).toEqual([
      'note: Lambda runs 8 functions at once here, and with concurrency 4 the stack needs up to 12; give -c concurrency=2, or ask for more of the quota "Concurrent executions" of Lambda (L-B99A9384), which new accounts have little of',
    ]);
    expect(await limited(7)).toEqual([
      'note: Lambda runs 7 functions at once here, fewer than the stack needs even with concurrency 2: work waits, and other functions with it; ask for more of the quota "Concurrent executions" of Lambda (L-B99A9384), which new accounts have little of',
    ]);
  });

  test.each([
    [
      'eu-west-1:111122223333',
      'good: arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/own is there and active (ACCOUNT_UNUSED_ACCESS)',
    ],
    [
      'eu-west-1:999900001111',
      'wrong: arn:aws:access-analyzer:eu-west-1:999900001111:analyzer/own is in account 999900001111, Region eu-west-1, and its events go nowhere else; deploy there',
    ],
    [
      'us-east-1:111122223333',
      'wrong: arn:aws:access-analyzer:us-east-1:111122223333:analyzer/own is in account 111122223333, Region us-east-1, and its events go nowhere else; deploy there',
    ],
  ])('uses an analyzer only where it is: %s', async (place, says) => {
    const arn = `arn:aws:access-analyzer:${place}:analyzer/own`;
    const analyzers = () => Promise.resolve([{ arn, type: 'ACCOUNT_UNUSED_ACCESS', status: 'ACTIVE' }]);
    expect(await about('analyzer', { analyzer: { kind: 'existing', arn } }, { analyzers })).toEqual([says]);
  });

  test('with other quotas than the options gets the right ones', async () => {
    const quotas = { policyQuotas: () => Promise.resolve({ role: 10, user: 30 }) };
    expect((await examineTarget(WANTED, target(quotas))).options).toEqual({
      managedPoliciesPerRole: '10',
      managedPoliciesPerUser: '20',
    });
    expect(await about('quotas', { managedPoliciesPerRole: 25 }, quotas)).toEqual([
      'wrong: option managedPoliciesPerRole is 25, but a role may have 10 managed policies here; give -c managedPoliciesPerRole=10',
      'note: a user may have 30 managed policies here; give -c managedPoliciesPerUser=20',
    ]);
  });

  test.each([
    ['manages it', '111122223333', [], ['good', 'o-1, managed by account 111122223333']],
    [
      'administers its analyzers',
      '999999999999',
      ['111122223333'],
      ['good', 'account 111122223333 administers Access Analyzer for it'],
    ],
  ])(
    'in an organisation is right if it %s',
    async (_, managementAccountId, administrators, [level, says]) => {
      const said = await about(
        'organisation',
        { analyzer: { kind: 'create', type: 'ORGANIZATION_UNUSED_ACCESS' }, hasMemberRole: true },
        {
          organization: () => Promise.resolve({ id: 'o-1', managementAccountId }),
          analyzerAdministrators: () => Promise.resolve(administrators),
        },
      );
      expect(said.at(-1)).toBe(`${String(level)}: ${String(says)}`);
      expect(said.some((line) => line.startsWith('wrong'))).toBe(false);
    },
  );

  test.each([
    ['ACCOUNT_UNUSED_ACCESS', 'exists, and AWS allows one an account and Region: the deployment would fail'],
    ['ORGANIZATION_UNUSED_ACCESS', 'finds unused access already; another would be paid for besides'],
  ])('that has an analyzer (%s) gets its ARN as an option', async (type, why) => {
    const arn = 'arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/own';
    const { observations, options } = await examineTarget(
      { ...WANTED, hasMemberRole: true },
      target({ analyzers: () => Promise.resolve([{ arn, type, status: 'ACTIVE' }]) }),
    );
    expect(observations[0]).toEqual({
      level: 'wrong',
      about: 'analyzer',
      says: `${arn} ${why}; give -c analyzerArn=${arn}`,
    });
    expect(options).toEqual({ analyzerArn: arn });
  });

  test('with an account analyzer that the organisation’s makes superfluous gets only a note', async () => {
    const arn = 'arn:aws:access-analyzer:eu-west-1:111122223333:analyzer/own';
    const said = await about(
      'analyzer',
      { analyzer: { kind: 'create', type: 'ORGANIZATION_UNUSED_ACCESS' } },
      { analyzers: () => Promise.resolve([{ arn, type: 'ACCOUNT_UNUSED_ACCESS', status: 'ACTIVE' }]) },
    );
    expect(said).toEqual([
      `note: ${arn} finds unused access of this account, which the organisation's analyzer finds too: delete it once that works, or pay for both`,
    ]);
  });
});

describe('a target without an analyzer', () => {
  const NONE: Partial<PlannedDeployment> = { analyzer: { kind: 'none' } };
  const organization = () => Promise.resolve({ id: 'o-a1b2c3d4e5', managementAccountId: '999900001111' });

  test('does not list analyzers', async () => {
    const analyzers = () => Promise.reject(new Error('nobody asks'));
    expect(await about('analyzer', NONE, { analyzers })).toEqual([
      "good: none is needed: IAM's own reports of last use say what is unused, free of charge",
    ]);
  });

  test('reads its organisation only if other accounts are read', async () => {
    expect(await about('organisation', NONE, { organization })).toEqual([]);
    expect(await about('organisation', { ...NONE, hasMemberRole: true })).toEqual([
      'wrong: account 111122223333 is in no organisation, so nobody says which other accounts there are; leave memberRoleName and memberExternalId out',
    ]);
  });

  test('can read other accounts if it manages the organisation or administers a service of it', async () => {
    const members = { ...NONE, hasMemberRole: true };
    expect(await about('organisation', { ...members, accountId: '999900001111' }, { organization })).toEqual([
      'good: o-a1b2c3d4e5, managed by account 999900001111',
    ]);
    const analyzerAdministrators = () => Promise.resolve(['111122223333']);
    expect(await about('organisation', members, { organization, analyzerAdministrators })).toEqual([
      'good: o-a1b2c3d4e5, managed by account 999900001111',
      'good: account 111122223333 administers Access Analyzer for it',
    ]);
    expect(await about('organisation', members, { organization })).toEqual([
      'good: o-a1b2c3d4e5, managed by account 999900001111',
      'note: account 111122223333 neither manages the organisation nor administers Access Analyzer for it: if it administers no other service of it, only its own roles and users are read; register it from account 999900001111, or deploy there',
    ]);
  });
});

describe('a call', () => {
  const failing = (code: AdapterError['code']) => ({
    bootstrapVersion: () => Promise.reject(new AdapterError('cannot call ssm: it is slow', 'retry', code)),
  });

  test('that is denied names its action, and does not hide other observations', async () => {
    const { observations } = await examineTarget(WANTED, target(failing('access-denied')));
    expect(observations.filter(({ level }) => level === 'unknown')).toEqual([
      {
        level: 'unknown',
        about: 'bootstrap',
        says: 'cannot be told: these credentials may not ssm:GetParameter; allow that, or look for yourself',
      },
    ]);
    expect(observations.filter(({ level }) => level === 'good')).toHaveLength(4);
  });

  test('that fails otherwise gives the reason', async () => {
    expect(await about('bootstrap', {}, failing('unavailable'))).toEqual([
      'unknown: cannot be told: cannot call ssm: it is slow',
    ]);
  });

  test('that fails because of a bug is thrown', async () => {
    const broken = { policyQuotas: () => Promise.reject(new TypeError('x is not a function')) };
    await expect(examineTarget(WANTED, target(broken))).rejects.toThrow(TypeError);
  });
});
