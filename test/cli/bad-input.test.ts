import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAccountExport } from '../../lambda/adapters/files/account-export.ts';
import { FindingsFiles } from '../../lambda/adapters/files/findings-files.ts';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { readSettingsFile } from '../../lambda/adapters/files/settings-file.ts';
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
import { type Ended, linesOf, useCommandLine } from './command.ts';

const cli = useCommandLine();

const GOOD_ROLE = role('good', { RolePolicyList: [inline('Data', allow('s3:GetObject', 's3:PutObject'))] });
const UNUSED = { s3: ['GetObject'] };
const GOOD_FINDING = finding(roleArn('good'), UNUSED);
const POLICY = JSON.stringify(allow('s3:GetObject', 's3:PutObject'));

interface AccountInput {
  readonly details?: unknown;
  readonly findings?: unknown;
  readonly out?: string;
}

async function account({ details, findings, out = 'out' }: AccountInput): Promise<Ended> {
  rmSync(path.join(cli.folder, 'out'), { recursive: true, force: true });
  cli.write('details.json', details ?? { RoleDetailList: [GOOD_ROLE] });
  cli.write('findings.json', findings ?? [GOOD_FINDING]);
  return cli.run([
    'account',
    '--account-details',
    'details.json',
    '--findings',
    'findings.json',
    '--out',
    out,
  ]);
}

/** One line on standard error, nothing on standard output, nothing written, 2. */
function expectRefusal(ended: Ended, problem: string | RegExp, out = 'out'): void {
  expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status: 2, stdout: '' });
  const lines = linesOf(ended.stderr);
  expect(lines).toHaveLength(1);
  if (typeof problem === 'string') expect(lines[0]).toBe(`unused-access-refiner: ${problem}`);
  else expect(lines[0]).toMatch(problem);
  expect(existsSync(path.join(cli.folder, out))).toBe(false);
}

/** The message with which a file is refused, its name without the folder. */
function refusalOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) return error.message.replace(`${cli.folder}/`, '');
    throw error;
  }
  return 'not refused';
}

/** The good role is complete, and the last lines name what failed. */
function expectOthersComplete(ended: Ended, ...complaints: readonly string[]): void {
  expect(ended.status).toBe(1);
  // Standard output has the table.
  expect(linesOf(ended.stdout)[0]).toMatch(/^Principal /);
  expect(ended.stderr).not.toMatch(/\n\s+at |Error:/);
  expect(linesOf(ended.stderr).slice(-complaints.length)).toEqual(complaints);
  const folder = path.join(cli.folder, 'out/proposals/123456789012/role/good');
  const [proposal = ''] = proposalPaths(folder);
  const files = filesBelow(path.join(folder, path.dirname(proposal)));
  expect([...files.keys()]).toEqual(
    expect.arrayContaining([
      'policies/0-Data.after.json',
      'policies/0-Data.before.json',
      'proposal.json',
      'report.html',
    ]),
  );
}

describe('a file that is not JSON', () => {
  test.each([
    ['nothing', '', 'the text is empty where JSON is expected'],
    ['white space', ' \r\n\t', 'the text is empty where JSON is expected'],
    ['a truncated text', POLICY.slice(0, -3), /policy\.json: not valid JSON: .* at line 1, column \d+$/],
    [
      'a comma too many',
      '{"Version":"2012-10-17",}',
      'not valid JSON: property name expected at line 1, column 25',
    ],
    ['a comment', '// mine\n{}', 'not valid JSON: invalid comment token at line 1, column 1'],
    ['single quotes', "{'Version':1}", 'not valid JSON: invalid symbol at line 1, column 2'],
    ['two values', '{}\n{}', 'not valid JSON: end of file expected at line 2, column 1'],
    ['UTF-16', Buffer.from(`\uFEFF${POLICY}`, 'utf16le'), 'a text in UTF-16; save it in UTF-8'],
    [
      'bytes',
      Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff]),
      'not a text in UTF-8; is it compressed or another kind of file?',
    ],
    [
      'damaged bytes of gzip',
      Buffer.from([0x1f, 0x8b, 0x08, 0xff]),
      'compressed with gzip, and damaged or cut off; compress it again',
    ],
    [
      'a hundred thousand levels',
      `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
      'nested more than 500 levels deep at line 1, column 501',
    ],
    [
      'a hundred thousand open braces',
      '{"a":'.repeat(100_000),
      'nested more than 500 levels deep at line 1, column 2501',
    ],
  ])('with %s is refused with its name and the position', async (_, content, problem) => {
    cli.write('policy.json', content);
    cli.write('unused.json', []);
    const ended = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expectRefusal(ended, typeof problem === 'string' ? `policy.json: ${problem}` : problem);
  });

  test('on standard input is named as such', async () => {
    cli.write('unused.json', []);
    const ended = await cli.start(['policy', '--policy', '-', '--unused', 'unused.json'], {
      input: '{',
    });
    expectRefusal(
      ended,
      /^unused-access-refiner: standard input: not valid JSON: close brace expected at line \d, column \d$/,
    );
  });

  test('may begin with a byte order mark', async () => {
    cli.write('policy.json', `\uFEFF${POLICY}`);
    cli.write('unused.json', '\uFEFF[]');
    const ended = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a policy that IAM would refuse', () => {
  test.each([
    ['[]', 'the policy document is not a JSON object'],
    ['"{}"', 'the policy document is not a JSON object'],
    ['{"Version":"2012-10-17"}', 'the policy has no Statement'],
    ['{"Statement":[]}', 'Statement is empty, which IAM does not allow'],
    [
      '{"Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}',
      'Statement[0]: Action is empty, which IAM does not allow',
    ],
    [
      '{"Statement":[{"Effect":"Allow","Action":"s3:*","Action":"ec2:*","Resource":"*"}]}',
      'the key "Action" occurs twice in one object (line 1, column 49)',
    ],
    [
      '{"Statement":{"Effect":"allow","Action":"s3:*","Resource":"*"}}',
      'Statement[0]: Effect must be "Allow" or "Deny"',
    ],
    [
      '{"Statement":{"effect":"Allow","Action":"s3:*","Resource":"*"}}',
      'Statement[0]: the statement has an element "effect" that IAM does not know; did you mean Effect',
    ],
    [
      '{"Statement":{"Effect":"Allow","Action":"*:Get","Resource":"*"}}',
      'Statement[0]: action "*:Get" has a wildcard in its service prefix, which IAM does not allow',
    ],
    [
      '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}}',
      'Statement[0]: has a Principal, which belongs in a resource policy and not in an identity policy',
    ],
    [
      '{"__proto__":1,"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}',
      'the policy has an element "__proto__" that IAM does not know',
    ],
  ])('is refused: %s', async (text, problem) => {
    cli.write('policy.json', text);
    cli.write('unused.json', []);
    const ended = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    expectRefusal(ended, `policy.json: ${problem}`);
  });

  test('is refused on its own in an account, and the other policies and principals are refined', async () => {
    const bad = role('bad', {
      RolePolicyList: [
        inline('Duplicate', 'PLACE'),
        inline('Empty', { Version: '2012-10-17', Statement: [] }),
        inline('Broken', '%7B%22Version%2'),
        inline('NotJson', '%7B%22Version%22%3A'),
        inline('Text', 'a+b'),
        inline('../../escape', allow('s3:GetObject')),
        inline('Fine', allow('s3:GetObject', 's3:PutObject')),
      ],
      AttachedManagedPolicies: [attached(policyArn('Missing'))],
    });
    const details = JSON.stringify({ RoleDetailList: [bad, GOOD_ROLE] }).replace(
      '"PLACE"',
      '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}',
    );
    const ended = await account({ details, findings: [finding(roleArn('bad'), UNUSED), GOOD_FINDING] });
    const told = (policy: string, reason: string): string =>
      `details.json: arn:aws:iam::123456789012:role/bad: policy ${policy} was not refined: ${reason}`;
    expectOthersComplete(
      ended,
      told(
        '..-..-escape',
        '"../../escape" is not a policy name that IAM takes (up to 128 letters, digits and _+=,.@-)',
      ),
      told('Broken', 'the policy document is not percent-encoded as IAM documents it'),
      expect.stringMatching(
        /policy Duplicate was not refined: the key "Version" occurs twice in one object \(line 1, column \d+\)$/,
      ) as string,
      told('Empty', 'Statement is empty, which IAM does not allow'),
      told('NotJson', 'the policy document is not JSON: not valid JSON: value expected at line 1, column 12'),
      told('Text', 'the policy document is not JSON: not valid JSON: invalid symbol at line 1, column 1'),
      told(
        'Missing',
        'the export lacks this policy; export with --filter LocalManagedPolicy and --filter AWSManagedPolicy too',
      ),
    );
    const files = [...filesBelow(cli.folder).keys()].filter((name) => name.includes('escape'));
    expect(files).toEqual([
      expect.stringMatching(
        /^out\/proposals\/123456789012\/role\/bad\/[0-9a-f]{32}\/policies\/\d-..-..-escape.after.json$/,
      ),
      expect.stringMatching(/escape.before.json$/),
    ]);
    const fine = [...filesBelow(path.join(cli.folder, 'out/proposals/123456789012/role/bad'))].find(
      ([name]) => name.endsWith('-Fine.after.json'),
    );
    expect(JSON.parse(fine?.[1] ?? '')).toEqual(allow('s3:PutObject'));
  });
});

describe('the shape of an export', () => {
  const nested = (value: unknown): unknown => ({ RoleDetailList: [GOOD_ROLE, value] });
  test.each<readonly [string, unknown, string]>([
    [
      'a list',
      [],
      'has none of RoleDetailList, UserDetailList, GroupDetailList; expected the output of aws iam get-account-authorization-details',
    ],
    [
      'another object',
      { Roles: [] },
      'has none of RoleDetailList, UserDetailList, GroupDetailList; expected the output of aws iam get-account-authorization-details',
    ],
    ['no list of roles', { RoleDetailList: {} }, 'RoleDetailList: expected an array, found an object'],
    [
      'null for its only role',
      { RoleDetailList: [null] },
      'RoleDetailList[0]: expected an object, found null',
    ],
    [
      'roles of another form only',
      { RoleDetailList: [{ roleName: 'x' }, { roleName: 'y' }], Policies: [] },
      'RoleDetailList[0].Arn: expected a string, found nothing',
    ],
    [
      'a role twice',
      nested(GOOD_ROLE),
      'RoleDetailList[1]: "arn:aws:iam::123456789012:role/good" occurs twice',
    ],
    [
      'a part of the account',
      { IsTruncated: true, RoleDetailList: [GOOD_ROLE] },
      'IsTruncated says that more was to come, so a part of the account is missing; export it without --no-paginate and --max-items, or give all its pages',
    ],
  ])('with %s is refused with its name and the position', (_, details, problem) => {
    const file = cli.write('details.json', details);
    expect(refusalOf(() => readAccountExport(file))).toBe(`details.json: ${problem}`);
  });

  test.each([
    ['{"RoleDetailList":[],"RoleDetailList":[]}', 'RoleDetailList', 22],
    ['{"RoleDetailList":[{"RoleName":"a","Arn":"a","PermissionsBoundary":{"a":1,"a":1}}]}', 'a', 75],
    ['{"RoleDetailList":[],"Extra":[{"x":1,"x":2}]}', 'x', 38],
  ])('with a duplicate key outside policy documents is refused: %s', (details, key, column) => {
    const file = cli.write('details.json', details);
    expect(refusalOf(() => readAccountExport(file))).toBe(
      `details.json: the key "${key}" occurs twice in one object (line 1, column ${String(column)})`,
    );
  });

  test('is valid if lists are missing or empty', async () => {
    const ended = await account({
      details: { RoleDetailList: [GOOD_ROLE], UserDetailList: [], GroupDetailList: [], Policies: [] },
    });
    expect(ended.status).toBe(0);
  });
});

describe('findings of the wrong shape', () => {
  test.each<readonly [string, unknown, string]>([
    ['nothing', '', 'the text is empty where JSON is expected'],
    ['no object', [1], '[0]: expected an object, found a number'],
    ['no id', [{ ...GOOD_FINDING, id: undefined }], '[0].id: expected a string, found nothing'],
    [
      'a status that does not exist',
      [GOOD_FINDING, { ...GOOD_FINDING, status: 'active' }],
      '[1].status: expected "ACTIVE" or "ARCHIVED" or "RESOLVED", found "active"',
    ],
    [
      'actions that are no list',
      [
        finding(
          roleArn('good'),
          {},
          { findingDetails: [{ unusedPermissionDetails: { serviceNamespace: 's3', actions: {} } }] },
        ),
      ],
      '[0].findingDetails[0].unusedPermissionDetails.actions: expected an array, found an object',
    ],
    [
      'a time beyond all time',
      [{ ...GOOD_FINDING, updatedAt: 1e300 }],
      '[0].updatedAt: found a number, which is not of the expected form',
    ],
    [
      'the answer of list-findings-v2',
      { findings: [{ ...GOOD_FINDING, findingDetails: undefined }] },
      'a list of findings, which lacks their details; expected what aws accessanalyzer get-finding-v2 prints for each of them',
    ],
    [
      'the second line broken',
      `${JSON.stringify(GOOD_FINDING)}\n{"id":`,
      'not valid JSON: value expected at line 2, column 7',
    ],
    [
      'both lines of another shape',
      `{"id":"y"}\n{"id":"x"}`,
      'line 1: no finding: it has no findingDetails; expected what aws accessanalyzer get-finding-v2 prints',
    ],
    [
      'a key twice',
      JSON.stringify([GOOD_FINDING]).replace(
        '{"unusedPermissionDetails"',
        '{"unusedPermissionDetails":{},"unusedPermissionDetails"',
      ),
      expect.stringMatching(
        /^findings\.json: the key "unusedPermissionDetails" occurs twice in one object \(line 1, column \d+\)$/,
      ) as string,
    ],
    [
      'one finding about two principals',
      [GOOD_FINDING, { ...GOOD_FINDING, resource: roleArn('other') }],
      '[1]: the finding "finding-good" has the resource "arn:aws:iam::123456789012:role/good" on one page and "arn:aws:iam::123456789012:role/other" on another; keep the pages of one run',
    ],
    [
      'pages of different runs',
      [GOOD_FINDING, { ...GOOD_FINDING, status: 'RESOLVED' }],
      '[1]: the finding "finding-good" has the status "ACTIVE" on one page and "RESOLVED" on another; keep the pages of one run',
    ],
  ])('with %s are refused with file and position', (_, findings, problem) => {
    const file = cli.write('findings.json', findings);
    expect(refusalOf(() => FindingsFiles.from(file, null))).toEqual(
      typeof problem === 'string' ? `findings.json: ${problem}` : problem,
    );
  });

  test('are refused before anything is written', async () => {
    expectRefusal(await account({ findings: [] }), 'findings.json: holds no findings');
    expectRefusal(
      await account({ findings: [1, 2] }),
      'findings.json: [0]: expected an object, found a number',
    );
  });

  test('in an empty folder are refused', async () => {
    mkdirSync(path.join(cli.folder, 'none'), { recursive: true });
    cli.write('none/notes.txt', '{}');
    const ended = await cli.run([
      'account',
      '--account-details',
      'details.json',
      '--findings',
      'none',
      '--out',
      'out',
    ]);
    expectRefusal(ended, 'none: the folder holds no .json or .jsonl file');
  });
});

describe('a finding that leads nowhere', () => {
  test.each<readonly [string, unknown, string]>([
    [
      'a principal that the export lacks',
      finding(roleArn('ghost'), UNUSED),
      'arn:aws:iam::123456789012:role/ghost: details.json lacks this principal; was it deleted, or exported from another account?',
    ],
    [
      'something that is no principal',
      finding('arn:aws:s3:::bucket', UNUSED),
      'arn:aws:s3:::bucket: the finding finding-arn:aws:s3:::bucket is about "arn:aws:s3:::bucket", which is not the ARN of a role or user',
    ],
    [
      'an action that cannot be one',
      finding(roleArn('bad'), { s3: ['Get*'] }),
      'arn:aws:iam::123456789012:role/bad: the finding finding-bad: the unused action "Get*" of s3 is not the name of an action',
    ],
    [
      'a service that cannot be one',
      finding(roleArn('bad'), { 's 3': [] }),
      'arn:aws:iam::123456789012:role/bad: the finding finding-bad: the service "s 3" is not a service prefix',
    ],
    [
      'an unused role that is a user',
      finding(userArn('person'), {}, { findingType: 'UnusedIAMRole' }),
      'arn:aws:iam::123456789012:user/person: the finding finding-person of type UnusedIAMRole is about a user, which cannot be',
    ],
    [
      'an unused key without a key',
      finding(userArn('person'), {}, { findingType: 'UnusedIAMUserAccessKey', findingDetails: [] }),
      'arn:aws:iam::123456789012:user/person: the finding finding-person names no access key',
    ],
    [
      'a name that would steer the terminal',
      finding('arn:aws:iam::1:role/\u001b[2J\nfoo', UNUSED),
      expect.stringMatching(
        /^findings\.json: arn:aws:iam::1:role\/ \[2J foo: the finding finding- \[2J foo is about "/,
      ) as string,
    ],
  ])('is reported, and the others are refined: %s', async (_, bad, problem) => {
    const details = { RoleDetailList: [role('bad'), GOOD_ROLE], UserDetailList: [user('person')] };
    const ended = await account({ details, findings: [bad, GOOD_FINDING] });
    expectOthersComplete(ended, typeof problem === 'string' ? `findings.json: ${problem}` : problem);
  });

  test('of a type that is not about unused access, or that could not be analysed, is skipped', async () => {
    const findings = [
      { ...finding(roleArn('a'), {}), findingType: 'ExternalAccess' },
      { ...finding(roleArn('b'), UNUSED), error: 'ACCESS_DENIED' },
      GOOD_FINDING,
    ];
    const ended = await account({ findings });
    expect(ended.status).toBe(0);
    expect(ended.stdout).toMatch(
      /role a +skipped +the finding type ExternalAccess is not about unused access\n/,
    );
    expect(ended.stdout).toMatch(
      /role b +skipped +Access Analyzer could not analyse the principal \(ACCESS_DENIED\)\n/,
    );
  });

  test('about services and actions named like members of the object prototype is handled like any other', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const roles = names.map((name) =>
      role(name, {
        RolePolicyList: [inline(name, allow('s3:GetObject', 's3:PutObject', 's3:__proto__'))],
        Tags: [{ Key: '__proto__', Value: 'constructor' }],
      }),
    );
    const person = user('valueOf', {
      GroupList: ['__proto__', 'constructor'],
      UserPolicyList: [inline('toString', allow('s3:GetObject', 's3:PutObject'))],
    });
    const groups = ['__proto__', 'constructor'].map((name) => ({
      GroupName: name,
      GroupPolicyList: [inline('__proto__', allow('s3:GetObject'))],
      AttachedManagedPolicies: [attached(policyArn('__proto__'))],
    }));
    const details = {
      RoleDetailList: [...roles, GOOD_ROLE],
      UserDetailList: [person],
      GroupDetailList: groups,
      Policies: [managed(policyArn('__proto__'), allow('s3:GetObject'))],
    };
    const unused = JSON.parse(
      '{"s3":["GetObject","constructor"],"__proto__":[],"constructor":["toString"],"valueOf":[]}',
    ) as Record<string, string[]>;
    const findings = [
      ...names.map((name) => finding(roleArn(name), unused)),
      finding(userArn('valueOf'), unused),
      GOOD_FINDING,
    ];
    const ended = await account({ details, findings });
    expect(ended.status).toBe(0);
    const files = filesBelow(path.join(cli.folder, 'out/proposals/123456789012'));
    for (const name of names) {
      const [, text = 'null'] =
        [...files].find(([file]) => file.startsWith(`role/${name}/`) && file.endsWith('.after.json')) ?? [];
      expect(JSON.parse(text)).toEqual(allow('s3:PutObject', 's3:__proto__'));
    }
    const [, proposal = 'null'] =
      [...files].find(([file]) => file.startsWith('user/valueOf/') && file.endsWith('proposal.json')) ?? [];
    expect(
      (JSON.parse(proposal) as { residue: { through: string }[] }).residue.map(({ through }) => through),
    ).toEqual([
      'group __proto__ (1 user)',
      'group __proto__ (1 user)',
      'group constructor (1 user)',
      'group constructor (1 user)',
    ]);
  });

  test('about a user in a group that the export lacks ignores that group, and says so', async () => {
    const person = user('person', {
      GroupList: ['Lost'],
      UserPolicyList: [inline('Mine', allow('s3:GetObject', 's3:PutObject'))],
    });
    const ended = await account({
      details: { UserDetailList: [person] },
      findings: [finding(userArn('person'), UNUSED)],
    });
    const [file = ''] = proposalPaths(path.join(cli.folder, 'out'));
    const proposal = JSON.parse(readFileSync(path.join(cli.folder, 'out', file), 'utf8')) as {
      policies: unknown;
    };
    expect(proposal.policies).toMatchObject([
      { name: 'Mine', disposition: 'update' },
      {
        group: 'Lost',
        disposition: 'inherited',
        reason:
          'group Lost (1 user): the export lacks this group, so what it grants is not known; export with --filter Group too',
      },
    ]);
    expect(ended.status).toBe(1);
    expect(linesOf(ended.stderr).at(-1)).toBe(
      'details.json: arn:aws:iam::123456789012:user/person: the export lacks group Lost, so what it grants is not known; export with --filter Group too',
    );
  });
});

describe('a folder that cannot be written', () => {
  const BAD = [
    ['a file', 'file'],
    ['below a file', 'file/below/it'],
    ['below /proc', '/proc/unused-access-refiner'],
    ['below a device', '/dev/null/out'],
  ] as const;
  test.each(BAD)('because it is %s is refused before the work begins', async (_, out) => {
    cli.write('file', 'x');
    const ended = await account({ out });
    expectRefusal(
      ended,
      new RegExp(
        `^unused-access-refiner: ${out}: (is a file where a folder is expected|a part of the path is a file where a folder is expected|no such file or folder|permission denied)$`,
      ),
    );
    expect(readFileSync(path.join(cli.folder, 'file'), 'utf8')).toBe('x');
  });

  test('for one principal only does not keep the others from being complete', async () => {
    await account({});
    const blocked = role('blocked', {
      RolePolicyList: [inline('Data', allow('s3:GetObject', 's3:PutObject'))],
    });
    const place = path.join(cli.folder, 'out2/proposals/123456789012/role');
    mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, 'blocked'), '');
    cli.write('details.json', { RoleDetailList: [blocked, GOOD_ROLE] });
    cli.write('findings.json', [finding(roleArn('blocked'), UNUSED), GOOD_FINDING]);
    const ended = await cli.run([
      'account',
      '--account-details',
      'details.json',
      '--findings',
      'findings.json',
      '--out',
      'out2',
    ]);
    expect(ended.status).toBe(1);
    expect(linesOf(ended.stderr).at(-1)).toMatch(
      /^findings\.json: arn:aws:iam::123456789012:role\/blocked: out2\/proposals\/123456789012\/role\/blocked\/[0-9a-f]{32}\/: a part of the path is a file where a folder is expected$/,
    );
    expect(proposalPaths(path.join(place, 'good'))).toHaveLength(1);
  });

  test.skipIf(!existsSync('/dev/full'))(
    'because the disk is full ends the run in one line and leaves no proposal half-written',
    async () => {
      await account({});
      const root = path.join(cli.folder, 'out');
      const [proposal = ''] = proposalPaths(root);
      const folder = path.join(root, path.dirname(proposal));
      rmSync(path.join(root, proposal));
      rmSync(path.join(folder, 'report.html'));
      symlinkSync('/dev/full', path.join(folder, 'report.html'));
      const ended = await cli.run([
        'account',
        '--account-details',
        'details.json',
        '--findings',
        'findings.json',
        '--out',
        'out',
      ]);
      expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status: 1, stdout: '' });
      expect(linesOf(ended.stderr)).toEqual([
        expect.stringMatching(/^unused-access-refiner: out\/proposals\/.*: no space left on the device$/),
      ]);
      expect(readdirSync(folder)).not.toContain('proposal.json');
      expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
    },
  );

  test('for the summary of the run is reported in one line, after everything else', async () => {
    await account({});
    const summary = path.join(cli.folder, 'out/summary.csv');
    rmSync(summary);
    mkdirSync(summary);
    const ended = await cli.run([
      'account',
      '--account-details',
      'details.json',
      '--findings',
      'findings.json',
      '--out',
      'out',
    ]);
    expect(ended.status).toBe(1);
    expect(linesOf(ended.stderr).at(-1)).toBe(
      'unused-access-refiner: out/summary.csv: is a folder where a file is expected',
    );
    expect(ended.stdout).toContain('1 proposal for 1 principal\n');
  });
});

describe('fifty megabytes', () => {
  const SIZE = 50 * 1024 * 1024;
  const text = 'x'.repeat(1024);

  test('that are not JSON are refused in one line', async () => {
    rmSync(path.join(cli.folder, 'out'), { recursive: true, force: true });
    cli.write('policy.json', text.repeat(SIZE / 1024));
    cli.write('unused.json', []);
    const ended = await cli.run(['policy', '--policy', 'policy.json', '--unused', 'unused.json']);
    rmSync(path.join(cli.folder, 'policy.json'));
    expectRefusal(ended, 'policy.json: not valid JSON: invalid symbol at line 1, column 1');
  });

  test('of an export are read, and one broken policy in it does not stop the others', async () => {
    const filler = { ...role('filler'), AssumeRolePolicyDocument: text.repeat(SIZE / 1024) };
    const details = {
      RoleDetailList: [filler, role('bad', { RolePolicyList: [inline('P', {})] }), GOOD_ROLE],
    };
    const ended = await account({ details, findings: [finding(roleArn('bad'), UNUSED), GOOD_FINDING] });
    rmSync(path.join(cli.folder, 'details.json'));
    expectOthersComplete(
      ended,
      'details.json: arn:aws:iam::123456789012:role/bad: policy P was not refined: the policy has no Statement',
    );
  });
});

describe('settings of the wrong shape', () => {
  test.each([
    ['{', 'not valid JSON: close brace expected at line 1, column 2'],
    ['[]', 'expected an object, found an array'],
    ['{"generalize":"most"}', 'generalize: expected "shortest" or "least" or "enumerate", found "most"'],
    ['{"keep":"s3:*"}', 'keep: expected an array, found a string'],
    ['{"managedPoliciesPerRole":26}', 'managedPoliciesPerRole: expected a whole number from 1 to 25'],
    ['{"managedPoliciesPerUser":"20"}', 'managedPoliciesPerUser: expected a whole number from 1 to 20'],
    ['{"excludeTags":[1]}', 'excludeTags[0]: expected the key of a tag, or an object {"key": …, "value": …}'],
  ])('are refused: %s', (text, problem) => {
    const file = cli.write('config.json', text);
    expect(refusalOf(() => readSettingsFile(file))).toBe(`config.json: ${problem}`);
  });

  test('are refused before anything is written', async () => {
    rmSync(path.join(cli.folder, 'out'), { recursive: true, force: true });
    cli.write('config.json', '{"keep":["PassRole"]}');
    const ended = await cli.run([
      'account',
      '--account-details',
      'details.json',
      '--findings',
      'findings.json',
      '--out',
      'out',
      '--config',
      'config.json',
    ]);
    expectRefusal(
      ended,
      'config.json: the keep-list\'s action "PassRole" has no service prefix; write it as service:Action',
    );
  });

  test.each([
    ['{"excludeName":["a"]}', 'option excludeName does not exist; did you mean excludeNames?'],
    ['{"toString":1}', 'option toString does not exist; the options are '],
    ['{"excludeTags":[{"key":"a","vale":"b"}]}', 'excludeTags'],
  ])('with unknown names are refused: %s', async (text, problem) => {
    cli.write('config.json', text);
    const { status, stderr } = await cli.run([
      'account', '--account-details', 'details.json', '--findings', 'findings.json', '--out', 'out', '--config', 'config.json',
    ]); // prettier-ignore
    expect(status).toBe(2);
    expect(stderr).toMatch(/^unused-access-refiner: config\.json: [^\n]+\n$/);
    expect(stderr).toContain(problem);
  });

  test('with unknown names are named, even if the object prototype has such members', () => {
    const file = cli.write('config.json', '{"toString":1,"exclude":[],"keep":["s3:*"]}');
    expect(readSettingsFile(file).ignored).toEqual(['toString', 'exclude']);
  });
});
