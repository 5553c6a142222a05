import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  allow,
  attached,
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
import { runHere } from './in-process.ts';

/*
 * A fault of one entry concerns that entry only, in every reader: the others come out as they do without it, and the fault is
 * named with its place. What may be about anybody (an entry without an ARN, an id) is not taken for nobody.
 */

const cli = useCommandLine();
const at = (name: string): string => path.join(cli.folder, name);

const DOCUMENT = allow('s3:GetObject', 's3:PutObject');
const UNUSED = { s3: ['GetObject'] };
const good = role('good', { RolePolicyList: [inline('Data', DOCUMENT)] });
const bad = role('bad', { RolePolicyList: [inline('Data', DOCUMENT)] });
const FINDINGS = [finding(roleArn('good'), UNUSED), finding(roleArn('bad'), UNUSED)];

interface Input {
  readonly details: object;
  readonly findings: unknown;
}

async function account({ details, findings }: Input, out = 'out') {
  rmSync(at(out), { recursive: true, force: true });
  const args = ['--account-details', cli.write('details.json', details)];
  args.push('--findings', cli.write('findings.json', findings), '--out', at(out), '--quiet', '--no-reports');
  const { status, stderr } = await runHere(['account', ...args]);
  const said = linesOf(stderr.replaceAll(`${cli.folder}/`, ''));
  const names = proposalPaths(at(out)).map((file) => file.split('/').slice(2, 4).join(' '));
  return { status, said, names: names.sort() };
}

/** Every member of an entry in a wrong form: what is said of it, and of the finding about it. */
const EXPORT: readonly (readonly [string, object, readonly (string | RegExp)[]])[] = [
  [
    'a role with a number for its name',
    { RoleDetailList: [{ ...bad, RoleName: 1 }, good] },
    [
      'findings.json: arn:aws:iam::123456789012:role/bad: the export: its entry cannot be read: RoleDetailList[0].RoleName: expected a string, found a number',
    ],
  ],
  [
    'a role without an ARN, which may be the one that a finding is about',
    { RoleDetailList: [good, { ...bad, Arn: null }] },
    [
      'findings.json: arn:aws:iam::123456789012:role/bad: the export: it is not there, and an entry that may be its own cannot be read: RoleDetailList[1].Arn: expected a string, found nothing',
    ],
  ],
  [
    'a role whose ARN is none',
    { RoleDetailList: [good, { ...bad, Arn: 'role/bad' }] },
    [/an entry that may be its own cannot be read: RoleDetailList\[1\]\.Arn: expected the ARN of a role$/],
  ],
  [
    'null in the place of a role',
    { RoleDetailList: [null, good] },
    [/an entry that may be its own cannot be read: RoleDetailList\[0\]: expected an object, found null$/],
  ],
  [
    'tags that are none',
    { RoleDetailList: [{ ...bad, Tags: [{ Value: 'x' }] }, good] },
    [/its entry cannot be read: RoleDetailList\[0\]\.Tags\[0\]\.Key: expected a string, found nothing$/],
  ],
  [
    'an attached policy without an ARN',
    { RoleDetailList: [{ ...bad, AttachedManagedPolicies: [{ PolicyName: 'P' }] }, good] },
    [
      /its entry cannot be read: RoleDetailList\[0\]\.AttachedManagedPolicies\[0\]\.PolicyArn: expected a string/,
    ],
  ],
  [
    'a path that is none',
    { RoleDetailList: [{ ...bad, Path: ['/'] }, good] },
    [/its entry cannot be read: RoleDetailList\[0\]\.Path: expected a string, found an array$/],
  ],
  [
    'two inline policies of one name',
    { RoleDetailList: [{ ...bad, RolePolicyList: [inline('P', DOCUMENT), inline('P', DOCUMENT)] }, good] },
    [/its entry cannot be read: RoleDetailList\[0\]\.RolePolicyList: "P" occurs twice$/],
  ],
  [
    'an inline policy without a name, which concerns that policy only',
    { RoleDetailList: [{ ...bad, RolePolicyList: [{ PolicyDocument: DOCUMENT }] }, good] },
    [
      'details.json: arn:aws:iam::123456789012:role/bad: policy unreadable-0 was not refined: RoleDetailList[0].RolePolicyList[0].PolicyName: expected a string, found nothing',
    ],
  ],
  [
    'a managed policy without a default version',
    {
      RoleDetailList: [
        { ...bad, RolePolicyList: [], AttachedManagedPolicies: [attached(policyArn('M'))] },
        good,
      ],
      Policies: [managed(policyArn('M'), DOCUMENT, { DefaultVersionId: 2 })],
    },
    [
      'details.json: arn:aws:iam::123456789012:role/bad: policy M was not refined: its entry cannot be read: Policies[0].DefaultVersionId: expected a string, found a number',
    ],
  ],
  [
    'a managed policy with its default version twice',
    {
      RoleDetailList: [
        { ...bad, RolePolicyList: [], AttachedManagedPolicies: [attached(policyArn('M'))] },
        good,
      ],
      Policies: [
        managed(policyArn('M'), DOCUMENT, {
          PolicyVersionList: [
            { VersionId: 'v2', Document: DOCUMENT },
            { VersionId: 'v2', Document: allow('s3:*') },
          ],
        }),
      ],
    },
    [/policy M was not refined: its default version v2 occurs twice$/],
  ],
];

describe('an unreadable entry of an export', () => {
  test.each(EXPORT)('%s', async (_, details, expected) => {
    const { status, said, names } = await account({ details, findings: FINDINGS });
    expect({ status, names }).toEqual({ status: 1, names: ['role good'] });
    for (const text of expected) {
      expect(said).toContainEqual(typeof text === 'string' ? text : expect.stringMatching(text));
    }
  });

  test('of a group makes its grants unknown, and of a user makes the members of groups unknown', async () => {
    const details = {
      UserDetailList: [
        user('ann', { GroupList: ['Team'], UserPolicyList: [inline('Data', DOCUMENT)] }),
        user('bob', { GroupList: ['Open'], UserPolicyList: [inline('Data', DOCUMENT)] }),
        { ...user('cid'), GroupList: 'Open' },
      ],
      GroupDetailList: [
        { GroupName: 'Team', Arn: `arn:aws:iam::${ACCOUNT}:group/Team`, GroupPolicyList: {} },
        {
          GroupName: 'Open',
          Arn: `arn:aws:iam::${ACCOUNT}:group/Open`,
          GroupPolicyList: [inline('G', DOCUMENT)],
        },
      ],
    };
    const findings = [finding(userArn('ann'), UNUSED), finding(userArn('bob'), UNUSED)];
    const { status, said, names } = await account({ details, findings });
    expect({ status, names }).toEqual({ status: 1, names: ['user ann', 'user bob'] });
    expect(said).toEqual([
      'details.json: UserDetailList[2].GroupList: expected an array, found a string',
      'details.json: GroupDetailList[0].GroupPolicyList: expected an array, found an object',
    ]);
    expect(readFileSync(at('out/summary.csv'), 'utf8')).toContain(
      'the description of the account does not show all users, so who is in the group Open is not known',
    );
  });

  test("of a holder means that others may have a policy, unless IAM's count excludes that", async () => {
    const holder = role('good', { AttachedManagedPolicies: [attached(policyArn('M'))] });
    const detailsOf = (count: number | null) => ({
      RoleDetailList: [holder, { ...bad, Tags: 1 }],
      Policies: [managed(policyArn('M'), DOCUMENT, { AttachmentCount: count })],
    });
    const dispositions = [];
    for (const count of [1, null]) {
      await account({ details: detailsOf(count), findings: FINDINGS });
      const [file = ''] = proposalPaths(at('out'));
      const proposal = JSON.parse(readFileSync(at(`out/${file}`), 'utf8')) as {
        policies: { disposition: string }[];
      };
      dispositions.push(proposal.policies[0]?.disposition);
    }
    expect(dispositions).toEqual(['new-version', 'replace']);
  });
});

const GOOD_FINDING = FINDINGS[0];
const BAD_FINDING = FINDINGS[1] ?? {};
const BAD = 'arn:aws:iam::123456789012:role/bad';

const FINDING_ENTRIES: readonly (readonly [string, unknown, string])[] = [
  ['a number', 1, 'findings.json: [1]: expected an object, found a number'],
  [
    'another thing',
    { id: 'x' },
    'findings.json: [1]: no finding: it has no findingDetails; expected what aws accessanalyzer get-finding-v2 prints',
  ],
  [
    'a finding without an id',
    { ...BAD_FINDING, id: null },
    'findings.json: [1].id: expected a string, found nothing',
  ],
  [
    'a finding of an unknown status',
    { ...BAD_FINDING, status: 'active' },
    `findings.json: ${BAD}: [1].status: expected "ACTIVE" or "ARCHIVED" or "RESOLVED", found "active"`,
  ],
  [
    'a finding whose actions are none',
    {
      ...BAD_FINDING,
      findingDetails: [{ unusedPermissionDetails: { serviceNamespace: 's3', actions: {} } }],
    },
    `findings.json: ${BAD}: [1].findingDetails[0].unusedPermissionDetails.actions: expected an array, found an object`,
  ],
  [
    'a finding with a bad date',
    { ...BAD_FINDING, updatedAt: { seconds: 1 } },
    `findings.json: ${BAD}: [1].updatedAt: expected a time in ISO 8601 or in seconds since 1970`,
  ],
  [
    'a finding with details that nobody knows',
    { ...BAD_FINDING, findingDetails: [{ unusedThings: {} }] },
    `findings.json: ${BAD}: the finding finding-bad: its findingDetails[0] lacks unusedPermissionDetails, which a finding of type UnusedPermission has; was it written by another program than the AWS CLI?`,
  ],
  [
    'a finding without a principal',
    { ...BAD_FINDING, resource: '' },
    'findings.json: [1].resource: expected the ARN of a role or user, found an empty string',
  ],
];

describe('an unreadable entry among findings', () => {
  const details = { RoleDetailList: [good, bad] };

  test.each(FINDING_ENTRIES)('%s', async (_, entry, expected) => {
    const { status, said, names } = await account({ details, findings: [GOOD_FINDING, entry] });
    expect({ status, names, said }).toEqual({ status: 1, names: ['role good'], said: [expected] });
  });

  test('makes its finding incomplete if another page cannot be read, or belongs to another principal', async () => {
    for (const other of [{ status: 1 }, { resource: roleArn('good') }]) {
      const findings = [GOOD_FINDING, { ...BAD_FINDING, nextToken: 'x' }, { ...BAD_FINDING, ...other }];
      const { status, names } = await account({ details, findings });
      expect({ status, names }).toEqual({ status: 1, names: ['role good'] });
    }
  });

  test('that is a file of a folder does not stop the other files', async () => {
    rmSync(at('folder'), { recursive: true, force: true });
    mkdirSync(at('folder'));
    writeFileSync(at('folder/a.json'), JSON.stringify(GOOD_FINDING));
    writeFileSync(at('folder/b.json'), '');
    cli.write('details.json', details);
    const args = ['--account-details', at('details.json'), '--findings', at('folder'), '--out', at('o')];
    const { status, stderr } = await runHere(['account', ...args, '--quiet']);
    expect(status).toBe(1);
    expect(linesOf(stderr)).toEqual([`${at('folder/b.json')}: the text is empty where JSON is expected`]);
    // A proposal whose finding may be what that file was to hold is not gone.
    const again = await runHere([
      'recheck',
      ...args.slice(0, 2),
      '--findings',
      at('folder'),
      '--out',
      at('o'),
    ]);
    expect(again.status).toBe(1);
  });
});

test('recheck does not judge by an unreadable entry, and judges all others', async () => {
  const details = { RoleDetailList: [good, bad] };
  await account({ details, findings: FINDINGS }, 'judged');
  for (const broken of [{ ...bad, Tags: 1 }, { ...bad, Arn: null }, null]) {
    const now = cli.write('now.json', { RoleDetailList: [good, broken] });
    const args = ['--account-details', now, '--findings', at('findings.json'), '--out', at('judged')];
    const { status, stdout, stderr } = await runHere(['recheck', ...args, '--json', '--quiet']);
    const { proposals } = JSON.parse(stdout) as { proposals: { principal: string; state: string }[] };
    const states = proposals.map(({ principal, state }) => `${principal.slice(-4)} ${state}`);
    expect({ status, states }).toEqual({ status: 1, states: ['good current'] });
    expect(stderr).toMatch(/role\/bad\/[0-9a-f]{32}\/: not judged by .*cannot be read: RoleDetailList\[1\]/);
  }
  const list = { findings: FINDINGS.map((one) => ({ ...one, findingDetails: undefined })) };
  const findings = cli.write(
    'findings.jsonl',
    [list, GOOD_FINDING, { id: 7 }].map((one) => JSON.stringify(one)).join('\n'),
  );
  const args = [
    '--account-details',
    cli.write('now.json', details),
    '--findings',
    findings,
    '--out',
    at('judged'),
  ];
  const { status, stderr } = await runHere(['recheck', ...args, '--quiet']);
  expect(status).toBe(1);
  expect(stderr).toMatch(/role\/bad\/[0-9a-f]{32}\/: not judged: /);
});

test('an unreadable service in a report of last use is named, and the dates of the others are kept', async () => {
  const services = [
    {
      ServiceNamespace: 's3',
      TrackedActionsLastAccessed: [{ ActionName: 'GetObject', LastAccessedTime: '2026-11-25T00:00:00Z' }],
    },
    { ServiceNamespace: 'sqs', LastAuthenticated: 'yesterday' },
  ];
  mkdirSync(at('dates/role'), { recursive: true });
  cli.write('dates/role/good.json', { JobStatus: 'COMPLETED', ServicesLastAccessed: services });
  const args = ['--account-details', cli.write('details.json', { RoleDetailList: [good] })];
  args.push('--findings', cli.write('findings.json', [GOOD_FINDING]), '--last-accessed', at('dates'));
  const { status, stdout, stderr } = await runHere(['account', ...args, '--out', at('dated')]);
  expect(status).toBe(0);
  expect(stderr).toContain(
    `${at('dates/role/good.json')}: ServicesLastAccessed[1].LastAuthenticated: expected a time such as 2026-11-02T10:00:00Z\n`,
  );
  expect(stdout).toContain('STOP: Do not apply this before the finding is updated');
});
