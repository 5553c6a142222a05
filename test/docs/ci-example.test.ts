import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Ended, execute, useCommandLine } from '../cli/command.ts';

const cli = useCommandLine();
const ROOT = path.resolve(import.meta.dirname, '..', '..');
const WORKFLOW = path.join(ROOT, 'examples', 'ci', 'unused-access.yml');

interface Step {
  readonly name?: string;
  readonly run?: string;
}
interface Workflow {
  readonly jobs: {
    readonly propose: { readonly env: Readonly<Record<string, string>>; readonly steps: readonly Step[] };
  };
}
const { env, steps } = (parse(readFileSync(WORKFLOW, 'utf8')) as Workflow).jobs.propose;

/** A role and a user whose permissions are refined, and a role that goes. */
const FINDINGS = ['checkout-api.json', 'build-bot.json', 'legacy-batch.json'];
/** Milliseconds. Each run starts the command a dozen times. */
const SLOW = 120_000;

const repository = (): string => path.join(cli.folder, 'repository');
const temp = (): string => path.join(cli.folder, 'temp');
/** Beside the built command: not every folder for temporary files lets its files be executed. */
const bin = (): string => path.join(path.dirname(cli.program), 'ci-example');

function shell(script: string): Promise<Ended> {
  const { OUT = '', FORMAT = '' } = env;
  return execute('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: repository(),
    env: {
      ...process.env,
      // The tests' own settings of git are not those of a runner.
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      PATH: `${bin()}:${process.env['PATH'] ?? ''}`,
      REFINER: `${process.execPath} ${cli.program}`,
      INPUT: path.join(cli.folder, 'input'),
      RUNNER_TEMP: temp(),
      OUT,
      FORMAT,
    },
  });
}

async function step(name: string): Promise<Ended> {
  const script = steps.find((one) => one.name === name)?.run;
  if (script === undefined) throw new Error(`the workflow has no step ${name}`);
  const ended = await shell(script);
  expect({ name, ...ended }).toMatchObject({ status: 0 });
  return ended;
}

/** What was asked of `gh`, one call a line. */
function calls(): readonly string[] {
  const log = path.join(temp(), 'gh.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
}

const git = async (...args: readonly string[]): Promise<string> => {
  const { status, stdout, stderr } = await execute('git', args, {
    cwd: repository(),
    env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout;
};

/** The steps that need no account, in their order. */
async function run(): Promise<void> {
  for (const name of ['Refine', 'Recheck', 'Commit one branch for each subject', 'Open pull requests']) {
    await step(name);
  }
}

beforeAll(async () => {
  for (const folder of ['repository', 'temp', 'input/123456789012']) {
    mkdirSync(path.join(cli.folder, folder), { recursive: true });
  }
  mkdirSync(bin(), { recursive: true });
  const example = path.join(ROOT, 'examples', 'account');
  const input = path.join(cli.folder, 'input', '123456789012');
  cpSync(path.join(example, 'account-details.json'), path.join(input, 'account-details.json'));
  mkdirSync(path.join(input, 'findings'));
  for (const name of FINDINGS) {
    cpSync(path.join(example, 'findings', name), path.join(input, 'findings', name));
  }
  // There is no GitHub here: what would be asked of it is noted.
  writeFileSync(
    path.join(bin(), 'gh'),
    '#!/bin/sh\necho "$3 $4 $5 $6" >> "$RUNNER_TEMP/gh.log"\ncp "$8" "$RUNNER_TEMP/last-body.md"\n',
    { mode: 0o755 },
  );
  writeFileSync(path.join(repository(), 'main.tf'), 'resource "aws_iam_role" "app" {}\n');
  await execute('git', ['init', '--quiet', '--bare', path.join(cli.folder, 'origin')], { cwd: cli.folder });
  await git('init', '--quiet');
  await git('remote', 'add', 'origin', path.join(cli.folder, 'origin'));
  await git('add', '.');
  await git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message', 'Begin');
});

test(
  'the workflow opens a pull request for each subject, with material for a review and nothing else',
  async () => {
    await run();
    const opened = calls().map((line) => line.replace(/^--head refine\/(\S+) --title .*/, '$1'));
    expect(opened).toEqual([
      'proposals/123456789012/role/checkout-api',
      'proposals/123456789012/role/legacy-batch',
      'proposals/123456789012/user/build-bot',
      'shared/123456789012/group/Releasers',
    ]);
    expect(readFileSync(path.join(temp(), 'last-body.md'), 'utf8')).toMatch(/^## /);

    const branch = 'refine/proposals/123456789012/role/checkout-api';
    const changed = (await git('diff', '--name-only', 'HEAD', branch))
      .trim()
      .split('\n')
      .map((name) => name.replace(/[0-9a-f]{32}/, 'ID'));
    const folder = 'unused-access/proposals/123456789012/role/checkout-api';
    expect(changed).toEqual(
      expect.arrayContaining([`${folder}/ID/proposal.json`, `${folder}/ID/report.html`]),
    );
    expect(changed).toContain(`${folder}/change.txt`);
    expect(changed.filter((name) => !name.startsWith(`${folder}/`) || name.endsWith('.tf'))).toEqual([]);
    expect(await git('show', `${branch}:${folder}/change.txt`)).toContain('resource "aws_iam_');
  },
  SLOW,
);

test(
  'a second run with the same account opens nothing',
  async () => {
    const before = calls().length;
    await run();
    expect(calls()).toHaveLength(before);
  },
  SLOW,
);

test(
  'a merged proposal that was applied since comes back with its state, and no other',
  async () => {
    const branch = 'refine/proposals/123456789012/role/checkout-api';
    await git('merge', '--quiet', branch);
    const findings = path.join(cli.folder, 'input', '123456789012', 'findings', 'checkout-api.json');
    const finding = JSON.parse(readFileSync(findings, 'utf8')) as Record<string, unknown>;
    writeFileSync(findings, JSON.stringify({ ...finding, status: 'RESOLVED' }));
    const before = calls().length;
    await run();
    expect(calls().slice(before)).toEqual([expect.stringContaining(`--head ${branch} --title`)]);
    expect(readFileSync(path.join(temp(), 'last-body.md'), 'utf8')).toContain('no longer current');
    expect(await git('diff', '--name-only', 'HEAD', branch)).toMatch(/^\S+\/[0-9a-f]{32}\/state\.json\n/);
  },
  SLOW,
);
