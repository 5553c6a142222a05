import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readAccountExport } from '../../../lambda/adapters/files/account-export.ts';
import { renderJson } from '../../../lambda/core/model/json.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { allow, attached, inline, managed, policyArn, role, roleArn, user } from '../../cli/accounts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(content: unknown): string {
  const file = path.join(folder, 'account.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

function refOf(name: string, accountId = '123456789012', type: 'role' | 'user' = 'role'): PrincipalRef {
  return { type, accountId, path: '/', name, arn: `arn:aws:iam::${accountId}:${type}/${name}` };
}

/** Every grant of a principal: its name, and its document or why it has none. */
async function grantsOf(content: unknown, ref: PrincipalRef): Promise<unknown> {
  const answer = await readAccountExport(write(content)).getPrincipal(ref);
  if (answer.kind !== 'found') return answer.kind;
  return answer.principal.grants.map(({ name, document }) => [
    name,
    document.readable ? renderJson(document.value, 0) : document.problem,
  ]);
}

const S3 = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"*"}]}';
const SQS = S3.replace('s3', 'sqs');
const A = role('a', { RolePolicyList: [inline('P', allow('s3:*'))] });
const B = role('b', { AttachedManagedPolicies: [attached(policyArn('Shared'))] });
const SHARED = managed(policyArn('Shared'), allow('sqs:*'));

describe('an export', () => {
  test('loses nothing of a document', async () => {
    const odd = '{"Version":"2012-10-17","Id":"é \\u00e9","__proto__":{"n":1.0},"Statement":[]}';
    const text = JSON.stringify({ RoleDetailList: [role('x', { RolePolicyList: [inline('P', 'PLACE')] })] });
    expect(await grantsOf(text.replace('"PLACE"', odd), refOf('x'))).toEqual([
      ['P', '{"Version":"2012-10-17","Id":"é é","__proto__":{"n":1.0},"Statement":[]}'],
    ]);
  });

  test('names the position of a duplicate key in a document, which affects only that document', async () => {
    const text = JSON.stringify({
      RoleDetailList: [role('x', { RolePolicyList: [inline('P', 'PLACE'), inline('Q', allow('s3:*'))] })],
    });
    const file = write(`{\n "X": 1,\n${text.slice(1).replace('"PLACE"', '{"é":1,"a":1,"a":2}')}`);
    const column = text.slice(1).indexOf('"PLACE"') + '{"é":1,"a":1,'.length + 1;
    const answer = await readAccountExport(file).getPrincipal(refOf('x'));
    const [first, second] = answer.kind === 'found' ? answer.principal.grants : [];
    expect(first?.document).toMatchObject({
      value: { problem: `the key "a" occurs twice in one object (line 3, column ${String(column)})` },
    });
    expect(second?.document).toMatchObject({ readable: true });
  });

  test.each<readonly [string, unknown]>([
    ['as it is printed', { RoleDetailList: [A, B], Policies: [SHARED] }],
    [
      'in pages in an array',
      [
        { RoleDetailList: [A], IsTruncated: true, Marker: 'm' },
        { RoleDetailList: [B], Policies: [SHARED] },
      ],
    ],
    [
      'in pages one after the other, in any order',
      [
        { RoleDetailList: [B], Policies: [SHARED], IsTruncated: false },
        { RoleDetailList: [A], IsTruncated: true, Marker: 'm' },
      ]
        .map((page) => JSON.stringify(page))
        .join('\n'),
    ],
    [
      'in pages of which the last shows no principal',
      [
        { RoleDetailList: [A, B], NextToken: 't' },
        { RoleDetailList: [], Policies: [SHARED] },
      ],
    ],
    ['in an object around it', { Account: { RoleDetailList: [A, B], Policies: [SHARED] } }],
    [
      'in pages in an object around them',
      {
        pages: [
          { RoleDetailList: [A], IsTruncated: true },
          { RoleDetailList: [B], Policies: [SHARED] },
        ],
      },
    ],
    [
      'with null for what is not there',
      {
        IsTruncated: null,
        Marker: null,
        UserDetailList: null,
        GroupDetailList: null,
        RoleDetailList: [
          { ...A, Path: null, Tags: null, PermissionsBoundary: null, AttachedManagedPolicies: null },
          { ...B, RolePolicyList: null, PermissionsBoundary: { PermissionsBoundaryArn: null } },
        ],
        Policies: [
          { ...SHARED, AttachmentCount: null, PermissionsBoundaryUsageCount: null, Description: null },
        ],
      },
    ],
  ])('is read %s', async (_, content) => {
    expect(await grantsOf(content, refOf('a'))).toEqual([['P', S3]]);
    expect(await grantsOf(content, refOf('b'))).toEqual([['Shared', SQS]]);
  });

  test.each<readonly [string, unknown, string]>([
    ['IsTruncated', { RoleDetailList: [A], IsTruncated: true }, 'IsTruncated'],
    ['IsTruncated as a text', { RoleDetailList: [A], IsTruncated: 'true' }, 'IsTruncated'],
    ['Marker', { RoleDetailList: [A], Marker: 'AAE' }, 'Marker'],
    ['NextToken, as --max-items leaves it', { RoleDetailList: [A], NextToken: 'eyJ' }, 'NextToken'],
    ['nextToken', { RoleDetailList: [A], nextToken: 'eyJ' }, 'nextToken'],
    ['is_truncated', { RoleDetailList: [A], is_truncated: true }, 'is_truncated'],
    ['metadata', { RoleDetailList: [A], Pagination: { NextToken: 'x' } }, 'Pagination.NextToken'],
    ['an object around it', { data: { RoleDetailList: [A] }, NextToken: 'x' }, 'NextToken'],
    [
      'each of its pages',
      [
        { RoleDetailList: [A], Marker: 'm' },
        { RoleDetailList: [B], Marker: 'n' },
      ],
      'Marker',
    ],
    [
      "one account's pages, while another account is whole",
      [
        { RoleDetailList: [A], Marker: 'm' },
        { RoleDetailList: [{ ...B, Arn: refOf('b', '111122223333').arn }] },
      ],
      'Marker',
    ],
  ])('that is incomplete according to %s is refused', (_, content, member) => {
    const file = write(content);
    expect(() => readAccountExport(file)).toThrow(
      `${file}: ${member} says that more was to come, so a part of the account is missing; export it without --no-paginate and --max-items, or give all its pages`,
    );
  });

  test.each<readonly [string, unknown]>([
    ['is not there', { PolicyName: 'P' }],
    ['is null', inline('P', null)],
    ['is empty', inline('P', '')],
    ['is no JSON', inline('P', '%7B')],
    ['is a list', inline('P', [])],
  ])('with a document that %s has a fault in that policy only', async (_, entry) => {
    const content = { RoleDetailList: [role('x', { RolePolicyList: [entry, inline('Q', allow('s3:*'))] })] };
    expect(await grantsOf(content, refOf('x'))).toEqual([
      ['P', expect.any(String)],
      ['Q', S3],
    ]);
  });

  test.each<readonly [string, unknown, string]>([
    ['a list of roles', [A], 'an array, its first element a role, a user or a group'],
    ['a finding', { id: 'x', findingDetails: [] }, 'a finding (get-finding-v2)'],
    ['a list of findings', { findings: [] }, 'a list of findings, which lacks their details'],
    ['a policy', allow('s3:*'), 'a policy document'],
    ['an event', { 'detail-type': 'x', detail: {} }, 'an EventBridge event'],
  ])('is expected instead of %s', (_, content, kind) => {
    const file = write(content);
    expect(() => readAccountExport(file)).toThrow(
      `${file}: ${kind}; it has none of RoleDetailList, UserDetailList, GroupDetailList; expected the output of aws iam get-account-authorization-details`,
    );
  });
});

describe('an entry of an export that cannot be read', () => {
  const BROKEN = { ...role('x'), RolePolicyList: 'none' };
  const problem = 'RoleDetailList[0].RolePolicyList: expected an array, found a string';

  test('is a fault of its own principal, and the others are read', async () => {
    const content = { RoleDetailList: [BROKEN, A] };
    const index = readAccountExport(write(content));
    expect(index.faults).toEqual([problem]);
    expect(index.faultOf(refOf('x'))).toBe(`its entry cannot be read: ${problem}`);
    expect(await grantsOf(content, refOf('a'))).toEqual([['P', S3]]);
  });

  test('is refused with its position if there is no other entry', () => {
    const file = write({ RoleDetailList: [BROKEN] });
    expect(() => readAccountExport(file)).toThrow(`${file}: ${problem}`);
  });

  test('is not there in the export of an account without any entry', () => {
    expect(readAccountExport(write({ RoleDetailList: [], UserDetailList: [] })).faults).toEqual([]);
  });

  test('may be one with two policies of the same name', () => {
    const twice = [inline('P', allow('s3:*')), inline('P', allow('sqs:*'))];
    const index = readAccountExport(
      write({
        RoleDetailList: [A, role('x', { RolePolicyList: twice })],
        UserDetailList: [user('u', { UserPolicyList: twice })],
        GroupDetailList: [{ GroupName: 'G', GroupPolicyList: twice }],
      }),
    );
    expect(index.faults).toEqual([
      'RoleDetailList[1].RolePolicyList: "P" occurs twice',
      'UserDetailList[0].UserPolicyList: "P" occurs twice',
      'GroupDetailList[0].GroupPolicyList: "P" occurs twice',
    ]);
    expect(index.faultOf(refOf('x'))).toBe(
      'its entry cannot be read: RoleDetailList[1].RolePolicyList: "P" occurs twice',
    );
    expect(index.faultOf(refOf('u', '123456789012', 'user'))).toBe(
      'its entry cannot be read: UserDetailList[0].UserPolicyList: "P" occurs twice',
    );
  });

  test.each([
    ['a/b', 'a-b', '"a/b"'],
    ['', '-', '""'],
    ['x'.repeat(129), 'x'.repeat(128), `"${'x'.repeat(129)}"`],
  ])('may be a policy whose name IAM does not take: %j', async (name, safe, shown) => {
    const content = { RoleDetailList: [role('x', { RolePolicyList: [inline(name, allow('s3:*'))] })] };
    expect(await grantsOf(content, refOf('x'))).toEqual([
      [safe, `${shown} is not a policy name that IAM takes (up to 128 letters, digits and _+=,.@-)`],
    ]);
  });
});

describe('the holders of a policy', () => {
  const inventoryWith = (count: number | null, ...roles: readonly unknown[]) =>
    readAccountExport(
      write({ RoleDetailList: roles, Policies: [{ ...SHARED, AttachmentCount: count }] }),
    ).inventory('123456789012');

  test('are all known if IAM counts no more of them', () => {
    expect(inventoryWith(1, A, B).unread?.('policy', policyArn('Shared'))).toBeUndefined();
    expect(inventoryWith(null, A, B).unread?.('policy', policyArn('Shared'))).toBeUndefined();
  });

  test('are not all known if IAM counts more, or an entry may be one of them', () => {
    expect(inventoryWith(3, A, B).unread?.('policy', policyArn('Shared'))).toBe(
      'it is attached to 3 roles, users and groups, of which the description of the account shows 1',
    );
    const broken = { ...role('x'), RolePolicyList: 'none' };
    expect(inventoryWith(null, A, broken).unread?.('policy', policyArn('Shared'))).toBe(
      'it is not there, and an entry that may be its own cannot be read: RoleDetailList[1].RolePolicyList: expected an array, found a string',
    );
  });
});

describe('an export of two accounts', () => {
  const OTHER = '111122223333';
  const group = (account: string, document: unknown) => ({
    GroupName: 'builders',
    Arn: `arn:aws:iam::${account}:group/builders`,
    GroupPolicyList: [inline('Tools', document)],
  });
  const member = (account: string) => ({
    ...user('u', { GroupList: ['builders'] }),
    Arn: refOf('u', account, 'user').arn,
  });
  const BOTH = {
    UserDetailList: [member('123456789012'), member(OTHER)],
    GroupDetailList: [group('123456789012', allow('s3:*')), group(OTHER, allow('sqs:*'))],
  };

  test('has two groups of the same name, each with its own members', async () => {
    const index = readAccountExport(write(BOTH));
    for (const [account, document] of [
      ['123456789012', S3],
      [OTHER, SQS],
    ] as const) {
      expect(await grantsOf(BOTH, refOf('u', account, 'user'))).toEqual([['Tools', document]]);
      const groups = [...index.inventory(account).groups()];
      expect(groups.map(({ arn, members }) => [arn, members?.map((one) => one.arn)])).toEqual([
        [`arn:aws:iam::${account}:group/builders`, [refOf('u', account, 'user').arn]],
      ]);
      const [grant] = groups[0]?.grants() ?? [];
      expect(grant?.document.readable && renderJson(grant.document.value, 0)).toBe(document);
      expect(grant?.group).toEqual({ name: 'builders', members: 1 });
    }
  });

  test('is refused if a group has no ARN, which is accepted in an export of one account', async () => {
    const nameless = { ...group('123456789012', allow('s3:*')), Arn: null };
    const file = write({ ...BOTH, GroupDetailList: [nameless] });
    expect(() => readAccountExport(file)).toThrow(
      `${file}: GroupDetailList[0]: the group "builders" has no Arn, and the export holds 2 accounts, so it is not known whose it is`,
    );
    const one = { UserDetailList: [member(OTHER)], GroupDetailList: [nameless] };
    expect(await grantsOf(one, refOf('u', OTHER, 'user'))).toEqual([['Tools', S3]]);
  });

  test("may have two copies of AWS's own policies, of which the later version counts", async () => {
    const arn = 'arn:aws:iam::aws:policy/ReadAll';
    const version = (id: string, document: unknown) => ({
      ...managed(arn, document),
      DefaultVersionId: id,
      PolicyVersionList: [{ VersionId: id, Document: document }],
    });
    const holder = role('h', { AttachedManagedPolicies: [attached(arn)] });
    for (const copies of [
      [version('v9', allow('s3:*')), version('v10', allow('sqs:*'))],
      [version('v10', allow('sqs:*')), version('v9', allow('s3:*'))],
    ]) {
      expect(await grantsOf({ RoleDetailList: [holder], Policies: copies }, refOf('h'))).toEqual([
        ['ReadAll', SQS],
      ]);
    }
    const twice = write({ RoleDetailList: [holder], Policies: [SHARED, SHARED] });
    expect(() => readAccountExport(twice)).toThrow(`Policies[1]: "${policyArn('Shared')}" occurs twice`);
  });

  test('names the groups and policies of a principal that it lacks', () => {
    const team = {
      ...group('123456789012', allow('s3:*')),
      AttachedManagedPolicies: [attached(policyArn('G'))],
    };
    const person = { ...member('123456789012'), GroupList: ['builders', 'lost'] };
    const index = readAccountExport(
      write({
        UserDetailList: [{ ...person, AttachedManagedPolicies: [attached(policyArn('U'))] }],
        GroupDetailList: [
          team,
          { ...group(OTHER, allow('s3:*')), GroupName: 'lost', Arn: `arn:aws:iam::${OTHER}:group/lost` },
        ],
      }),
    );
    expect(index.missingPartsOf(refOf('u', '123456789012', 'user'))).toEqual({
      groups: ['lost'],
      groupPolicies: [{ group: 'builders', policy: 'G' }],
      policies: ['U'],
    });
    expect(roleArn('a')).toBe(refOf('a').arn);
  });
});
