import { spawn } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allow, filesBelow, finding, inline, proposalPaths, role, roleArn } from './accounts.ts';
import { useCommandLine } from './command.ts';

const cli = useCommandLine();
const ROLES = 300;
const KILLS = 8;
const args = (out: string): readonly string[] => [
  'account',
  '--account-details',
  'details.json',
  '--findings',
  'findings.json',
  '--out',
  out,
  '--quiet',
];

/** Starts a run and kills it once so many proposals are there, at whatever it is doing then. */
function killAfter(proposals: number, out: string): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli.program, ...args(out)], { cwd: cli.folder, stdio: 'ignore' });
    const watch = setInterval(() => {
      if (proposalPaths(path.join(cli.folder, out)).length >= proposals) child.kill('SIGKILL');
    }, 1);
    child.on('error', reject);
    child.on('exit', (_, signal) => {
      clearInterval(watch);
      resolve(signal);
    });
  });
}

let undisturbed: ReadonlyMap<string, string>;

beforeAll(async () => {
  const names = Array.from({ length: ROLES }, (_, index) => `role-${String(index)}`);
  const policies = ['A', 'B'].map((name) => inline(name, allow('s3:Get*', 'sqs:*', 'ec2:Describe*')));
  cli.write('details.json', {
    RoleDetailList: names.map((name) => role(name, { RolePolicyList: policies })),
  });
  cli.write(
    'findings.json',
    names.map((name) => finding(roleArn(name), { s3: ['GetObject'], sqs: [] })),
  );
  const { status } = await cli.run(args('undisturbed'));
  expect(status).toBe(0);
  undisturbed = filesBelow(path.join(cli.folder, 'undisturbed'));
});

describe('a run that is killed', () => {
  test('leaves no proposal.json without its other files, and the next run completes it to the byte', async () => {
    const root = path.join(cli.folder, 'killed');
    let killed = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const there = proposalPaths(root).length;
      if ((await killAfter(Math.min(there + 7, ROLES), 'killed')) === 'SIGKILL') killed += 1;
      const left = filesBelow(root);
      for (const commit of proposalPaths(root)) {
        const prefix = `${path.dirname(commit)}/`;
        for (const [name, text] of undisturbed) {
          if (name.startsWith(prefix)) expect([name, left.get(name) === text]).toEqual([name, true]);
        }
      }
    }
    expect(killed).toBeGreaterThan(0);
    expect(proposalPaths(root).length).toBeLessThan(ROLES);
    const { status } = await cli.run(args('killed'));
    expect(status).toBe(0);
    expect(filesBelow(root)).toEqual(undisturbed);
  });
});
