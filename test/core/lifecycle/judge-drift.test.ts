import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { EMPTY_PLAN } from '../plan/empty-plan.ts';
import type { FindingNow, PolicyNow, SubjectNow } from '../../../lambda/core/lifecycle/drift-facts.ts';
import { type JudgedShared, judgeDrift } from '../../../lambda/core/lifecycle/judge-drift.ts';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { readUnusedAccess, type UnusedEntry } from '../../../lambda/core/model/unused-access.ts';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import type { RefineProposal } from '../../../lambda/core/proposal/schema.ts';

const ACCOUNT = '111122223333';
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/`;
const ROLE = {
  arn: `arn:aws:iam::${ACCOUNT}:role/Orders`,
  type: 'role',
  name: 'Orders',
  path: '/',
  accountId: ACCOUNT,
} as const;
const FINDING = {
  id: 'f-1',
  analyzerArn: null,
  findingType: 'UnusedPermission',
  updatedAt: '2026-11-01T00:00:00Z',
  unusedServices: ['sqs'],
  unusedActions: ['s3:GetObject'],
  lastAccessed: {},
} as const;

function allow(...actions: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

const BEFORE = allow('s3:GetObject', 's3:PutObject');
const AFTER = allow('s3:PutObject');
const INLINE: ProposedPolicy = {
  source: 'role-inline',
  name: 'Files',
  disposition: 'update',
  reason: '',
  before: BEFORE,
  after: [{ name: 'Files', document: AFTER }],
  removed: ['s3:GetObject'],
  changes: [],
};
const SHARED: ProposedPolicy = {
  ...INLINE,
  source: 'customer-managed',
  name: 'Shared',
  arn: `${POLICY}Shared`,
  versionId: 'v3',
  disposition: 'replace',
  after: [{ name: 'Shared-Orders-0123456789', document: AFTER }],
};
const OWN: ProposedPolicy = {
  ...SHARED,
  name: 'Own',
  arn: `${POLICY}Own`,
  disposition: 'new-version',
  after: [{ name: 'Own', document: AFTER }],
};
const GOES: ProposedPolicy = { ...INLINE, name: 'Queues', disposition: 'remove', after: [] };
const STAYS: ProposedPolicy = { ...INLINE, name: 'Stays', disposition: 'unchanged', removed: [] };
const GROUP: ProposedPolicy = {
  ...INLINE,
  source: 'group-inline',
  name: 'Everybody',
  group: 'Developers',
  disposition: 'inherited',
  removed: [],
};

function proposal(...policies: readonly ProposedPolicy[]): RefineProposal {
  return {
    schemaVersion: 1,
    kind: 'refine-permissions',
    proposalId: '0123456789abcdef0123456789abcdef',
    principal: ROLE,
    finding: FINDING,
    catalogue: { source: 'test', version: '1', services: 2, actions: 4 },
    generalize: 'shortest',
    policies,
    retained: [],
    residue: [],
    staying: [],
    verification: { verdict: 'exact', statementsChecked: 1, actionsChecked: 4 },
    summary: {
      actionsGrantedBefore: 2,
      actionsGrantedAfter: 1,
      servicesGrantedBefore: 1,
      servicesGrantedAfter: 1,
      charactersBefore: 90,
      charactersAfter: 80,
    },
    notes: [],
    plan: EMPTY_PLAN,
  };
}

function now(
  { source, name, arn, versionId, group, before }: ProposedPolicy,
  document: JsonValue = before,
  other: Partial<PolicyNow> = {},
): PolicyNow {
  return { source, name, arn, versionId, group, document: { kind: 'json', value: document }, ...other };
}

const COPY = now(
  { ...SHARED, name: 'Shared-Orders-0123456789', arn: `${POLICY}Shared-Orders-0123456789`, versionId: 'v1' },
  AFTER,
);

function finding(
  members: { readonly status?: 'RESOLVED' | 'ARCHIVED'; readonly entries?: readonly UnusedEntry[] } = {},
): FindingNow {
  const unused = readUnusedAccess(
    members.entries ?? [
      { serviceNamespace: 'sqs' },
      { serviceNamespace: 's3', actions: [{ action: 'GetObject' }] },
    ],
  );
  if (!unused.ok) throw new TypeError(unused.problem);
  return { kind: 'found', status: members.status ?? 'ACTIVE', unused: unused.value, accessKeyIds: undefined };
}

function judge(
  policies: readonly ProposedPolicy[],
  present: readonly PolicyNow[],
  about: FindingNow = finding(),
): readonly string[] {
  const verdict = judgeDrift(proposal(...policies), {
    subject: { kind: 'found', policies: present },
    findings: [about],
  });
  return [verdict.state, verdict.reason, ...verdict.remarks.map(({ text }) => text)];
}

const NOTHING = 'nothing that it was made from has changed';

describe('a proposal to refine permissions', () => {
  test('is current while nothing has changed', () => {
    const all = [INLINE, SHARED, OWN, GOES, STAYS, GROUP];
    expect(
      judge(
        all,
        all.map((policy) => now(policy)),
      ),
    ).toEqual(['current', NOTHING]);
  });

  test('is current if IAM formats the same document differently', () => {
    const rewritten: JsonValue = {
      Statement: { Action: ['s3:GetObject', 's3:PutObject'], Resource: ['*'], Effect: 'Allow' },
      Version: '2012-10-17',
    };
    expect(judge([INLINE], [now(INLINE, rewritten)])).toEqual(['current', NOTHING]);
  });

  test.each<readonly [string, ProposedPolicy, readonly PolicyNow[], string]>([
    [
      'an inline policy changed in place',
      INLINE,
      [now(INLINE, AFTER)],
      'inline policy Files is as it proposes',
    ],
    [
      'a new version',
      OWN,
      [now(OWN, AFTER, { versionId: 'v4' })],
      'customer managed policy Own is as it proposes',
    ],
    [
      'a copy in the place of the original',
      SHARED,
      [COPY],
      'customer managed policy Shared is as it proposes',
    ],
    ['an inline policy deleted', GOES, [], 'inline policy Queues is as it proposes'],
  ])('is applied: %s', (_, policy, present, reason) => {
    expect(judge([policy], present)).toEqual(['applied', reason]);
  });

  test('is applied even if something else was added since', () => {
    expect(judge([INLINE], [now(INLINE, AFTER), now(GOES)])).toEqual([
      'applied',
      'inline policy Files is as it proposes',
    ]);
  });

  test('is not applied while the original is still attached beside the copy', () => {
    expect(judge([SHARED], [now(SHARED), COPY])).toEqual(['current', NOTHING]);
  });

  test('is not applied if the original is detached and the copy is missing', () => {
    expect(judge([SHARED], [])).toEqual([
      'superseded',
      'customer managed policy Shared is no longer attached',
    ]);
  });

  test('is current and partly applied if one of two policies is as proposed', () => {
    expect(judge([INLINE, OWN], [now(INLINE, AFTER), now(OWN)])).toEqual([
      'current',
      NOTHING,
      'partly applied: inline policy Files as it proposes, customer managed policy Own not yet',
    ]);
  });

  test.each<readonly [string, readonly PolicyNow[], string]>([
    ['another document', [now(INLINE, allow('s3:*')), now(OWN)], 'inline policy Files has another document'],
    [
      'another document in another version',
      [now(INLINE), now(OWN, allow('s3:*'), { versionId: 'v4' })],
      'customer managed policy Own has another document (v4 is the default version, it was v3)',
    ],
    ['a policy detached', [now(INLINE)], 'customer managed policy Own is no longer attached'],
    ['a policy deleted', [now(OWN)], 'inline policy Files is gone'],
    ['a policy added', [now(INLINE), now(OWN), now(STAYS)], 'inline policy Stays was added'],
    [
      'a policy attached',
      [now(INLINE), now(OWN), now(SHARED)],
      'customer managed policy Shared was attached',
    ],
    [
      'a group joined',
      [now(INLINE), now(OWN), now(GROUP)],
      'inline policy Everybody of group Developers reaches the user now',
    ],
    [
      'a document that cannot be read any more',
      [now(INLINE, null, { document: { kind: 'text', text: '{' } }), now(OWN)],
      'inline policy Files has another document',
    ],
    [
      'another document, and nobody knows in which version',
      [now(INLINE), now(OWN, allow('s3:*'), { versionId: undefined })],
      'customer managed policy Own has another document',
    ],
  ])('is superseded: %s', (_, present, reason) => {
    expect(judge([INLINE, OWN], present)).toEqual(['superseded', reason]);
  });

  test('compares a document that could never be read by its text', () => {
    const unreadable: ProposedPolicy = { ...STAYS, before: '{' };
    const text = (written: string): PolicyNow =>
      now(unreadable, null, { document: { kind: 'text', text: written } });
    expect(judge([INLINE, unreadable], [now(INLINE), text('{')])).toEqual(['current', NOTHING]);
    for (const present of [text('{ '), now(unreadable, AFTER)]) {
      expect(judge([INLINE, unreadable], [now(INLINE), present])).toEqual([
        'superseded',
        'inline policy Stays has another document',
      ]);
    }
  });

  test('is superseded if a policy changed that it does not change, or that comes through a group', () => {
    const present = [now(INLINE), now(STAYS, AFTER), now(GROUP, AFTER)];
    expect(judge([INLINE, STAYS, GROUP], present)).toEqual([
      'superseded',
      'inline policy Stays has another document, inline policy Everybody of group Developers has another document',
    ]);
  });

  test('is superseded if what it removes is no longer reported unused', () => {
    expect(judge([INLINE], [now(INLINE)], finding({ entries: [{ serviceNamespace: 'sqs' }] }))).toEqual([
      'superseded',
      'the finding no longer reports removed actions as unused: s3:GetObject',
    ]);
  });

  test('is current, with a remark, if the finding reports more', () => {
    const entries = [{ serviceNamespace: 's3' }, { serviceNamespace: 'sqs' }, { serviceNamespace: 'sns' }];
    expect(judge([INLINE], [now(INLINE)], finding({ entries }))).toEqual([
      'current',
      NOTHING,
      'the finding now reports more as unused: s3:*, sns:*',
    ]);
    const named = [
      { serviceNamespace: 's3', actions: [{ action: 'GetObject' }, { action: 'PutObject' }] },
      { serviceNamespace: 'sqs', actions: [{ action: 'SendMessage' }] },
    ];
    expect(judge([INLINE], [now(INLINE)], finding({ entries: named }))).toEqual([
      'current',
      NOTHING,
      'the finding now reports more as unused: s3:PutObject',
    ]);
  });

  test('is current, with a remark, if another version has the same document', () => {
    expect(judge([OWN], [now(OWN, BEFORE, { versionId: 'v5' })])).toEqual([
      'current',
      NOTHING,
      'the same document under another default version: customer managed policy Own (v5, it was v3)',
    ]);
  });

  test('counts a document that the source lacks as unchanged, and says so', () => {
    expect(judge([OWN], [now(OWN, BEFORE, { document: { kind: 'missing' } })])).toEqual([
      'current',
      NOTHING,
      'not compared, its document is not there: customer managed policy Own',
    ]);
  });

  test.each<readonly [FindingNow, string]>([
    [finding({ status: 'RESOLVED' }), 'the finding is RESOLVED'],
    [finding({ status: 'ARCHIVED' }), 'the finding is ARCHIVED'],
    [{ kind: 'gone' }, 'the finding is no longer there'],
  ])('is resolved with its finding', (about, reason) => {
    expect(judge([INLINE], [now(INLINE)], about)).toEqual(['resolved', reason]);
  });

  test('is resolved if the principal is gone', () => {
    const verdict = judgeDrift(proposal(INLINE), { subject: { kind: 'gone' }, findings: [finding()] });
    expect([verdict.state, verdict.reason]).toEqual(['resolved', 'the role is gone']);
  });

  test('is not judged by an unknown finding', () => {
    expect(judge([INLINE], [now(INLINE)], { kind: 'unknown', reason: 'it carries an error' })).toEqual([
      'current',
      NOTHING,
      'the finding says nothing at present: it carries an error',
    ]);
  });

  test('is applied before it is resolved, and resolved before it is superseded', () => {
    const resolved = finding({ status: 'RESOLVED' });
    expect([
      judge([INLINE], [now(INLINE, AFTER)], resolved)[0],
      judge([INLINE], [now(INLINE, allow('s3:*'))], resolved)[0],
      judge([INLINE], [now(INLINE, allow('s3:*'))])[0],
    ]).toEqual(['applied', 'resolved', 'superseded']);
  });
});

describe('a proposal about a shared policy', () => {
  const arn = (type: string, name: string): string => `arn:aws:iam::${ACCOUNT}:${type}/${name}`;
  const holders = {
    principals: 2,
    roles: [arn('role', 'Orders'), arn('role', 'team/Web')],
    users: [],
    groups: [],
  };
  const shared: JudgedShared = {
    kind: 'refine-shared-policy',
    subject: { type: 'policy', name: 'Shared', arn: `${POLICY}Shared`, path: '/', accountId: ACCOUNT },
    policies: [{ ...SHARED, disposition: 'new-version' }],
    holders,
    findings: holders.roles.map((principal) => ({ ...FINDING, principal })),
  };
  const judgeShared = (subject: Partial<SubjectNow>) => {
    const found = { kind: 'found', policies: [now(SHARED)], ...subject } as SubjectNow;
    const { state, reason } = judgeDrift(shared, { subject: found, findings: [finding(), finding()] });
    return [state, reason];
  };

  test('is current while the same principals have it, or if nobody knows who has it', () => {
    expect(judgeShared({ holders })).toEqual(['current', NOTHING]);
    expect(judgeShared({})).toEqual(['current', NOTHING]);
  });

  test('is superseded if another principal has it now, or one no longer has it', () => {
    const member = { name: 'Ops', members: [arn('user', 'ana')] };
    const after = { ...holders, roles: [arn('role', 'Orders')], groups: [member] };
    expect(judgeShared({ holders: after })).toEqual([
      'superseded',
      'user ana now has it too, role Web no longer has it',
    ]);
  });

  test('is superseded if nothing may be proposed for it any more', () => {
    expect(judgeShared({ holders, obstacle: 'it is a permissions boundary' })).toEqual([
      'superseded',
      'it is a permissions boundary',
    ]);
  });
});

describe('a proposal to remove', () => {
  const removal = (kind: 'remove-role' | 'remove-access-key' | 'remove-password') => {
    const isKey = kind === 'remove-access-key';
    return buildRemoval({
      kind,
      principal:
        kind === 'remove-role' ? ROLE : { ...ROLE, type: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/Orders` },
      ...(isKey ? { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } : {}),
      lastAccessed: undefined,
      finding: FINDING,
      digest: sha256,
    });
  };
  const active = (accessKeyIds?: readonly string[]): FindingNow => ({
    kind: 'found',
    status: 'ACTIVE',
    unused: undefined,
    accessKeyIds,
  });
  const there = { kind: 'found', policies: [now(INLINE)] } as const;
  const gone = { kind: 'gone' } as const;
  const DENY: JsonValue = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }],
  };
  const quarantine = { ...INLINE, name: 'unused-access-refiner-quarantine' };

  test('a role is current, whatever its policies are', () => {
    expect(judgeDrift(removal('remove-role'), { subject: there, findings: [active()] }).state).toBe(
      'current',
    );
  });

  test('a role is applied if the role is gone, or denied everything', () => {
    const denied = { kind: 'found', policies: [now(quarantine, DENY)] } as const;
    const other = { kind: 'found', policies: [now(quarantine, BEFORE)] } as const;
    const verdicts = [gone, denied, other].map((principal) =>
      judgeDrift(removal('remove-role'), { subject: principal, findings: [active()] }),
    );
    expect(verdicts.map(({ state, reason }) => [state, reason])).toEqual([
      ['applied', 'the role is gone'],
      ['applied', 'inline policy unused-access-refiner-quarantine denies the role everything'],
      ['current', NOTHING],
    ]);
  });

  test('a key is current while the finding names it', () => {
    const judged = [['AKIAIOSFODNN7EXAMPLE'], ['AKIAOTHER']].map((keys) =>
      judgeDrift(removal('remove-access-key'), { subject: there, findings: [active(keys)] }),
    );
    expect(judged.map(({ state, reason }) => [state, reason])).toEqual([
      ['current', NOTHING],
      ['resolved', 'the finding no longer names the access key AKIAIOSFODNN7EXAMPLE'],
    ]);
  });

  test.each([
    ['remove-access-key', 'the user is gone, and the key with it'],
    ['remove-password', 'the user is gone, and the password with it'],
  ] as const)('%s is resolved with the user', (kind, reason) => {
    const { state, reason: said } = judgeDrift(removal(kind), { subject: gone, findings: [active()] });
    expect([state, said]).toEqual(['resolved', reason]);
  });

  test('a password is current whatever access keys the finding names', () => {
    const facts = { subject: there, findings: [active(['AKIAOTHER'])] };
    expect(judgeDrift(removal('remove-password'), facts).state).toBe('current');
  });

  test('a key is current if the finding does not say which keys it is about', () => {
    for (const finding of [active(), { kind: 'unknown', reason: 'it carries an error' } as const]) {
      expect(judgeDrift(removal('remove-access-key'), { subject: there, findings: [finding] }).state).toBe(
        'current',
      );
    }
  });

  test.each(['remove-role', 'remove-access-key', 'remove-password'] as const)(
    '%s is resolved with the finding',
    (kind) => {
      expect(judgeDrift(removal(kind), { subject: there, findings: [{ kind: 'gone' }] }).state).toBe(
        'resolved',
      );
    },
  );
});
