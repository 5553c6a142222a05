import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allow, finding, inline, proposalPaths, role, roleArn } from './accounts.ts';
import { useCommandLine } from './command.ts';
import { runHere } from './in-process.ts';

/* `--fail-on STATE`: every state that may come out, in a folder where it does. */

const cli = useCommandLine();
const at = (...names: readonly string[]): string => path.join(cli.folder, ...names);
const before = allow('s3:GetObject', 's3:PutObject');
const one = (document: unknown) => ({
  RoleDetailList: [role('one', { RolePolicyList: [inline('Data', document)] })],
});
const UNUSED = { s3: ['GetObject'] };

beforeAll(async () => {
  cli.write('catalogue.json', { s3: ['GetObject', 'PutObject', 'GetBucketAcl'] });
  cli.write('export.json', one(before));
  cli.write('applied.json', one(allow('s3:PutObject')));
  cli.write('changed.json', one(allow('s3:GetObject', 's3:GetBucketAcl')));
  cli.write('active.json', finding(roleArn('one'), UNUSED));
  cli.write('resolved.json', finding(roleArn('one'), UNUSED, { status: 'RESOLVED' }));
  cli.write('other.json', finding(roleArn('one'), { s3: ['GetBucketAcl'] }));
  cli.write('gone.json', finding(roleArn('gone'), UNUSED));
  await account('out', 'export.json', 'active.json');
  // A copy of a bucket in which AWS spoke against a proposal.
  const [file = ''] = proposalPaths(at('out'));
  const withheld = path.dirname(file);
  mkdirSync(at('withheld', withheld), { recursive: true });
  const { proposalId } = JSON.parse(readFileSync(at('out', file), 'utf8')) as { proposalId: string };
  const record = { schemaVersion: 1, proposalId, opinion: 'no-new-access', reason: 'it grants more' };
  writeFileSync(at('withheld', withheld, 'withheld.json'), JSON.stringify(record));
});

const COMMON = () => ['--catalogue', at('catalogue.json'), '--quiet'];

function account(out: string, details: string, findings: string, ...more: readonly string[]) {
  return runHere([
    ...['account', '--account-details', at(details), '--findings', at(findings), '--out', at(out)],
    ...['--no-reports', ...COMMON(), ...more],
  ]);
}

function recheck(out: string, details: string, findings: string, ...more: readonly string[]) {
  return runHere([
    ...['recheck', '--account-details', at(details), '--findings', at(findings), '--out', at(out)],
    ...[...COMMON(), ...more],
  ]);
}

describe('account', () => {
  test.each([
    ['proposed', 'export.json', 'active.json', 3],
    ['unchanged', 'export.json', 'other.json', 3],
    ['skipped', 'export.json', 'resolved.json', 3],
    // Somebody who is gone is a complaint, which comes first.
    ['gone', 'export.json', 'gone.json', 1],
    ['blocked', 'export.json', 'active.json', 0],
    ['withheld', 'export.json', 'active.json', 0],
  ])('%s', async (state, details, findings, status) => {
    rmSync(at('fresh'), { recursive: true, force: true });
    const ended = await account('fresh', details, findings, '--fail-on', state);
    expect(ended.status).toBe(status);
  });
});

describe('recheck', () => {
  const STATES = [
    ['current', 'out', 'export.json', 'active.json'],
    ['applied', 'out', 'applied.json', 'active.json'],
    ['resolved', 'out', 'export.json', 'resolved.json'],
    ['superseded', 'out', 'changed.json', 'active.json'],
    ['withheld', 'withheld', 'export.json', 'active.json'],
  ] as const;

  test.each(STATES)('%s', async (state, out, details, findings) => {
    for (const [name] of STATES) {
      const ended = await recheck(out, details, findings, '--fail-on', name);
      expect({ name, ...ended }).toMatchObject({ name, status: name === state ? 3 : 0, stderr: '' });
    }
  });

  test('lists withheld proposals with the reason', async () => {
    const args = ['--account-details', at('export.json'), '--findings', at('active.json')];
    const table = await runHere(['recheck', ...args, '--out', at('withheld')]);
    expect(table.stdout).toMatch(
      /\n1 proposal withheld:\n {2}role one, [0-9a-f]{8}: no-new-access: it grants more\n$/,
    );
    const json = await recheck('withheld', 'export.json', 'active.json', '--json', '--only', 'role/one');
    expect(JSON.parse(json.stdout)).toMatchObject({
      proposals: [],
      withheld: [{ opinion: 'no-new-access', reason: 'it grants more' }],
    });
    const other = await recheck(
      'withheld',
      'export.json',
      'active.json',
      '--only',
      'role/two',
      '--fail-on',
      'withheld',
    );
    expect(other.status).toBe(0);
  });

  test('lists the values of --fail-on', async () => {
    const wrong = await recheck('out', 'export.json', 'active.json', '--fail-on', 'proposed');
    expect([wrong.status, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('expected one of current, applied, resolved, superseded, withheld') as string,
    ]);
  });
});
