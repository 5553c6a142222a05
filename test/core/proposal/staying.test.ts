import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { type Catalogue, makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { asCatalogue, keepService } from '../../../lambda/core/catalogue/kept-catalogue.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import {
  type LastAccess,
  readUnusedAccess,
  type UnusedEntry,
} from '../../../lambda/core/model/unused-access.ts';
import type { Grant, Principal } from '../../../lambda/core/model/principal.ts';
import type { IamQuotas } from '../../../lambda/core/fit/quotas.ts';
import { buildProposal } from '../../../lambda/core/proposal/build-proposal.ts';
import type { RefineProposal } from '../../../lambda/core/proposal/schema.ts';
import { makeContext } from '../../../lambda/core/refine/context.ts';
import { readKeepList } from '../../../lambda/core/refine/keep-list.ts';

const ORIGIN = { source: 's', version: 'v', date: '' };
/** A catalogue that says which actions AWS tracks. */
const TELLING = asCatalogue({
  origin: ORIGIN,
  services: [
    keepService(
      's3',
      [
        { name: 'GetObject', isTracked: false },
        { name: 'GetBucketAcl', isTracked: true },
        { name: 'GetBucketPolicy', isTracked: true },
        { name: 'PutObject', isTracked: false },
      ],
      undefined,
    ),
    keepService('sqs', [{ name: 'SendMessage', isTracked: false }], undefined),
    keepService('sns', [{ name: 'Publish', isTracked: false }], undefined),
  ],
});
const SILENT = makeCatalogue(ORIGIN, [
  ['s3', ['GetObject', 'GetBucketAcl', 'GetBucketPolicy', 'PutObject']],
  ['sqs', ['SendMessage']],
  ['sns', ['Publish']],
  ['iam', ['PassRole']],
]);

interface Case {
  readonly catalogue?: Catalogue;
  readonly unused?: readonly UnusedEntry[];
  readonly keep?: readonly string[];
  readonly lastAccess?: LastAccess;
  readonly more?: Principal['grants'];
  readonly quotas?: IamQuotas;
}

function propose(actions: readonly string[], { catalogue = TELLING, ...rest }: Case = {}): RefineProposal {
  const unused = readUnusedAccess(rest.unused ?? [entry('s3', ['GetBucketPolicy'])]);
  const keep = readKeepList(rest.keep ?? []);
  if (!unused.ok || !keep.ok) throw new Error('the case is wrong');
  const principal: Principal = {
    ref: {
      arn: 'arn:aws:iam::123456789012:role/R',
      type: 'role',
      name: 'R',
      path: '/',
      accountId: '123456789012',
    },
    tags: [],
    grants: [
      { source: 'role-inline', name: 'P', document: { readable: true, value: allow(actions) } },
      ...(rest.more ?? []),
    ],
    boundaryArn: undefined,
  };
  const built = buildProposal({
    principal,
    finding: {
      id: 'f',
      analyzerArn: null,
      findingType: 'UnusedPermission',
      updatedAt: '2026-11-20T08:00:00.000Z',
    },
    context: makeContext(catalogue, unused.value, { keep: keep.value, generalize: 'shortest' }),
    catalogue,
    keep: rest.keep ?? [],
    digest: sha256,
    ...(rest.quotas ? { quotas: rest.quotas } : {}),
  });
  if (built.kind !== 'proposal') throw new Error(built.reason);
  return built.complete({ lastAccess: rest.lastAccess });
}

function allow(Action: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: [...Action], Resource: '*' } };
}

function entry(serviceNamespace: string, actions?: readonly string[]): UnusedEntry {
  return {
    serviceNamespace,
    lastAccessed: undefined,
    actions: actions?.map((action) => ({ action, lastAccessed: undefined })),
  } as UnusedEntry;
}

function access(actions: Readonly<Record<string, string | undefined>>): LastAccess {
  return new Map([['s3', { actions: new Map(Object.entries(actions)) }]]);
}

describe('the reason why an action stays', () => {
  test('is that it is tracked and not reported, or never tracked, if the catalogue says which', () => {
    expect(propose(['s3:Get*', 'sqs:SendMessage']).staying).toEqual([
      { reason: 'tracked-not-reported', count: 1, actions: ['s3:GetBucketAcl'] },
      { reason: 'not-tracked', count: 2, actions: ['s3:GetObject', 'sqs:*'] },
    ]);
  });

  test('is unknown if the catalogue does not say what AWS tracks', () => {
    const actions = ['s3:GetBucket*', 'sqs:SendMessage', 'sns:Publish'];
    expect(propose(actions, { catalogue: SILENT }).staying).toEqual([
      { reason: 'tracking-unknown', count: 3, actions: ['s3:*', 'sns:*', 'sqs:*'] },
    ]);
  });

  test('is that it is never tracked if AWS documents that, even if the catalogue does not say it', () => {
    expect(propose(['s3:*', 'iam:PassRole'], { catalogue: SILENT }).staying).toEqual([
      { reason: 'not-tracked', count: 3, actions: ['iam:*', 's3:GetObject', 's3:PutObject'] },
      { reason: 'tracking-unknown', count: 1, actions: ['s3:GetBucketAcl'] },
    ]);
    // Whatever says it of this catalogue or this principal knows better.
    const tracked = asCatalogue({
      origin: ORIGIN,
      services: [
        keepService(
          's3',
          ['GetObject', 'GetBucketPolicy'].map((name) => ({ name, isTracked: true })),
          undefined,
        ),
      ],
    });
    expect(propose(['s3:Get*'], { catalogue: tracked }).staying).toEqual([
      { reason: 'tracked-not-reported', count: 1, actions: ['s3:*'] },
    ]);
    const lastAccess = access({ getobject: '2026-11-02T10:00:00.000Z' });
    expect(
      propose(['s3:GetObject', 's3:GetBucketPolicy'], { catalogue: SILENT, lastAccess }).staying,
    ).toMatchObject([{ reason: 'used', actions: ['s3:GetObject'] }]);
  });

  test("is its use, with AWS's date; an action listed without a date is still tracked", () => {
    const lastAccess = access({ getbucketacl: '2026-11-02T10:00:00.000Z', getbucketpolicy: undefined });
    expect(propose(['s3:*'], { lastAccess, catalogue: SILENT }).staying).toEqual([
      {
        reason: 'used',
        count: 1,
        actions: ['s3:GetBucketAcl'],
        lastAccessed: { 's3:GetBucketAcl': '2026-11-02T10:00:00.000Z' },
      },
      { reason: 'not-tracked', count: 2, actions: ['s3:GetObject', 's3:PutObject'] },
    ]);
    const listed = access({ getbucketacl: undefined });
    expect(propose(['s3:Get*'], { lastAccess: listed, catalogue: SILENT }).staying?.[0]).toEqual({
      reason: 'tracked-not-reported',
      count: 1,
      actions: ['s3:GetBucketAcl'],
    });
  });

  test("is that the catalogue does not know it, in the policy's spelling", () => {
    expect(propose(['s3:GetBucketPolicy', 'S3:GetNothing', 'nosuch:Do*', 's3:Fu*']).staying).toEqual([
      { reason: 'unknown-to-catalogue', count: 3, actions: ['S3:GetNothing', 'nosuch:Do*', 's3:Fu*'] },
    ]);
  });

  test('is that it is retained, although the finding reports it and AWS does not track it', () => {
    const unused = [entry('s3', ['GetBucketPolicy']), entry('sns')];
    expect(propose(['s3:GetBucketPolicy', 'sns:*'], { unused, keep: ['sns:Publish'] }).staying).toEqual([
      { reason: 'retained', count: 1, actions: ['sns:*'] },
    ]);
  });

  test('is that it is retained, for one action of a service of which nobody knows what AWS tracks', () => {
    const queues = makeCatalogue(ORIGIN, [['sqs', ['PurgeQueue', 'ReceiveMessage', 'SendMessage']]]);
    const unused = [entry('sqs', ['PurgeQueue', 'SendMessage'])];
    expect(propose(['sqs:*'], { catalogue: queues, unused, keep: ['sqs:SendMessage'] }).staying).toEqual([
      { reason: 'tracking-unknown', count: 1, actions: ['sqs:ReceiveMessage'] },
      { reason: 'retained', count: 1, actions: ['sqs:SendMessage'] },
    ]);
  });

  test('is that its policy does not fit after refinement, although it is unused', () => {
    const more: Principal['grants'] = [
      {
        source: 'customer-managed',
        name: 'Large',
        document: { readable: true, value: allow(['s3:*']) },
        managed: {
          arn: 'arn:aws:iam::123456789012:policy/Large',
          path: '/',
          versionId: 'v1',
          attachments: 1,
          boundaryUses: 0,
        },
      },
    ];
    const quotas: IamQuotas = {
      managedPolicyCharacters: 85,
      inlineCharacters: 10_240,
      attachedManagedPolicies: 1,
    };
    const { staying, residue } = propose(['s3:GetBucketPolicy', 'sns:Publish'], {
      more,
      quotas,
      catalogue: SILENT,
    });
    expect(staying).toEqual([
      { reason: 'not-tracked', count: 2, actions: ['s3:GetObject', 's3:PutObject'] },
      { reason: 'tracking-unknown', count: 2, actions: ['s3:GetBucketAcl', 'sns:*'] },
      { reason: 'residue', count: 1, actions: ['s3:GetBucketPolicy'] },
    ]);
    expect(residue.map(({ action }) => action)).toEqual(['s3:GetBucketPolicy']);
  });

  test('exists for as many actions as the summary counts', () => {
    const { staying, summary } = propose(['*'], { catalogue: SILENT });
    expect(staying?.reduce((sum, { count }) => sum + count, 0)).toBe(6);
    expect(summary.actionsGrantedAfter).toBe(6);
  });

  test("is counted once for an action of two policies, and not for a group's", () => {
    const more: Principal['grants'] = [
      {
        source: 'role-inline',
        name: 'Q',
        document: { readable: true, value: allow(['s3:GetBucketAcl', 's3:PutObject']) },
      },
      {
        source: 'group-inline',
        name: 'G',
        document: { readable: true, value: allow(['sns:Publish']) },
        group: { name: 'Devs', members: 2 },
      },
    ];
    expect(propose(['s3:GetBucket*', 's3:GetObject'], { more }).staying).toEqual([
      { reason: 'tracked-not-reported', count: 1, actions: ['s3:GetBucketAcl'] },
      { reason: 'not-tracked', count: 2, actions: ['s3:GetObject', 's3:PutObject'] },
    ]);
  });
});

test('the risk is that of the one policy that was understood, whatever stands beside it', () => {
  const odd: Grant = {
    source: 'role-inline',
    name: 'A',
    document: { readable: false, text: '{', problem: 'it is no JSON' },
  };
  for (const more of [[], [odd]]) {
    const { risk } = propose(['s3:*'], { catalogue: SILENT, more });
    expect([risk?.removed.levels.unknown, risk?.remaining.levels.unknown]).toEqual([1, 3]);
  }
});

describe('the reason of a literal', () => {
  test.each([
    [
      's3:GetObject',
      'not reported unused, which it never is on its own: AWS does not track its use',
      TELLING,
    ],
    ['s3:GetBucketAcl', 'tracked by AWS and not reported unused', TELLING],
    ['s3:GetObject', 'not reported unused: it was used, or AWS does not track it action by action', SILENT],
  ])('%s: %s', (literal, reason, catalogue) => {
    const [policy] = propose([literal, 's3:GetBucketPolicy'], { catalogue }).policies;
    expect(policy?.changes.find(({ pattern }) => pattern === literal)?.reason).toBe(reason);
  });
});

describe('a removed action that was used after the finding was made', () => {
  test('stops the proposal', () => {
    const lastAccess = access({ getbucketpolicy: '2026-11-21T09:30:00.000Z' });
    expect(propose(['s3:*'], { lastAccess }).warnings).toEqual([
      'Do not apply this before the finding is updated: AWS recorded the use of removed actions after the finding was made (2026-11-20T08:00:00.000Z): s3:GetBucketPolicy on 2026-11-21T09:30:00.000Z.',
    ]);
  });

  test('does not stop it if the use was earlier', () => {
    const lastAccess = access({ getbucketpolicy: '2026-01-21T09:30:00.000Z' });
    expect(propose(['s3:*'], { lastAccess }).warnings).toEqual([]);
  });
});
