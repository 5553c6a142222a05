import {
  AccessAnalyzerClient,
  ListAnalyzersCommand,
  type ListAnalyzersCommandOutput,
  ListFindingsV2Command,
} from '@aws-sdk/client-accessanalyzer';
import {
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { commandLine } from '../../bin/program.ts';
import { SignedCalls } from '../../lambda/adapters/aws/doctor/signed-calls.ts';
import { allow, ACCOUNT, finding, inline, proposalPaths, role, roleArn } from './accounts.ts';
import { useCommandLine } from './command.ts';
import { runHere } from './in-process.ts';
import { useReferenceServer } from './reference-server.ts';

/*
 * What programs read: every command, however it ends, prints one JSON document and nothing else on standard output. A row is
 * one way in which a command ends.
 */

const cli = useCommandLine();
const reference = useReferenceServer();
const at = (...names: readonly string[]): string => path.join(cli.folder, ...names);

const DOCUMENT = allow('s3:GetObject', 's3:PutObject');
const REFINED = allow('s3:PutObject');
const ANALYZER = `arn:aws:access-analyzer:eu-west-1:${ACCOUNT}:analyzer/unused`;
const CALLER = `arn:aws:iam::${ACCOUNT}:user/ana`;

const ANALYZERS = {
  analyzers: [
    {
      arn: ANALYZER,
      name: 'unused',
      type: 'ACCOUNT_UNUSED_ACCESS',
      status: 'ACTIVE',
      createdAt: new Date(0),
    },
  ],
} as unknown as ListAnalyzersCommandOutput;

const iam = mockClient(IAMClient);
const sts = mockClient(STSClient);
const analyzer = mockClient(AccessAnalyzerClient);
const organizations = mockClient(OrganizationsClient);
/** What IAM has of the role's inline policy. */
let now: unknown;

/** The proposal about the role, in a folder of its own. */
let proposal: string;

function refusal(name: string, status = 400): Error {
  return Object.assign(new Error('no'), { name, $fault: 'client', $metadata: { httpStatusCode: status } });
}

beforeAll(async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAIOSFODNN7EXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'none');
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  cli.write('policy.json', DOCUMENT);
  cli.write('broken.json', '{"Version":');
  cli.write('unused.json', [{ serviceNamespace: 's3', actions: ['GetObject'] }]);
  cli.write('used.json', [{ serviceNamespace: 'sqs', actions: ['SendMessage'] }]);
  cli.write('catalogue.json', { s3: ['GetObject', 'PutObject'], sqs: ['SendMessage'] });
  cli.write('export.json', { RoleDetailList: [role('one', { RolePolicyList: [inline('Data', DOCUMENT)] })] });
  cli.write('faulty.json', {
    RoleDetailList: [role('one', { RolePolicyList: [inline('Data', DOCUMENT)] }), { Path: '/' }],
  });
  cli.write('finding.json', finding(roleArn('one'), { s3: ['GetObject'] }));
  cli.write('resolved.json', finding(roleArn('one'), { s3: ['GetObject'] }, { status: 'RESOLVED' }));
  cli.write('gone.json', [finding(roleArn('gone'), { s3: ['GetObject'] })]);
  cli.write('no-decisions.json', { schemaVersion: 1, decisions: [] });
  cli.write('bad-decisions.json', { schemaVersion: 1, decisions: [{ about: 'x' }] });
  cli.write('out-is-a-file', 'x');
  const made = await runHere(account('out', 'export.json', 'finding.json', '--quiet'));
  expect(made).toMatchObject({ status: 0, stdout: '', stderr: '' });
  const [file = ''] = proposalPaths(at('out'));
  proposal = path.dirname(file);
  cpSync(at('out'), at('torn'), { recursive: true });
  writeFileSync(at('torn', file), '{"schemaVersion":2}\n');
  mkdirSync(at('nothing', 'proposals'), { recursive: true });
});
afterAll(() => vi.unstubAllEnvs());

beforeEach(() => {
  now = DOCUMENT;
  for (const client of [iam, sts, analyzer, organizations]) client.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Account: ACCOUNT, Arn: CALLER });
  iam.on(GetRoleCommand).resolves({
    Role: { Path: '/', RoleName: 'one', RoleId: 'AROA', Arn: roleArn('one'), CreateDate: new Date(0) },
  });
  iam.on(ListRolePoliciesCommand).resolves({ PolicyNames: ['Data'] });
  iam.on(ListAttachedRolePoliciesCommand).resolves({ AttachedPolicies: [] });
  iam.on(GetAccountSummaryCommand).resolves({ SummaryMap: {} });
  iam.on(GetRolePolicyCommand).callsFake(() => ({
    RoleName: 'one',
    PolicyName: 'Data',
    PolicyDocument: encodeURIComponent(JSON.stringify(now)),
  }));
  iam.on(PutRolePolicyCommand).callsFake(({ PolicyDocument }: { PolicyDocument: string }) => {
    now = JSON.parse(PolicyDocument);
    return {};
  });
  iam.on(GetAccountAuthorizationDetailsCommand).resolves({ RoleDetailList: [], IsTruncated: false });
  analyzer.on(ListAnalyzersCommand).resolves({ analyzers: [] });
  analyzer.on(ListAnalyzersCommand, { type: 'ACCOUNT_UNUSED_ACCESS' }).resolves(ANALYZERS);
  analyzer.on(ListFindingsV2Command).resolves({ findings: [] });
  organizations.on(ListAccountsCommand).resolves({
    Accounts: [{ Id: ACCOUNT, Name: 'payments-prod', Status: 'ACTIVE' }],
  });
  reference.services.set('s3', ['GetObject', 'PutObject']);
  vi.spyOn(SignedCalls.prototype, 'json').mockResolvedValue({
    body: { Parameter: { Value: '27' } },
    error: undefined,
  });
  vi.spyOn(SignedCalls.prototype, 'get').mockResolvedValue({
    body: { AccountLimit: { UnreservedConcurrentExecutions: 1000 } },
    error: undefined,
  });
  return () => {
    vi.restoreAllMocks();
  };
});

function account(
  out: string,
  details: string,
  findings: string,
  ...more: readonly string[]
): readonly string[] {
  return [
    ...['account', '--account-details', at(details), '--findings', at(findings), '--out', at(out)],
    ...['--catalogue', at('catalogue.json'), '--no-reports', ...more],
  ];
}

function recheck(out: string, ...more: readonly string[]): readonly string[] {
  return [
    ...[
      'recheck',
      '--account-details',
      at('export.json'),
      '--findings',
      at('finding.json'),
      '--out',
      at(out),
    ],
    ...['--catalogue', at('catalogue.json'), ...more],
  ];
}

const policy = (...more: readonly string[]) => ['policy', '--catalogue', at('catalogue.json'), ...more];
const proposalIn = (out: string): string => at(out, proposal);
const apply = (...more: readonly string[]) => [
  'apply',
  proposalIn('out'),
  ...['--wait', '0', '--receipt', at('receipt.json'), '--decisions', at('no-decisions.json'), ...more],
];
const rollback = (...more: readonly string[]) => [
  ...['rollback', proposalIn('out'), '--wait', '0', '--receipt', at('receipt.json'), ...more],
];
const decide = (...more: readonly string[]) => [
  ...['decide', proposalIn('out'), '--reason', 'why', '--decisions', at('decisions.json'), ...more],
];
const collect = (out: string, ...more: readonly string[]) => [
  ...['collect', '--out', at(out), '--no-catalogue', ...more],
];
const OWN = expect.any(String) as string;

interface Row {
  readonly name: string;
  readonly args: () => readonly string[];
  readonly status: 0 | 1 | 2 | 3;
  /** What the document holds besides `schemaVersion`. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What is different from how IAM and the others answer otherwise. */
  readonly given?: () => void;
}

const ROWS: readonly Row[] = [
  {
    name: 'policy: refined',
    args: () => policy('--policy', at('policy.json'), '--unused', at('unused.json')),
    status: 0,
    json: { command: 'policy', policy: REFINED },
  },
  {
    name: 'policy: nothing of it is unused',
    args: () => policy('--policy', at('policy.json'), '--unused', at('used.json')),
    status: 0,
    json: { command: 'policy', policy: DOCUMENT },
  },
  {
    name: 'policy: the file is not JSON',
    args: () => policy('--policy', at('broken.json'), '--unused', at('unused.json')),
    status: 2,
    json: { command: 'policy', problem: OWN },
  },
  {
    name: 'policy: an option is missing',
    args: () => policy('--policy', at('policy.json')),
    status: 2,
    json: { command: 'policy', problem: "required option '--unused <file>' not specified" },
  },
  {
    name: 'account: a proposal',
    args: () => account('fresh', 'export.json', 'finding.json'),
    status: 0,
    json: {
      command: 'account',
      proposals: [expect.objectContaining({ principal: roleArn('one') })],
      problems: [],
    },
  },
  {
    name: 'account: nothing to propose',
    args: () => account('fresh', 'export.json', 'resolved.json'),
    status: 0,
    json: { command: 'account', proposals: [], others: [expect.objectContaining({ outcome: 'skipped' })] },
  },
  {
    name: 'account: nothing to propose, and that is to fail',
    args: () => account('fresh', 'export.json', 'resolved.json', '--fail-on', 'skipped'),
    status: 3,
    json: { command: 'account', proposals: [] },
  },
  {
    name: 'account: somebody is gone',
    args: () => account('fresh', 'export.json', 'gone.json'),
    status: 1,
    json: { command: 'account', proposals: [], problems: [expect.stringContaining('lacks this principal')] },
  },
  {
    name: 'account: an entry of the export cannot be read',
    args: () => account('fresh', 'faulty.json', 'finding.json'),
    status: 1,
    json: { command: 'account', problems: [expect.stringContaining('faulty.json')] },
  },
  {
    name: 'account: the export is not JSON',
    args: () => account('fresh', 'broken.json', 'finding.json'),
    status: 2,
    json: { command: 'account', problem: OWN },
  },
  {
    name: 'account: the folder cannot be written',
    args: () => account('out-is-a-file', 'export.json', 'finding.json'),
    status: 2,
    json: { command: 'account', problem: expect.stringContaining('is a file where a folder is expected') },
  },
  {
    name: 'account: no such option',
    args: () => account('fresh', 'export.json', 'finding.json', '--frobnicate'),
    status: 2,
    json: { command: 'account', problem: "unknown option '--frobnicate'" },
  },
  {
    name: 'recheck: current',
    args: () => recheck('out'),
    status: 0,
    json: {
      command: 'recheck',
      proposals: [expect.objectContaining({ principal: roleArn('one'), state: 'current', decisions: [] })],
      withheld: [],
      problems: [],
    },
  },
  {
    name: 'recheck: no proposals',
    args: () => recheck('nothing'),
    status: 2,
    json: { command: 'recheck', problem: expect.stringContaining('holds no proposals') },
  },
  {
    name: 'recheck: a stored proposal cannot be read',
    args: () => recheck('torn'),
    status: 1,
    json: { command: 'recheck', proposals: [], problems: [expect.stringContaining('proposal.json')] },
  },
  {
    name: 'show: a proposal',
    args: () => ['show', proposalIn('out')],
    status: 0,
    json: {
      command: 'show',
      state: null,
      decisions: [],
      proposal: expect.objectContaining({ schemaVersion: 1 }),
    },
  },
  {
    name: 'show: two forms at once',
    args: () => ['show', proposalIn('out'), '--format', 'diff'],
    status: 2,
    json: { command: 'show', problem: '--format and --json cannot be given together' },
  },
  {
    name: 'show: no proposal',
    args: () => ['show', at('nothing')],
    status: 2,
    json: { command: 'show', problem: expect.stringContaining('holds no proposal.json') },
  },
  {
    name: 'show: a proposal that cannot be read',
    args: () => ['show', proposalIn('torn')],
    status: 2,
    json: { command: 'show', problem: OWN },
  },
  ...(['accept', 'reject'] as const).map((decision): Row => ({
    name: `decide: ${decision}`,
    args: () => decide(`--${decision}`),
    status: 0,
    json: { command: 'decide', subject: roleArn('one'), decision: expect.objectContaining({ decision }) },
  })),
  {
    name: 'decide: keep what it does not remove',
    args: () => decide('--keep', 's3:PutObject'),
    status: 0,
    json: { command: 'decide', archive: [], decision: expect.objectContaining({ keep: ['s3:PutObject'] }) },
  },
  {
    name: 'decide: nothing said',
    args: () => decide(),
    status: 2,
    json: { command: 'decide', problem: 'give one of --accept, --reject and --keep <pattern…>' },
  },
  {
    name: 'decide: the file of decisions is wrong',
    args: () => [
      'decide',
      proposalIn('out'),
      '--accept',
      '--reason',
      'why',
      '--decisions',
      at('bad-decisions.json'),
    ],
    status: 2,
    json: { command: 'decide', problem: expect.stringContaining('bad-decisions.json') },
  },
  {
    name: 'apply: as a trial',
    args: () => apply('--dry-run'),
    status: 0,
    json: { command: 'apply', outcome: 'dry-run', subject: roleArn('one') },
  },
  {
    name: 'apply: done',
    args: () => apply('--yes'),
    status: 0,
    json: { command: 'apply', outcome: 'done', receipt: OWN },
  },
  {
    name: 'apply: nothing is left to do',
    args: () => apply('--yes'),
    given: () => {
      now = REFINED;
    },
    status: 0,
    json: { command: 'apply', outcome: 'done' },
  },
  {
    name: 'apply: somebody has changed the policy since',
    args: () => apply('--yes'),
    given: () => {
      now = allow('s3:*');
    },
    status: 1,
    json: { command: 'apply', outcome: 'refused', problems: [OWN] },
  },
  {
    name: 'apply: IAM refuses',
    args: () => apply('--yes'),
    given: () => iam.on(PutRolePolicyCommand).rejects(refusal('AccessDenied', 403)),
    status: 1,
    json: { command: 'apply', outcome: 'failed', problem: OWN, done: [], notDone: [OWN] },
  },
  {
    name: 'apply: nobody to ask',
    args: () => apply(),
    status: 2,
    json: { command: 'apply', problem: expect.stringContaining('no terminal to ask at') },
  },
  {
    name: 'apply: no proposal',
    args: () => ['apply', at('nothing'), '--yes'],
    status: 2,
    json: { command: 'apply', problem: expect.stringContaining('holds no proposal.json') },
  },
  {
    name: 'rollback: done',
    args: () => rollback('--yes'),
    given: () => {
      now = REFINED;
    },
    status: 0,
    json: { command: 'rollback', outcome: 'done' },
  },
  {
    name: 'rollback: as a trial, of what was not applied',
    args: () => rollback('--dry-run'),
    status: 0,
    json: { command: 'rollback', outcome: 'dry-run', receipt: null },
  },
  {
    name: 'rollback: no proposal',
    args: () => ['rollback', at('nothing'), '--yes'],
    status: 2,
    json: { command: 'rollback', problem: expect.stringContaining('holds no proposal.json') },
  },
  {
    name: 'catalogue',
    args: () => ['catalogue', '--catalogue', at('catalogue.json')],
    status: 0,
    json: { command: 'catalogue', services: 2, actions: 3 },
  },
  {
    name: 'catalogue: a file that is none',
    args: () => ['catalogue', '--catalogue', at('broken.json')],
    status: 2,
    json: { command: 'catalogue', problem: OWN },
  },
  {
    name: 'catalogue update: a new file',
    args: () => ['catalogue', 'update', at('kept.json'), '--from', reference.url],
    status: 0,
    json: { command: 'catalogue update', isChanged: true, losses: [] },
  },
  {
    name: 'catalogue update: nobody answers',
    args: () => ['catalogue', 'update', at('kept.json'), '--from', 'http://127.0.0.1:9/'],
    status: 1,
    json: { command: 'catalogue update', problem: OWN },
  },
  {
    name: 'collect: an account without findings',
    args: () => collect('input'),
    status: 0,
    json: {
      command: 'collect',
      accounts: [expect.objectContaining({ accountId: ACCOUNT, state: 'complete' })],
      problems: [],
    },
  },
  {
    name: 'collect: an organisation, whose accounts have names',
    args: () => collect('input', '--organization'),
    status: 0,
    json: { command: 'collect', accounts: [expect.objectContaining({ accountName: 'payments-prod' })] },
  },
  {
    name: 'collect: an account that cannot be read',
    args: () => collect('input'),
    given: () => iam.on(GetAccountAuthorizationDetailsCommand).rejects(refusal('AccessDenied', 403)),
    status: 1,
    json: { command: 'collect', accounts: [expect.objectContaining({ state: 'partial' })] },
  },
  {
    name: 'collect: an account without an analyzer, among several',
    args: () => collect('input', '--accounts', ACCOUNT),
    given: () => analyzer.reset().on(ListAnalyzersCommand).resolves({ analyzers: [] }),
    status: 1,
    json: {
      command: 'collect',
      accounts: [],
      problems: [expect.stringContaining('no active unused-access analyzer')],
    },
  },
  {
    name: 'collect: credentials that nobody knows',
    args: () => collect('input'),
    given: () => sts.on(GetCallerIdentityCommand).rejects(refusal('InvalidClientTokenId', 403)),
    status: 2,
    json: { command: 'collect', problem: expect.stringContaining('AWS does not know these credentials') },
  },
  {
    name: 'collect: options that contradict each other',
    args: () => collect('input', '--organization', '--accounts', ACCOUNT),
    status: 2,
    json: { command: 'collect', problem: '--accounts and --organization cannot be given together' },
  },
  {
    name: 'doctor: ready',
    args: () => ['doctor', '-c', `analyzerArn=${ANALYZER}`],
    given: () => {
      iam.on(GetAccountSummaryCommand).resolves({
        SummaryMap: { AttachedPoliciesPerRoleQuota: 20, AttachedPoliciesPerUserQuota: 10 } as object,
      });
      analyzer.on(ListAnalyzersCommand).resolves(ANALYZERS);
    },
    status: 0,
    json: {
      command: 'doctor',
      accountId: ACCOUNT,
      arn: CALLER,
      commands: [expect.stringContaining('cdk deploy')],
    },
  },
  {
    name: 'doctor: something is not known',
    args: () => ['doctor'],
    given: () => analyzer.reset().on(ListAnalyzersCommand).rejects(refusal('AccessDeniedException', 403)),
    status: 1,
    json: {
      command: 'doctor',
      observations: expect.arrayContaining([
        expect.objectContaining({ about: 'analyzer', level: 'unknown' }),
      ]),
    },
  },
  {
    name: 'doctor: an option of the deployment is wrong',
    args: () => ['doctor', '-c', 'concurrency=many'],
    status: 2,
    json: { command: 'doctor', problem: expect.stringContaining('concurrency') },
  },
  {
    name: 'doctor: no credentials',
    args: () => ['doctor'],
    given: () => sts.on(GetCallerIdentityCommand).rejects(refusal('ExpiredToken', 403)),
    status: 2,
    json: { command: 'doctor', problem: expect.stringContaining('the credentials have expired') },
  },
];

describe('one document on standard output', () => {
  test.each(ROWS)('$name', async ({ args, status, json, given }) => {
    for (const name of ['fresh', 'input', 'kept.json', 'receipt.json', 'decisions.json'])
      rmSync(at(name), { recursive: true, force: true });
    given?.();
    const ended = await runHere([...args(), '--json']);
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status, stderr: OWN });
    expect(JSON.parse(ended.stdout)).toMatchObject({ schemaVersion: 1, ...json });
    expect(Object.keys(JSON.parse(ended.stdout) as object).slice(0, 2)).toEqual(['schemaVersion', 'command']);
    // What is wrong is one line for people, and the same for programs.
    if (status === 2) {
      const { problem } = JSON.parse(ended.stdout) as { problem: string };
      expect(ended.stderr.replace(/^unused-access-refiner: /, '')).toBe(`${problem}\n`);
    }
  });

  test('is printed by every command', () => {
    const leaves = commandLine().commands.flatMap((command) => [
      command.name(),
      ...command.commands.map((below) => `${command.name()} ${below.name()}`),
    ]);
    const told = new Set(ROWS.map(({ json }) => json['command']));
    expect(leaves.filter((name) => !told.has(name))).toEqual([]);
  });
});

describe('the name of an account', () => {
  test('comes from the organisation, is kept by a later run without access to it, and is in all output', async () => {
    const out = at('named');
    expect(await runHere(collect('input-named', '--organization'))).toMatchObject({ status: 0 });
    expect(await runHere(collect('input-named', '--max-age', '0s'))).toMatchObject({ status: 0 });
    const folder = at('input-named', ACCOUNT);
    expect(JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))).toMatchObject({
      accountName: 'payments-prod',
    });
    writeFileSync(path.join(folder, 'account-details.json'), readFileSync(at('export.json')));
    writeFileSync(
      path.join(folder, 'findings.jsonl'),
      [finding(roleArn('one'), { s3: ['GetObject'] }), finding(roleArn('gone'), { s3: [] })]
        .map((one) => `${JSON.stringify(one)}\n`)
        .join(''),
    );
    const from = ['--from', at('input-named'), '--out', out, '--catalogue', at('catalogue.json')];
    const run = await runHere(['account', ...from, '--json']);
    expect(JSON.parse(run.stdout)).toMatchObject({
      proposals: [{ principal: roleArn('one'), accountName: 'payments-prod' }],
      others: [{ resource: roleArn('gone'), accountName: 'payments-prod' }],
    });
    const named = `${ACCOUNT} (payments-prod)`;
    const [file = ''] = proposalPaths(out);
    const folderOf = path.dirname(file);
    expect(JSON.parse(readFileSync(path.join(out, file), 'utf8'))).toMatchObject({
      accountName: 'payments-prod',
    });
    expect(readFileSync(path.join(out, folderOf, 'report.html'), 'utf8')).toContain(named);
    expect(readFileSync(path.join(out, 'index.html'), 'utf8')).toContain(`role · ${named}`);
    const [head = '', ...rows] = readFileSync(path.join(out, 'summary.csv'), 'utf8').trim().split('\r\n');
    expect(head.split(',').at(-1)).toBe('accountName');
    expect(rows.map((row) => row.split(',').at(-1))).toEqual(['payments-prod', 'payments-prod']);
    const decisions = at('named-decisions.json');
    const accept = ['--accept', '--reason', 'agreed', '--by', 'ana', '--decisions', decisions];
    const decided = await runHere(['decide', path.join(out, folderOf), ...accept, '--json']);
    expect(JSON.parse(decided.stdout)).toMatchObject({ accountName: 'payments-prod' });
    expect(decided.stderr).toMatch(/^role one, account 123456789012 \(payments-prod\): accepted by ana on /);
    expect((await runHere(['show', path.join(out, folderOf)])).stdout).toContain(`of account ${named}`);
    const checked = await runHere(['recheck', ...from, '--decisions', decisions, '--json']);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      proposals: [
        {
          accountName: 'payments-prod',
          decisions: [expect.stringMatching(/^accepted by ana on .*: agreed$/)],
        },
      ],
    });
    expect(readFileSync(path.join(out, 'index.html'), 'utf8')).toContain(`role · ${named}`);
  });

  test('is the one in the settings, if any', async () => {
    cli.write('settings.json', { accountNames: [`${ACCOUNT}=payments`] });
    const from = ['--from', at('input-named'), '--out', at('named-2'), '--config', at('settings.json')];
    const run = await runHere(['account', ...from, '--catalogue', at('catalogue.json'), '--json']);
    expect(JSON.parse(run.stdout)).toMatchObject({ proposals: [{ accountName: 'payments' }] });
  });

  test('is absent if unknown', () => {
    const [file = ''] = proposalPaths(at('out'));
    expect(existsSync(at('out', file))).toBe(true);
    expect(readFileSync(at('out', file), 'utf8')).not.toContain('accountName');
    expect(readFileSync(at('out', 'summary.csv'), 'utf8')).not.toContain('accountName');
  });
});
