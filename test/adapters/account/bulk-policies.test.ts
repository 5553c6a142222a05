import { describe, expect, test } from 'vitest';
import { BulkPolicies } from '../../../lambda/adapters/account/bulk-policies.ts';
import type { Principal, PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { AccountPage, PageRole } from '../../../lambda/ports/account.ts';
import { encoded } from '../aws/support.ts';

const POLICY = 'arn:aws:iam::123456789012:policy/Shared';
const EMPTY: AccountPage = { roles: [], users: [], groups: [], policies: [], nextMarker: null };
const DOCUMENT = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Größe 100%', Effect: 'Allow', Action: 's3:Get*' }],
};
const SHARED = {
  arn: POLICY,
  path: '/',
  versionId: 'v1',
  attachments: 2,
  boundaryUses: 0,
  document: encoded(DOCUMENT),
};

function ref(type: 'role' | 'user', name: string): PrincipalRef {
  return {
    arn: `arn:aws:iam::123456789012:${type}/${name}`,
    type,
    name,
    path: '/',
    accountId: '123456789012',
  };
}

function holder(type: 'role' | 'user', name: string, attached: readonly string[] = []): PageRole {
  return {
    arn: ref(type, name).arn,
    tags: [],
    boundaryArn: null,
    inline: [{ name: 'Own', document: encoded(DOCUMENT) }],
    attached: attached.map((arn) => ({ name: 'Shared', arn })),
  };
}

function bulk(page: Partial<AccountPage>) {
  const asked: string[] = [];
  const tagged: string[] = [];
  let fails = false;
  const memory = new BulkPolicies(
    {
      getPrincipal: ({ name }) => {
        asked.push(name);
        return Promise.resolve({ kind: 'gone' });
      },
    },
    {
      tagsOf: (_, arn) => {
        tagged.push(arn);
        return fails ? Promise.reject(new Error('not now')) : Promise.resolve([{ key: 'a', value: 'b' }]);
      },
    },
  );
  memory.addPage({ ...EMPTY, ...page });
  return {
    memory,
    asked,
    tagged,
    fail: (now: boolean) => {
      fails = now;
    },
  };
}

async function found(memory: BulkPolicies, who: PrincipalRef): Promise<Principal> {
  const answer = await memory.getPrincipal(who);
  if (answer.kind === 'gone') throw new Error(`${who.arn} is gone`);
  return answer.principal;
}

describe('a principal of an account that was read in bulk', () => {
  test('has decoded documents, and equals what a single reading returns', async () => {
    const { memory, asked } = bulk({ roles: [holder('role', 'R', [POLICY])], policies: [SHARED] });
    expect(await found(memory, ref('role', 'R'))).toMatchObject({
      boundaryArn: undefined,
      grants: [
        { source: 'role-inline', name: 'Own', document: { readable: true } },
        {
          source: 'customer-managed',
          name: 'Shared',
          managed: { arn: POLICY, path: '/', versionId: 'v1', attachments: 2, boundaryUses: 0 },
        },
      ],
    });
    expect((await found(memory, ref('role', 'R'))).grants[1]?.managed).not.toHaveProperty('versions');
    expect(asked).toEqual([]);
  });

  test('that the pages lack, or whose policy or group they lack, is read with its own calls', async () => {
    const { memory, asked } = bulk({
      roles: [holder('role', 'LacksPolicy', [POLICY])],
      users: [
        { ...holder('user', 'LacksGroup'), groups: ['Unknown'] },
        { ...holder('user', 'GroupLacksPolicy'), groups: ['Known'] },
        { ...holder('user', 'Whole'), groups: ['Bare'] },
      ],
      groups: [
        { name: 'Known', inline: [], attached: [{ name: 'Shared', arn: POLICY }] },
        { name: 'Bare', inline: [], attached: [] },
      ],
    });
    const names = ['LacksGroup', 'GroupLacksPolicy', 'Whole', 'Nobody'];
    for (const name of names) await memory.getPrincipal(ref('user', name));
    await memory.getPrincipal(ref('role', 'LacksPolicy'));
    expect(asked).toEqual(['LacksGroup', 'GroupLacksPolicy', 'Nobody', 'LacksPolicy']);
  });
});

describe('an entry of the pages that cannot be read', () => {
  test.each([
    ['a role', { type: 'role', problem: 'no ARN' }, ['R', 'Nobody'], ['Nobody']],
    ['this role', { type: 'role', arn: ref('role', 'S').arn, problem: 'no ARN' }, ['R', 'S'], ['S']],
  ] as const)(
    'makes the principals that it may be about be read with their own calls: %s',
    async (_, fault, names, expected) => {
      const { memory, asked } = bulk({ roles: [holder('role', 'R')], faults: [fault] });
      for (const name of names) await memory.getPrincipal(ref('role', name));
      expect(asked).toEqual(expected);
      expect(memory.faults).toEqual(['no ARN']);
    },
  );

  test('leaves it unknown who is in a group, and which groups exist', () => {
    const group = { name: 'G', inline: [], attached: [] };
    const users = [{ ...holder('user', 'U'), groups: ['G'] }];
    const membersWith = (faults: AccountPage['faults']) =>
      [
        ...bulk({ users, groups: [group], faults })
          .memory.index.inventory('123456789012')
          .groups(),
      ].map(({ members }) => members?.length);
    expect(membersWith([])).toEqual([1]);
    expect(membersWith([{ type: 'user', problem: 'no ARN' }])).toEqual([undefined]);
    const { memory } = bulk({ users, groups: [group], faults: [{ type: 'group', problem: 'no name' }] });
    expect(
      memory.index.inventory('123456789012').unread?.('group', 'arn:aws:iam::123456789012:group/Other'),
    ).toBe('it is not there, and an entry that may be its own cannot be read: no name');
  });
});

describe('tags of a managed policy', () => {
  const page = { roles: [holder('role', 'R', [POLICY]), holder('role', 'S', [POLICY])], policies: [SHARED] };

  test('are read once, and returned for every principal that has the policy', async () => {
    const { memory, tagged } = bulk(page);
    expect((await found(memory, ref('role', 'R'))).grants[1]?.managed?.tags).toBeUndefined();
    await Promise.all([memory.tagsOf('123456789012', POLICY), memory.tagsOf('123456789012', POLICY)]);
    expect((await found(memory, ref('role', 'S'))).grants[1]?.managed?.tags).toEqual([
      { key: 'a', value: 'b' },
    ]);
    expect(tagged).toEqual([POLICY]);
  });

  test('that could not be read are read again', async () => {
    const { memory, tagged, fail } = bulk(page);
    fail(true);
    await expect(memory.tagsOf('123456789012', POLICY)).rejects.toThrow('not now');
    fail(false);
    expect(await memory.tagsOf('123456789012', POLICY)).toEqual([{ key: 'a', value: 'b' }]);
    expect(tagged).toHaveLength(2);
  });
});
