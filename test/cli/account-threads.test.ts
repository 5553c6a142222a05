import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { allow, filesBelow, finding, inline, proposalPaths, role, roleArn } from './accounts.ts';
import { linesOf, useCommandLine } from './command.ts';

const cli = useCommandLine();

const NAMES = Array.from({ length: 30 }, (_, n) => `role-${String(n).padStart(2, '0')}`);
/** A document that IAM refuses, so that some principals are named at the end. */
const BROKEN = { Version: '2012-10-17', Statement: [] };

function writeAccount(): readonly string[] {
  const account = cli.write('account.json', {
    RoleDetailList: NAMES.map((name, n) =>
      role(name, {
        RolePolicyList: [
          inline('Own', allow('s3:Get*', 'sqs:SendMessage')),
          ...([4, 7].includes(n % 10) ? [inline('Broken', BROKEN)] : []),
        ],
      }),
    ),
  });
  const findings = cli.write(
    'findings.json',
    NAMES.flatMap((name) => [
      finding(roleArn(name), { s3: ['GetObject', 'GetBucketPolicy'] }),
      // The same principal twice, with the same outcome: both want to write one proposal.
      finding(roleArn(name), { s3: ['GetObject', 'GetBucketPolicy'] }, { id: `again-${name}` }),
    ]),
  );
  return ['account', '--account-details', account, '--findings', findings];
}

describe('several threads', () => {
  test('give the same bytes, the same table and the same complaints as one', async () => {
    const args = writeAccount();
    const runs = await Promise.all(
      ['1', '2', '5'].map(async (jobs) => {
        const out = path.join(cli.folder, `out-${jobs}`);
        const ended = await cli.start([...args, '--out', out, '--jobs', jobs]);
        return { ...ended, stderr: ended.stderr.replaceAll(`out-${jobs}`, 'OUT'), files: filesBelow(out) };
      }),
    );
    const [one, two, five] = runs;
    expect(one?.status).toBe(1);
    expect(linesOf(one?.stderr ?? '').filter((line) => line.includes('Broken was not refined'))).toHaveLength(
      12,
    );
    expect(proposalPaths(path.join(cli.folder, 'out-1'))).toHaveLength(30);
    expect(two).toEqual(one);
    expect(five).toEqual(one);
  });

  test.each(['1', '2'])('name an account that cannot be read, and handle the others: %s', async (jobs) => {
    const from = `accounts-${jobs}`;
    for (const accountId of ['123456789012', '444455556666']) {
      mkdirSync(path.join(cli.folder, from, accountId), { recursive: true });
    }
    cli.write(`${from}/123456789012/account-details.json`, {
      RoleDetailList: [role('one', { RolePolicyList: [inline('Own', allow('s3:Get*'))] })],
    });
    for (const accountId of ['123456789012', '444455556666']) {
      cli.write(`${from}/${accountId}/findings.jsonl`, finding(roleArn('one'), { s3: ['GetObject'] }));
    }
    cli.write(`${from}/444455556666/account-details.json`, 'no export');
    const out = path.join(cli.folder, `${from}-out`);
    const args = ['--from', path.join(cli.folder, from), '--out', out, '--jobs', jobs, '--quiet'];
    const ended = await cli.start(['account', ...args]);
    expect([ended.status, ended.stderr.replaceAll(`${cli.folder}/`, '')]).toEqual([
      1,
      `${from}/444455556666/account-details.json: not valid JSON: invalid symbol at line 1, column 1\n`,
    ]);
    expect(proposalPaths(out)).toHaveLength(1);
  });

  test('name a proposal that cannot be stored, whichever thread handles it', async () => {
    const args = writeAccount();
    const out = path.join(cli.folder, 'blocked');
    const roles = path.join(out, 'proposals', '123456789012', 'role');
    mkdirSync(roles, { recursive: true });
    for (const name of ['role-02', 'role-03']) writeFileSync(path.join(roles, name), '');
    const { status, stderr } = await cli.start([...args, '--out', out, '--jobs', '2', '--quiet']);
    expect(status).toBe(1);
    const named = linesOf(stderr).filter((line) => /role-0[23]: /.test(line));
    expect(named.map((line) => /role-\d\d/.exec(line)?.[0])).toEqual([
      'role-02',
      'role-02',
      'role-03',
      'role-03',
    ]);
    expect(proposalPaths(out)).toHaveLength(28);
  });

  test('that have begun to read a long account end with the run, whatever is wrong with the input', async () => {
    const tags = Array.from({ length: 200 }, (_, n) => ({
      Key: `tag-${String(n)}`,
      Value: 'x'.repeat(6_000),
    }));
    const own = [inline('Own', allow('s3:Get*'))];
    const account = cli.write('long.json', {
      RoleDetailList: NAMES.map((name, n) => role(name, { RolePolicyList: own, Tags: n === 0 ? tags : [] })),
    });
    const none = cli.write('none.jsonl', '');
    const some = cli.write('some.json', [finding(roleArn('role-00'), { s3: ['GetObject'] })]);
    const args = ['account', '--account-details', account, '--jobs', '3', '--quiet'];
    const refused = await cli.start([...args, '--findings', none, '--out', path.join(cli.folder, 'never')]);
    expect([refused.status, refused.stderr]).toEqual([
      2,
      `unused-access-refiner: ${none}: holds no findings\n`,
    ]);
    const out = path.join(cli.folder, 'long');
    const ended = await cli.start([...args, '--findings', some, '--out', out]);
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    expect(proposalPaths(out)).toHaveLength(1);
  });

  test('must be a whole number', async () => {
    for (const jobs of ['0', '2.5', 'many', '65']) {
      const { status, stderr } = await cli.run([...writeAccount(), '--out', 'never', '--jobs', jobs]);
      expect(status, jobs).toBe(2);
      expect(linesOf(stderr), jobs).toHaveLength(1);
      expect(stderr, jobs).toContain('expected a whole number from 1 to 64');
    }
  });
});
