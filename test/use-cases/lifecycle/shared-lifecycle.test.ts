import { beforeEach, describe, expect, test } from 'vitest';
import type { ProposalState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import type { SharedProposal, SharedSubject } from '../../../lambda/core/proposal/schema.ts';
import type { Grant } from '../../../lambda/core/model/principal.ts';
import type { ProposedPolicy } from '../../../lambda/core/model/proposed-policy.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import type { ListedProposal } from '../../../lambda/ports/proposals.ts';
import { Outdated } from '../../../lambda/use-cases/lifecycle/order-of-readings.ts';
import { SharedLifecycle } from '../../../lambda/use-cases/lifecycle/shared-lifecycle.ts';
import type { SharedOutcome } from '../../../lambda/use-cases/propose/propose-shared.ts';

const ACCOUNT = '123456789012';
const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const ARN = `arn:aws:iam::${ACCOUNT}:policy/team/Shared`;
const SHARED: SharedSubject = {
  type: 'policy',
  arn: ARN,
  name: 'Shared',
  path: '/team/',
  accountId: ACCOUNT,
};
const OPS: SharedSubject = {
  ...SHARED,
  type: 'group',
  arn: `arn:aws:iam::${ACCOUNT}:group/Ops`,
  name: 'Ops',
};

function allow(action: string) {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
}

/** The shared policy as it is, allowing one action. */
function holds(action: string): () => readonly Grant[] {
  return () => [
    {
      source: 'customer-managed',
      name: 'Shared',
      document: { readable: true, value: allow(action) },
      managed: { arn: ARN, path: '/team/', versionId: 'v2', attachments: 2, boundaryUses: 0 },
    },
  ];
}

/** What a proposal says of the policy that allowed `s3:*` and is to allow `s3:Get*`. */
const POLICY: ProposedPolicy = {
  source: 'customer-managed',
  name: 'Shared',
  arn: ARN,
  versionId: 'v1',
  disposition: 'new-version',
  reason: '',
  before: allow('s3:*'),
  after: [{ name: 'Shared', document: allow('s3:Get*') }],
  removed: ['s3:PutObject'],
  changes: [],
};

let listed: ListedProposal[];
let stored: Map<string, readonly ProposedPolicy[]>;
let states: Map<string, ProposalState>;
/** When the account was read. */
const SINCE = 10_000;
/** What reading fails of. */
let broken: AdapterError | undefined;
/** What was asked and written, in its order. */
let events: string[];

function lies(
  subject: SharedSubject,
  proposalId: string,
  policies: readonly ProposedPolicy[] = [POLICY],
): string {
  const prefix = `shared/${ACCOUNT}/${subject.type}/${subject.name}/${proposalId}/`;
  stored.set(prefix, policies);
  listed.push({
    prefix,
    proposalId,
    hasState: false,
    storedAt: 0,
    stateAt: 0,
  });
  return prefix;
}

function says(prefix: string, state: ProposalState['state']): void {
  states.set(prefix, { schemaVersion: 1, proposalId: A, state, reason: '' });
}

function versionOf(state: ProposalState | undefined): string | undefined {
  return state && JSON.stringify(state);
}

/** As far as it is compared with what is so now. */
function proposalOf(policies: readonly ProposedPolicy[]): SharedProposal {
  const holders = { principals: 0, roles: [], users: [], groups: [] };
  return {
    kind: 'refine-group',
    subject: OPS,
    holders,
    findings: [],
    policies,
  } as Partial<SharedProposal> as SharedProposal;
}

const open = () =>
  SharedLifecycle.open(ACCOUNT, SINCE, {
    store: {
      put: ({ proposalId }) => {
        events.push(`put ${proposalId.charAt(0)}`);
        return Promise.resolve({ prefix: '', outcome: 'stored' });
      },
    },
    repository: {
      list: (below) => {
        events.push(`list ${below.split('/')[1] ?? ''}`);
        const proposals = listed.map((one) => {
          const stateVersion = versionOf(states.get(one.prefix));
          return { ...one, hasState: stateVersion !== undefined, stateVersion };
        });
        return Promise.resolve({ proposals, leftOver: [], withheld: [] });
      },
      noteReopened: (prefix) => {
        events.push(`note ${prefix}`);
        return Promise.resolve();
      },
      read: (prefix) => {
        events.push(`read ${prefix.charAt(prefix.length - 2)}`);
        if (broken) return Promise.reject(broken);
        const policies = stored.get(prefix);
        return Promise.resolve(policies && proposalOf(policies));
      },
      readState: (prefix) => Promise.resolve(states.get(prefix)),
      mark: (prefix, state, version) => {
        if (version !== versionOf(states.get(prefix))) return Promise.resolve(undefined);
        states.set(prefix, state);
        return Promise.resolve(versionOf(state));
      },
    },
    noted: (_, { state, reason }) => events.push(`${state}: ${reason}`),
    failed: (prefix, { message }) =>
      events.push(`${prefix.split('/')[4]?.charAt(0) ?? ''} failed: ${message}`),
  });

function outcome(
  subject: SharedSubject,
  grants: () => readonly Grant[],
  how:
    | { readonly kind: 'unchanged' | 'blocked' | 'failed'; readonly reason: string }
    | { readonly proposalId: string; readonly decisions?: readonly string[] },
): SharedOutcome {
  const about = { key: `${subject.type}/${subject.arn}`, subject, grants };
  if (!('proposalId' in how)) return { ...about, ...how, refused: [], replay: undefined };
  return {
    ...about,
    kind: 'proposed',
    proposal: { proposalId: how.proposalId } as SharedProposal,
    stored: { prefix: '', outcome: 'stored' },
    refused: [],
    decisions: how.decisions ?? [],
  };
}

async function settle(one: SharedOutcome): Promise<readonly string[]> {
  events = [];
  await (await open()).settle(one);
  return events;
}

beforeEach(() => {
  listed = [];
  stored = new Map();
  states = new Map();
  broken = undefined;
  events = [];
});

describe('a proposal about a shared policy', () => {
  const put = async (proposalId: string) => {
    const lifecycle = await open();
    const draft = { kind: 'refine-shared-policy', proposalId, subject: SHARED, policies: [] } as const;
    const provenance = { findingId: '', runId: '', storedAt: '', engineVersion: '' };
    return lifecycle.put(draft, () => Promise.reject(new Error('it is made in vain')), provenance);
  };

  test('that exists is neither built nor stored again', async () => {
    const prefix = lies(SHARED, A);
    expect(await put(A)).toEqual({ prefix, outcome: 'exists' });
    expect(events).toEqual(['list 123456789012']);
  });

  test("that exists gets AWS's later records of use in its state", async () => {
    const prefix = lies(SHARED, A);
    const meet = async (warnings: readonly string[] | undefined) => {
      const reading = warnings && { asOf: '2026-11-21T00:00:00.000Z', warnings, remarks: [] };
      const draft = { kind: 'refine-shared-policy', proposalId: A, subject: SHARED, policies: [] } as const;
      const provenance = { findingId: '', runId: '', storedAt: '', engineVersion: '' };
      const finish = () => Promise.reject(new Error('it is made in vain'));
      await (await open()).put(draft, finish, provenance, () => Promise.resolve(reading));
      return states.get(prefix)?.lastUse?.warnings;
    };
    expect(await meet(undefined)).toBeUndefined();
    expect(await meet([])).toBeUndefined();
    expect(await meet(['stop'])).toEqual(['stop']);
    expect(await meet(undefined)).toEqual(['stop']);
    expect(await meet([])).toEqual([]);
    // What was said since the account was read stands.
    listed = listed.map((one) => ({ ...one, stateAt: SINCE }));
    expect(await meet(['stop'])).toEqual([]);
  });

  test('that is new is noted before it is stored, so that the next sweep checks that the overview shows it', async () => {
    expect(await put(A)).toMatchObject({ outcome: 'stored' });
    expect(events).toEqual(['list 123456789012', `note shared/${ACCOUNT}/policy/Shared/${A}/`, 'put a']);
  });

  test('is not stored if another one was stored since the account was read', async () => {
    lies(SHARED, B);
    listed = listed.map((one) => ({ ...one, storedAt: SINCE }));
    await expect(put(A)).rejects.toThrow(Outdated);
    expect(events).toEqual(['list 123456789012']);
  });
});

describe('an earlier proposal about a shared policy', () => {
  test('that is made again is neither changed nor read', async () => {
    lies(SHARED, A);
    expect(await settle(outcome(SHARED, holds('s3:*'), { proposalId: A }))).toEqual(['list 123456789012']);
    expect(states.size).toBe(0);
  });

  test('that is made again gets the decisions about it in its state, once', async () => {
    const prefix = lies(SHARED, A);
    const decided = async (...decisions: readonly string[]) => {
      const told = await settle(outcome(SHARED, holds('s3:*'), { proposalId: A, decisions }));
      return [told.filter((event) => event.startsWith('current')).length, states.get(prefix)?.decisions];
    };
    const accepted = 'accepted by ana on 2026-11-29: agreed';
    expect(await decided()).toEqual([0, undefined]);
    expect(await decided(accepted)).toEqual([1, [accepted]]);
    expect(await decided(accepted)).toEqual([0, [accepted]]);
    expect(await decided()).toEqual([1, undefined]);
    says(prefix, 'applied');
    expect(await decided(accepted)).toEqual([1, [accepted]]);
    // What was said since the account was read stands.
    listed = listed.map((one) => ({ ...one, stateAt: SINCE }));
    expect(await decided()).toEqual([0, [accepted]]);
  });

  test('that was stored or judged since the account was read is left to the next sweep', async () => {
    says(lies(SHARED, A), 'current');
    lies(SHARED, B);
    const times = { storedAt: 0, stateAt: SINCE };
    listed = listed.map((one) => ({ ...one, ...(one.hasState ? times : { storedAt: SINCE }) }));
    expect(await settle(outcome(SHARED, holds('sqs:*'), { proposalId: 'c'.repeat(32) }))).toEqual([
      'list 123456789012',
      'read a',
      'read b',
    ]);
  });

  test('is applied if the policy is as proposed, whatever is proposed now', async () => {
    const prefix = lies(SHARED, A);
    const applied = 'applied: customer managed policy Shared is as it proposes';
    for (const how of [
      { kind: 'blocked', reason: 'role/Orders has no finding' },
      { kind: 'unchanged', reason: 'nothing is unused' },
      { proposalId: B },
    ] as const) {
      states.clear();
      expect(await settle(outcome(SHARED, holds('s3:Get*'), how))).toEqual([
        'list 123456789012',
        'read a',
        applied,
      ]);
    }
    expect(states.get(prefix)).toEqual({
      schemaVersion: 1,
      serial: 1,
      proposalId: A,
      state: 'applied',
      reason: 'customer managed policy Shared is as it proposes',
    });
  });

  test('is superseded by another proposal, by another document, or if nothing may be proposed any more', async () => {
    lies(SHARED, A);
    expect((await settle(outcome(SHARED, holds('s3:*'), { proposalId: B }))).at(-1)).toBe(
      `superseded: proposal ${B} supersedes it`,
    );
    states.clear();
    expect((await settle(outcome(SHARED, holds('sqs:*'), { proposalId: B }))).at(-1)).toBe(
      `superseded: customer managed policy Shared has another document (v2 is the default version, it was v1); proposal ${B} supersedes it`,
    );
    states.clear();
    const blocked = { kind: 'blocked', reason: 'role/Orders has no finding' } as const;
    expect((await settle(outcome(SHARED, holds('s3:*'), blocked))).at(-1)).toBe(
      'superseded: nothing is proposed any more: role/Orders has no finding',
    );
  });

  test('is not judged if refining the policy failed', async () => {
    lies(SHARED, A);
    expect(await settle(outcome(SHARED, holds('sqs:*'), { kind: 'failed', reason: 'x' }))).toEqual([
      'list 123456789012',
    ]);
  });

  test('is marked as no longer current once', async () => {
    says(lies(SHARED, A), 'superseded');
    expect(await settle(outcome(SHARED, holds('sqs:*'), { proposalId: B }))).toEqual(['list 123456789012']);
  });

  test('is current again if it would be proposed again', async () => {
    says(lies(SHARED, A), 'superseded');
    lies(SHARED, B);
    expect(await settle(outcome(SHARED, holds('s3:*'), { proposalId: A }))).toEqual([
      'list 123456789012',
      `note shared/${ACCOUNT}/policy/Shared/${A}/`,
      'current: what it was made from holds again',
      'read b',
      `superseded: proposal ${A} supersedes it`,
    ]);
  });

  test('that was deleted meanwhile is not judged', async () => {
    stored.delete(lies(SHARED, A));
    expect(await settle(outcome(SHARED, holds('s3:*'), { proposalId: B }))).toEqual([
      'list 123456789012',
      'read a',
    ]);
  });

  test('that can never be read is reported and does not stop the others; one that cannot be read for now stops the run', async () => {
    lies(SHARED, A);
    says(lies(SHARED, B), 'superseded');
    broken = new AdapterError('it is no proposal', 'permanent', 'malformed');
    expect(await settle(outcome(SHARED, holds('s3:*'), { proposalId: B }))).toEqual([
      'list 123456789012',
      'read a',
      'a failed: it is no proposal',
      `note shared/${ACCOUNT}/policy/Shared/${B}/`,
      'current: what it was made from holds again',
    ]);
    broken = new AdapterError('slow down', 'retry', 'throttled');
    await expect(settle(outcome(SHARED, holds('s3:*'), { proposalId: B }))).rejects.toBe(broken);
  });

  test('is not affected by a group of the same name', async () => {
    lies(SHARED, A);
    const group = { ...OPS, name: 'Shared' };
    expect(await settle(outcome(group, () => [], { proposalId: B }))).toEqual(['list 123456789012']);
  });
});

describe('an earlier proposal about a group', () => {
  const AWS: ProposedPolicy = {
    ...POLICY,
    source: 'group-aws-managed',
    name: 'PowerUserAccess',
    arn: 'arn:aws:iam::aws:policy/PowerUserAccess',
    group: 'Ops',
    disposition: 'replace',
    after: [{ name: 'PowerUserAccess-Ops-0123456789', document: allow('s3:Get*') }],
  };
  const copy = (group: string): (() => readonly Grant[]) => {
    return () => [
      {
        source: 'group-customer-managed',
        name: 'PowerUserAccess-Ops-0123456789',
        document: { readable: true, value: allow('s3:Get*') },
        group: { name: group, members: 2 },
        managed: {
          arn: `arn:aws:iam::${ACCOUNT}:policy/PowerUserAccess-Ops-0123456789`,
          path: '/',
          versionId: 'v1',
          attachments: 1,
          boundaryUses: 0,
        },
      },
    ];
  };

  test('is applied if the group has the copy instead of the policy', async () => {
    lies(OPS, A, [AWS]);
    const how = { kind: 'unchanged', reason: 'nothing is unused' } as const;
    expect((await settle(outcome(OPS, copy('Ops'), how))).at(-1)).toBe(
      'applied: AWS managed policy PowerUserAccess of group Ops is as it proposes',
    );
    states.clear();
    expect((await settle(outcome(OPS, copy('Other'), how))).at(-1)).toMatch(/^superseded: /);
  });
});

describe('a subject that is no longer shared', () => {
  test('is resolved, and one that is still shared is not', async () => {
    lies(SHARED, A);
    lies({ ...SHARED, name: 'Gone' }, A);
    says(lies({ ...SHARED, name: 'GoneBefore' }, B), 'applied');
    lies({ ...OPS, name: 'Leavers' }, A);
    const lifecycle = await open();
    events = [];
    await lifecycle.settleRest({ subjects: [SHARED, OPS] }, undefined);
    expect(events).toEqual([
      'resolved: the policy is gone, or no longer has several holders',
      'resolved: the group is gone',
    ]);
    expect([...states].map(([prefix, { state }]) => `${prefix.split('/')[3] ?? ''} ${state}`)).toEqual([
      'GoneBefore applied',
      'Gone resolved',
      'Leavers resolved',
    ]);
  });

  test('is not resolved if an unreadable entry may be about it', async () => {
    lies({ ...SHARED, name: 'Gone' }, A);
    lies({ ...OPS, name: 'Leavers' }, A);
    const lifecycle = await open();
    events = [];
    const asked: string[] = [];
    const whyUnread = (type: string, arn: string) => {
      asked.push(`${type} ${arn}`);
      return 'a group has no name';
    };
    await lifecycle.settleRest({ subjects: [], whyUnread }, undefined);
    // What is stored says the ARN: here each is the same proposal.
    expect([asked, events]).toEqual([
      [`group ${OPS.arn}`, `group ${OPS.arn}`],
      ['read a', 'read a'],
    ]);
    events = [];
    await lifecycle.settleRest({ subjects: [], whyUnread: () => undefined }, undefined);
    expect(events).toEqual([
      'read a',
      'resolved: the policy is gone, or no longer has several holders',
      'read a',
      'resolved: the group is gone',
    ]);
  });
});
