import { IAMClient, paginateGetAccountAuthorizationDetails } from '@aws-sdk/client-iam';
import { describe, expect, test } from 'vitest';
import { HOME_CREDENTIALS, REGION } from '../integration/harness/accounts.ts';
import { startAws } from './servers/aws.ts';
import { AccountBuckets, drawFault } from './servers/faults.ts';
import { iamService } from './servers/iam.ts';
import { makeOrganisation } from './world/organisation.ts';
import { makeWorld } from './world/principals.ts';

const ANALYZER = 'arn:aws:access-analyzer:us-east-1:123456789012:analyzer/organisation';

describe('the generated organisation', () => {
  test('has a few large accounts and many small ones, with all findings', () => {
    const organisation = makeOrganisation(100_000, 2_000, 1);
    const sizes = Array.from({ length: 2_000 }, (_, place) => organisation.account(place).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(100_000);
    expect(sizes[0]).toBeGreaterThan(10_000);
    expect(sizes[1_000]).toBeLessThan(15);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  test('finds the account of each finding, and an account by its id', () => {
    const organisation = makeOrganisation(1_000, 10, 1);
    for (let finding = 0; finding < 1_000; finding += 1) {
      const { first, size, id, place } = organisation.accountOf(finding);
      expect(finding >= first && finding < first + size).toBe(true);
      expect(organisation.byId(id)?.place).toBe(place);
    }
    expect(organisation.account(0).id).toBe('123456789012');
    expect(organisation.byId('999999999999')).toBeUndefined();
  });

  test('refuses fewer findings than accounts', () => {
    expect(() => makeOrganisation(5, 6, 1)).toThrow(
      '5 findings in 6 accounts cannot be; give at least one finding an account',
    );
  });

  test('is the same in any order of requests', () => {
    const one = makeWorld(makeOrganisation(500, 5, 3), ANALYZER);
    const other = makeWorld(makeOrganisation(500, 5, 3), ANALYZER);
    for (let index = 499; index >= 0; index -= 1) one.finding(index);
    expect(JSON.stringify(one.finding(7))).toBe(JSON.stringify(other.finding(7)));
    const different = makeWorld(makeOrganisation(500, 5, 4), ANALYZER);
    expect(JSON.stringify(different.finding(7))).not.toBe(JSON.stringify(other.finding(7)));
  });

  test('is the same read as a whole and one by one, through the real client, page by page', async () => {
    const world = makeWorld(makeOrganisation(300, 3, 1), ANALYZER);
    const aws = await startAws({
      services: new Map([['iam', iamService(world)]]),
      latency: 0,
      now: () => Date.now(),
      fault: () => undefined,
    });
    try {
      const client = new IAMClient({ endpoint: aws.endpoint, region: REGION, credentials: HOME_CREDENTIALS });
      const roles: string[] = [];
      const users: string[] = [];
      const policies: string[] = [];
      let pages = 0;
      for await (const page of paginateGetAccountAuthorizationDetails({ client, pageSize: 50 }, {})) {
        pages += 1;
        roles.push(...(page.RoleDetailList ?? []).map(({ RoleName = '' }) => RoleName));
        users.push(...(page.UserDetailList ?? []).map(({ UserName = '' }) => UserName));
        policies.push(...(page.Policies ?? []).map(({ Arn = '' }) => Arn));
      }
      const account = world.organisation.account(0);
      const there = Array.from({ length: account.size }, (_, place) => world.principal(place)).filter(
        ({ expected }) => expected !== 'gone',
      );
      expect(roles).toEqual(there.filter(({ type }) => type === 'role').map(({ name }) => name));
      expect(users).toEqual(there.filter(({ type }) => type === 'user').map(({ name }) => name));
      expect(policies).toContain('arn:aws:iam::123456789012:policy/shared-0');
      expect(pages).toBe(Math.ceil((roles.length + users.length + 1 + policies.length) / 50));
      const only = paginateGetAccountAuthorizationDetails({ client }, { Filter: ['Group'] });
      for await (const page of only) {
        expect(page.GroupDetailList?.map(({ GroupName }) => GroupName)).toEqual(['Developers']);
        expect(page.RoleDetailList ?? []).toEqual([]);
      }
    } finally {
      await aws.stop();
    }
  });
});

describe('faults', () => {
  test('occur at their configured rates', () => {
    const drawn = (values: readonly number[]) => {
      let place = 0;
      return drawFault(() => values[place++] ?? 0, { throttled: 0.05, failed: 0.01 });
    };
    expect(drawn([0.049])).toBe('throttle');
    expect(drawn([0.051, 0])).toBe('internal');
    expect(drawn([0.059, 0.99])).toBe('reset-after');
    expect(drawn([0.061])).toBeUndefined();
  });

  test('throttle an account with too many calls, and no other', () => {
    const clock = { now: 0 };
    const buckets = new AccountBuckets(2, 3, () => clock.now);
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false]);
    expect(buckets.take('b')).toBe(true);
    clock.now = 500;
    expect([1, 2].map(() => buckets.take('a'))).toEqual([true, false]);
  });
});
