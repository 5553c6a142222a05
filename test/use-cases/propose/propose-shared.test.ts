import { describe, expect, test } from 'vitest';
import { AccountIndex } from '../../../lambda/adapters/account/account-index.ts';
import type { ManagedPolicyRecord } from '../../../lambda/adapters/account/account-records.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import type { LastAccess } from '../../../lambda/core/model/unused-access.ts';
import type { SharedProposal } from '../../../lambda/core/proposal/schema.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { Finding } from '../../../lambda/ports/findings.ts';
import type { LastAccessAnswer, LastAccessSource } from '../../../lambda/ports/policies.ts';
import type { Exclusions } from '../../../lambda/ports/settings.ts';
import {
  proposeShared,
  type ProposeSharedDependencies,
  type SharedOutcome,
} from '../../../lambda/use-cases/propose/propose-shared.ts';

const ACCOUNT = '123456789012';
const IAM = `arn:aws:iam::${ACCOUNT}`;
const SHARED = `${IAM}:policy/team/Shared`;

function allow(...actions: readonly string[]) {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

function readable(...actions: readonly string[]) {
  return () => ({ readable: true as const, value: allow(...actions) });
}

function policy(arn: string, members: Partial<ManagedPolicyRecord> = {}): ManagedPolicyRecord {
  return {
    arn,
    path: '/team/',
    versionId: 'v3',
    versions: ['v3'],
    attachments: 2,
    boundaryUses: 0,
    read: readable('s3:*', 'sqs:SendMessage'),
    ...members,
  };
}

interface Member {
  readonly attached?: readonly string[];
  readonly groups?: readonly string[];
  readonly boundary?: string;
  readonly tag?: string;
  readonly id?: string;
}

/** Roles and users by name; policies with what they say of themselves. */
interface World {
  readonly roles?: Readonly<Record<string, Member>>;
  readonly users?: Readonly<Record<string, Member>>;
  readonly groups?: Readonly<
    Record<
      string,
      { readonly inline?: readonly string[]; readonly attached?: readonly string[]; readonly id?: string }
    >
  >;
  readonly policies?: readonly ManagedPolicyRecord[];
}

function attachedTo(arns: readonly string[] = []) {
  return arns.map((arn) => ({ name: arn.split('/').at(-1) ?? '', arn }));
}

function indexOf({ roles = {}, users = {}, groups = {}, policies = [] }: World): AccountIndex {
  const index = new AccountIndex();
  const record = (kind: string, name: string, { attached, boundary, tag, id }: Member) => ({
    arn: `${IAM}:${kind}/${name}`,
    id,
    tags: tag === undefined ? [] : [{ key: tag, value: '' }],
    boundaryArn: boundary,
    inline: [],
    attached: attachedTo(attached),
  });
  for (const [name, member] of Object.entries(roles)) index.addRole(record('role', name, member));
  for (const [name, member] of Object.entries(users)) {
    index.addUser({ ...record('user', name, member), groups: member.groups ?? [] });
  }
  for (const [name, { inline, attached, id }] of Object.entries(groups)) {
    index.addGroup({
      name,
      id,
      arn: `${IAM}:group/${name}`,
      inline: inline ? [{ name: 'Own', read: readable(...inline) }] : [],
      attached: attachedTo(attached),
    });
  }
  for (const one of policies) index.addPolicy(one);
  return index;
}

/** `{ s3: ['GetObject'] }` of unused permissions, or another finding's type. */
function about(
  arn: string,
  unused: Readonly<Record<string, readonly string[]>> | 'UnusedIAMRole' | 'UnusedIAMUserPassword',
): Finding {
  const type = typeof unused === 'string' ? unused : 'UnusedPermission';
  return {
    id: `finding-${arn.split('/').at(-1) ?? ''}`,
    analyzerArn: null,
    findingType: type,
    status: 'ACTIVE',
    resource: arn,
    accountId: ACCOUNT,
    updatedAt: null,
    details:
      typeof unused === 'string'
        ? { type: unused, lastAccessed: undefined }
        : {
            type: 'UnusedPermission',
            entries: Object.entries(unused).map(([serviceNamespace, actions]) => ({
              serviceNamespace,
              actions: actions.map((action) => ({ action })),
            })),
          },
  };
}

interface Stored {
  readonly proposal: SharedProposal;
  readonly files: readonly string[];
}

function dependencies(
  findings: readonly Finding[],
  stored: Stored[],
  exclude: Partial<Exclusions> = {},
): ProposeSharedDependencies {
  return {
    findings: { about: (arn) => Promise.resolve(findings.filter(({ resource }) => resource === arn)) },
    store: {
      put: async (draft, finish) => {
        const { proposal, files } = await finish();
        expect(proposal).toMatchObject(draft);
        stored.push({ proposal, files: files.map(({ name }) => name) });
        return { prefix: 'shared/', outcome: 'stored' };
      },
    },
    reports: { write: () => [{ name: 'report.html', contentType: 'text/html', body: '' }] },
    catalogue: makeCatalogue({ source: 's', version: '1', date: '' }, [
      ['s3', ['GetObject', 'GetBucketPolicy', 'PutObject', 'DeleteObject']],
      ['sqs', ['SendMessage', 'ReceiveMessage']],
      ['iam', ['PassRole', 'GetRole']],
    ]),
    units: { ancestorsOf: () => Promise.resolve(['ou-ab12-11111111', 'ou-ab12-22222222', 'r-ab12']) },
    settings: { generalize: 'shortest', keep: [], exclude: { names: [], paths: [], tags: [], ...exclude } },
    digest: sha256,
    clock: { now: () => '2026-11-24T00:00:00Z', remainingMillis: () => Infinity },
    runId: 'run',
    engineVersion: '1',
  };
}

async function run(
  world: World,
  findings: readonly Finding[],
  { exclude = {}, after }: { readonly exclude?: Partial<Exclusions>; readonly after?: string } = {},
): Promise<{ readonly outcomes: readonly SharedOutcome[]; readonly stored: readonly Stored[] }> {
  const stored: Stored[] = [];
  const outcomes: SharedOutcome[] = [];
  const inventory = indexOf(world).inventory(ACCOUNT);
  for await (const outcome of proposeShared(inventory, dependencies(findings, stored, exclude), after)) {
    outcomes.push(outcome);
  }
  return { outcomes, stored };
}

function reasonsOf(outcomes: readonly SharedOutcome[]): readonly string[] {
  return outcomes.map((outcome) =>
    outcome.kind === 'proposed' ? 'proposed' : `${outcome.kind}: ${outcome.reason}`,
  );
}

const TWO: World = {
  roles: { a: { attached: [SHARED] }, b: { attached: [SHARED] } },
  policies: [policy(SHARED)],
};
const A = `${IAM}:role/a`;
const B = `${IAM}:role/b`;
const U = `${IAM}:user/u`;

describe('a use since the findings were made', () => {
  const LATE = '2026-11-22T10:00:00.000Z';
  const of = (arn: string, unused: Readonly<Record<string, readonly string[]>>): Finding => ({
    ...about(arn, unused),
    updatedAt: '2026-11-20T00:00:00.000Z',
  });
  const used = (service: string, date: string): LastAccess =>
    new Map([[service, { lastUsed: date, actions: new Map() }]]);
  const world: World = { ...TWO, policies: [policy(SHARED, { read: readable('*') })] };

  async function proposed(
    unused: Readonly<Record<string, readonly string[]>>,
    answers: Readonly<Record<string, LastAccessAnswer>>,
  ): Promise<SharedProposal> {
    const stored: Stored[] = [];
    const lastAccess: LastAccessSource = {
      lastAccessOf: ({ arn }) => Promise.resolve(answers[arn] ?? { kind: 'none' }),
    };
    const parts = { ...dependencies([of(A, unused), of(B, unused)], stored), lastAccess };
    for await (const outcome of proposeShared(indexOf(world).inventory(ACCOUNT), parts)) {
      expect(outcome.kind).toBe('proposed');
    }
    const [{ proposal } = { proposal: undefined }] = stored;
    if (!proposal) throw new Error('nothing is stored');
    return proposal;
  }

  test('by one holder stops the removal for all, and names the holder', async () => {
    const { warnings } = await proposed(
      { sqs: [] },
      { [B]: { kind: 'known', lastAccess: used('sqs', LATE) } },
    );
    expect(warnings).toEqual([
      `role b: Do not apply this before the finding is updated: AWS recorded the use of services that are removed as a whole after the finding was made (2026-11-20T00:00:00.000Z): sqs on ${LATE}.`,
    ]);
  });

  test('is read again for a proposal that is stored already', async () => {
    const unused = { sqs: [] };
    const lastAccess: LastAccessSource = {
      lastAccessOf: () => Promise.resolve({ kind: 'known', lastAccess: used('sqs', LATE) }),
    };
    const readings: unknown[] = [];
    const parts: ProposeSharedDependencies = {
      ...dependencies([of(A, unused), of(B, unused)], []),
      lastAccess,
      store: {
        put: async (_draft, _finish, _provenance, readUse) => {
          readings.push(await readUse?.());
          return { prefix: 'shared/', outcome: 'exists' };
        },
      },
    };
    const outcomes: SharedOutcome[] = [];
    for await (const outcome of proposeShared(indexOf(world).inventory(ACCOUNT), parts))
      outcomes.push(outcome);
    expect(reasonsOf(outcomes)).toEqual(['proposed']);
    const stop =
      'Do not apply this before the finding is updated: AWS recorded the use of services that are removed as a whole after the finding was made (2026-11-20T00:00:00.000Z): sqs on 2026-11-22T10:00:00.000Z.';
    expect(readings).toEqual([{ asOf: null, warnings: [`role a: ${stop}`, `role b: ${stop}`], remarks: [] }]);
  });

  test('of a service that a list in place of * lost stops it too', async () => {
    const { warnings, notes } = await proposed(
      { s3: ['GetObject'] },
      { [A]: { kind: 'known', lastAccess: used('newservice', '2026-11-01T00:00:00.000Z') } },
    );
    expect(warnings).toEqual([
      'role a: Do not apply this: AWS recorded the use of services that are no longer granted and that the finding does not report unused: newservice on 2026-11-01T00:00:00.000Z. A newer catalogue, or star: not-action, keeps them.',
    ]);
    expect(notes[0]).toContain('A list replaces "*"');
  });

  test('does not exist if it was earlier, and unknown dates are mentioned', async () => {
    const { warnings, notes } = await proposed(
      { sqs: [] },
      {
        [A]: { kind: 'known', lastAccess: used('sqs', '2026-11-19T00:00:00.000Z') },
        [B]: { kind: 'unavailable', reason: 'AWS did not answer' },
      },
    );
    expect(warnings).toEqual([]);
    expect(notes.at(-1)).toBe(
      'When actions were last used is not known, or not wholly, of 1 of the 2 who have it: AWS did not answer.',
    );
  });
});

describe('a customer managed policy with several holders', () => {
  test('loses what is unused to all of them, in one new version', async () => {
    const findings = [
      about(A, { s3: ['GetObject', 'PutObject', 'DeleteObject'], sqs: [] }),
      about(B, { s3: ['GetBucketPolicy', 'PutObject', 'DeleteObject'] }),
    ];
    const { outcomes, stored } = await run(TWO, findings);
    expect(reasonsOf(outcomes)).toEqual(['proposed']);
    const [{ proposal, files } = { proposal: undefined, files: [] }] = stored;
    expect(proposal?.subject).toEqual({
      type: 'policy',
      arn: SHARED,
      name: 'Shared',
      path: '/team/',
      accountId: ACCOUNT,
    });
    expect(proposal?.unused).toEqual({ services: [], actions: ['s3:DeleteObject', 's3:PutObject'] });
    expect(proposal?.policies[0]).toMatchObject({
      disposition: 'new-version',
      removed: ['s3:DeleteObject', 's3:PutObject'],
      after: [{ name: 'Shared', document: allow('s3:Get*', 'sqs:SendMessage') }],
    });
    expect(proposal?.findings.map(({ principal, id }) => [principal, id])).toEqual([
      [A, 'finding-a'],
      [B, 'finding-b'],
    ]);
    expect(proposal?.advice).toMatchObject({
      better: 'shared-first',
      shared: { actions: 4, principals: 2 },
      separate: { actions: 7, copies: 2 },
    });
    expect(proposal?.plan.apply.flatMap(({ calls }) => calls.map(({ call }) => call))).toEqual([
      'DeletePolicyVersion',
      'CreatePolicyVersion',
    ]);
    expect(proposal?.plan.rollback.flatMap(({ calls }) => calls)).toMatchObject([
      { call: 'SetDefaultPolicyVersion', parameters: { PolicyArn: SHARED, VersionId: 'v3' } },
      { call: 'CreatePolicyVersion', when: 'v3 no longer exists' },
      { call: 'DeletePolicyVersion', parameters: { PolicyArn: SHARED, VersionId: 'ADDED' } },
    ]);
    expect(files).toEqual(['policies/0-Shared.before.json', 'policies/0-Shared.after.json', 'report.html']);
  });

  test('affects members of groups too, and each of them needs a finding', async () => {
    const world: World = {
      roles: { a: { attached: [SHARED] } },
      users: { u: { groups: ['g'] }, v: { groups: ['g'], attached: [SHARED] } },
      groups: { g: { attached: [SHARED] } },
      policies: [policy(SHARED, { attachments: 3 })],
    };
    const unused = { s3: ['PutObject'] };
    const three = [about(A, unused), about(U, unused), about(`${IAM}:user/v`, unused)];
    const complete = await run(world, three);
    expect(complete.stored.map(({ proposal }) => proposal.holders)).toMatchObject([
      { principals: 2, groups: [{ name: 'g', members: [U, `${IAM}:user/v`] }] },
      { principals: 3, roles: [A], users: [`${IAM}:user/v`], groups: [{ name: 'g' }] },
    ]);
    // Separate proposals leave alone what comes through a group: u gets no copy.
    expect(complete.stored[1]?.proposal.advice.separate).toEqual({ actions: 2, copies: 2 });
    const { outcomes, stored } = await run(world, three.slice(0, 1));
    expect(stored).toEqual([]);
    expect(reasonsOf(outcomes)).toEqual([
      'blocked: 2 of the 2 principals that have it have no finding about unused permissions and may use all of it: user u, user v',
      'blocked: 2 of the 3 principals that have it have no finding about unused permissions and may use all of it: user u, user v',
    ]);
  });

  test('has the ids of its holders, as far as the description has them', async () => {
    const world: World = {
      roles: { a: { attached: [SHARED], id: 'AROAA' } },
      users: { u: { groups: ['g'], id: 'AIDAU' }, v: { groups: ['g'], attached: [SHARED] } },
      groups: { g: { attached: [SHARED], id: 'AGPAG' } },
      policies: [policy(SHARED, { attachments: 3, id: 'ANPASHARED' })],
    };
    const unused = { s3: ['PutObject'] };
    const { stored } = await run(
      world,
      [A, U, `${IAM}:user/v`].map((arn) => about(arn, unused)),
    );
    const [ofGroup, ofPolicy] = stored.map(({ proposal }) => proposal.plan.checks);
    expect(ofGroup).toMatchObject([
      { check: 'subject', id: 'AGPAG' },
      { check: 'holders', ids: [{ type: 'user', name: 'u', id: 'AIDAU' }] },
      { check: 'copy' },
      { check: 'attached-policy', policyId: 'ANPASHARED' },
    ]);
    expect(ofPolicy?.[0]).toMatchObject({
      ids: [
        { type: 'group', name: 'g', id: 'AGPAG' },
        { type: 'role', name: 'a', id: 'AROAA' },
        { type: 'user', name: 'u', id: 'AIDAU' },
      ],
    });
    const silent = await run(TWO, [about(A, unused), about(B, unused)]);
    expect(silent.stored[0]?.proposal.plan.checks[0]).not.toHaveProperty('ids');
  });

  test('counts everything as unused by an unused role, and ignores password findings', async () => {
    const one = await run(TWO, [about(A, 'UnusedIAMRole'), about(B, { s3: ['PutObject'] })]);
    expect(one.stored[0]?.proposal.policies[0]?.removed).toEqual(['s3:PutObject']);
    const both = await run(TWO, [about(A, 'UnusedIAMRole'), about(B, 'UnusedIAMRole')]);
    expect(reasonsOf(both.outcomes)).toEqual([
      'unchanged: every principal that has it is an unused role with a proposal of its own to remove it: nothing to refine',
    ]);
    const silent = await run(TWO, [about(A, 'UnusedIAMUserPassword'), about(B, { s3: ['PutObject'] })]);
    expect(reasonsOf(silent.outcomes)).toEqual([
      'blocked: 1 of the 2 principals that have it has no finding about unused permissions and may use all of it: role a',
    ]);
  });

  test('uses only what all findings about a principal report', async () => {
    const { stored } = await run(TWO, [
      about(A, { s3: ['PutObject', 'GetObject'] }),
      { ...about(A, { s3: ['PutObject'] }), id: 'other' },
      about(B, { s3: [] }),
    ]);
    expect(stored[0]?.proposal.policies[0]?.removed).toEqual(['s3:PutObject']);
    expect(stored[0]?.proposal.findings).toHaveLength(3);
  });

  test('ignores findings that are not ACTIVE', async () => {
    const { outcomes } = await run(TWO, [
      about(A, { s3: ['PutObject'] }),
      { ...about(B, { s3: ['PutObject'] }), status: 'ARCHIVED' },
    ]);
    expect(reasonsOf(outcomes)).toEqual([
      'blocked: 1 of the 2 principals that have it has no finding about unused permissions and may use all of it: role b',
    ]);
  });

  test('is not changed if unknown holders may have it, or it is a boundary', async () => {
    const unused = { s3: ['PutObject'] };
    const findings = [about(A, unused), about(B, unused)];
    const reasons = async (members: Partial<ManagedPolicyRecord>, more: World = {}) =>
      reasonsOf((await run({ ...TWO, ...more, policies: [policy(SHARED, members)] }, findings)).outcomes);
    expect(await reasons({ attachments: 3 })).toEqual([
      'blocked: it is attached to 3 roles, users and groups, of which the description of the account shows 2',
    ]);
    expect(await reasons({ attachments: undefined })).toEqual([
      'blocked: the description of the account does not say how often it is attached, so somebody may be missing',
    ]);
    expect(await reasons({ boundaryUses: 1 })).toEqual([
      'blocked: it is the permissions boundary of one principal, which a new version would limit further',
    ]);
    expect(await reasons({ boundaryUses: undefined })).toEqual([
      'blocked: the description of the account does not say whether it is a permissions boundary',
    ]);
    expect(await reasons({}, { users: { u: { boundary: SHARED } } })).toEqual([
      'blocked: it is the permissions boundary of one principal, which a new version would limit further',
    ]);
    expect(await reasons({ attachments: 3 }, { groups: { g: { attached: [SHARED] } } })).toEqual([
      'blocked: the description of the account does not show all users, so who is in the group g is not known',
      'blocked: the description of the account does not show all users, so who is in the group g is not known',
    ]);
  });

  test('is not changed if a holder is excluded', async () => {
    const unused = { s3: ['PutObject'] };
    const world: World = {
      ...TWO,
      roles: { a: { attached: [SHARED] }, b: { attached: [SHARED], tag: 'keep' } },
    };
    const { outcomes } = await run(world, [about(A, unused), about(B, unused)], {
      exclude: { tags: [{ key: 'keep', value: null }] },
    });
    expect(reasonsOf(outcomes)).toEqual([
      "blocked: 1 of the 2 principals that have it is to be left alone (excluded by the configuration, or AWS's own): role b",
    ]);
  });

  test.each([
    ['by its id', { accounts: [ACCOUNT] }, `account ${ACCOUNT}`],
    [
      'by a unit above it',
      { organizationalUnits: ['ou-ab12-22222222'] },
      `account ${ACCOUNT}, which lies under the organisational unit ou-ab12-22222222`,
    ],
  ])('of an account that is excluded %s is not changed', async (_, exclude, what) => {
    const unused = { s3: ['PutObject'] };
    const { outcomes, stored } = await run(TWO, [about(A, unused), about(B, unused)], { exclude });
    expect(reasonsOf(outcomes)).toEqual([`blocked: the configuration excludes ${what}`]);
    expect(stored).toEqual([]);
  });

  test('is detached from everybody if nothing is left of it', async () => {
    const all = { s3: [], sqs: [] };
    const { stored } = await run(TWO, [about(A, all), about(B, all)]);
    expect(stored[0]?.proposal.policies[0]).toMatchObject({ disposition: 'remove', after: [] });
    expect(stored[0]?.proposal.plan.apply.flatMap(({ calls }) => calls)).toEqual([
      { call: 'DetachRolePolicy', parameters: { RoleName: 'a', PolicyArn: SHARED } },
      { call: 'DetachRolePolicy', parameters: { RoleName: 'b', PolicyArn: SHARED } },
    ]);
  });

  test('with one holder is left to the proposal about that one', async () => {
    const world: World = { ...TWO, roles: { a: { attached: [SHARED] } } };
    expect((await run(world, [about(A, { s3: [] })])).outcomes).toEqual([]);
  });

  test('with another holder is another proposal, and in another order of holders the same', async () => {
    const unused = { s3: ['PutObject'] };
    const idOf = async (names: readonly string[]) => {
      const world: World = {
        roles: Object.fromEntries(names.map((name) => [name, { attached: [SHARED] }])),
        policies: [policy(SHARED)],
      };
      const { stored } = await run(
        world,
        names.map((name) => about(`${IAM}:role/${name}`, unused)),
      );
      return stored[0]?.proposal.proposalId;
    };
    const id = await idOf(['a', 'b']);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await idOf(['b', 'a'])).toBe(id);
    expect(await idOf(['a', 'b', 'c'])).not.toBe(id);
  });

  test('that temporarily cannot be judged ends the run, and what was stored is kept', async () => {
    const failing = dependencies([], []);
    const error = new AdapterError('throttled', 'retry', 'throttled');
    const broken = { ...failing, findings: { about: () => Promise.reject(error) } };
    await expect(proposeShared(indexOf(TWO).inventory(ACCOUNT), broken).next()).rejects.toBe(error);
  });
});

describe('a group', () => {
  const MANAGED = 'arn:aws:iam::aws:policy/ReadOnly';
  const OWN = `${IAM}:policy/OnlyHere`;
  const world: World = {
    roles: { a: { attached: [SHARED] } },
    users: { u: { groups: ['g'] }, v: { groups: ['g'] } },
    groups: { g: { inline: ['s3:*'], attached: [SHARED, OWN, MANAGED] } },
    policies: [
      policy(SHARED),
      policy(OWN, { attachments: 1, path: '/' }),
      policy(MANAGED, { attachments: 1, path: '/' }),
    ],
  };
  const unused = { s3: ['PutObject', 'DeleteObject'] };
  const members = [about(U, unused), about(`${IAM}:user/v`, unused)];

  test('is changed in its own policies, and gets copies of those that others have too', async () => {
    const { stored } = await run(world, members);
    const [{ proposal } = { proposal: undefined }] = stored;
    expect(proposal?.kind).toBe('refine-group');
    expect(proposal?.policies.map(({ source, name, disposition }) => [source, name, disposition])).toEqual([
      ['group-aws-managed', 'ReadOnly', 'replace'],
      ['group-customer-managed', 'OnlyHere', 'new-version'],
      ['group-customer-managed', 'Shared', 'replace'],
      ['group-inline', 'Own', 'update'],
    ]);
    const calls = proposal?.plan.apply.flatMap((step) => step.calls.map(({ call }) => call));
    expect(calls).toEqual([
      'CreatePolicy',
      'AttachGroupPolicy',
      'CreatePolicy',
      'AttachGroupPolicy',
      'PutGroupPolicy',
      'DetachGroupPolicy',
      'DeletePolicyVersion',
      'CreatePolicyVersion',
      'DetachGroupPolicy',
    ]);
    const copy = proposal?.policies[2]?.after[0]?.name ?? '';
    expect(copy).toMatch(/^Shared-g-[0-9a-f]{10}$/);
    expect(proposal?.plan.apply[3]?.calls[0]?.parameters).toEqual({
      GroupName: 'g',
      PolicyArn: `${IAM}:policy/team/${copy}`,
    });
    expect(proposal?.plan.rollback.flatMap((step) => step.calls.map(({ call }) => call))).toEqual([
      'AttachGroupPolicy',
      'SetDefaultPolicyVersion',
      'CreatePolicyVersion',
      'DeletePolicyVersion',
      'AttachGroupPolicy',
      'PutGroupPolicy',
      'DetachGroupPolicy',
      'DeletePolicy',
      'DetachGroupPolicy',
      'DeletePolicy',
    ]);
  });

  test('without members is not changed, since its use is unknown', async () => {
    const { outcomes } = await run({ ...world, users: { w: {} } }, members);
    expect(reasonsOf(outcomes)[0]).toBe(
      'blocked: the group has no members, so nobody can tell what they use',
    );
  });

  test('with an unreadable policy is refined in the others, and the policy is named', async () => {
    const broken = { readable: false as const, text: '{', problem: 'the text is not JSON' };
    const policies = [policy(SHARED), policy(MANAGED), policy(OWN, { read: () => broken })];
    const { outcomes, stored } = await run({ ...world, policies }, members);
    expect(outcomes[0]).toMatchObject({
      kind: 'proposed',
      refused: [{ policy: 'OnlyHere', reason: 'the text is not JSON' }],
    });
    expect(stored[0]?.proposal.policies[1]?.disposition).toBe('refused');
  });

  test('is the next subject if a run continues after an earlier one', async () => {
    const all = await run(world, members);
    const keys = all.outcomes.map(({ key }) => key);
    expect(keys).toEqual([`group/${IAM}:group/g`, `policy/${SHARED}`]);
    const rest = await run(world, members, { after: keys[0] ?? '' });
    expect(rest.outcomes.map(({ key }) => key)).toEqual([`policy/${SHARED}`]);
  });
});
