import type { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOME_ACCOUNT, iamClient } from './harness/accounts.ts';
import { findingEvent } from './harness/events.ts';
import { finding, unusedActions } from './harness/findings.ts';
import { allow, createManagedPolicy, createRole } from './harness/iam-fixtures.ts';
import { ANALYZER_ARN } from './harness/names.ts';
import { World } from './harness/world.ts';

describe('calls to IAM for a role with three managed and two inline policies', () => {
  let world: World;
  let iam: IAMClient;
  let managed: readonly string[];

  beforeAll(async () => {
    world = await World.open();
    iam = await iamClient(world.endpoint, HOME_ACCOUNT);
    managed = [
      await createManagedPolicy(iam, 'CountedA', allow('sqs:SendMessage', 'sqs:PurgeQueue')),
      await createManagedPolicy(iam, 'CountedB', allow('sns:Publish')),
      'arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess',
    ];
  });
  afterAll(() => world.close());
  beforeEach(() => world.reset());

  async function role(name: string): Promise<string> {
    const inline = { One: allow('sqs:PurgeQueue', 'kms:Sign'), Two: allow('kms:Verify') };
    return createRole(iam, { name, inline, managed });
  }

  /** Operations that were called for one finding. */
  async function callsFor(resource: string): Promise<string[]> {
    const before = world.proxy.calls.length;
    const one = finding({
      id: `finding-${resource}`,
      resource,
      details: [unusedActions('sqs', 'PurgeQueue')],
    });
    world.analyzer.put(ANALYZER_ARN, one);
    await world.putEvent(findingEvent(ANALYZER_ARN, one));
    const batches = await world.pump('Findings');
    expect(batches.flatMap((batch) => batch.failed)).toEqual([]);
    return world.proxy.calls
      .slice(before)
      .flatMap((call) => (call.service === 'iam' ? [call.operation] : []));
  }

  test('are at most 12 if nothing is cached', async () => {
    const operations = await callsFor(await role('CountedCold'));
    expect(await world.proposals()).toHaveLength(1);
    expect(operations.sort()).toEqual([
      'GetPolicy',
      'GetPolicy',
      'GetPolicy',
      'GetPolicyVersion',
      'GetPolicyVersion',
      'GetPolicyVersion',
      'GetRole',
      'GetRolePolicy',
      'GetRolePolicy',
      'ListAttachedRolePolicies',
      'ListRolePolicies',
    ]);
  });

  test('are at most 8 if its managed policies are cached', async () => {
    await callsFor(await role('CountedFirst'));
    const operations = await callsFor(await role('CountedSecond'));
    expect(await world.proposals()).toHaveLength(2);
    expect(operations).not.toContain('GetPolicyVersion');
    expect(operations.length).toBeLessThanOrEqual(8);
  });
});
