import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  allow,
  attached,
  filesBelow,
  finding,
  inline,
  managed,
  policyArn,
  role,
  roleArn,
  user,
  userArn,
} from './accounts.ts';
import { linesOf, useCommandLine } from './command.ts';

const cli = useCommandLine();

const SHARED = policyArn('Shared');
const BEFORE = allow('s3:GetObject', 'sqs:SendMessage');
const AFTER = allow('sqs:SendMessage');
const CATALOGUE = { s3: ['GetObject', 'PutObject'], sqs: ['SendMessage', 'PurgeQueue'] };

interface World {
  /** Roles that have the policy. */
  readonly roles?: readonly string[];
  readonly policies?: readonly unknown[];
  /** Null for an export that shows no groups. */
  readonly groups?: readonly unknown[] | null;
  /** Names of roles without a finding any more, or with one that says less. */
  readonly settled?: readonly string[];
  readonly used?: readonly string[];
}

let runs = 0;

function shared(document: unknown, members: Record<string, unknown> = {}): readonly unknown[] {
  return [managed(SHARED, document, { AttachmentCount: 2, ...members })];
}

const TEAM = {
  GroupName: 'Team',
  Arn: `arn:aws:iam::${ACCOUNT}:group/Team`,
  GroupPolicyList: [inline('Tools', allow('s3:PutObject', 'sqs:SendMessage'))],
};

/** Two roles share a policy, one user is in a group. */
function write({
  roles = ['a', 'b'],
  policies = shared(BEFORE),
  groups = [TEAM],
  settled = [],
  used = [],
}: World): readonly string[] {
  runs += 1;
  const name = (what: string): string => `${what}-${String(runs)}.json`;
  cli.write(name('details'), {
    RoleDetailList: ['a', 'b', 'c'].map((one) =>
      role(one, roles.includes(one) ? { AttachedManagedPolicies: [attached(SHARED)] } : {}),
    ),
    UserDetailList: [user('u', { GroupList: groups === null || groups.length === 0 ? [] : ['Team'] })],
    ...(groups === null ? {} : { GroupDetailList: groups }),
    Policies: policies,
  });
  cli.write(name('catalogue'), CATALOGUE);
  cli.write(name('findings'), [
    ...['a', 'b', 'c'].map((one) =>
      finding(
        roleArn(one),
        { s3: used.includes(one) ? ['PutObject'] : ['GetObject', 'PutObject'] },
        settled.includes(one) ? { status: 'RESOLVED' } : {},
      ),
    ),
    finding(userArn('u'), { s3: ['PutObject'] }),
  ]);
  return [
    ...['--account-details', name('details'), '--findings', name('findings')],
    ...['--catalogue', name('catalogue')],
  ];
}

async function proposed(): Promise<string> {
  const args = write({});
  const out = `out-${String(runs)}`;
  expect(await cli.run(['account', ...args, '--out', out, '--quiet'])).toMatchObject({ status: 0 });
  return out;
}

interface Row {
  readonly path: string;
  readonly principal: string | null;
  readonly subject?: string;
  readonly state: string;
  readonly reason: string;
  readonly remarks: readonly { readonly text: string }[];
}

async function recheck(out: string, world: World = {}) {
  const { status, stdout, stderr } = await cli.run(['recheck', ...write(world), '--out', out, '--json']);
  const rows = (JSON.parse(stdout) as { proposals: Row[] }).proposals.filter(
    ({ principal }) => principal === null,
  );
  return {
    status,
    lines: linesOf(stderr),
    states: Object.fromEntries(
      rows.map(({ subject = '', state, reason, remarks }) => [
        subject.split('/').at(-1) ?? '',
        [state, reason, ...remarks.map(({ text }) => text)],
      ]),
    ),
  };
}

/** Names of what has a state beside it, with what that says. */
function marked(out: string): readonly string[] {
  return [...filesBelow(path.join(cli.folder, out, 'shared'))]
    .filter(([name]) => path.basename(name) === 'state.json')
    .map(([name, text]) => `${name.split(path.sep)[2] ?? ''} ${(JSON.parse(text) as Row).state}`);
}

const NOTHING = 'nothing that it was made from has changed';
const CURRENT = { Team: ['current', NOTHING], Shared: ['current', NOTHING] };

describe('recheck of a proposal about something shared', () => {
  test('reports it as current while nothing has changed, in a separate table', async () => {
    const out = await proposed();
    const { status, states } = await recheck(out);
    expect([status, states, marked(out)]).toEqual([0, CURRENT, []]);
    const { stdout } = await cli.run(['recheck', ...write({}), '--out', out]);
    const table = linesOf(stdout).map((line) => line.replace(/ [0-9a-f]{8} /, ' ID ').replace(/ +/g, ' '));
    expect(table.slice(table.indexOf('Shared Proposal State Why'))).toEqual([
      'Shared Proposal State Why',
      'group Team refine ID current',
      'policy Shared refine ID current',
      '',
      '2 shared proposals: 2 current, 0 applied, 0 resolved, 0 superseded',
    ]);
    const index = readFileSync(path.join(cli.folder, out, 'index.html'), 'utf8');
    expect(index).toContain('2 proposals.');
    expect(index).toMatch(new RegExp(`href="shared/${ACCOUNT}/policy/Shared/[0-9a-f]{32}/report.html"`));
  });

  test.each<readonly [string, World, readonly string[]]>([
    [
      'applied where it is as it proposes, although the findings are settled by that',
      { policies: shared(AFTER), settled: ['a', 'b'] },
      ['applied', 'customer managed policy Shared is as it proposes'],
    ],
    [
      'superseded where it has another document',
      { policies: shared(allow('s3:*')) },
      ['superseded', 'customer managed policy Shared has another document'],
    ],
    [
      'superseded where somebody else has it by now',
      { roles: ['a', 'b', 'c'], policies: shared(BEFORE, { AttachmentCount: 3 }) },
      ['superseded', 'role c now has it too'],
    ],
    [
      'superseded where another one has it instead',
      { roles: ['a', 'c'] },
      ['superseded', 'role c now has it too, role b no longer has it'],
    ],
    [
      'superseded where one of them has no finding any more, and may use it',
      { settled: ['b'] },
      ['superseded', 'role b may use what it has: the finding is RESOLVED'],
    ],
    [
      'superseded where one of them has used what it takes away',
      { used: ['a'] },
      ['superseded', 'the finding about role a no longer reports removed actions as unused: s3:GetObject'],
    ],
    [
      "superseded where it became somebody's boundary",
      { policies: shared(BEFORE, { PermissionsBoundaryUsageCount: 1 }) },
      [
        'superseded',
        'it is the permissions boundary of one principal, which a new version would limit further',
      ],
    ],
    [
      'resolved where one role only has it',
      { roles: ['a'], policies: shared(BEFORE, { AttachmentCount: 1 }) },
      ['resolved', 'the policy is gone, or no longer has several holders'],
    ],
  ])('reports a policy as %s', async (_, world, expected) => {
    const out = await proposed();
    const { status, states } = await recheck(out, world);
    expect([status, states]).toEqual([0, { Team: ['current', NOTHING], Shared: expected }]);
    expect(marked(out)).toEqual([`Shared ${expected[0] ?? ''}`]);
    const index = readFileSync(path.join(cli.folder, out, 'index.html'), 'utf8');
    expect(index).toContain('1 proposal, 1 no longer current.');
    // And takes the mark back when it is so no longer.
    expect((await recheck(out)).states).toEqual(CURRENT);
    expect(marked(out)).toEqual([]);
  });

  test('reports it as resolved if the group is gone', async () => {
    const out = await proposed();
    const other = { ...TEAM, GroupName: 'Other', Arn: `arn:aws:iam::${ACCOUNT}:group/Other` };
    const { states } = await recheck(out, { groups: [other] });
    expect(states['Team']).toEqual(['resolved', 'the group is gone']);
  });

  test('does not judge it by an export without groups or policies', async () => {
    const out = await proposed();
    const { status, states, lines } = await recheck(out, { groups: null, policies: [], roles: [] });
    expect([status, states, marked(out)]).toEqual([1, {}, []]);
    const details = `details-${String(runs)}.json`;
    for (const what of ['groups', 'customer managed policies']) {
      expect(lines.join('\n')).toContain(
        `: not judged by ${details}: it holds no ${what}, so it cannot tell whether`,
      );
    }
    expect(lines.at(-1)).toMatch(/; export account 123456789012, without --filter$/);
  });

  test('does not judge it if the export shows fewer holders than IAM counts', async () => {
    const out = await proposed();
    const { status, lines, states } = await recheck(out, {
      policies: shared(BEFORE, { AttachmentCount: 7 }),
    });
    expect([status, Object.keys(states)]).toEqual([1, ['Team']]);
    expect(lines.at(-1)).toContain('it is attached to 7 roles, users and groups, of which');
  });

  test('names an unreadable one, and judges the other', async () => {
    const out = await proposed();
    const [name = ''] = [...filesBelow(path.join(cli.folder, out)).keys()].filter(
      (file) => file.includes('Team') && file.endsWith('proposal.json'),
    );
    cli.write(path.join(out, name), { schemaVersion: 1 });
    const { status, states, lines } = await recheck(out);
    expect([status, states]).toEqual([1, { Shared: ['current', NOTHING] }]);
    expect(lines.at(-1)).toBe(
      `${path.join(out, name)}: not a proposal of schema version 1 (unexpected kind); make the proposal again`,
    );
  });
});
