import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../lambda/core/model/json.ts';
import type { LastAccess } from '../../../lambda/core/model/unused-access.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import { useSince } from '../../../lambda/core/proposal/used-since.ts';
import { unusedOf } from '../../laws/oracle/engine.ts';
import type { Entry } from '../../laws/oracle/world.ts';

const FINDING = '2026-11-20T08:00:00.000Z';
const EARLIER = '2026-11-19T08:00:00.000Z';
const LATER = '2026-11-21T09:30:00.000Z';

function allow(element: 'Action' | 'NotAction', list: readonly string[]): JsonValue {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', [element]: [...list], Resource: '*' }] };
}

function changed(
  before: JsonValue,
  after: JsonValue | null,
  removed: readonly string[] = [],
): ProposedPolicy {
  return {
    source: 'role-inline',
    name: 'P',
    disposition: 'update',
    reason: '',
    before,
    after: after === null ? [] : [{ name: 'P', document: after }],
    removed,
    changes: [],
  };
}

function dated(dates: Readonly<Record<string, string | undefined>>): LastAccess {
  return new Map(
    Object.entries(dates).map(([service, lastUsed]) => [service, { lastUsed, actions: new Map() }]),
  );
}

function asked(
  policies: readonly ProposedPolicy[],
  unused: readonly Entry[],
  lastAccess: LastAccess,
  updatedAt: string | null = FINDING,
) {
  return useSince({ policies, unused: unusedOf(unused), lastAccess, updatedAt });
}

describe('a use since the finding', () => {
  const unused = [{ serviceNamespace: 'sqs' }, { serviceNamespace: 's3', actions: ['PutObject'] }];
  const policy = changed(allow('Action', ['s3:*', 'sqs:*']), allow('Action', ['s3:Get*']), [
    's3:PutObject',
    'sqs:SendMessage',
  ]);

  test('of a service that is removed as a whole stops the proposal', () => {
    expect(asked([policy], unused, dated({ sqs: LATER }))).toEqual({
      warnings: [
        `Do not apply this before the finding is updated: AWS recorded the use of services that are removed as a whole after the finding was made (${FINDING}): sqs on ${LATER}.`,
      ],
      notes: [],
    });
  });

  test('does not exist if the use was earlier, or the finding has no time', () => {
    const nothing = { warnings: [], notes: [] };
    expect(asked([policy], unused, dated({ sqs: EARLIER }))).toEqual(nothing);
    expect(asked([policy], unused, dated({ sqs: undefined }))).toEqual(nothing);
    expect(asked([policy], unused, dated({ sqs: LATER }), null)).toEqual(nothing);
  });

  test('of a service that is removed in part is a remark, only if something of it is removed', () => {
    const { warnings, notes } = asked([policy], unused, dated({ s3: LATER, ec2: LATER }));
    expect(warnings).toEqual([]);
    expect(notes).toEqual([
      `AWS recorded the use of services that are removed in part after the finding was made (${FINDING}): s3 on ${LATER}. It does not say which actions were used.`,
    ]);
  });

  test('of a removed tracked action stops the proposal, and names it', () => {
    const used: LastAccess = new Map([['s3', { actions: new Map([['putobject', LATER]]) }]]);
    expect(asked([policy], unused, used).warnings).toEqual([
      `Do not apply this before the finding is updated: AWS recorded the use of removed actions after the finding was made (${FINDING}): s3:PutObject on ${LATER}.`,
    ]);
  });

  test('of a service that is no longer granted and not reported unused stops the proposal, whenever it was', () => {
    const star = changed(allow('Action', ['*']), allow('Action', ['s3:Get*', 'ec2:*']));
    const list = asked([star], unused, dated({ newer: EARLIER, other: undefined, ec2: EARLIER }), null);
    expect(list.warnings).toEqual([
      `Do not apply this: AWS recorded the use of services that are no longer granted and that the finding does not report unused: newer on ${EARLIER}. A newer catalogue, or star: not-action, keeps them.`,
    ]);
    const excluding = changed(allow('Action', ['*']), allow('NotAction', ['s3:PutObject', 'sqs:*']));
    expect(asked([excluding], unused, dated({ newer: EARLIER }))).toEqual({ warnings: [], notes: [] });
  });

  test('does not matter if another policy still grants the action, even one through a group', () => {
    const inherited: ProposedPolicy = {
      ...changed(allow('Action', ['sqs:Get*']), allow('Action', ['sqs:Get*'])),
      source: 'group-inline',
      disposition: 'inherited',
    };
    expect(asked([policy, inherited], unused, dated({ sqs: LATER })).warnings).toEqual([]);
  });
});
