import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
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
import { proposalShape, type RefineProposal } from './proposal-shape.ts';

const cli = useCommandLine();
const AWS_POLICY = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';

/** Every way in which permissions reach a principal, and every principal that is left alone. */
const ACCOUNT_DETAILS = {
  RoleDetailList: [
    role('inline', {
      RolePolicyList: [
        inline('Shrinks', allow('s3:GetObject', 's3:PutObject')),
        inline('Goes', allow('sqs:*')),
        inline('Stays', allow('ec2:DescribeInstances')),
      ],
      Tags: [{ Key: 'Team', Value: 'payments' }],
    }),
    role('managed', {
      AttachedManagedPolicies: [
        policyArn('Own'),
        policyArn('OwnGoes'),
        policyArn('Shared'),
        policyArn('Boundary'),
        AWS_POLICY,
      ].map(attached),
      PermissionsBoundary: {
        PermissionsBoundaryType: 'Policy',
        PermissionsBoundaryArn: policyArn('Ceiling'),
      },
    }),
    role('other', {
      AttachedManagedPolicies: [attached(policyArn('Shared'))],
      PermissionsBoundary: { PermissionsBoundaryArn: policyArn('Boundary') },
    }),
    role('encoded', {
      RolePolicyList: [
        inline('Encoded', encodeURIComponent(JSON.stringify(allow('s3:GetObject', 's3:PutObject')))),
      ],
    }),
    role('untouched', { RolePolicyList: [inline('Other', allow('ec2:*'))] }),
    role('AWSServiceRoleForSupport', {}, '/aws-service-role/support.amazonaws.com/'),
    role('AWSReservedSSO_Admin_0123456789abcdef', {}, '/aws-reserved/sso.amazonaws.com/'),
    role('break-glass', { RolePolicyList: [inline('All', allow('*'))] }),
    role('boss', { RolePolicyList: [inline('All', allow('*'))] }, '/admins/'),
    role('vendor', {
      RolePolicyList: [inline('All', allow('*'))],
      Tags: [{ Key: 'owner', Value: 'vendor' }],
    }),
    role('resolved', { RolePolicyList: [inline('All', allow('*'))] }),
    role('unused'),
  ],
  UserDetailList: [
    user('grouped', {
      GroupList: ['Developers', 'Alone'],
      UserPolicyList: [inline('Mine', allow('s3:GetObject', 's3:PutObject'))],
      AttachedManagedPolicies: [attached(policyArn('Both'))],
    }),
    user('colleague', { GroupList: ['Developers'] }),
    user('key-holder'),
  ],
  GroupDetailList: [
    {
      GroupName: 'Developers',
      GroupPolicyList: [inline('GroupInline', allow('s3:GetObject'))],
      AttachedManagedPolicies: [attached(policyArn('Both'))],
    },
    { GroupName: 'Alone', GroupPolicyList: [], AttachedManagedPolicies: [attached(AWS_POLICY)] },
  ],
  Policies: [
    managed(policyArn('Own'), allow('s3:GetObject', 's3:PutObject')),
    managed(policyArn('OwnGoes'), allow('s3:GetObject')),
    managed(policyArn('Shared'), allow('s3:GetObject', 's3:PutObject'), { AttachmentCount: 2 }),
    managed(policyArn('Boundary'), allow('s3:GetObject', 's3:PutObject'), {
      PermissionsBoundaryUsageCount: 1,
    }),
    managed(policyArn('Ceiling'), allow('iam:*'), { AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 }),
    managed(policyArn('Both'), allow('s3:GetObject', 's3:PutObject'), { AttachmentCount: 2 }),
    managed(AWS_POLICY, allow('sqs:*', 's3:PutObject'), { AttachmentCount: 7 }),
  ],
};

const UNUSED = { s3: ['GetObject'], sqs: [] };
const FINDINGS = [
  finding(roleArn('inline'), UNUSED),
  finding(roleArn('managed'), UNUSED),
  finding(roleArn('encoded'), UNUSED),
  finding(roleArn('untouched'), UNUSED),
  finding(roleArn('AWSServiceRoleForSupport', '/aws-service-role/support.amazonaws.com/'), UNUSED),
  finding(roleArn('AWSReservedSSO_Admin_0123456789abcdef', '/aws-reserved/sso.amazonaws.com/'), UNUSED),
  finding(roleArn('break-glass'), UNUSED),
  finding(roleArn('boss', '/admins/'), UNUSED),
  finding(roleArn('vendor'), UNUSED),
  finding(roleArn('resolved'), UNUSED, { status: 'RESOLVED' }),
  finding(userArn('grouped'), UNUSED),
  finding(
    roleArn('unused'),
    {},
    {
      id: 'r',
      findingType: 'UnusedIAMRole',
      findingDetails: [{ unusedIamRoleDetails: { lastAccessed: '2025-01-01T00:00:00Z' } }],
    },
  ),
  finding(
    userArn('key-holder'),
    {},
    {
      id: 'k',
      findingType: 'UnusedIAMUserAccessKey',
      findingDetails: [{ unusedIamUserAccessKeyDetails: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } }],
    },
  ),
  finding(
    userArn('key-holder'),
    {},
    { id: 'p', findingType: 'UnusedIAMUserPassword', findingDetails: [{ unusedIamUserPasswordDetails: {} }] },
  ),
];

const CONFIG = {
  excludeNames: ['break-*'],
  excludePaths: ['/admins/'],
  excludeTags: [{ key: 'owner', value: 'vendor' }],
  ownerTag: 'Team',
  analyzerArn: 'arn:aws:access-analyzer:eu-central-1:123456789012:analyzer/unused',
  email: ['nobody@example.org'],
};

const ARGS = ['account', '--account-details', 'details.json', '--config', 'config.json', '--findings'];

function refineProposal(out: string, type: string, name: string): RefineProposal {
  const folder = path.join(cli.folder, out, 'proposals/123456789012', type, name);
  const [file = 'none'] = proposalPaths(folder);
  const proposal = proposalShape.parse(JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  if (proposal.kind !== 'refine-permissions') throw new TypeError(proposal.kind);
  return proposal;
}

const policiesOf = (name: string, type = 'role'): Record<string, readonly unknown[]> =>
  Object.fromEntries(
    refineProposal('out', type, name).policies.map(
      ({ name: policy, source, group, disposition, after, removed }) => [
        `${source} ${group === undefined ? '' : `${group} `}${policy}`,
        [
          disposition,
          after.map(
            ({ document }) => (document as { Statement: { Action: unknown }[] }).Statement[0]?.Action,
          ),
          removed,
        ],
      ],
    ),
  );

let ended: Awaited<ReturnType<typeof cli.run>>;

beforeAll(async () => {
  cli.write('details.json', ACCOUNT_DETAILS);
  cli.write('findings.json', FINDINGS);
  cli.write('config.json', CONFIG);
  ended = await cli.run([...ARGS, 'findings.json', '--out', 'out']);
});

describe('what is proposed for each source of permissions', () => {
  test('an inline policy is changed in place, and removed if nothing is left', () => {
    expect(policiesOf('inline')).toEqual({
      'role-inline Goes': ['remove', [], expect.arrayContaining(['sqs:SendMessage', 'sqs:ReceiveMessage'])],
      'role-inline Shrinks': ['update', [['s3:PutObject']], ['s3:GetObject']],
      'role-inline Stays': ['unchanged', [['ec2:DescribeInstances']], []],
    });
  });

  test('a managed policy gets a new version, is removed, or is replaced by a copy if others have it too', () => {
    expect(policiesOf('managed')).toEqual({
      'customer-managed Own': ['new-version', [['s3:PutObject']], ['s3:GetObject']],
      'customer-managed OwnGoes': ['remove', [], ['s3:GetObject']],
      'customer-managed Shared': ['replace', [['s3:PutObject']], ['s3:GetObject']],
      'customer-managed Boundary': ['replace', [['s3:PutObject']], ['s3:GetObject']],
      'aws-managed AmazonSQSFullAccess': [
        'replace',
        [['s3:PutObject']],
        expect.arrayContaining(['sqs:SendMessage']),
      ],
    });
  });

  test('a managed policy has its ARN and its default version', () => {
    const own = refineProposal('out', 'role', 'managed').policies.find(({ name }) => name === 'Own');
    expect(own).toMatchObject({
      arn: 'arn:aws:iam::123456789012:policy/Own',
      versionId: 'v2',
      before: allow('s3:GetObject', 's3:PutObject'),
    });
  });

  test('a copy has its own name, and a new version keeps the name', () => {
    const names = refineProposal('out', 'role', 'managed').policies.map(({ name, after }) => [
      name,
      after[0]?.name,
    ]);
    expect(Object.fromEntries(names)).toEqual({
      Own: 'Own',
      OwnGoes: undefined,
      Shared: expect.stringMatching(/^Shared-managed-[0-9a-f]{10}$/),
      Boundary: expect.stringMatching(/^Boundary-managed-[0-9a-f]{10}$/),
      AmazonSQSFullAccess: expect.stringMatching(/^AmazonSQSFullAccess-managed-[0-9a-f]{10}$/),
    });
  });

  test('the permissions boundary is never counted as a grant', () => {
    const { policies, summary } = refineProposal('out', 'role', 'managed');
    expect(policies.map(({ name }) => name)).not.toContain('Ceiling');
    // s3:PutObject, and s3:GetObject with the actions of sqs before.
    expect(summary).toMatchObject({
      actionsGrantedAfter: 1,
      servicesGrantedBefore: 2,
      servicesGrantedAfter: 1,
    });
  });

  test('what a user gets through groups stays, and is listed with the group and its size', () => {
    expect(policiesOf('grouped', 'user')).toEqual({
      'user-inline Mine': ['update', [['s3:PutObject']], ['s3:GetObject']],
      'customer-managed Both': ['replace', [['s3:PutObject']], ['s3:GetObject']],
      'group-inline Developers GroupInline': ['inherited', [['s3:GetObject']], []],
      'group-customer-managed Developers Both': ['inherited', [['s3:GetObject', 's3:PutObject']], []],
      'group-aws-managed Alone AmazonSQSFullAccess': ['inherited', [['sqs:*', 's3:PutObject']], []],
    });
    const { residue } = refineProposal('out', 'user', 'grouped');
    expect(residue.filter(({ action }) => action === 's3:GetObject').map(({ through }) => through)).toEqual([
      'group Developers (2 users)',
      'group Developers (2 users)',
    ]);
    expect(residue.find(({ action }) => action === 'sqs:SendMessage')?.through).toBe('group Alone (1 user)');
  });

  test('a document may be a percent-encoded string', () => {
    expect(policiesOf('encoded')).toEqual({
      'role-inline Encoded': ['update', [['s3:PutObject']], ['s3:GetObject']],
    });
  });

  test('unused roles, keys and passwords get proposals of their own kind', () => {
    const root = path.join(cli.folder, 'out/proposals/123456789012');
    const kinds = ['role/unused', 'user/key-holder'].flatMap((name) =>
      proposalPaths(path.join(root, name)).map((file) => {
        const proposal = proposalShape.parse(JSON.parse(readFileSync(path.join(root, name, file), 'utf8')));
        return `${name} ${proposal.kind}`;
      }),
    );
    expect(kinds.sort()).toEqual([
      'role/unused remove-role',
      'user/key-holder remove-access-key',
      'user/key-holder remove-password',
    ]);
  });
});

describe('the output of an account run', () => {
  test('has proposal.json, report.html and the documents of each proposal under its id', () => {
    const root = path.join(cli.folder, 'out/proposals');
    for (const place of proposalPaths(root)) {
      expect(place).toMatch(/^123456789012\/(role|user)\/[\w-]+\/[0-9a-f]{32}\/proposal\.json$/);
      const proposal = proposalShape.parse(JSON.parse(readFileSync(path.join(root, place), 'utf8')));
      expect(path.basename(path.dirname(place))).toBe(proposal.proposalId);
      expect(path.basename(path.dirname(path.dirname(place)))).toBe(proposal.principal.name);
      const files = filesBelow(path.join(root, path.dirname(place)));
      expect(files.get('report.html')).toContain('<html');
      if (proposal.kind !== 'refine-permissions') continue;
      for (const [index, policy] of proposal.policies.entries()) {
        const name = `policies/${String(index)}-${policy.name}`;
        expect(JSON.parse(files.get(`${name}.before.json`) ?? '')).toEqual(policy.before);
        const [only] = policy.after;
        if (only) expect(JSON.parse(files.get(`${name}.after.json`) ?? '')).toEqual(only.document);
        else expect(files.has(`${name}.after.json`)).toBe(false);
      }
    }
    expect(proposalPaths(root)).toHaveLength(7);
  });

  test('contains no time in any file', () => {
    const today = new Date().toISOString().slice(0, 10);
    for (const [name, text] of filesBelow(path.join(cli.folder, 'out'))) {
      expect([name, text.includes(today)]).toEqual([name, false]);
    }
  });

  test('has exit status 0, and on standard error only the folder of the proposals', () => {
    expect({ status: ended.status, lines: linesOf(ended.stderr) }).toEqual({
      status: 0,
      lines: [
        'config.json: not used offline: email',
        `Open ${path.join('out', 'index.html')}; the proposals are beside it in ${path.join('out', 'proposals')}`,
      ],
    });
  });

  test('has one line for each principal, totals, and no progress without a terminal', () => {
    const lines = linesOf(ended.stdout);
    expect(ended.stdout + ended.stderr).not.toMatch(/[\u001b\r]/);
    for (const name of [
      'inline',
      'managed',
      'encoded',
      'untouched',
      'break-glass',
      'boss',
      'vendor',
      'resolved',
      'unused',
    ]) {
      expect(lines.filter((line) => line.startsWith(`role ${name} `))).toHaveLength(1);
    }
    expect(lines.filter((line) => line.startsWith('user key-holder '))).toEqual([
      expect.stringMatching(/deactivate access key AKIAIOSFODNN7EXAMPLE, delete password$/),
    ]);
    expect(lines).toContain('7 proposals for 13 principals');
    expect(ended.stdout).toContain('1 unchanged, 6 skipped, 0 failed; actions granted: ');
  });

  test.each([
    [
      'AWSServiceRoleForSupport',
      'a service-linked role: AWS owns its permissions and nobody else can change them',
    ],
    [
      'AWSReservedSSO_Admin_0123456789abcdef',
      'a role of IAM Identity Center: change its permission set instead, the role follows',
    ],
    ['break-glass', 'the configuration excludes it: the name matches "break-*"'],
    ['boss', 'the configuration excludes it: the path begins with "/admins/"'],
    ['vendor', 'the configuration excludes it: it carries the tag "owner"'],
    ['resolved', 'the finding is RESOLVED, not ACTIVE'],
  ])('says why %s was skipped', (name, reason) => {
    const line = linesOf(ended.stdout).find((text) => text.startsWith(`role ${name} `));
    expect(line).toMatch(/ {2}skipped {2}/);
    expect(line).toContain(reason);
  });

  test('says which settings have no effect offline', () => {
    expect(linesOf(ended.stderr)[0]).toBe('config.json: not used offline: email');
  });

  test('has the analyzer of the configuration, since the API does not return it', () => {
    expect(refineProposal('out', 'role', 'inline').finding.analyzerArn).toBe(CONFIG.analyzerArn);
  });

  test('has the owner of a principal, by the tag of the configuration', () => {
    expect(refineProposal('out', 'role', 'inline').owner).toBe('payments');
    expect(refineProposal('out', 'role', 'managed')).not.toHaveProperty('owner');
  });

  test('is one JSON object with --json, without a table', async () => {
    const { status, stdout } = await cli.run([...ARGS, 'findings.json', '--out', 'json', '--json']);
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as {
      readonly proposals: readonly {
        readonly principal: string;
        readonly path: string;
        readonly proposalId: string;
      }[];
      readonly others: readonly { readonly outcome: string; readonly resource: string }[];
    };
    expect(result).toMatchObject({
      schemaVersion: 1,
      command: 'account',
      generalize: 'shortest',
      problems: [],
    });
    expect(result.proposals).toHaveLength(7);
    expect(result.others.filter(({ outcome }) => outcome === 'skipped')).toHaveLength(6);
    for (const { principal, path: folder, proposalId } of result.proposals) {
      const file = path.join(cli.folder, 'json', folder, 'proposal.json');
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
        proposalId,
        principal: { arn: principal },
      });
    }
  });

  test.each([
    [['inline'], ['role/inline']],
    [
      ['role/in*', 'user/key-*'],
      ['role/inline', 'user/key-holder'],
    ],
    [['arn:aws:iam::123456789012:role/?nline'], ['role/inline']],
  ])('has no other principals with --only %j', async (patterns, principals) => {
    const only = patterns.flatMap((pattern) => ['--only', pattern]);
    const out = `only-${patterns.join('-').replace(/\W/g, '')}`;
    const { status, stdout } = await cli.run([...ARGS, 'findings.json', '--out', out, '--json', ...only]);
    expect(status).toBe(0);
    const { proposals, shared } = JSON.parse(stdout) as {
      proposals: { principal: string }[];
      shared: unknown[];
    };
    const found = new Set(
      proposals.map(({ principal }) => principal.replace(/^.*:(role|user)\/(?:.*\/)?/, '$1/')),
    );
    expect([...found].sort()).toEqual(principals);
    expect(shared).toEqual([]);
  });

  test('is a usage error if --only matches nobody', async () => {
    expect(await cli.run([...ARGS, 'findings.json', '--out', 'nobody', '--only', 'nobody'])).toMatchObject({
      status: 2,
      stderr:
        'unused-access-refiner: findings.json: none of its findings is about a principal that --only nobody matches\n',
    });
  });

  test('has exit status 3 if --fail-on matches an outcome, and an error lists its values', async () => {
    const run = async (...more: readonly string[]) =>
      (await cli.run([...ARGS, 'findings.json', '--out', 'fail-on', '--quiet', ...more])).status;
    expect(await run('--fail-on', 'proposed')).toBe(3);
    expect(await run('--fail-on', 'withheld')).toBe(0);
    const wrong = await cli.run([...ARGS, 'findings.json', '--out', 'fail-on', '--fail-on', 'superseded']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('expected one of proposed, unchanged, skipped, gone, blocked, withheld');
  });

  test('is empty with --quiet', async () => {
    const quiet = await cli.run([...ARGS, 'findings.json', '--out', 'quiet', '--quiet']);
    expect(quiet).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(filesBelow(path.join(cli.folder, 'quiet'))).toEqual(filesBelow(path.join(cli.folder, 'out')));
  });

  test('has the same bytes on a second run, into a new folder or the same one', async () => {
    cpSync(path.join(cli.folder, 'out'), path.join(cli.folder, 'again'), { recursive: true });
    await cli.start([...ARGS, 'findings.json', '--out', 'again']);
    await cli.start([...ARGS, 'findings.json', '--out', 'fresh']);
    const first = filesBelow(path.join(cli.folder, 'out'));
    expect(filesBelow(path.join(cli.folder, 'again'))).toEqual(first);
    expect(filesBelow(path.join(cli.folder, 'fresh'))).toEqual(first);
  });

  test('has the report again after somebody changed or deleted it', async () => {
    const file = path.join(
      'out',
      [...filesBelow(path.join(cli.folder, 'out')).keys()].find((name) => name.endsWith('report.html')) ?? '',
    );
    const before = readFileSync(path.join(cli.folder, file), 'utf8');
    cli.write(file, 'something else');
    await cli.run([...ARGS, 'findings.json', '--out', 'out', '--quiet']);
    expect(readFileSync(path.join(cli.folder, file), 'utf8')).toBe(before);
  });
});

describe('the findings', () => {
  const PAGES = FINDINGS.flatMap((whole) => {
    const details = whole['findingDetails'] as unknown[];
    return details.length < 2
      ? [whole]
      : details.map((detail, index) => ({
          ...whole,
          findingDetails: [detail],
          ...(index < details.length - 1 ? { nextToken: `page-${String(index + 1)}` } : {}),
        }));
  });

  test.each([
    ['JSON Lines', PAGES.map((page) => JSON.stringify(page)).join('\n')],
    [
      'pretty-printed values one after the other',
      PAGES.map((page) => JSON.stringify(page, null, 4)).join('\r\n'),
    ],
    ['an array of pages in reverse order', JSON.stringify([...PAGES].reverse())],
    [
      'arrays and objects with a byte order mark',
      `\uFEFF${JSON.stringify(PAGES.slice(0, 3))}${PAGES.slice(3)
        .map((page) => JSON.stringify(page))
        .join('')}`,
    ],
  ])('may be %s, in pages', async (_, text) => {
    cli.write('pages.json', text);
    const { status } = await cli.run([...ARGS, 'pages.json', '--out', 'paged', '--quiet']);
    expect(status).toBe(0);
    expect(filesBelow(path.join(cli.folder, 'paged'))).toEqual(filesBelow(path.join(cli.folder, 'out')));
  });

  test('may be a folder, in which other files are ignored', async () => {
    mkdirSync(path.join(cli.folder, 'folder/inner.json'), { recursive: true });
    for (const [index, page] of PAGES.entries()) {
      const extension = ['json', 'jsonl', 'ndjson', 'JSON'][index % 4] ?? '';
      cli.write(`folder/${String(PAGES.length - index)}.${extension}`, page);
    }
    cli.write('folder/README.md', 'not a finding');
    cli.write('folder/._1.json', Buffer.from([0, 5, 22, 7]));
    const { status } = await cli.run([...ARGS, 'folder', '--out', 'foldered', '--quiet']);
    expect(status).toBe(0);
    expect(filesBelow(path.join(cli.folder, 'foldered'))).toEqual(filesBelow(path.join(cli.folder, 'out')));
  });

  test('without their last page are reported', async () => {
    cli.write('pages.json', PAGES.slice(0, 1));
    const { status, stderr } = await cli.run([...ARGS, 'pages.json', '--out', 'part']);
    expect(status).toBe(0);
    expect(stderr).toContain(
      'pages.json: the last page of the finding finding-inline is missing, so only a part of what is unused goes\n',
    );
  });
});

describe('the proposal id', () => {
  const idOf = (out: string): string => refineProposal(out, 'role', 'inline').proposalId;
  const run = async (
    out: string,
    changed: { readonly details?: unknown; readonly findings?: unknown; readonly catalogue?: unknown },
  ): Promise<string> => {
    cli.write('id-details.json', changed.details ?? ACCOUNT_DETAILS);
    cli.write('id-findings.json', changed.findings ?? FINDINGS.slice(0, 1));
    cli.write('id-catalogue.json', changed.catalogue ?? CATALOGUE);
    await cli.run([
      'account',
      '--account-details',
      'id-details.json',
      '--findings',
      'id-findings.json',
      '--catalogue',
      'id-catalogue.json',
      '--out',
      out,
      '--quiet',
    ]);
    return idOf(out);
  };
  const CATALOGUE = { s3: ['GetObject', 'PutObject'], sqs: ['SendMessage'], ec2: ['DescribeInstances'] };
  const [first = {}] = FINDINGS;
  const [inlineRole = {}] = ACCOUNT_DETAILS.RoleDetailList;
  const withPolicies = (policies: readonly unknown[]): unknown => ({
    RoleDetailList: [{ ...inlineRole, RolePolicyList: policies }],
  });
  let id = '';

  beforeAll(async () => {
    id = await run('id', {});
  });

  test('is the same for a later finding with another id', async () => {
    const later = { ...first, id: 'another', updatedAt: '2026-12-01T00:00:00Z' };
    expect(await run('id-finding', { findings: [later] })).toBe(id);
  });

  test('is the same with a larger catalogue that changes no document', async () => {
    expect(
      await run('id-catalogue', {
        catalogue: { ...CATALOGUE, s3: ['GetObject', 'GetObjectNew', 'PutObject'], new: ['Action'] },
      }),
    ).toBe(id);
    expect(refineProposal('id-catalogue', 'role', 'inline').catalogue).toMatchObject({
      services: 4,
      actions: 6,
    });
  });

  test('is the same when the export lists policies in another order and writes them another way', async () => {
    const policies = [
      ...(inlineRole['RolePolicyList'] as { PolicyDocument: unknown; PolicyName: string }[]),
    ].reverse();
    const encoded = policies.map(({ PolicyName, PolicyDocument }) =>
      inline(PolicyName, encodeURIComponent(JSON.stringify(PolicyDocument, null, 1))),
    );
    expect(await run('id-order', { details: withPolicies(encoded) })).toBe(id);
  });

  test('differs if a document differs', async () => {
    const policies = [inline('Shrinks', allow('s3:GetObject', 's3:PutObject', 's3:DeleteObject'))];
    expect(await run('id-document', { details: withPolicies(policies) })).not.toBe(id);
  });

  test('differs if other unused actions change the result', async () => {
    expect(
      await run('id-unused', { findings: [finding(roleArn('inline'), { s3: ['PutObject'], sqs: [] })] }),
    ).not.toBe(id);
  });

  test('differs if the same documents are applied in another way', async () => {
    const ids = await Promise.all(
      [1, 2].map(async (attachments) => {
        const details = {
          RoleDetailList: [role('inline', { AttachedManagedPolicies: [attached(policyArn('Own'))] })],
          Policies: [
            managed(policyArn('Own'), allow('s3:GetObject', 's3:PutObject'), {
              AttachmentCount: attachments,
            }),
          ],
        };
        const file = `attached-${String(attachments)}`;
        cli.write(`${file}.json`, details);
        cli.write('attached-findings.json', FINDINGS.slice(0, 1));
        await cli.run([
          'account',
          '--account-details',
          `${file}.json`,
          '--findings',
          'attached-findings.json',
          '--out',
          file,
          '--quiet',
        ]);
        return idOf(file);
      }),
    );
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe('managed policies that can be attached', () => {
  /** Literal actions of ec2 take five managed policies. */
  const run = async (folder: string, config: unknown): Promise<RefineProposal['policies']> => {
    const names = Array.from({ length: 17 }, (_, index) => `Small${String(index)}`);
    const [aws, ...own] = ['arn:aws:iam::aws:policy/AmazonEC2FullAccess', ...names.map(policyArn)];
    cli.write('slots.json', {
      RoleDetailList: [
        role('crowded', { AttachedManagedPolicies: [aws, ...own].map((arn) => attached(arn ?? '')) }),
      ],
      Policies: [
        managed(aws ?? '', allow('ec2:*')),
        ...own.map((arn) => managed(arn, allow('sqs:ListQueues'))),
      ],
    });
    cli.write('slots-findings.json', [finding(roleArn('crowded'), { ec2: ['RunInstances'] })]);
    cli.write(`${folder}-config.json`, config);
    const files = ['--account-details', 'slots.json', '--findings', 'slots-findings.json'];
    const settings = ['--config', `${folder}-config.json`, '--generalize', 'enumerate', '--out', folder];
    const { stdout, stderr } = await cli.run(['account', ...files, ...settings]);
    complaint = linesOf(stderr).find((line) => line.includes('was not refined')) ?? '';
    remark = linesOf(stdout).find((line) => line.startsWith('role crowded')) ?? '';
    return existsSync(path.join(cli.folder, folder, 'proposals'))
      ? refineProposal(folder, 'role', 'crowded').policies
      : [];
  };
  let complaint = '';
  let remark = '';

  test('are 20 for a role: a policy that is split over more does not fit', async () => {
    expect(await run('slots-20', {})).toEqual([]);
    expect(complaint).toContain('does not fit');
    // Nothing reaches a role through a group.
    expect(remark).toMatch(
      /unchanged +the unused actions that its own policies grant cannot be removed within the size limits of IAM; 1 of/,
    );
  });

  test('are as many as the settings file says', async () => {
    const policies = await run('slots-25', { managedPoliciesPerRole: 25 });
    expect(complaint).toBe('');
    expect(policies.map(({ disposition, after }) => [disposition, after.length])).toContainEqual([
      'replace',
      5,
    ]);
  });
});
