import { IAMClient } from '@aws-sdk/client-iam';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsPolicy, smallScenario } from '../use-cases/apply/scenario.ts';
import { awsEnvironment } from './apply/command.ts';
import { writeProposal } from './apply/proposal-folder.ts';
import { readAwsPolicies, readState, seedWorld } from './apply/seed-world.ts';
import { homeSettings } from './harness/accounts.ts';
import { type Moto, startMoto } from './harness/moto.ts';

/** The virtual environment that the emulator runs in also holds the AWS command line. */
const BIN = dirname(process.env['INTEGRATION_PYTHON'] ?? '');
/** Milliseconds; hundreds of calls on a busy machine. */
const SLOW = 1_200_000;

let moto: Moto;
let iam: IAMClient;
let aws: readonly AwsPolicy[];

beforeAll(async () => {
  expect(existsSync(join(BIN, 'aws')), 'awscli is not in the virtual environment').toBe(true);
  moto = await startMoto();
  iam = new IAMClient(homeSettings(moto.endpoint));
  aws = await readAwsPolicies(iam);
});

afterAll(async () => {
  iam.destroy();
  await moto.stop();
});

function script(folder: string, name: string): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('bash', [join(folder, name)], {
    env: { PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}`, ...awsEnvironment(moto.endpoint) },
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

// Each call of the AWS command line takes half a second to start, so one proposal with every kind of change must do.
test(
  'apply.sh leads to what was proposed, and rollback.sh to what was',
  async () => {
    const scenario = smallScenario(3_000, aws);
    const { principal } = scenario.world;
    await seedWorld(iam, scenario.world);
    const folder = writeProposal({ ...scenario, principal });

    const applied = script(folder, 'apply.sh');
    expect(applied.status, applied.output).toBe(0);
    expect(await readState(iam, principal)).toEqual(scenario.after);
    // It begins by checking, so a second time it stops before it does anything.
    const again = script(folder, 'apply.sh');
    expect(again.output).toContain('stopped, nothing was changed: ');
    expect(again.status).toBe(1);
    expect(await readState(iam, principal)).toEqual(scenario.after);

    const rolledBack = script(folder, 'rollback.sh');
    expect(rolledBack.status, rolledBack.output).toBe(0);
    expect(await readState(iam, principal)).toEqual(scenario.before);
  },
  SLOW,
);
