import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { allow, filesBelow, finding, inline, proposalPaths, role, roleArn } from './accounts.ts';
import { useCommandLine } from './command.ts';

const cli = useCommandLine();
const ROLES = 150;
const KILLS = 10;
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

/** Counts the roles that have a `proposal.json`, without looking again at those that had one. */
function counter(root: string): () => number {
  const roles = path.join(root, 'proposals/123456789012/role');
  const counted = new Set<string>();
  return () => {
    for (const name of existsSync(roles) ? readdirSync(roles) : []) {
      if (counted.has(name)) continue;
      const [id] = readdirSync(path.join(roles, name));
      if (id !== undefined && existsSync(path.join(roles, name, id, 'proposal.json'))) counted.add(name);
    }
    return counted.size;
  };
}

/** Starts a run and kills it `delay` milliseconds after so many proposals are there. */
function killAfter(proposals: number, delay: number, out: string): Promise<NodeJS.Signals | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli.program, ...args(out)], { cwd: cli.folder, stdio: 'ignore' });
    const count = counter(path.join(cli.folder, out));
    const watch = setInterval(() => {
      if (count() < proposals) return;
      clearInterval(watch);
      if (delay === 0) child.kill('SIGKILL');
      else setTimeout(() => child.kill('SIGKILL'), delay);
    }, 0);
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
  const { status } = await cli.start(args('undisturbed'));
  expect(status).toBe(0);
  undisturbed = filesBelow(path.join(cli.folder, 'undisturbed'));
});

describe('a run that is killed', () => {
  test('leaves no proposal.json without its other files, and the next run completes it to the byte', async () => {
    const root = path.join(cli.folder, 'killed');
    let killed = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const there = proposalPaths(root).length;
      // At once after a commit, where a wrong order of writes would show, and at any other moment.
      const delay = round % 2 === 0 ? 0 : Math.random() * 20;
      if ((await killAfter(Math.min(there + 7, ROLES), delay, 'killed')) === 'SIGKILL') killed += 1;
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
    const { status } = await cli.start(args('killed'));
    expect(status).toBe(0);
    expect(filesBelow(root)).toEqual(undisturbed);
  });
});
