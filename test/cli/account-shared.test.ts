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
  proposalPaths,
  role,
  roleArn,
  user,
  userArn,
} from './accounts.ts';
import { linesOf, useCommandLine } from './command.ts';

const cli = useCommandLine();

const SHARED = policyArn('Shared');
const has = { AttachedManagedPolicies: [attached(SHARED)] };

/** Three roles share a policy, two users a group, and nobody is in another group. */
function writeAccount(groupName = 'Developers'): readonly string[] {
  const account = cli.write('account.json', {
    RoleDetailList: ['a', 'b', 'c'].map((name) => role(name, has)),
    UserDetailList: ['u', 'v'].map((name) => user(name, { GroupList: [groupName] })),
    GroupDetailList: [
      {
        GroupName: groupName,
        Arn: `arn:aws:iam::${ACCOUNT}:group/${groupName}`,
        GroupPolicyList: [inline('Tools', allow('sqs:*'))],
      },
      { GroupName: 'Empty', Arn: `arn:aws:iam::${ACCOUNT}:group/Empty` },
    ],
    Policies: [managed(SHARED, allow('s3:Get*', 'sqs:SendMessage'), { AttachmentCount: 3 })],
  });
  const findings = cli.write('findings.json', [
    ...['a', 'b', 'c'].map((name) => finding(roleArn(name), { s3: ['GetBucketPolicy', 'GetBucketAcl'] })),
    ...['u', 'v'].map((name) => finding(userArn(name), { sqs: ['DeleteQueue', 'PurgeQueue'] })),
  ]);
  return ['account', '--account-details', account, '--findings', findings];
}

function sharedFiles(out: string): readonly string[] {
  return [...filesBelow(path.join(out, 'shared')).keys()].map((name) => name.replace(/[0-9a-f]{32}/, 'ID'));
}

describe('a policy or group that several principals share', () => {
  test('gets its own proposal, in addition to those about the principals', async () => {
    const out = path.join(cli.folder, 'out');
    const { status, stdout } = await cli.run([...writeAccount(), '--out', out]);
    expect(status).toBe(0);
    expect(sharedFiles(out)).toEqual([
      `${ACCOUNT}/group/Developers/ID/policies/0-Tools.after.json`,
      `${ACCOUNT}/group/Developers/ID/policies/0-Tools.before.json`,
      `${ACCOUNT}/group/Developers/ID/proposal.json`,
      `${ACCOUNT}/group/Developers/ID/report.html`,
      `${ACCOUNT}/policy/Shared/ID/policies/0-Shared.after.json`,
      `${ACCOUNT}/policy/Shared/ID/policies/0-Shared.before.json`,
      `${ACCOUNT}/policy/Shared/ID/proposal.json`,
      `${ACCOUNT}/policy/Shared/ID/report.html`,
    ]);
    expect(proposalPaths(path.join(out, 'proposals'))).toHaveLength(3);
    const lines = linesOf(stdout);
    expect(lines).toContain('shared policies and groups: 2 proposals, 1 without one');
    expect(lines.find((line) => line.startsWith('policy Shared'))).toMatch(
      /^policy Shared +3 +\d+ → \d+ +The shared change is better: one change removes 6 granted actions from 3 principals, and 3 copies of the policy would remove nothing more\.$/,
    );
    const index = readFileSync(path.join(out, 'index.html'), 'utf8');
    expect(index).toContain('Shared policies and groups</h2>');
    expect(index).toMatch(new RegExp(`href="shared/${ACCOUNT}/group/Developers/[0-9a-f]{32}/report.html"`));
    expect(index).toContain('The group has no members, so nobody can tell what they use');
    const csv = readFileSync(path.join(out, 'summary.csv'), 'utf8');
    expect(csv).toContain(`${ACCOUNT},policy,Shared,${SHARED},refine-shared-policy,`);
    expect(csv).toContain(`${ACCOUNT},group,Empty,arn:aws:iam::${ACCOUNT}:group/Empty,blocked,`);
  });

  test('has a report that says who has it, which way is better, and how to apply and undo it', async () => {
    const out = path.join(cli.folder, 'report');
    await cli.run([...writeAccount(), '--out', out]);
    const files = [...filesBelow(path.join(out, 'shared'))];
    const [, report = ''] =
      files.find(([name]) => name.includes('policy') && name.endsWith('report.html')) ?? [];
    for (const text of [
      'reaches <b>3 principals</b>',
      roleArn('c'),
      'The shared change is better',
      `aws iam list-entities-for-policy`,
      'aws iam create-policy-version',
      `aws iam set-default-policy-version`,
      'See who has it now',
    ]) {
      expect(report).toContain(text);
    }
    expect(report).not.toContain('<script');
  });

  test('has the same proposal with any number of threads, and a second run changes nothing', async () => {
    const args = writeAccount();
    const runs = await Promise.all(
      ['1', '3'].map(async (jobs) => {
        const out = path.join(cli.folder, `jobs-${jobs}`);
        const { stdout, stderr } = await cli.start([...args, '--out', out, '--jobs', jobs]);
        return { stdout, stderr: stderr.replaceAll(`jobs-${jobs}`, 'OUT'), files: filesBelow(out) };
      }),
    );
    expect(runs[1]).toEqual(runs[0]);
    const out = path.join(cli.folder, 'jobs-1');
    await cli.run([...args, '--out', out]);
    expect(filesBelow(out)).toEqual(runs[0]?.files);
  });

  test('has no report with --no-reports', async () => {
    const out = path.join(cli.folder, 'plain');
    const { status } = await cli.run([...writeAccount(), '--out', out, '--no-reports']);
    expect(status).toBe(0);
    expect(sharedFiles(out).filter((name) => name.endsWith('.html'))).toEqual([]);
    expect(proposalPaths(path.join(out, 'shared'))).toHaveLength(2);
  });

  test('whose name would lead out of the folder is reported, and nothing is written there', async () => {
    const out = path.join(cli.folder, 'dots');
    const { status, stderr } = await cli.run([...writeAccount('..'), '--out', out, '--quiet']);
    expect(status).toBe(1);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(
        /account\.json: arn:aws:iam::123456789012:group\/\.\.: \.\. cannot be the name of a folder/,
      ),
    ]);
    expect(proposalPaths(path.join(out, 'shared'))).toHaveLength(1);
  });

  test('has a proposal that apply accepts and recheck ignores', async () => {
    const out = path.join(cli.folder, 'apply');
    const args = writeAccount();
    await cli.run([...args, '--out', out, '--quiet']);
    const [proposal = ''] = proposalPaths(path.join(out, 'shared'));
    const applied = await cli.start(['apply', path.join(out, 'shared', proposal)]);
    expect(applied.status).toBe(2);
    expect(applied.stderr).toMatch(
      /^there is no terminal to ask at; give --yes, or --dry-run to see the plan\n/,
    );
    const again = await cli.start(['recheck', ...args.slice(1), '--out', out]);
    expect(again.status).toBe(0);
    expect(proposalPaths(path.join(out, 'shared'))).toHaveLength(2);
  });
});
