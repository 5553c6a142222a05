import {
  CreateAccessKeyCommand,
  CreatePolicyVersionCommand,
  CreateUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutRolePolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MotoWriter } from './apply/moto-writer.ts';
import { ReceiptFile } from '../../lambda/adapters/iam-writer/receipt-file.ts';
import { sha256 } from '../../lambda/adapters/node.ts';
import { makeRemovalPlan } from '../../lambda/core/plan/plan-removal.ts';
import { run } from '../use-cases/apply/run.ts';
import { type AwsPolicy, randomScenario, type Scenario, smallScenario } from '../use-cases/apply/scenario.ts';
import { buildCommand, runCommand } from './apply/command.ts';
import { writeProposal } from './apply/proposal-folder.ts';
import { readAwsPolicies, readState, seedWorld } from './apply/seed-world.ts';
import { homeSettings } from './harness/accounts.ts';
import { type Moto, startMoto } from './harness/moto.ts';
import { type Proxy, startProxy } from './harness/proxy.ts';

/** Milliseconds; hundreds of calls on a busy machine. */
const SLOW = 1_200_000;

let moto: Moto;
let iam: IAMClient;
let aws: readonly AwsPolicy[];
let proxy: Proxy;

beforeAll(async () => {
  moto = await startMoto();
  iam = new IAMClient(homeSettings(moto.endpoint));
  aws = await readAwsPolicies(iam);
  proxy = await startProxy(moto.port);
  await buildCommand();
});

afterAll(async () => {
  iam.destroy();
  await proxy.stop();
  await moto.stop();
});

async function prepare(seed: number): Promise<{ scenario: Scenario; folder: string }> {
  const scenario = randomScenario(seed, aws);
  await seedWorld(iam, scenario.world);
  const folder = writeProposal({ ...scenario, principal: scenario.world.principal });
  proxy.reset();
  return { scenario, folder };
}

const isChange = (operation: string): boolean =>
  /^(Put|Create|Delete|Attach|Detach|Set|Update)/.test(operation);

/** The calls through the proxy that change something. */
function writes(): readonly string[] {
  return proxy.calls.map(({ operation }) => operation).filter(isChange);
}

test('apply and rollback show, make and verify the changes, with a receipt', async () => {
  const { scenario, folder } = await prepare(301);
  const { principal } = scenario.world;

  const dry = await runCommand(['apply', folder, '--dry-run'], proxy.endpoint);
  expect(dry).toMatchObject({ status: 0, stderr: '' });
  expect(dry.stdout).toMatch(/^apply proposal [0-9a-f]{32} for arn:aws:iam::123456789012:/);
  expect(dry.stdout).toMatch(/nothing was changed\n$/);
  expect(writes()).toEqual([]);
  expect(existsSync(join(folder, 'apply-receipt.json'))).toBe(false);
  expect(await readState(iam, principal)).toEqual(scenario.before);

  const applied = await runCommand(
    ['apply', join(folder, 'proposal.json'), '--yes', '--wait', '0'],
    proxy.endpoint,
  );
  expect(applied).toMatchObject({ status: 0, stderr: '' });
  expect(applied.stdout).toMatch(/done, and verified: it is as the proposal says\n$/);
  expect(await readState(iam, principal)).toEqual(scenario.after);

  const rolledBack = await runCommand(['rollback', folder, '--yes', '--wait', '0'], proxy.endpoint);
  expect(rolledBack).toMatchObject({ status: 0, stderr: '' });
  expect(await readState(iam, principal)).toEqual(scenario.before);
  expect(JSON.parse(readFileSync(join(folder, 'apply-receipt.json'), 'utf8'))).toMatchObject({
    schemaVersion: 1,
    proposalId: scenario.proposalId,
    subjectArn: principal.arn,
    runs: [
      { command: 'apply', outcome: 'done', problem: null },
      { command: 'rollback', outcome: 'done', problem: null },
    ],
  });
});

test(
  'apply has the same result if it is killed at any change or at some reads, and run again',
  async () => {
    const scenario = smallScenario(2_000, aws);
    const { principal } = scenario.world;
    await seedWorld(iam, scenario.world);
    const folder = writeProposal({ ...scenario, principal });
    const receipt = new ReceiptFile(join(folder, 'apply-receipt.json'), scenario.proposalId);
    const writer = new MotoWriter(iam);
    for (const when of ['before', 'after'] as const) {
      for (let nth = 0; ; nth += 1) {
        const label = `${when} call ${String(nth)}`;
        const first = await runCommand(['apply', folder, '--yes', '--wait', '0'], proxy.endpoint, (child) => {
          let seen = 0;
          let read = 0;
          const kill = (): void => void child.kill('SIGKILL');
          proxy.reset();
          proxy.intercept(({ operation }) => {
            // The simulation without an emulator dies at every reading; a process here takes a second.
            if (!isChange(operation) && ++read % 20 !== 0) return undefined;
            if (seen++ !== nth) return undefined;
            return when === 'before' ? { drop: kill } : { after: kill };
          });
        });
        if (first.status === 0) {
          expect(nth, label).toBeGreaterThan(4);
          break;
        }
        expect(first.status, label).toBeNull();
        expect(await run('apply', scenario, writer, receipt), label).toMatchObject({ kind: 'done' });
        expect(await readState(iam, principal), label).toEqual(scenario.after);
        expect(await run('rollback', scenario, writer, receipt), label).toMatchObject({ kind: 'done' });
        expect(await readState(iam, principal), label).toEqual(scenario.before);
      }
      await run('rollback', scenario, writer, receipt);
    }
  },
  SLOW,
);

test('a policy that somebody changed meanwhile is refused, and nothing is changed', async () => {
  let changed = 0;
  for (const seed of [311, 312, 313, 314, 315, 316]) {
    const { scenario, folder } = await prepare(seed);
    const { principal, inline, managed } = scenario.world;
    const touched = scenario.plan.checks.find(
      ({ check }) => check === 'inline-policy' || check === 'default-version',
    );
    if (touched === undefined) continue;
    const other = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }],
    });
    if (touched.check === 'inline-policy' && principal.type === 'role') {
      expect(inline.some(({ name }) => name === touched.policyName)).toBe(true);
      await iam.send(
        new PutRolePolicyCommand({
          RoleName: principal.name,
          PolicyName: touched.policyName,
          PolicyDocument: other,
        }),
      );
    } else if (touched.check === 'default-version') {
      const policy = managed.find(({ arn }) => arn === touched.policyArn);
      if (policy?.versions.length === 5) continue;
      await iam.send(
        new CreatePolicyVersionCommand({
          PolicyArn: touched.policyArn,
          PolicyDocument: other,
          SetAsDefault: true,
        }),
      );
    } else continue;
    const now = await readState(iam, principal);

    const refused = await runCommand(['apply', folder, '--yes', '--wait', '0'], proxy.endpoint);

    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /^refused: .*somebody changed it.*; make the proposal again .*\n(refused: .*\n)*nothing was changed\n$/,
    );
    expect(writes()).toEqual([]);
    expect(await readState(iam, principal)).toEqual(now);
    expect(existsSync(join(folder, 'apply-receipt.json'))).toBe(false);
    changed += 1;
  }
  expect(changed).toBeGreaterThan(2);
});

test('an unused access key is deactivated, and activated again only if apply deactivated it', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'idle' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'idle' }));
  const accessKeyId = AccessKey?.AccessKeyId ?? '';
  const principal = {
    arn: 'arn:aws:iam::123456789012:user/idle',
    type: 'user',
    name: 'idle',
    path: '/',
    accountId: '123456789012',
  } as const;
  const plan = makeRemovalPlan({ kind: 'remove-access-key', principal, accessKeyId, digest: sha256 });
  const folder = writeProposal({
    proposalId: '5'.repeat(32),
    kind: 'remove-access-key',
    accessKeyId,
    principal,
    plan,
    documents: new Map(),
  });
  const status = async (): Promise<string | undefined> =>
    (await iam.send(new ListAccessKeysCommand({ UserName: 'idle' }))).AccessKeyMetadata?.[0]?.Status;

  const set = (Status: 'Active' | 'Inactive') =>
    iam.send(new UpdateAccessKeyCommand({ UserName: 'idle', AccessKeyId: accessKeyId, Status }));

  // Somebody else has deactivated it, perhaps because it leaked.
  await set('Inactive');
  const early = await runCommand(['rollback', folder, '--yes', '--wait', '0'], moto.endpoint);
  expect(early).toMatchObject({ status: 1 });
  expect(early.stderr).toMatch(
    /no receipt says that apply was the last to deactivate the access key AKIA\w+: somebody else/,
  );

  expect(await status()).toBe('Inactive');
  await set('Active');

  const applied = await runCommand(['apply', folder, '--yes', '--wait', '0'], moto.endpoint);
  expect(applied).toMatchObject({ status: 0, stderr: '' });
  expect(applied.stdout).toContain(
    `next: then delete it: aws iam delete-access-key --user-name idle --access-key-id ${accessKeyId}\n`,
  );
  expect(await status()).toBe('Inactive');
  expect(await runCommand(['rollback', folder, '--yes', '--wait', '0'], moto.endpoint)).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect(await status()).toBe('Active');
});

test('wrong usage has exit status 2 and one line that names the file', async () => {
  expect(
    await runCommand(['apply', '/nowhere/proposal.json', '--yes', '--wait', '0'], moto.endpoint),
  ).toEqual({
    status: 2,
    stdout: '',
    stderr: '/nowhere: no such folder\n',
  });
  const { folder } = await prepare(321);
  expect(await runCommand(['apply', folder], moto.endpoint)).toEqual({
    status: 2,
    stdout: '',
    stderr: 'there is no terminal to ask at; give --yes, or --dry-run to see the plan\n',
  });
});

test('an account without the principal is refused before anything else', async () => {
  const scenario = randomScenario(322, aws);
  const folder = writeProposal({ ...scenario, principal: scenario.world.principal });
  const refused = await runCommand(['apply', folder, '--yes', '--wait', '0'], moto.endpoint);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/^refused: the account of these credentials has no (role|user) /);
});
