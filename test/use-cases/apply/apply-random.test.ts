import { expect, test } from 'vitest';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import { FakeIam } from './fake-iam.ts';
import { Killed, killedAt } from './killed.ts';
import { MemoryJournal, run } from './run.ts';
import { type AwsPolicy, randomScenario, type Scenario } from './scenario.ts';

const AWS: readonly AwsPolicy[] = [
  {
    arn: 'arn:aws:iam::aws:policy/AmazonSQSFullAccess',
    versionId: 'v3',
    document: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:PurgeQueue'],
          Resource: '*',
        },
        { Effect: 'Allow', Action: ['kms:ListKeys', 'kms:ListAliases'], Resource: '*' },
      ],
    },
  },
  {
    arn: 'arn:aws:iam::aws:policy/job-function/ViewOnlyAccess',
    versionId: 'v12',
    document: {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Action: ['athena:List*', 'ec2:DescribeHosts', 'rds:Describe*'],
        Resource: '*',
      },
    },
  },
];
const SEEDS = Array.from({ length: 100 }, (_, index) => index + 1);

test('a hundred random proposals lead to exactly what they propose, and their rollback to exactly what was before', async () => {
  const ops = new Set<string>();
  for (const seed of SEEDS) {
    const scenario = randomScenario(seed, AWS);
    for (const step of scenario.plan.apply) ops.add(step.op);
    const iam = new FakeIam(scenario.world);
    const policies = policyDocuments(iam);
    const journal = new MemoryJournal();

    expect(await run('apply', scenario, iam, journal), `seed ${String(seed)}`).toMatchObject({
      kind: 'done',
    });
    expect(iam.state(), `seed ${String(seed)}`).toEqual(scenario.after);
    expect(await run('rollback', scenario, iam, journal), `seed ${String(seed)}`).toMatchObject({
      kind: 'done',
    });
    expect(iam.state(), `seed ${String(seed)}`).toEqual(scenario.before);
    expect(policyDocuments(iam), `seed ${String(seed)}`).toEqual(policies);
  }
  // The generator must exercise every kind of step, or the sentence above says little.
  expect([...ops].sort()).toEqual([
    'attach-policy',
    'create-default-version',
    'create-policy',
    'delete-inline-policy',
    'detach-policy',
    'put-inline-policy',
  ]);
});

test('at no point of apply or rollback is anything missing that the proposal leaves the principal', async () => {
  for (const seed of SEEDS) {
    const scenario = randomScenario(seed, AWS);
    const iam = new FakeIam(scenario.world);
    const journal = new MemoryJournal();
    const needed = new FakeIam(scenario.world);
    await run('apply', scenario, needed, new MemoryJournal());
    const kept = [...needed.granted()];
    iam.onWrite = () => {
      const now = iam.granted();
      expect(
        kept.filter((action) => !now.has(action)),
        `seed ${String(seed)}`,
      ).toEqual([]);
    };
    await run('apply', scenario, iam, journal);
    await run('rollback', scenario, iam, journal);
  }
});

test('after a crash at any call, before or after its effect, a second run completes apply and rollback', async () => {
  let kills = 0;
  for (const seed of SEEDS.slice(0, 5)) {
    const scenario = randomScenario(seed, AWS);
    for (const when of ['before', 'after'] as const) {
      for (const direction of ['apply', 'rollback'] as const) {
        kills += await killEverywhere(scenario, direction, when);
      }
    }
  }
  expect(kills).toBeGreaterThan(1_000);
});

async function killEverywhere(
  scenario: Scenario,
  direction: 'apply' | 'rollback',
  when: 'before' | 'after',
): Promise<number> {
  for (let nth = 0; ; nth += 1) {
    const iam = new FakeIam(scenario.world);
    const journal = new MemoryJournal();
    if (direction === 'rollback') await run('apply', scenario, iam, journal);
    const dying = killedAt(iam, nth, when);
    try {
      await run(direction, scenario, dying.iam, journal);
      if (dying.calls() <= nth) return nth;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    const label = `seed ${scenario.world.principal.name}, ${direction}, ${when} call ${String(nth)}`;
    expect(await run(direction, scenario, iam, journal), label).toMatchObject({ kind: 'done' });
    expect(iam.state(), label).toEqual(direction === 'apply' ? scenario.after : scenario.before);
    if (direction === 'rollback') {
      expect([...iam.policies.keys()].sort(), label).toEqual(
        scenario.world.managed.map(({ arn }) => arn).sort(),
      );
    }
  }
}

test('after a crash of apply at any call, a rollback restores what was before', async () => {
  for (const seed of SEEDS.slice(0, 12)) {
    const scenario = randomScenario(seed, AWS);
    for (let nth = 0; ; nth += 1) {
      const iam = new FakeIam(scenario.world);
      const journal = new MemoryJournal();
      const dying = killedAt(iam, nth, 'after');
      try {
        await run('apply', scenario, dying.iam, journal);
        if (dying.calls() <= nth) break;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      const label = `seed ${String(seed)}, call ${String(nth)}`;
      expect(await run('rollback', scenario, iam, journal), label).toMatchObject({ kind: 'done' });
      expect(iam.state(), label).toEqual(scenario.before);
    }
  }
});

/** Default documents of all policies, attached or not: a rollback leaves no copy behind and changes no other policy. */
function policyDocuments(iam: FakeIam): ReadonlyMap<string, JsonValue | undefined> {
  return new Map(
    [...iam.policies].map(([arn, policy]) => [arn, policy.versions.get(policy.defaultVersionId)]),
  );
}
