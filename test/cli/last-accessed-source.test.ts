import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { ACCOUNT, allow, finding, inline, proposalPaths, role, roleArn, user, userArn } from './accounts.ts';
import { useCommandLine } from './command.ts';

const cli = useCommandLine();
const IN = path.join(cli.folder, 'input', ACCOUNT);
const OUT = path.join(cli.folder, 'refined');
const OLD = '2020-01-01T00:00:00+00:00';

function put(name: string, content: unknown): void {
  mkdirSync(path.dirname(path.join(IN, name)), { recursive: true });
  writeFileSync(path.join(IN, name), typeof content === 'string' ? content : JSON.stringify(content));
}

interface Use {
  readonly ServiceNamespace: string;
  readonly LastAuthenticated?: string;
  readonly TrackedActionsLastAccessed?: readonly object[];
}

function report(...services: readonly Use[]): object {
  return {
    JobStatus: 'COMPLETED',
    JobType: 'ACTION_LEVEL',
    JobCreationDate: '2026-11-23T08:00:00+00:00',
    JobCompletionDate: '2026-11-23T08:00:01+00:00',
    ServicesLastAccessed: services,
  };
}

const USED = '2026-11-20T10:00:00+00:00';
const S3: Use = {
  ServiceNamespace: 's3',
  LastAuthenticated: USED,
  TrackedActionsLastAccessed: [
    { ActionName: 'ListAllMyBuckets', LastAccessedTime: USED },
    { ActionName: 'PutBucketPolicy' },
  ],
};

const SECTION = { state: 'complete', readAt: '2026-11-24T09:00:00.000Z', count: 1 };

function manifest(more: object = {}): object {
  return {
    schemaVersion: 1,
    accountId: ACCOUNT,
    caller: 'arn:aws:iam::123456789012:user/me',
    region: 'eu-west-1',
    source: 'last-accessed',
    unusedDays: 90,
    analyzerArn: null,
    state: 'complete',
    startedAt: SECTION.readAt,
    finishedAt: SECTION.readAt,
    sections: { accountDetails: SECTION, findings: null, lastAccessed: SECTION, credentials: SECTION },
    failed: [],
    ...more,
  };
}

function account(s3: string = 's3:*'): object {
  return {
    RoleDetailList: [
      role('app', {
        CreateDate: OLD,
        RoleLastUsed: { LastUsedDate: USED },
        RolePolicyList: [inline('Own', allow(s3, 'sqs:SendMessage', 'ec2:DescribeInstances'))],
      }),
      role('idle', { CreateDate: OLD, RoleLastUsed: {}, RolePolicyList: [inline('Own', allow('s3:*'))] }),
      role('fresh', {
        CreateDate: '2026-11-01T00:00:00+00:00',
        RolePolicyList: [inline('Own', allow('sqs:*'))],
      }),
      role('silent', { CreateDate: OLD, RolePolicyList: [inline('Own', allow('sqs:*'))] }),
    ],
    UserDetailList: [user('ann', { CreateDate: OLD })],
    GroupDetailList: [],
    Policies: [],
  };
}

beforeEach(() => {
  rmSync(path.join(cli.folder, 'input'), { recursive: true, force: true });
  rmSync(OUT, { recursive: true, force: true });
  put('account-details.json', account());
  put(
    'last-accessed/role/app.json',
    report(S3, { ServiceNamespace: 'sqs' }, { ServiceNamespace: 'ec2', LastAuthenticated: USED }),
  );
  put('last-accessed/role/idle.json', report({ ServiceNamespace: 's3' }));
  put('last-accessed/role/fresh.json', report({ ServiceNamespace: 'sqs' }));
  put('last-accessed/user/ann.json', report());
  put(
    'credentials.jsonl',
    `${JSON.stringify({
      UserName: 'ann',
      Arn: userArn('ann'),
      LoginProfile: { CreateDate: OLD },
      AccessKeys: [
        {
          AccessKeyId: 'AKIAEXAMPLE',
          Status: 'Active',
          CreateDate: OLD,
          AccessKeyLastUsed: { LastUsedDate: OLD },
        },
      ],
    })}\n`,
  );
  put('manifest.json', manifest());
});

interface Stored {
  readonly kind: string;
  readonly principal: { readonly arn: string };
  readonly finding: Record<string, unknown>;
  readonly policies: readonly { readonly removed: readonly string[] }[];
}

function stored(): readonly Stored[] {
  return proposalPaths(OUT).map((file) => JSON.parse(readFileSync(path.join(OUT, file), 'utf8')) as Stored);
}

const from = ['--from', path.join(cli.folder, 'input')];

describe('account --from a folder that collect wrote without an analyzer', () => {
  test('needs no other option, prints the age of the data, and names the source in each proposal', async () => {
    const ended = await cli.run(['account', ...from, '--out', OUT]);
    expect(ended.stderr).toMatch(new RegExp(`^${IN}: as of 2026-11-24 09:00 UTC, [^\n]* old\n`));
    expect(ended.stderr).toContain(
      'nothing is said about the permissions of role fresh: each is younger than the window, or the age is not known',
    );
    expect(ended.stderr).toContain(
      'nothing is said about the permissions of role silent: there is no complete report of last use about each',
    );
    expect(ended.status).toBe(0);
    expect(stored().map(({ kind, finding }) => [kind, { ...finding, lastAccessed: {} }])).toEqual(
      expect.arrayContaining([
        [
          'refine-permissions',
          {
            id: `last-accessed:${roleArn('app')}`,
            analyzerArn: null,
            source: 'last-accessed',
            findingType: 'UnusedPermission',
            updatedAt: '2026-11-23T08:00:01.000Z',
            unusedServices: ['sqs'],
            unusedActions: ['s3:PutBucketPolicy'],
            lastAccessed: {},
          },
        ],
        [
          'remove-role',
          expect.objectContaining({ id: `last-accessed:${roleArn('idle')}`, source: 'last-accessed' }),
        ],
        ['remove-access-key', expect.objectContaining({ id: `last-accessed:${userArn('ann')}#access-keys` })],
        ['remove-password', expect.objectContaining({ id: `last-accessed:${userArn('ann')}#password` })],
      ]),
    );
    expect(stored()).toHaveLength(4);
    // No report speaks of an analyzer that nobody asked.
    for (const file of proposalPaths(OUT)) {
      const report = readFileSync(path.join(OUT, path.dirname(file), 'report.html'), 'utf8');
      expect(report).toContain('on 2026-11-2');
      expect(report).toContain(': unused according to IAM’s own report of last use');
      expect(report).not.toContain('the analyzer is set to');
    }
  });

  test('compares with an analyzer’s findings if the folder has them', async () => {
    put(
      'findings.jsonl',
      `${JSON.stringify(finding(roleArn('app'), { s3: ['PutBucketPolicy', 'GetBucketPolicy'] }))}\n`,
    );
    const ended = await cli.run(['account', ...from, '--out', OUT, '--no-reports']);
    expect(ended.stderr).toContain(
      "the analyzer alone reports 0 services and 1 action, IAM's reports of last use alone 1 service and 0 actions",
    );
    const comparison = [
      {
        principal: roleArn('app'),
        onlyAnalyzer: { services: [], actions: ['s3:GetBucketPolicy'] },
        onlyLastAccessed: { services: ['sqs'], actions: [] },
      },
    ];
    expect(JSON.parse(readFileSync(path.join(OUT, 'comparison.json'), 'utf8'))).toEqual(comparison);
    const other = await cli.run([
      'account',
      ...from,
      '--source',
      'access-analyzer',
      '--out',
      `${OUT}-2`,
      '--no-reports',
    ]);
    expect(other.stdout).toContain('1 proposal for 1 principal');
    expect(JSON.parse(readFileSync(path.join(`${OUT}-2`, 'comparison.json'), 'utf8'))).toEqual(comparison);
  });

  test('reads the folder after gzip -r: manifest, reports, credentials and catalogue too', async () => {
    put(
      '../catalogue.json',
      '{"s3": ["GetObject", "ListAllMyBuckets", "PutBucketPolicy"], "sqs": ["SendMessage"], "ec2": ["DescribeInstances"]}',
    );
    const plain = await cli.run(['account', ...from, '--out', OUT, '--no-reports', '--json']);
    const folder = path.join(cli.folder, 'input');
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(folder, name);
      if (!statSync(file).isFile()) continue;
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
      rmSync(file);
    }
    const other = `${OUT}-gz`;
    const compressed = await cli.run(['account', ...from, '--out', other, '--no-reports', '--json']);
    expect(compressed.status).toBe(0);
    expect(compressed.stderr).toContain(`${IN}: as of 2026-11-24 09:00 UTC, `);
    const texts = (out: string): readonly string[] =>
      proposalPaths(out).map((file) => readFileSync(path.join(out, file), 'utf8'));
    expect(texts(other)).toHaveLength(4);
    expect(texts(other)).toEqual(texts(OUT));
    expect(texts(other)[0]).toContain('"actions": 5');
    expect(plain.status).toBe(0);
  });

  test('says what an interrupted or partial collection lacks', async () => {
    put('manifest.json', manifest({ state: 'running' }));
    const ended = await cli.run(['account', ...from, '--out', OUT, '--no-reports', '--quiet']);
    expect(ended.stderr).toContain(
      `${IN}: not all of the account: its reading was interrupted; run collect again`,
    );
  });

  test('accepts the folder of reports alone, with --unused-days', async () => {
    const ended = await cli.run([
      'account',
      '--account-details',
      path.join(IN, 'account-details.json'),
      '--last-accessed',
      path.join(IN, 'last-accessed'),
      '--source',
      'last-accessed',
      '--unused-days',
      '1',
      '--out',
      OUT,
      '--no-reports',
    ]);
    expect(ended.status).toBe(0);
    // Within one day nothing of S3 was used either.
    expect(stored().find(({ principal }) => principal.arn === roleArn('app'))?.kind).toBe('remove-role');
    const wrong = await cli.run([
      'account',
      '--account-details',
      'x',
      '--source',
      'last-accessed',
      '--out',
      OUT,
    ]);
    expect(wrong).toMatchObject({
      status: 2,
      stderr:
        'unused-access-refiner: --source last-accessed needs --last-accessed <folder>, or --from <folder> of what collect wrote\n',
    });
    expect((await cli.run(['account', ...from, '--unused-days', '400', '--out', OUT])).status).toBe(2);
  });
});

describe('recheck --from the same folder', () => {
  const states = async (): Promise<Record<string, string>> => {
    const ended = await cli.run(['recheck', ...from, '--out', OUT, '--json', '--quiet']);
    const { proposals: entries } = JSON.parse(ended.stdout) as {
      proposals: { kind: string; principal: string; state: string }[];
    };
    return Object.fromEntries(
      entries.map(({ kind, principal, state }) => [`${principal.split(':').at(-1) ?? ''} ${kind}`, state]),
    );
  };

  test('judges by the current reports', async () => {
    await cli.run(['account', ...from, '--out', OUT, '--no-reports', '--quiet']);
    expect(await states()).toEqual({
      'role/app refine-permissions': 'current',
      'role/idle remove-role': 'current',
      'user/ann remove-access-key': 'current',
      'user/ann remove-password': 'current',
    });
    // Everything was used since; of the idle role there is no report any more, so nobody knows.
    const busy = { ServiceNamespace: 'sqs', LastAuthenticated: USED };
    put('last-accessed/role/app.json', report({ ServiceNamespace: 's3', LastAuthenticated: USED }, busy));
    rmSync(path.join(IN, 'last-accessed/role/idle.json'));
    put('credentials.jsonl', '');
    const ended = await cli.run(['recheck', ...from, '--out', OUT, '--json', '--quiet']);
    expect(ended.stderr).toContain('not judged: there is no complete report of last use about it');
    expect(ended.stderr).toContain('not judged: nobody has read when the keys and the password of');
    expect(await states()).toEqual({ 'role/app refine-permissions': 'resolved' });
  });

  test('considers an analyzer’s finding gone only if the manifest says that all were read', async () => {
    put('manifest.json', manifest({ source: 'access-analyzer' }));
    put('findings.jsonl', `${JSON.stringify(finding(roleArn('app'), { sqs: [] }))}\n`);
    await cli.run(['account', ...from, '--out', OUT, '--no-reports', '--quiet']);
    put('findings.jsonl', '');
    const ended = await cli.run(['recheck', ...from, '--out', OUT, '--json', '--quiet']);
    expect(ended.stderr).toContain('nothing proves that these are all of account 123456789012');
    const { sections } = manifest() as { sections: object };
    put(
      'manifest.json',
      manifest({ source: 'access-analyzer', sections: { ...sections, findings: SECTION } }),
    );
    expect(await states()).toEqual({ 'role/app refine-permissions': 'resolved' });
  });
});
