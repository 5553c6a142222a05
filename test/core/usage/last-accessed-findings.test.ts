import { describe, expect, test } from 'vitest';
import { makeCatalogue, makeService } from '../../../lambda/core/catalogue/catalogue.ts';
import type { Grant, Principal } from '../../../lambda/core/model/principal.ts';
import { readUnusedAccess, type UnusedEntry } from '../../../lambda/core/model/unused-access.ts';
import { compareSources } from '../../../lambda/core/usage/compare-sources.ts';
import {
  lastAccessedFindings,
  type LastUseReport,
  type UserCredentials,
} from '../../../lambda/core/usage/last-accessed-findings.ts';
import { type Counts, playWorld } from './simulation.ts';

const ARN = 'arn:aws:iam::123456789012:role/MyRole';
const DONE = '2026-11-23T08:00:00.000Z';
/** 90 days before: the window begins on 2026-08-25T08:00:00Z. */
const BEFORE = '2026-08-25T07:59:59Z';
const WITHIN = '2026-08-25T08:00:00Z';
const OLD = '2020-01-01T00:00:00Z';

const catalogue = (() => {
  const plain = makeCatalogue({ source: 'test', version: '1', date: '' }, [
    ['iam', ['CreateRole', 'PassRole']],
    ['s3', ['GetObject', 'GetBucketPolicy', 'ListAllMyBuckets']],
    ['sqs', ['CreateQueue', 'SendMessage']],
  ]);
  const services = new Map(plain.services);
  services.set(
    's3',
    makeService('s3', ['GetObject', 'GetBucketPolicy', 'ListAllMyBuckets'], new Set(['getobject'])),
  );
  services.set('iam', makeService('iam', ['CreateRole', 'PassRole'], new Set()));
  return { ...plain, services };
})();

function grant(actions: readonly string[], updatedAt?: string | null): Grant {
  const document = {
    readable: true,
    value: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }] },
  } as const;
  if (updatedAt === undefined) return { source: 'role-inline', name: 'P', document };
  const arn = 'arn:aws:iam::123456789012:policy/P';
  const facts = { arn, path: '/', versionId: 'v1', attachments: 1, boundaryUses: 0 };
  const managed = updatedAt === null ? facts : { ...facts, updatedAt };
  return { source: 'customer-managed', name: 'P', document, managed };
}

function principal(grants: readonly Grant[], more: Partial<Principal> = {}): Principal {
  const ref = { arn: ARN, type: 'role', name: 'MyRole', path: '/', accountId: '123456789012' } as const;
  return { ref, tags: [], boundaryArn: undefined, createdAt: OLD, grants, ...more };
}

function report(
  services: Readonly<
    Record<string, { lastUsed?: string; actions?: Readonly<Record<string, string | null>> }>
  >,
): LastUseReport {
  return {
    completedAt: DONE,
    services: new Map(
      Object.entries(services).map(([name, { lastUsed, actions = {} }]) => [
        name,
        {
          lastUsed,
          actions: new Map(Object.entries(actions).map(([key, date]) => [key, date ?? undefined])),
        },
      ]),
    ),
  };
}

function about(subject: Principal, reported: LastUseReport | undefined, days = 90) {
  return lastAccessedFindings(
    { principal: subject, report: reported, credentials: undefined },
    catalogue,
    days,
  );
}

function entriesOf(result: ReturnType<typeof about>): readonly UnusedEntry[] {
  return result.findings.flatMap(({ details }) =>
    details.type === 'UnusedPermission' ? details.entries : [],
  );
}

describe('findings from reports of last use', () => {
  test('name an unused service, and the unused tracked actions of a used one', () => {
    const used = report({
      s3: { lastUsed: WITHIN, actions: { listallmybuckets: WITHIN, getbucketpolicy: BEFORE } },
      sqs: { lastUsed: BEFORE },
    });
    expect(about(principal([grant(['s3:*', 'sqs:*'])]), used)).toEqual({
      unjudged: undefined,
      findings: [
        {
          id: `last-accessed:${ARN}`,
          analyzerArn: null,
          source: 'last-accessed',
          findingType: 'UnusedPermission',
          status: 'ACTIVE',
          resource: ARN,
          accountId: '123456789012',
          updatedAt: DONE,
          details: {
            type: 'UnusedPermission',
            entries: [
              {
                serviceNamespace: 's3',
                actions: [{ action: 'GetBucketPolicy', lastAccessed: BEFORE }],
                lastAccessed: WITHIN,
              },
              { serviceNamespace: 'sqs', lastAccessed: BEFORE },
            ],
          },
        },
      ],
    });
  });

  test('name no action that is not known to be tracked, unless the report lists it', () => {
    const grants = [grant(['sqs:*'])];
    expect(about(principal(grants), report({ sqs: { lastUsed: WITHIN } })).findings).toEqual([]);
    const listed = report({ sqs: { lastUsed: WITHIN, actions: { createqueue: null, purgequeue: null } } });
    expect(entriesOf(about(principal(grants), listed))).toEqual([
      {
        serviceNamespace: 'sqs',
        actions: [{ action: 'CreateQueue' }, { action: 'purgequeue' }],
        lastAccessed: WITHIN,
      },
    ]);
  });

  test('never name iam:PassRole, although catalogue and report call it tracked', () => {
    const used = report({ iam: { lastUsed: WITHIN, actions: { passrole: null, createrole: null } } });
    expect(entriesOf(about(principal([grant(['iam:*'])]), used))).toEqual([
      { serviceNamespace: 'iam', actions: [{ action: 'CreateRole' }], lastAccessed: WITHIN },
    ]);
  });

  test('name only what is granted, and no service that the report lacks', () => {
    const used = report({ s3: { lastUsed: WITHIN }, sqs: {} });
    expect(entriesOf(about(principal([grant(['s3:GetBucket*', 'iam:*'])]), used))).toEqual([
      { serviceNamespace: 's3', actions: [{ action: 'GetBucketPolicy' }], lastAccessed: WITHIN },
    ]);
  });

  test('name nothing that a policy younger than the window, or of unknown age, grants', () => {
    const used = report({ s3: { lastUsed: WITHIN }, sqs: {} });
    for (const age of [WITHIN, null]) {
      const grants = [grant(['s3:*', 'sqs:*'], OLD), grant(['s3:GetB*', 'sqs:SendMessage'], age)];
      expect(entriesOf(about(principal(grants), used))).toEqual([
        { serviceNamespace: 's3', actions: [{ action: 'ListAllMyBuckets' }], lastAccessed: WITHIN },
      ]);
    }
    const unreadable: Grant = {
      ...grant([], WITHIN),
      document: { readable: false, text: '', problem: 'no' },
    };
    expect(about(principal([grant(['sqs:*']), unreadable]), used)).toEqual({
      findings: [],
      unjudged: 'young-unreadable',
    });
  });

  test('do not exist without a report, for a young principal, or for a window longer than IAM tracks', () => {
    const grants = [grant(['s3:*', 'sqs:*'])];
    const used = report({ s3: { lastUsed: WITHIN }, sqs: {} });
    expect(about(principal(grants), undefined)).toEqual({ findings: [], unjudged: 'no-report' });
    expect(about(principal(grants, { createdAt: WITHIN }), used)).toEqual({
      findings: [],
      unjudged: 'young',
    });
    const { ref, tags, boundaryArn } = principal([]);
    const ageless = { ref, tags, boundaryArn, grants };
    expect(about(ageless, used)).toEqual({ findings: [], unjudged: 'young' });
    expect(about(principal(grants), used, 401)).toEqual({ findings: [], unjudged: 'window' });
    // Since April 2020 IAM tracks single actions of S3, and services for longer.
    const early = {
      ...report({ s3: { lastUsed: '2020-05-31T00:00:00Z' }, sqs: {} }),
      completedAt: '2020-06-01T00:00:00Z',
    };
    expect(entriesOf(about(principal(grants), early))).toEqual([{ serviceNamespace: 'sqs' }]);
  });

  test('count an unreadable or future date as a use', () => {
    const grants = [grant(['s3:*', 'sqs:*'])];
    for (const date of ['soon', '2027-01-01T00:00:00Z']) {
      const used = report({ s3: { actions: { getbucketpolicy: date } }, sqs: { lastUsed: date } });
      expect(entriesOf(about(principal(grants), used))).toEqual([
        { serviceNamespace: 's3', actions: [{ action: 'ListAllMyBuckets' }] },
      ]);
    }
  });

  test("report a role as unused if IAM's date says so and the report does not contradict", () => {
    const idle = report({ s3: { lastUsed: BEFORE } });
    const grants = [grant(['s3:*'])];
    expect(about(principal(grants, { lastUsedAt: BEFORE }), idle).findings).toMatchObject([
      { id: `last-accessed:${ARN}`, details: { type: 'UnusedIAMRole', lastAccessed: BEFORE } },
    ]);
    expect(about(principal(grants, { lastUsedAt: null }), idle).findings[0]?.details).toEqual({
      type: 'UnusedIAMRole',
      lastAccessed: undefined,
    });
    const types = (subject: Principal, used: LastUseReport) =>
      about(subject, used).findings.map(({ findingType }) => findingType);
    expect(types(principal(grants, { lastUsedAt: WITHIN }), idle)).toEqual(['UnusedPermission']);
    expect(types(principal(grants), idle)).toEqual(['UnusedPermission']);
    expect(types(principal(grants, { lastUsedAt: null }), report({ s3: { lastUsed: WITHIN } }))).toEqual([
      'UnusedPermission',
    ]);
  });

  test('never call a user unused, of whom only the credentials are', () => {
    const arn = 'arn:aws:iam::123456789012:user/ann';
    const ref = { arn, type: 'user', name: 'ann', path: '/', accountId: '123456789012' } as const;
    const idle = { ...principal([grant(['s3:*'])], { lastUsedAt: null }), ref };
    expect(about(idle, report({ s3: { lastUsed: BEFORE } })).findings).toMatchObject([
      { id: `last-accessed:${arn}`, findingType: 'UnusedPermission' },
    ]);
  });

  test('name unused active keys and an unused password of a user, with separate ids', () => {
    const arn = 'arn:aws:iam::123456789012:user/ann';
    const ref = { arn, type: 'user', name: 'ann', path: '/', accountId: '123456789012' } as const;
    const key = { isActive: true, createdAt: OLD, lastUsedAt: BEFORE };
    const credentials: UserCredentials = {
      readAt: DONE,
      password: { createdAt: OLD, lastUsedAt: null },
      keys: [
        { ...key, accessKeyId: 'AKIA2' },
        { ...key, accessKeyId: 'AKIA1', lastUsedAt: null },
        { ...key, accessKeyId: 'AKIA3', isActive: false },
        { ...key, accessKeyId: 'AKIA4', lastUsedAt: WITHIN },
        { ...key, accessKeyId: 'AKIA5', lastUsedAt: undefined },
        { ...key, accessKeyId: 'AKIA6', createdAt: WITHIN },
      ],
    };
    const subject = { ...principal([]), ref };
    const { findings } = lastAccessedFindings(
      { principal: subject, report: undefined, credentials },
      catalogue,
      90,
    );
    expect(findings.map(({ id, details }) => [id, details])).toEqual([
      [
        `last-accessed:${arn}#access-keys`,
        {
          type: 'UnusedIAMUserAccessKey',
          keys: [
            { accessKeyId: 'AKIA1', lastAccessed: undefined },
            { accessKeyId: 'AKIA2', lastAccessed: BEFORE },
          ],
        },
      ],
      [`last-accessed:${arn}#password`, { type: 'UnusedIAMUserPassword', lastAccessed: undefined }],
    ]);
  });

  test('are correct and complete in 15,000 decisions about simulated accounts whose use is known', () => {
    const counts: Counts = { decisions: 0, unused: 0 };
    for (let seed = 1; counts.decisions < 12_500; seed += 1) playWorld(seed, counts);
    expect(counts.unused).toBeGreaterThan(2_500);
  });
});

describe('the comparison of two sources', () => {
  const unused = (...entries: readonly UnusedEntry[]) => {
    const read = readUnusedAccess(entries);
    if (!read.ok) throw new Error(read.problem);
    return read.value;
  };
  test('shows what only one of them reports; a service includes its actions', () => {
    const analyzer = unused(
      { serviceNamespace: 'sqs' },
      { serviceNamespace: 'sns' },
      { serviceNamespace: 's3', actions: [{ action: 'GetBucketPolicy' }, { action: 'PutBucketPolicy' }] },
      { serviceNamespace: 'ec2', actions: [{ action: 'RunInstances' }] },
    );
    const own = unused(
      { serviceNamespace: 'sqs', actions: [{ action: 'CreateQueue' }] },
      { serviceNamespace: 's3', actions: [{ action: 'getbucketpolicy' }, { action: 'ListAllMyBuckets' }] },
      { serviceNamespace: 'ec2' },
    );
    expect(compareSources(analyzer, own)).toEqual({
      onlyAnalyzer: { services: ['sns', 'sqs'], actions: ['s3:PutBucketPolicy'] },
      onlyLastAccessed: { services: ['ec2'], actions: ['s3:ListAllMyBuckets'] },
    });
  });
});
