import { IAMClient } from '@aws-sdk/client-iam';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MotoWriter } from './apply/moto-writer.ts';
import { ReceiptFile } from '../../lambda/adapters/iam-writer/receipt-file.ts';
import { Killed, killedAt } from '../use-cases/apply/killed.ts';
import { run } from '../use-cases/apply/run.ts';
import { type AwsPolicy, randomScenario, type Scenario, smallScenario } from '../use-cases/apply/scenario.ts';
import { policyExists, readAwsPolicies, readState, seedWorld } from './apply/seed-world.ts';
import { homeSettings } from './harness/accounts.ts';
import { type Moto, startMoto } from './harness/moto.ts';

/** Milliseconds; hundreds of calls on a busy machine. */
const SLOW = 1_200_000;

let moto: Moto;
let iam: IAMClient;
let aws: readonly AwsPolicy[];
let folder: string;

beforeAll(async () => {
  moto = await startMoto();
  iam = new IAMClient(homeSettings(moto.endpoint));
  aws = await readAwsPolicies(iam);
  folder = mkdtempSync(join(tmpdir(), 'apply-'));
});

afterAll(async () => {
  iam.destroy();
  await moto.stop();
  rmSync(folder, { recursive: true, force: true });
});

function journalOf({ proposalId }: Scenario): ReceiptFile {
  return new ReceiptFile(join(folder, `${proposalId}.json`), proposalId);
}

/** The copies of a plan that exist. */
async function copiesOf({ plan }: Scenario): Promise<readonly string[]> {
  const found: string[] = [];
  for (const check of plan.checks) {
    if (check.check === 'copy' && (await policyExists(iam, check.policyArn))) found.push(check.policyArn);
  }
  return found;
}

test(
  'random proposals: after apply the API shows what was proposed, and after rollback what was there before',
  async () => {
    const ops = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const scenario = randomScenario(seed, aws);
      for (const step of scenario.plan.apply) ops.add(step.op);
      const { principal } = scenario.world;
      await seedWorld(iam, scenario.world);
      expect(await readState(iam, principal), `seed ${String(seed)}`).toEqual(scenario.before);

      const writer = new MotoWriter(iam);
      const applied = await run('apply', scenario, writer, journalOf(scenario));
      expect(applied, `seed ${String(seed)}`).toMatchObject({ kind: 'done' });
      expect(await readState(iam, principal), `seed ${String(seed)}`).toEqual(scenario.after);

      const rolledBack = await run('rollback', scenario, writer, journalOf(scenario));
      expect(rolledBack, `seed ${String(seed)}`).toMatchObject({ kind: 'done' });
      expect(await readState(iam, principal), `seed ${String(seed)}`).toEqual(scenario.before);
      expect(await copiesOf(scenario), `seed ${String(seed)}`).toEqual([]);
    }
    expect([...ops].sort()).toEqual([
      'attach-policy',
      'create-default-version',
      'create-policy',
      'delete-inline-policy',
      'detach-policy',
      'put-inline-policy',
    ]);
  },
  SLOW,
);

test('a second run after a complete one finds everything done', async () => {
  const scenario = randomScenario(150, aws);
  await seedWorld(iam, scenario.world);
  const writer = new MotoWriter(iam);
  await run('apply', scenario, writer, journalOf(scenario));
  expect(lastRun(scenario).steps.map(({ outcome }) => outcome)).toEqual(
    scenario.plan.apply.map(() => 'done'),
  );
  expect(await run('apply', scenario, writer, journalOf(scenario))).toMatchObject({ kind: 'done' });
  expect(lastRun(scenario).steps.map(({ outcome }) => outcome)).toEqual(
    scenario.plan.apply.map(() => 'already'),
  );
});

interface Run {
  readonly steps: readonly { readonly outcome: string }[];
}

function lastRun({ proposalId }: Scenario): Run {
  const receipt = JSON.parse(readFileSync(join(folder, `${proposalId}.json`), 'utf8')) as { runs: Run[] };
  return receipt.runs.at(-1)!;
}

/**
 * The simulation without an emulator dies at every reading; a call here takes some milliseconds. Before a reading IAM is
 * as it is after the call before it.
 */
const READINGS = { before: Number.POSITIVE_INFINITY, after: 25 };

test(
  'a second run after a stop at any change, or at some reads, of apply or rollback has the same result',
  async () => {
    const writer = new MotoWriter(iam);
    const scenario = smallScenario(1_000, aws);
    const { principal } = scenario.world;
    await seedWorld(iam, scenario.world);
    let stops = 0;
    for (const when of ['before', 'after'] as const) {
      for (let nth = 0, ended = false; !ended; nth += 1) {
        // What an apply that was cut off began, apply completes; the rollback, cut off too, brings back the start.
        const applyEnded = await stopped('apply', scenario, writer, nth, when);
        expect(await readState(iam, principal), `apply, ${when} call ${String(nth)}`).toEqual(scenario.after);
        const rollbackEnded = await stopped('rollback', scenario, writer, nth, when);
        expect(await readState(iam, principal), `rollback, ${when} call ${String(nth)}`).toEqual(
          scenario.before,
        );
        expect(await copiesOf(scenario), `rollback, ${when} call ${String(nth)}`).toEqual([]);
        ended = applyEnded && rollbackEnded;
        stops += (applyEnded ? 0 : 1) + (rollbackEnded ? 0 : 1);
      }
    }
    expect(stops).toBeGreaterThan(25);
  },
  SLOW,
);

/** Runs until the nth change or group of readings, then again to the end. Answers whether the first run had fewer calls than that. */
async function stopped(
  direction: 'apply' | 'rollback',
  scenario: Scenario,
  writer: MotoWriter,
  nth: number,
  when: 'before' | 'after',
): Promise<boolean> {
  const dying = killedAt(writer, nth, when, READINGS[when]);
  try {
    expect(await run(direction, scenario, dying.iam, journalOf(scenario))).toMatchObject({ kind: 'done' });
    return dying.calls() <= nth;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    expect(await run(direction, scenario, writer, journalOf(scenario))).toMatchObject({ kind: 'done' });
    return false;
  }
}
