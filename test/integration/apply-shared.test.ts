import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DetachGroupPolicyCommand,
  GetAccountAuthorizationDetailsCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  PutRolePolicyCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCommandLine } from '../../scripts/build.ts';
import { filesBelow, finding, roleArn, userArn } from '../cli/accounts.ts';
import { type Ended, execute } from '../cli/command.ts';
import { awsEnvironment } from './apply/command.ts';
import { HOME_ACCOUNT, homeSettings, s3Client } from './harness/accounts.ts';
import { type Moto, startMoto } from './harness/moto.ts';
import { type Proxy, startProxy } from './harness/proxy.ts';

const BUCKET = 'proposals-of-apply';
const SHARED = `arn:aws:iam::${HOME_ACCOUNT}:policy/Shared`;
const TOOLS = `arn:aws:iam::${HOME_ACCOUNT}:policy/Tools`;
const WIDE = document('s3:GetObject', 'sqs:SendMessage');
const NARROW = document('s3:GetObject');

function document(...actions: readonly string[]) {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

let moto: Moto;
let proxy: Proxy;
let iam: IAMClient;
/** Inside of the checkout, so that the packages outside the bundle are found. */
let folder: string;

/** The built command in the folder of this test. */
const run = (...args: readonly string[]): Promise<Ended> =>
  execute(process.execPath, [path.join(folder, 'bin', 'cli.mjs'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...awsEnvironment(proxy.endpoint) },
  });

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startProxy(moto.port);
  iam = new IAMClient(homeSettings(moto.endpoint));
  folder = mkdtempSync(path.resolve('build', 'apply-shared-'));
  await buildCommandLine(path.join(folder, 'bin'));
  await makeAccount();
  await propose();
});

afterAll(async () => {
  iam.destroy();
  await proxy.stop();
  await moto.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A policy that two roles have, a group of two users with a policy, and a role with a policy of its own. */
async function makeAccount(): Promise<void> {
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  for (const RoleName of ['a', 'b', 'solo']) {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  }
  for (const PolicyName of ['Shared', 'Tools']) {
    await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: JSON.stringify(WIDE) }));
  }
  for (const RoleName of ['a', 'b']) {
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: SHARED }));
  }
  const own = { RoleName: 'solo', PolicyName: 'Own', PolicyDocument: JSON.stringify(WIDE) };
  await iam.send(new PutRolePolicyCommand(own));
  await makeGroup();
}

async function makeGroup(): Promise<void> {
  await iam.send(new CreateGroupCommand({ GroupName: 'devs' }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName: 'devs', PolicyArn: TOOLS }));
  for (const UserName of ['u', 'v']) {
    await iam.send(new CreateUserCommand({ UserName })).catch(() => undefined);
    await iam.send(new AddUserToGroupCommand({ GroupName: 'devs', UserName }));
  }
}

/** What an export of this account and findings about everybody come to, on disk and in a bucket. */
async function propose(): Promise<void> {
  const details = await iam.send(
    new GetAccountAuthorizationDetailsCommand({ Filter: ['Role', 'User', 'Group', 'LocalManagedPolicy'] }),
  );
  const Policies = (details.Policies ?? []).map((policy) => ({
    ...policy,
    // moto leaves these out.
    PolicyName: policy.Arn?.split('/').at(-1),
    PermissionsBoundaryUsageCount: 0,
  }));
  writeFileSync(
    path.join(folder, 'details.json'),
    JSON.stringify({ ...details, Policies, $metadata: undefined }),
  );
  const findings = [roleArn('a'), roleArn('b'), roleArn('solo'), userArn('u'), userArn('v')].map((arn) =>
    // The roles were made a moment ago.
    finding(arn, { sqs: [] }, { updatedAt: new Date(Date.now() + 60_000).toISOString() }),
  );
  writeFileSync(path.join(folder, 'findings.json'), JSON.stringify(findings));
  const made = await run('account', '--account-details', 'details.json', '--findings', 'findings.json', '--out', 'out'); // prettier-ignore
  expect(made).toMatchObject({ status: 0, stderr: expect.stringContaining('Open ') as string });
  const s3 = s3Client(moto.endpoint);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const [name, text] of filesBelow(path.join(folder, 'out'))) {
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: name, Body: text }));
  }
  s3.destroy();
}

/** Runs a command, and holds that its calls are among those of the policy that it prints. */
async function allowed(command: 'apply' | 'rollback', address: string): Promise<Ended> {
  const printed = await run(command, address, '--print-policy');
  expect(printed).toMatchObject({ status: 0, stderr: '' });
  const { Statement } = JSON.parse(printed.stdout) as { Statement: { Action: string[] }[] };
  const actions = new Set(Statement.flatMap(({ Action }) => Action));
  proxy.reset();
  const ended = await run(command, address, '--yes', '--wait', '0');
  const asked = proxy.calls
    .filter(({ service }) => service === 'iam')
    .map(({ operation }) => `iam:${operation}`);
  expect(asked.length).toBeGreaterThan(0);
  expect([...new Set(asked)].filter((action) => !actions.has(action))).toEqual([]);
  return ended;
}

async function inForce(PolicyArn: string): Promise<unknown> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const version = { PolicyArn, VersionId: Policy?.DefaultVersionId };
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand(version));
  return decoded(PolicyVersion?.Document);
}

async function inlineOfSolo(): Promise<unknown> {
  const answer = await iam.send(new GetRolePolicyCommand({ RoleName: 'solo', PolicyName: 'Own' }));
  return decoded(answer.PolicyDocument);
}

function decoded(text = ''): unknown {
  return JSON.parse(text.startsWith('{') ? text : decodeURIComponent(text));
}

async function attachedToGroup(): Promise<readonly string[]> {
  const answer = await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: 'devs' }));
  return (answer.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []).sort();
}

const DONE = { status: 0, stderr: '' };

test('a policy that two roles have is narrowed for both, and restored', async () => {
  const address = `out/shared/${HOME_ACCOUNT}/policy/Shared`;
  expect(await allowed('apply', address)).toMatchObject(DONE);
  expect(await inForce(SHARED)).toEqual(NARROW);
  expect(await allowed('rollback', address)).toMatchObject(DONE);
  expect(await inForce(SHARED)).toEqual(WIDE);
});

test('a group gets what its members need, and on rollback what it had', async () => {
  const address = `out/shared/${HOME_ACCOUNT}/group/devs`;
  expect(await allowed('apply', address)).toMatchObject(DONE);
  const now = await attachedToGroup();
  expect(await Promise.all(now.map(inForce))).toEqual([NARROW]);
  expect(await allowed('rollback', address)).toMatchObject(DONE);
  expect(await attachedToGroup()).toEqual([TOOLS]);
  expect(await inForce(TOOLS)).toEqual(WIDE);
});

test('a use by one holder since the finding stops the change for all, and only --despite-warning overrides that', async () => {
  const used = {
    JobStatus: 'COMPLETED',
    JobCompletionDate: new Date(Date.now() + 240_000).toISOString(),
    ServicesLastAccessed: [
      { ServiceNamespace: 'sqs', LastAuthenticated: new Date(Date.now() + 180_000).toISOString() },
    ],
  };
  mkdirSync(path.join(folder, 'used/role'), { recursive: true });
  writeFileSync(path.join(folder, 'used/role/b.json'), JSON.stringify(used));
  const input = ['--account-details', 'details.json', '--findings', 'findings.json', '--out', 'warned'];
  expect(await run('account', ...input, '--last-accessed', 'used')).toMatchObject({ status: 0 });
  // A later run that reads no dates takes no warning back.
  expect(await run('account', ...input)).toMatchObject({ status: 0 });
  const address = `warned/shared/${HOME_ACCOUNT}/policy/Shared`;
  for (const options of [['--yes'], ['--yes', '--despite-state', '--irreversible'], ['--dry-run']]) {
    const refused = await run('apply', address, '--wait', '0', ...options);
    expect([options, refused.status]).toEqual([options, 1]);
    expect(refused.stderr).toMatch(
      /^refused: the proposal warns: role b: Do not apply this before the finding is updated: .*sqs on .*--despite-warning\nnothing was changed\n$/,
    );
  }
  expect(await inForce(SHARED)).toEqual(WIDE);
  expect(await run('apply', address, '--wait', '0', '--yes', '--despite-warning')).toMatchObject(DONE);
  expect(await inForce(SHARED)).toEqual(NARROW);
  // Taking back needs no such word.
  expect(await allowed('rollback', address)).toMatchObject(DONE);
  expect(await inForce(SHARED)).toEqual(WIDE);
});

test('a proposal in a bucket is shown, applied and rolled back by the folder of its role', async () => {
  const address = `s3://${BUCKET}/proposals/${HOME_ACCOUNT}/role/solo/`;
  const shown = await run('show', address);
  expect(shown).toMatchObject(DONE);
  expect(shown.stdout).toContain(roleArn('solo'));
  expect(await allowed('apply', address)).toMatchObject(DONE);
  expect(await inlineOfSolo()).toEqual(NARROW);
  // The receipt lies in the working folder, as nobody need be able to write to the bucket.
  expect(await allowed('rollback', address)).toMatchObject(DONE);
  expect(await inlineOfSolo()).toEqual(WIDE);
});

test('a group that was deleted and created again under its name counts as another one', async () => {
  for (const UserName of ['u', 'v']) {
    await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'devs', UserName }));
  }
  await iam.send(new DetachGroupPolicyCommand({ GroupName: 'devs', PolicyArn: TOOLS }));
  await iam.send(new DeleteGroupCommand({ GroupName: 'devs' }));
  await makeGroup();
  const { status, stderr } = await run(
    'apply',
    `out/shared/${HOME_ACCOUNT}/group/devs`,
    '--yes',
    '--wait',
    '0',
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^refused: the group devs was deleted and created again: its id is \w+, and \w+ was analysed .*\nnothing was changed\n$/,
  );
  expect(await attachedToGroup()).toEqual([TOOLS]);
});
