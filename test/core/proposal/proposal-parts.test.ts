import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { makeUniverse } from '../../../lambda/core/catalogue/universe.ts';
import { JsonNumber, renderJson } from '../../../lambda/core/model/json.ts';
import { readUnusedAccess, type UnusedEntry } from '../../../lambda/core/model/unused-access.ts';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import { findingFacts, trustOf } from '../../../lambda/core/proposal/finding-facts.ts';
import { proposalId, type ProposalIdentity } from '../../../lambda/core/proposal/proposal-id.ts';
import { toJson } from '../../../lambda/core/proposal/to-json.ts';

const PRINCIPAL = {
  arn: 'arn:aws:iam::123456789012:role/team/R',
  type: 'role',
  name: 'R',
  path: '/team/',
  accountId: '123456789012',
} as const;
const DOCUMENT = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } };
const IDENTITY: ProposalIdentity = {
  kind: 'refine-permissions',
  about: { principal: PRINCIPAL, subject: '' },
  policies: [
    {
      source: 'role-inline',
      name: 'P',
      disposition: 'update',
      before: DOCUMENT,
      after: [{ document: DOCUMENT }],
    },
  ],
};
const [POLICY] = IDENTITY.policies;
const ID = '32 hexadecimal digits';

describe('the id of a proposal', () => {
  test('is the first 32 hexadecimal digits of a digest', () => {
    expect(proposalId(IDENTITY, () => '0123456789abcdef'.repeat(4))).toBe('0123456789abcdef0123456789abcdef');
    expect(proposalId(IDENTITY, sha256)).toMatch(/^[0-9a-f]{32}$/);
  });

  test.each<readonly [string, Partial<ProposalIdentity>]>([
    ['the kind', { kind: 'remove-role' }],
    [
      'the principal',
      {
        about: {
          principal: { ...PRINCIPAL, arn: 'arn:aws:iam::123456789012:role/R', path: '/' },
          subject: '',
        },
      },
    ],
    ['the access key', { about: { principal: PRINCIPAL, subject: 'AKIAIOSFODNN7EXAMPLE' } }],
    ['a document before', { policies: [{ ...POLICY!, before: { ...DOCUMENT, Id: 'x' } }] }],
    ['a document after', { policies: [{ ...POLICY!, after: [] }] }],
    ['a number in a document', { policies: [{ ...POLICY!, before: { n: new JsonNumber('1.0') } }] }],
    ['what becomes of a policy', { policies: [{ ...POLICY!, disposition: 'replace' }] }],
    ['the source of a policy', { policies: [{ ...POLICY!, source: 'aws-managed' }] }],
    [
      'the number of documents',
      { policies: [{ ...POLICY!, after: [{ document: DOCUMENT }, { document: DOCUMENT }] }] },
    ],
  ])('differs if %s differs', (_, other) => {
    expect(proposalId({ ...IDENTITY, ...other }, sha256)).not.toBe(proposalId(IDENTITY, sha256));
  });

  test('does not depend on the order of keys in a document', () => {
    const { Statement, Version } = DOCUMENT;
    const policies = [{ ...POLICY!, before: { Statement, Version } }];
    expect([ID, proposalId({ ...IDENTITY, policies }, sha256)]).toEqual([ID, proposalId(IDENTITY, sha256)]);
  });
});

describe('the finding within a proposal', () => {
  const catalogue = makeCatalogue({ source: 's', version: 'v', date: '' }, [
    ['s3', ['GetObject', 'PutObject']],
    ['sqs', ['SendMessage']],
  ]);
  const facts = (entries: readonly UnusedEntry[]): ReturnType<typeof findingFacts> => {
    const unused = readUnusedAccess(entries);
    if (!unused.ok) throw new TypeError(unused.problem);
    const about = { id: 'f', analyzerArn: null, findingType: 'UnusedPermission', updatedAt: null } as const;
    return findingFacts(about, unused.value, makeUniverse(catalogue, unused.value));
  };

  test("has sorted and prefixed names in the catalogue's spelling, if known", () => {
    const { unusedServices, unusedActions } = facts([
      { serviceNamespace: 'SQS' },
      {
        serviceNamespace: 'S3',
        actions: [{ action: 'putobject' }, { action: 's3:getObject' }, { action: 'NewAction' }],
      },
      { serviceNamespace: 'Unknown' },
      { serviceNamespace: 'constructor', actions: [{ action: '__proto__' }] },
    ]);
    expect(unusedServices).toEqual(['Unknown', 'sqs']);
    expect(unusedActions).toEqual(['constructor:__proto__', 's3:GetObject', 's3:NewAction', 's3:PutObject']);
  });

  test('does not change if entries are repeated or in another order', () => {
    const entries: readonly UnusedEntry[] = [
      { serviceNamespace: 's3', actions: [{ action: 'GetObject', lastAccessed: '2025-01-01T00:00:00Z' }] },
      { serviceNamespace: 'sqs', lastAccessed: '2025-02-01T00:00:00Z' },
      { serviceNamespace: 's3', actions: [{ action: 'getobject', lastAccessed: '2025-03-01T00:00:00Z' }] },
    ];
    expect(JSON.stringify(facts([...entries].reverse().concat(entries)))).toBe(
      JSON.stringify(facts(entries)),
    );
    expect(facts(entries).lastAccessed).toEqual({
      's3:GetObject': '2025-03-01T00:00:00Z',
      sqs: '2025-02-01T00:00:00Z',
    });
  });
});

test('a proposal says who may assume a role, and when it was last used, as far as the source does', () => {
  const known = { assumedBy: ['lambda.amazonaws.com'], lastUsedAt: '2025-01-01T00:00:00Z' };
  expect(trustOf({ ...known })).toEqual(known);
  expect(trustOf({ assumedBy: [], lastUsedAt: null })).toEqual({ assumedBy: [], lastUsedAt: null });
  expect(trustOf({})).toEqual({});
});

describe('a proposal to remove something', () => {
  const remove = (
    kind: 'remove-role' | 'remove-access-key' | 'remove-password',
    accessKeyId?: string,
  ): ReturnType<typeof buildRemoval> =>
    buildRemoval({
      kind,
      principal: { ...PRINCIPAL, type: kind === 'remove-role' ? 'role' : 'user' },
      lastAccessed: '2025-01-01T00:00:00Z',
      finding: { id: 'f', analyzerArn: null, findingType: 'UnusedIAMRole', updatedAt: null },
      digest: sha256,
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
    });

  test('deactivates what can be deactivated, and deletes only passwords', () => {
    const calls = ({ plan }: ReturnType<typeof buildRemoval>): readonly string[] =>
      (plan?.apply ?? []).flatMap((step) => step.calls.map(({ call }) => call));
    expect(calls(remove('remove-role'))).toEqual(['PutRolePolicy']);
    expect(calls(remove('remove-access-key', 'AKIA1'))).toEqual(['UpdateAccessKey']);
    expect(calls(remove('remove-password'))).toEqual(['DeleteLoginProfile']);
  });

  test('contains the fact that it is based on, to be checked again', () => {
    expect(remove('remove-access-key', 'AKIA1').plan?.checks).toEqual([
      { check: 'subject' },
      {
        check: 'last-use',
        of: 'access-key',
        accessKeyId: 'AKIA1',
        lastUsedAt: '2025-01-01T00:00:00Z',
        analysedAt: null,
      },
      { check: 'access-key', accessKeyId: 'AKIA1' },
    ]);
  });

  test('differs for each key', () => {
    expect(remove('remove-access-key', 'AKIA1').proposalId).not.toBe(
      remove('remove-access-key', 'AKIA2').proposalId,
    );
  });
});

describe('a proposal as JSON', () => {
  test('leaves out what is undefined and keeps numbers, keys and their order', () => {
    const value = {
      b: undefined,
      a: [null, new JsonNumber('1.0')],
      ['__proto__']: { constructor: true },
      c: '',
    };
    expect(renderJson(toJson(value), 0)).toBe('{"a":[null,1.0],"__proto__":{"constructor":true},"c":""}');
  });

  test('refuses values that JSON cannot represent', () => {
    expect(() => toJson(() => 1)).toThrow('a function cannot stand in JSON');
  });
});
