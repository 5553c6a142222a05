import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { CiWorkflow } from '../ci-workflow.ts';
import { useCommandLine } from '../cli/command.ts';

const cli = useCommandLine();
const EXAMPLE = path.resolve(import.meta.dirname, '..', '..', 'examples', 'account');

/** A role and a user whose permissions are refined, and a role that goes. */
const FINDINGS = ['checkout-api.json', 'build-bot.json', 'legacy-batch.json'];
/** Milliseconds. Each run starts the command a dozen times. */
const SLOW = 120_000;

let workflow: CiWorkflow;

/** The steps that need no account, in their order; `test/integration/collect-workflow.test.ts` collects, too. */
const run = (): Promise<void> =>
  workflow.run('Refine', 'Recheck', 'Commit one branch for each subject', 'Open pull requests');

beforeAll(async () => {
  workflow = await CiWorkflow.begin(cli.folder, cli.program);
  const input = path.join(workflow.input, '123456789012');
  mkdirSync(path.join(input, 'findings'), { recursive: true });
  cpSync(path.join(EXAMPLE, 'account-details.json'), path.join(input, 'account-details.json'));
  for (const name of FINDINGS) {
    cpSync(path.join(EXAMPLE, 'findings', name), path.join(input, 'findings', name));
  }
});

test(
  'the workflow opens a pull request for each subject, with what a review needs and nothing else',
  async () => {
    await run();
    expect(workflow.opened()).toEqual([
      'proposals/123456789012/role/checkout-api',
      'proposals/123456789012/role/legacy-batch',
      'proposals/123456789012/user/build-bot',
      'shared/123456789012/group/Releasers',
    ]);
    expect(readFileSync(path.join(workflow.temp, 'last-body.md'), 'utf8')).toMatch(/^## /);

    const branch = 'refine/proposals/123456789012/role/checkout-api';
    const changed = (await workflow.git('diff', '--name-only', 'HEAD', branch))
      .trim()
      .split('\n')
      .map((name) => name.replace(/[0-9a-f]{32}/, 'ID'));
    const folder = 'unused-access/proposals/123456789012/role/checkout-api';
    expect(changed).toEqual(
      expect.arrayContaining([`${folder}/ID/proposal.json`, `${folder}/ID/report.html`]),
    );
    expect(changed).toContain(`${folder}/change.txt`);
    expect(changed.filter((name) => !name.startsWith(`${folder}/`) || name.endsWith('.tf'))).toEqual([]);
    expect(await workflow.git('show', `${branch}:${folder}/change.txt`)).toContain('resource "aws_iam_');
  },
  SLOW,
);

test(
  'a second run with the same account opens nothing',
  async () => {
    const before = workflow.calls().length;
    await run();
    expect(workflow.calls()).toHaveLength(before);
  },
  SLOW,
);

test(
  'a merged proposal that was applied since gets its state in a pull request, and no other does',
  async () => {
    const branch = 'refine/proposals/123456789012/role/checkout-api';
    await workflow.git('merge', '--quiet', branch);
    const findings = path.join(workflow.input, '123456789012', 'findings', 'checkout-api.json');
    const finding = JSON.parse(readFileSync(findings, 'utf8')) as Record<string, unknown>;
    writeFileSync(findings, JSON.stringify({ ...finding, status: 'RESOLVED' }));
    const before = workflow.calls().length;
    await run();
    expect(workflow.calls().slice(before)).toEqual([expect.stringContaining(`--head ${branch} --title`)]);
    expect(readFileSync(path.join(workflow.temp, 'last-body.md'), 'utf8')).toContain('no longer current');
    expect(await workflow.git('diff', '--name-only', 'HEAD', branch)).toMatch(
      /^\S+\/[0-9a-f]{32}\/state\.json\n/,
    );
  },
  SLOW,
);
