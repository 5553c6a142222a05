import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CiWorkflow } from '../ci-workflow.ts';
import { CollectWorld } from './collect/collect-world.ts';
import { HOME_ACCOUNT } from './harness/accounts.ts';

let world: CollectWorld;

beforeAll(async () => {
  world = await CollectWorld.open();
  await world.seed(2);
  world.calls();
});
afterAll(() => world.close());

test('the workflow of examples/ci collects an account, and opens a pull request for each subject', async () => {
  const program = path.resolve('build/integration/collect/cli.mjs');
  // The list of actions would come from AWS itself.
  const workflow = await CiWorkflow.begin(world.folder, program, world.environment(), '--no-catalogue');
  await workflow.run('Collect');
  const manifest = readFileSync(path.join(workflow.input, HOME_ACCOUNT, 'manifest.json'), 'utf8');
  expect(JSON.parse(manifest)).toMatchObject({ accountId: HOME_ACCOUNT, state: 'complete' });
  await workflow.run('Refine', 'Recheck', 'Commit one branch for each subject', 'Open pull requests');
  expect(workflow.opened()).toEqual([
    `proposals/${HOME_ACCOUNT}/role/role-0001`,
    `proposals/${HOME_ACCOUNT}/user/user-0000`,
  ]);
  const body = readFileSync(path.join(workflow.temp, 'last-body.md'), 'utf8');
  expect(body).toMatch(/^## /);
  expect(body).toContain('user-0000');
});
