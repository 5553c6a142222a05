import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  allow,
  attached,
  filesBelow,
  finding,
  inline,
  managed,
  policyArn,
  role,
  roleArn,
} from './accounts.ts';
import { type Ended, useCommandLine } from './command.ts';

const cli = useCommandLine();
const ID = /[0-9a-f]{32}/;

let refined: string;
let removal: string;
let shared: string;
const show = (...args: readonly string[]): Promise<Ended> => cli.run(['show', ...args]);

/** The one proposal's folder below a folder of `--out`. */
function proposalIn(below: string): string {
  const found = [...filesBelow(path.join(cli.folder, 'out', below)).keys()].filter((name) =>
    name.endsWith('proposal.json'),
  );
  return path.join('out', below, path.dirname(found[0] ?? ''));
}

beforeAll(async () => {
  const app = policyArn('AppShared');
  cli.write('details.json', {
    RoleDetailList: [
      role('app', { RolePolicyList: [inline('Own', allow('s3:GetObject', 'sqs:SendMessage'))] }),
      role('old'),
      role('one', { AttachedManagedPolicies: [attached(app)] }),
      role('two', { AttachedManagedPolicies: [attached(app)] }),
    ],
    Policies: [managed(app, allow('s3:GetObject', 'sqs:SendMessage'), { AttachmentCount: 2 })],
  });
  cli.write('findings.json', [
    finding(roleArn('app'), { sqs: [] }),
    finding(
      roleArn('old'),
      {},
      {
        findingType: 'UnusedIAMRole',
        findingDetails: [{ unusedIamRoleDetails: { lastAccessed: '2025-01-31T00:00:00Z' } }],
      },
    ),
    finding(roleArn('one'), { sqs: [] }),
    finding(roleArn('two'), { sqs: [] }),
  ]);
  const { status, stderr } = await cli.run([
    'account',
    '--account-details',
    'details.json',
    '--findings',
    'findings.json',
    '--out',
    'out',
    '--no-reports',
    '--iac',
    'terraform',
    '--quiet',
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  refined = proposalIn('proposals/123456789012/role/app');
  removal = proposalIn('proposals/123456789012/role/old');
  shared = proposalIn('shared');
});

describe('a folder of --out', () => {
  test('contains for each proposal only its documents and proposal.json with --no-reports', () => {
    const files = [...filesBelow(path.join(cli.folder, 'out')).keys()].map((name) =>
      name.replace(ID, '<id>'),
    );
    expect(files.filter((name) => name.includes('/role/app/') || name.includes('/role/old/'))).toEqual([
      'proposals/123456789012/role/app/<id>/policies/0-Own.after.json',
      'proposals/123456789012/role/app/<id>/policies/0-Own.before.json',
      'proposals/123456789012/role/app/<id>/proposal.json',
      'proposals/123456789012/role/old/<id>/policies/unused-access-refiner-quarantine.json',
      'proposals/123456789012/role/old/<id>/proposal.json',
    ]);
  });

  test('contains with --iac one file for each principal whose policies change, as show prints it', async () => {
    const bundle = filesBelow(path.join(cli.folder, 'out/iac'));
    expect([...bundle.keys()]).toEqual([
      '123456789012/role-app.tf',
      '123456789012/role-one.tf',
      '123456789012/role-two.tf',
    ]);
    const { stdout } = await show(refined, '--format', 'terraform');
    expect(bundle.get('123456789012/role-app.tf')).toBe(stdout);
  });
});

describe('show', () => {
  test('prints by default what the proposal is, what it removes and what to do next', async () => {
    const { status, stdout, stderr } = await show(`${refined}/`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.replaceAll(path.basename(refined), '<id>').split('\n')).toEqual([
      'role app of account 123456789012',
      'arn:aws:iam::123456789012:role/app',
      'proposal <id>',
      '',
      'loses 1 of 2 actions, all reported unused; 1 action stays',
      'removed: 1 writes',
      'remaining: 1 high-impact; 1 reads',
      'services 2 → 1, characters of policy 116 → 98',
      '',
      'Own (inline policy): changed in place, loses 1 action',
      '',
      'apply:   npx --no-install unused-access-refiner apply out/proposals/123456789012/role/app/<id>',
      'undo:    npx --no-install unused-access-refiner rollback out/proposals/123456789012/role/app/<id>',
      'more:    show with --format commands, diff or markdown; for a role or user also terraform, cloudformation or cdk',
      '',
    ]);
  });

  test.each([
    ['terraform', 'resource "aws_iam_role_policy" "own" {'],
    ['cloudformation', 'Type: AWS::IAM::RolePolicy'],
    ['cdk', "new CfnRolePolicy(scope, 'Own', {"],
    ['commands', 'aws iam put-role-policy \\\n  --role-name app \\'],
    ['markdown', '## Remove unused permissions of role `app`'],
    ['diff', '--- a/policies/0-Own.before.json\n+++ b/policies/0-Own.after.json\n'],
  ])('prints --format %s', async (format, expected) => {
    const { status, stdout, stderr } = await show(path.join(refined, 'proposal.json'), '--format', format);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(expected);
  });

  test('prints removals and proposals about something shared, as commands and Markdown', async () => {
    expect((await show(removal)).stdout).toContain(
      'the role is reported unused: a policy would deny it everything; one call undoes that',
    );
    expect((await show(shared)).stdout).toContain(
      'shared policy AppShared of account 123456789012, held by 2 principals',
    );
    for (const proposal of [removal, shared]) {
      expect((await show(proposal, '--format', 'commands')).stdout).toContain('# ---- Apply ----\n');
      expect((await show(proposal, '--format', 'markdown')).stdout).toMatch(/^## Remove unused /);
    }
    expect((await show(removal, '--format', 'diff')).stdout).toBe('');
    expect((await show(shared, '--format', 'diff')).stdout).toContain('-        "sqs:SendMessage"');
  });

  test('prints the state of a proposal that is not current, and then no way to apply it', async () => {
    const folder = path.join(cli.folder, 'past');
    mkdirSync(folder);
    const text = readFileSync(path.join(cli.folder, refined, 'proposal.json'), 'utf8');
    writeFileSync(path.join(folder, 'proposal.json'), text);
    writeFileSync(
      path.join(folder, 'state.json'),
      JSON.stringify({
        schemaVersion: 1,
        proposalId: path.basename(refined),
        state: 'resolved',
        reason: 'the finding is archived',
      }),
    );
    const { stdout } = await show('past');
    expect(stdout).toContain(', resolved: the finding is archived\n');
    expect(stdout).not.toContain('apply:');
  });

  test.each([
    [
      'out',
      '',
      /^unused-access-refiner: out: holds no proposal\.json; give the folder of one proposal, .*\n$/,
    ],
    ['nowhere', '', /^unused-access-refiner: nowhere: no such folder\n$/],
    [
      'details.json',
      '',
      /^unused-access-refiner: details\.json: is a file where the folder of a proposal is expected\n$/,
    ],
    [
      's3://bucket',
      '',
      /^unused-access-refiner: s3:\/\/bucket: not the address of a proposal; expected s3:\/\/bucket\/proposals\/…\/\n$/,
    ],
    [
      'removal',
      'cdk',
      /has no form in CDK, as it changes no policy \(remove-role\); use --format commands\n$/,
    ],
    [
      'shared',
      'terraform',
      /has no form in Terraform, as it is about a shared policy or a group; use --format commands\n$/,
    ],
  ])('refuses %s %s in one line', async (what, format, message) => {
    const address = what === 'removal' ? removal : what === 'shared' ? shared : what;
    const { status, stdout, stderr } = await show(address, ...(format === '' ? [] : ['--format', format]));
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('refuses a file that is not a proposal, and names it', async () => {
    mkdirSync(path.join(cli.folder, 'other'));
    cli.write('other/proposal.json', { schemaVersion: 1 });
    const { status, stderr } = await show('other');
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^unused-access-refiner: other\/proposal\.json: not a proposal of schema version 1 \(.*\); make the proposal again\n$/,
    );
  });
});

test('prints the whole proposal with its state as JSON', async () => {
  const { status, stdout } = await cli.start(['show', refined, '--json']);
  expect(status).toBe(0);
  const proposal = JSON.parse(
    readFileSync(path.join(cli.folder, refined, 'proposal.json'), 'utf8'),
  ) as object;
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    command: 'show',
    address: refined,
    state: null,
    decisions: [],
    proposal,
  });
  expect(await cli.run(['show', refined, '--json', '--format', 'diff'])).toMatchObject({ status: 2 });
});

describe('show s3://', () => {
  let server: Server;
  const env = (): NodeJS.ProcessEnv => ({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    AWS_REGION: 'eu-central-1',
  });

  beforeAll(async () => {
    const objects = filesBelow(path.join(cli.folder, 'out'));
    server = createServer(({ url = '' }, response) => {
      const key = decodeURIComponent(new URL(url, 'http://s3').pathname.replace(/^\/bucket\//, ''));
      const body = objects.get(key);
      // Whoever may not read an object is asked to list it, since S3 answers 403 about a missing one too.
      if (key.startsWith('secret/') || url.includes('list-type=2')) {
        response.writeHead(403, { 'content-type': 'application/xml' });
        response.end('<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
      } else if (body === undefined) {
        response.writeHead(404, { 'content-type': 'application/xml' });
        response.end('<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>');
      } else {
        response.writeHead(200);
        response.end(body);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('reads a proposal of the bucket, and prints it as from a folder', async () => {
    const address = refined.replace('out/', 's3://bucket/');
    const { status, stdout } = await cli.start(['show', `${address}/`, '--format', 'cdk'], {
      env: env(),
    });
    // On standard error the SDK may say that it will drop this version of Node.js.
    expect(status).toBe(0);
    expect(stdout).toBe((await show(refined, '--format', 'cdk')).stdout);
  });

  test('names an object that is missing or may not be read', async () => {
    const missing = await cli.run(['show', 's3://bucket/proposals/'], { env: env() });
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain('s3://bucket/proposals: holds no proposal.json; give the folder');
    const denied = await cli.run(['show', 's3://bucket/secret/x/'], { env: env() });
    expect(denied.status).toBe(1);
    expect(denied.stderr).toContain('s3://bucket/secret/x/proposal.json: AccessDenied');
  });
});
