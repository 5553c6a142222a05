import { CreatePolicyVersionCommand, DetachRolePolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WireFinding } from './harness/access-analyzer-wire.ts';
import { iamClient, MEMBER_ACCOUNT } from './harness/accounts.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createManagedPolicy, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

const NAMES = ['PairA', 'PairB'];

describe('a proposal about a policy of two roles that is refined by hand as proposed', () => {
  let world: World;
  let iam: IAMClient;
  let policyArn = '';
  let prefix = '';

  beforeAll(async () => {
    world = await World.open();
    await world.reset();
    iam = await iamClient(world.endpoint, MEMBER_ACCOUNT);
    policyArn = await createManagedPolicy(iam, 'Pair', allow('sqs:*'));
    for (const name of NAMES) await createRole(iam, { name, managed: [policyArn] });
    world.environment.set('Sweep', { BULK_THRESHOLD: '2' });
  });
  afterAll(() => world.close());

  function find(name: string, status: WireFinding['status'] = 'ACTIVE'): void {
    const resource = `arn:aws:iam::${MEMBER_ACCOUNT}:role/${name}`;
    const details = [unusedActions('sqs', 'PurgeQueue')];
    world.analyzer.put(ANALYZER_ARN, { ...finding({ id: `drift-${name}`, resource, details }), status });
  }

  /** A sweep, its jobs and its messages; what people were told. */
  async function sweep(): Promise<readonly string[]> {
    // A job says nothing of what was stored within two seconds of its reading: clocks differ.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await world.invoke('Sweep', { analyzerArn: ANALYZER_ARN });
    const batches = await world.pump('Accounts');
    expect(batches.flatMap(({ failed }) => failed)).toEqual([]);
    await world.pump('Findings');
    await world.pump('Notices');
    return (await world.inbox()).map(({ message }) => message);
  }

  const row = async (): Promise<string | undefined> => {
    const overview = await world.read('index.html');
    const list = overview.slice(overview.indexOf('id="shared"'));
    return /<tr[^>]*>(?:(?!<\/tr>).)*>Pair<\/a(?:(?!<\/tr>).)*<\/tr>/s.exec(list)?.[0];
  };

  test('is stored and announced', async () => {
    for (const name of NAMES) find(name);
    const told = await sweep();
    const keys = await world.keys(`shared/${MEMBER_ACCOUNT}/policy/Pair/`);
    prefix = keys.find((key) => key.endsWith('/proposal.json'))!.replace('proposal.json', '');
    expect(keys).not.toContain(`${prefix}state.json`);
    expect(told.join('')).toContain(policyArn);
    expect(await row()).not.toContain('class="tag"');
  });

  test('is applied after the next sweep, although one role has nothing unused any more', async () => {
    const proposal = JSON.parse(await world.read(`${prefix}proposal.json`)) as {
      readonly policies: readonly { readonly after: readonly { readonly document: unknown }[] }[];
    };
    const document = proposal.policies[0]?.after[0]?.document;
    expect(JSON.stringify(document)).not.toContain('sqs:*');
    await iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn: policyArn,
        PolicyDocument: JSON.stringify(document),
        SetAsDefault: true,
      }),
    );
    find('PairA', 'RESOLVED');
    find('PairC');
    const told = await sweep();
    expect(JSON.parse(await world.read(`${prefix}state.json`))).toMatchObject({
      schemaVersion: 1,
      proposalId: prefix.split('/')[4],
      state: 'applied',
      reason: 'customer managed policy Pair is as it proposes',
    });
    // That something was applied is no news, and stands in the overview.
    expect(told.join('')).not.toContain(policyArn);
    expect(await row()).toContain('<span class="tag">applied</span>');
  });

  test('stays applied when only one role has the policy', async () => {
    await iam.send(new DetachRolePolicyCommand({ RoleName: 'PairA', PolicyArn: policyArn }));
    await sweep();
    expect(JSON.parse(await world.read(`${prefix}state.json`))).toMatchObject({ state: 'applied' });
  });
});
