import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  allow,
  attached,
  filesBelow,
  finding,
  inline,
  managed,
  policyArn,
  proposalPaths,
  role,
  roleArn,
  user,
  userArn,
} from './accounts.ts';
import { linesOf, useCommandLine } from './command.ts';

const cli = useCommandLine();

const ROLES = {
  inline: role('inline', { RolePolicyList: [inline('Files', allow('s3:Get*', 's3:PutObject'))] }),
  shared: role('shared', { AttachedManagedPolicies: [attached(policyArn('Shared'))] }),
  other: role('other', { AttachedManagedPolicies: [attached(policyArn('Shared'))] }),
  idle: role('idle'),
};
const KEY_HOLDER = user('key-holder');
const POLICIES = [
  managed(policyArn('Shared'), allow('s3:GetObject', 's3:PutObject'), { AttachmentCount: 2 }),
];
const UNUSED = { s3: ['GetObject'] };
const FINDINGS = {
  inline: finding(roleArn('inline'), UNUSED),
  shared: finding(roleArn('shared'), UNUSED),
  idle: finding(
    roleArn('idle'),
    {},
    { findingType: 'UnusedIAMRole', findingDetails: [{ unusedIamRoleDetails: {} }] },
  ),
  key: finding(
    userArn('key-holder'),
    {},
    {
      findingType: 'UnusedIAMUserAccessKey',
      findingDetails: [{ unusedIamUserAccessKeyDetails: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } }],
    },
  ),
};
const CATALOGUE = { s3: ['GetObject', 'GetBucketPolicy', 'GetBucketTagging', 'PutObject'] };

/** What list-findings-v2 prints: summaries, which prove that what is missing is gone. */
function listOf(
  findings: readonly Record<string, unknown>[],
  members: Record<string, unknown> = {},
): unknown {
  return { findings: findings.map((one) => ({ ...one, findingDetails: undefined })), ...members };
}

let runs = 0;

interface Rechecked {
  readonly status: number | null;
  readonly out: string;
  readonly stderr: readonly string[];
  /** State, reason and remarks by principal and kind. */
  readonly states: Readonly<Record<string, readonly string[]>>;
  readonly json: readonly Record<string, unknown>[];
}

interface World {
  readonly roles?: readonly unknown[];
  readonly users?: readonly unknown[];
  readonly policies?: readonly unknown[];
  readonly findings?: readonly unknown[];
  readonly catalogue?: unknown;
}

function write({ roles, users, policies, findings, catalogue }: World): readonly string[] {
  runs += 1;
  const name = (what: string): string => `${what}-${String(runs)}.json`;
  cli.write(name('details'), {
    RoleDetailList: roles ?? Object.values(ROLES),
    UserDetailList: users ?? [KEY_HOLDER],
    Policies: policies ?? POLICIES,
  });
  cli.write(name('findings'), findings ?? Object.values(FINDINGS));
  cli.write(name('catalogue'), catalogue ?? CATALOGUE);
  return [
    ...['--account-details', name('details'), '--findings', name('findings')],
    ...['--catalogue', name('catalogue')],
  ];
}

/** A run of `account` on the world as it was, into a folder of its own. */
async function proposed(world: World = {}): Promise<string> {
  const args = write(world);
  const out = `out-${String(runs)}`;
  const ended = await cli.run(['account', ...args, '--out', out, '--quiet']);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return out;
}

async function recheck(out: string, world: World = {}, more: readonly string[] = []): Promise<Rechecked> {
  const ended = await cli.run(['recheck', ...write(world), '--out', out, '--json', ...more]);
  // A command that fails as a whole prints the problem instead.
  const { proposals: json = [] } = JSON.parse(ended.stdout) as { readonly proposals?: Rechecked['json'] };
  const states = json.map(({ principal, state, reason, remarks }) => [
    String(principal).split('/').at(-1) ?? '',
    [state, reason, ...(remarks as { text: string }[]).map(({ text }) => text)],
  ]);
  return {
    status: ended.status,
    out: path.join(cli.folder, out),
    stderr: linesOf(ended.stderr),
    states: Object.fromEntries(states) as Rechecked['states'],
    json,
  };
}

function stateFiles(out: string): readonly string[] {
  return [...filesBelow(path.join(cli.folder, out)).entries()]
    .filter(([name]) => path.basename(name) === 'state.json')
    .map(([, text]) => text);
}

const NOTHING = 'nothing that it was made from has changed';
let first: Rechecked;

beforeAll(async () => {
  first = await recheck(await proposed());
});

describe('recheck', () => {
  test('reports everything as current while nothing has changed, and writes no state', () => {
    expect([first.status, first.states]).toEqual([
      0,
      {
        idle: ['current', NOTHING],
        inline: ['current', NOTHING],
        shared: ['current', NOTHING],
        'key-holder': ['current', NOTHING],
      },
    ]);
    expect(stateFiles('out-1')).toEqual([]);
  });

  test('prints a table on standard output: one line for each proposal, and totals', async () => {
    const { stdout, stderr } = await cli.start(['recheck', ...write({}), '--out', 'out-1']);
    expect(stderr).toBe('');
    expect(linesOf(stdout).map((line) => line.replace(/ [0-9a-f]{8} /, ' ID ').replace(/ +/g, ' '))).toEqual([
      'Principal Proposal State Why',
      'role idle quarantine role ID current',
      'role inline refine ID current',
      'role shared refine ID current',
      'user key-holder deactivate access key ID current',
      '',
      '4 proposals: 4 current, 0 applied, 0 resolved, 0 superseded',
    ]);
  });

  test('prints its command and schema version in JSON', async () => {
    const { stdout } = await cli.run(['recheck', ...write({}), '--out', 'out-1', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, command: 'recheck', problems: [] });
  });

  test('with --only judges nobody else, and with --fail-on has exit status 3 if the state occurs', async () => {
    const { status, states } = await recheck('out-1', {}, ['--only', 'role/i*', '--fail-on', 'superseded']);
    expect([status, Object.keys(states)]).toEqual([0, ['idle', 'inline']]);
    expect((await recheck('out-1', {}, ['--fail-on', 'current'])).status).toBe(3);
  });

  test('reports a proposal as superseded if its policy has changed, and names the policy', async () => {
    const out = await proposed();
    const changed = role('inline', { RolePolicyList: [inline('Files', allow('s3:*'))] });
    const { states, json, status } = await recheck(out, {
      roles: [changed, ROLES.shared, ROLES.other, ROLES.idle],
    });
    expect([status, states['inline']]).toEqual([
      0,
      ['superseded', 'inline policy Files has another document'],
    ]);
    const proposalId = json.find(({ state }) => state === 'superseded')?.['proposalId'];
    expect(stateFiles(out)).toEqual([
      `{\n  "schemaVersion": 1,\n  "proposalId": "${String(proposalId)}",\n  "state": "superseded",\n  "reason": "inline policy Files has another document"\n}\n`,
    ]);
  });

  test('reports a proposal as applied if its changes are in place: a changed policy, and one replaced by a copy', async () => {
    const out = await proposed();
    const after = (name: string): { readonly name: string; readonly document: unknown } => {
      const folder = path.join(cli.folder, out, 'proposals/123456789012/role', name);
      const [file = ''] = proposalPaths(folder);
      const { policies } = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as {
        policies: { after: { name: string; document: unknown }[] }[];
      };
      return policies[0]!.after[0]!;
    };
    const copy = after('shared');
    const { states } = await recheck(out, {
      roles: [
        role('inline', { RolePolicyList: [inline('Files', after('inline').document)] }),
        role('shared', { AttachedManagedPolicies: [attached(policyArn(copy.name))] }),
        ROLES.other,
      ],
      policies: [...POLICIES, managed(policyArn(copy.name), copy.document)],
      findings: [FINDINGS.idle, FINDINGS.key],
    });
    expect(states).toMatchObject({
      inline: ['applied', 'inline policy Files is as it proposes'],
      shared: ['applied', 'customer managed policy Shared is as it proposes'],
      idle: ['applied', 'the role is gone'],
    });
  });

  test('reports a proposal as resolved if its finding is resolved or gone', async () => {
    const out = await proposed();
    const findings = [{ ...FINDINGS.inline, status: 'RESOLVED' }, FINDINGS.idle, FINDINGS.key];
    expect((await recheck(out, { findings: [...findings, listOf(findings)] })).states).toMatchObject({
      inline: ['resolved', 'the finding is RESOLVED'],
      shared: ['resolved', 'the finding is no longer there'],
      idle: ['current', NOTHING],
      'key-holder': ['current', NOTHING],
    });
  });

  test.each<readonly [string, readonly Record<string, unknown>[], unknown]>([
    ['nothing beside them', [FINDINGS.inline, FINDINGS.idle, FINDINGS.key], undefined],
    [
      'a list that goes on',
      [FINDINGS.inline, FINDINGS.idle, FINDINGS.key],
      listOf([FINDINGS.inline], { nextToken: 'more' }),
    ],
    [
      "another account's list",
      [FINDINGS.inline, FINDINGS.idle, FINDINGS.key],
      listOf([{ ...FINDINGS.inline, id: 'x', resourceOwnerAccount: '111122223333' }]),
    ],
    [
      'its last page missing',
      [
        FINDINGS.inline,
        FINDINGS.idle,
        FINDINGS.key,
        { ...FINDINGS.shared, findingDetails: [], nextToken: 'n' },
      ],
      undefined,
    ],
    [
      'a list alone that names it',
      [FINDINGS.inline, FINDINGS.idle, FINDINGS.key],
      listOf(Object.values(FINDINGS)),
    ],
    [
      'its latest state cut off',
      [
        ...Object.values(FINDINGS),
        { ...FINDINGS.shared, updatedAt: '2026-11-25T00:00:00Z', findingDetails: [], nextToken: 'n' },
      ],
      undefined,
    ],
  ])('concludes nothing from an incomplete finding: %s', async (_, findings, list) => {
    const out = await proposed();
    const { status, states, stderr } = await recheck(out, {
      findings: list === undefined ? findings : [...findings, list],
    });
    expect([status, Object.keys(states).sort(), stateFiles(out)]).toEqual([
      1,
      ['idle', 'inline', 'key-holder'],
      [],
    ]);
    expect(stderr.at(-1)).toMatch(/proposals\/123456789012\/role\/shared\/[0-9a-f]{32}\/?: not judged: it/);
    const page = readFileSync(path.join(cli.folder, out, 'index.html'), 'utf8');
    expect(page).toContain('>shared</a>');
    expect(page).toContain('not judged when the others were');
  });

  test('names new actions under a proposed wildcard, if it has the catalogue that the proposal was made with', async () => {
    const out = await proposed();
    const catalogue = { s3: [...CATALOGUE.s3, 'GetBucketAcl', 'ListAllMyBuckets'] };
    cli.write('old-catalogue.json', CATALOGUE);
    const named = await recheck(out, { catalogue }, ['--made-with', 'old-catalogue.json']);
    const counted = await recheck(out, { catalogue });
    const same = await recheck(out, { catalogue: { ...CATALOGUE, sqs: ['SendMessage'] } }, [
      '--made-with',
      'old-catalogue.json',
    ]);
    expect(named.states['inline']?.slice(2).map((text) => text.replace(/file \w+/, 'file X'))).toEqual([
      'the catalogue file X has further actions that its wildcards match: s3:GetBucketAcl',
    ]);
    expect(counted.states['inline']?.slice(2).map((text) => text.replace(/file \w+/, 'file X'))).toEqual([
      'by the catalogue file X its policies grant 4 actions, it says 3; give the catalogue it was made with to see which',
    ]);
    expect([named, counted, same].map(({ states }) => states['shared'])).toEqual([
      ['current', NOTHING],
      ['current', NOTHING],
      ['current', NOTHING],
    ]);
    expect(same.states['inline']).toEqual(['current', NOTHING]);
    expect(named.json.find(({ principal }) => principal === roleArn('inline'))?.['catalogue']).toMatchObject({
      grantedThen: 3,
      grantedNow: 4,
      newActions: ['s3:GetBucketAcl'],
    });
  });

  test('reports the earlier of two proposals as superseded if the finding has been updated', async () => {
    const out = await proposed();
    const later = finding(
      roleArn('inline'),
      { s3: ['GetObject', 'PutObject'] },
      { updatedAt: '2026-11-22T00:00:00.000Z' },
    );
    const again = await cli.run(['account', ...write({ findings: [later] }), '--out', out, '--quiet']);
    expect(again.status).toBe(0);
    const findings = [later, FINDINGS.shared, FINDINGS.idle, FINDINGS.key];
    const { json } = await recheck(out, { findings });
    const about = json.filter(({ principal }) => principal === roleArn('inline'));
    const current = about.find(({ state }) => state === 'current')?.['proposalId'];
    expect(about.map(({ state, reason }) => [state, reason]).sort()).toEqual([
      ['current', NOTHING],
      ['superseded', `proposal ${String(current)} was made from a later state of the finding`],
    ]);
  });

  test('labels proposals in the overview that are no longer current', async () => {
    const out = await proposed();
    const findings = [FINDINGS.inline, FINDINGS.idle, FINDINGS.key];
    await recheck(out, { findings: [...findings, listOf(findings)] });
    const page = readFileSync(path.join(cli.folder, out, 'index.html'), 'utf8');
    expect(page.match(/<span class="tag">[^<]*<\/span>/g)).toEqual(['<span class="tag">resolved</span>']);
    expect(page).toContain('no longer current: the finding is no longer there');
    expect(page).toContain('<option value="no longer current">');
    expect(page.indexOf('>inline</a>')).toBeLessThan(page.indexOf('>shared</a>'));
  });

  test('has the same result twice, byte for byte, and removes a state that no longer holds', async () => {
    const out = await proposed();
    const fresh = filesBelow(path.join(cli.folder, out));
    const left = [FINDINGS.idle, FINDINGS.key];
    const world = { findings: [...left, listOf(left)] };
    const once = await recheck(out, world);
    const files = filesBelow(once.out);
    await recheck(out, world);
    expect(filesBelow(once.out)).toEqual(files);
    expect(stateFiles(out)).toHaveLength(2);
    await recheck(out);
    const names = (all: ReadonlyMap<string, string>) => [...all.keys()].sort();
    expect(names(filesBelow(once.out))).toEqual(names(fresh));
  });

  test('judges the others if one proposal cannot be read, and names it', async () => {
    const out = await proposed();
    const folder = path.join(cli.folder, out, 'proposals/123456789012/role/inline');
    const [file = ''] = proposalPaths(folder);
    writeFileSync(path.join(folder, file), '{"schemaVersion": 1, "kind": "refine-permissions"}');
    const { status, states, stderr } = await recheck(out);
    expect([status, Object.keys(states).sort()]).toEqual([1, ['idle', 'key-holder', 'shared']]);
    expect(stderr.at(-1)).toBe(
      `${path.join(out, 'proposals/123456789012/role/inline', file)}: not a proposal of schema version 1 (unexpected proposalId); make the proposal again`,
    );
  });

  test('does not consider principals gone whose account the export lacks', async () => {
    const out = await proposed();
    const { status, states, stderr } = await recheck(out, { users: [] });
    expect([status, Object.keys(states).sort()]).toEqual([1, ['idle', 'inline', 'shared']]);
    expect(stderr.at(-1)).toMatch(
      /: not judged by details-\d+\.json: it holds no users, so it cannot tell whether arn:aws:iam::123456789012:user\/key-holder is gone; export account 123456789012, without --filter$/,
    );
  });

  test.each([
    [
      'a folder that is not there',
      'nowhere',
      'nowhere/proposals/: no such file or folder; give the folder that account wrote into',
    ],
    ['a folder without proposals', 'empty', 'empty/proposals/: holds no proposals'],
  ])('refuses %s in one line', async (_, out, line) => {
    mkdirSync(path.join(cli.folder, 'empty/proposals'), { recursive: true });
    const ended = await recheck(out);
    expect([ended.status, ended.stderr]).toEqual([2, [`unused-access-refiner: ${line}`]]);
  });

  test('prints nothing with --quiet', async () => {
    const ended = await cli.run(['recheck', ...write({}), '--out', 'out-1', '--quiet']);
    expect(ended).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});
