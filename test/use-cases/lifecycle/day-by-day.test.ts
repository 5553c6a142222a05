import { beforeEach, describe, expect, test } from 'vitest';
import type { ProposalState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import type { PrincipalProposal } from '../../../lambda/core/proposal/schema.ts';
import type { FindingReference } from '../../../lambda/ports/findings.ts';
import type { ProposalFacts } from '../../../lambda/ports/proposals.ts';
import { prefixOf, principalFacts } from '../../../lambda/stored/proposal.ts';
import { ProposalLifecycle } from '../../../lambda/use-cases/lifecycle/proposal-lifecycle.ts';
import { proposeRefinement } from '../../../lambda/use-cases/propose/propose-refinement.ts';
import { newSweep, sweepFindings } from '../../../lambda/use-cases/sweep/sweep-findings.ts';
import { KeptSweeps } from '../kept-sweeps.ts';
import {
  ACCOUNT,
  ANALYZER,
  findingOf,
  memoryOf,
  type Policies,
  PROPOSING,
  resourceOf,
  type Type,
} from './simulated-account.ts';

/* What becomes of proposals when nothing is lost and one thing happens a day: a sweep each, and what it sends. */

let policies: Policies;
/** Active findings by type: their id, and which variant. */
let active: Map<Type, { readonly id: string; readonly variant: number }>;
let stored: Map<string, PrincipalProposal>;
let states: Map<string, ProposalState>;
let days: number;

beforeEach(() => {
  policies = { orders: 0, isMoved: false, shared: 0, holders: 1, isQuarantined: false };
  active = new Map();
  stored = new Map();
  states = new Map();
  days = 0;
});

const versionOf = (prefix: string): string | undefined =>
  states.has(prefix) ? JSON.stringify(states.get(prefix)) : undefined;

/** The overview of a notifier that hears everything. */
function rows(): readonly ProposalFacts[] {
  return [...stored].map(([prefix, one]) => principalFacts(one, states.get(prefix), ''));
}

const listed = (prefixes: Iterable<string>) =>
  [...prefixes].map((prefix) => ({
    prefix,
    proposalId: prefix.split('/').at(-2) ?? '',
    hasState: states.has(prefix),
    stateVersion: versionOf(prefix),
  }));

const source = {
  getPrincipal: (ref: Parameters<ReturnType<typeof memoryOf>['getPrincipal']>[0]) =>
    memoryOf(policies).index.getPrincipal(ref),
};

const lifecycle = new ProposalLifecycle({
  store: {
    put: async (draft, finish) => {
      const { proposal } = await finish();
      const prefix = prefixOf(draft);
      stored.set(prefix, proposal);
      return { prefix, outcome: 'stored' };
    },
  },
  repository: {
    list: (below) =>
      Promise.resolve({
        proposals: listed([...stored.keys()].filter((prefix) => prefix.startsWith(below))),
        leftOver: listed([...states.keys()].filter((one) => one.startsWith(below) && !stored.has(one))),
        withheld: [],
      }),
    read: (prefix) => Promise.resolve(stored.get(prefix)),
    readState: (prefix) => Promise.resolve(states.get(prefix)),
    findingOf: (prefix) => Promise.resolve(stored.get(prefix)?.finding.id),
    noteReopened: () => Promise.resolve(),
    mark: (prefix, state, version) => {
      if (version !== versionOf(prefix)) return Promise.resolve(undefined);
      states.set(prefix, state);
      return Promise.resolve(versionOf(prefix));
    },
    readWithheld: () => Promise.resolve(undefined),
    withhold: () => Promise.resolve(),
  },
  policies: source,
  opinions: [],
  noted: () => undefined,
});

async function work(reference: FindingReference): Promise<void> {
  const found = [...active].find(([, { id }]) => id === reference.findingId);
  const finding = found && findingOf(found[0], found[1].id, found[1].variant, policies);
  await lifecycle.refine(reference, undefined, (store) =>
    proposeRefinement(reference, {
      ...PROPOSING,
      findings: {
        getFinding: () => Promise.resolve(finding ? { kind: 'found', finding } : { kind: 'gone' }),
      },
      policies: source,
      tags: { tagsOf: () => Promise.resolve([]) },
      store,
      clock: { now: () => '2026-11-29T00:00:00.000Z', remainingMillis: () => 600_000 },
    }),
  );
}

/** One sweep, and everything that it sends. @param shows what the overview shows, where it is not what is so */
async function day(shows: readonly ProposalFacts[] = rows()): Promise<readonly string[]> {
  const queue: FindingReference[] = [];
  days += 1;
  await sweepFindings(newSweep(ANALYZER, `day-${String(days)}`), {
    findings: {
      listActive: () => {
        const references = [...active].map(([type, { id: findingId }]) => {
          return {
            analyzerArn: ANALYZER,
            findingId,
            accountId: ACCOUNT,
            resource: resourceOf(type, policies),
          };
        });
        return Promise.resolve({ references, nextToken: undefined });
      },
    },
    records: new KeptSweeps(),
    bulkThreshold: 1_000,
    jobs: { send: () => Promise.resolve() },
    rest: { continueLater: () => Promise.resolve() },
    queue: {
      send: (references) => {
        queue.push(...references);
        return Promise.resolve();
      },
    },
    overview: { read: () => Promise.resolve({ rows: shows, version: undefined }) },
    proposals: {
      read: () => Promise.resolve({ kind: 'gone' }),
      has: (key) => Promise.resolve(stored.has(key.slice(0, -'proposal.json'.length))),
    },
    clock: { now: () => '', remainingMillis: () => 300_000 },
  });
  for (const reference of queue) await work(reference);
  return [...stored.keys()].map((prefix) => states.get(prefix)?.state ?? 'current');
}

test('a proposal stays current for a week although the analyzer is replaced on the third day', async () => {
  active.set('orders', { id: 'one', variant: 0 });
  const seen: string[] = [];
  for (let n = 1; n <= 7; n += 1) {
    if (n === 3) active.set('orders', { id: 'two', variant: 0 });
    seen.push((await day()).join());
  }
  expect(seen).toEqual(Array<string>(7).fill('current'));
  active.delete('orders');
  expect(await day()).toEqual(['resolved']);
});

test('a password that is used, unused and used again settles the same proposal each time', async () => {
  const seen: string[] = [];
  for (const id of ['one', undefined, 'two', undefined]) {
    if (id === undefined) active.delete('password');
    else active.set('password', { id, variant: 0 });
    seen.push((await day()).join());
  }
  expect(seen).toEqual(['current', 'resolved', 'current', 'resolved']);
});

test('a key gets no proposal while its finding does not name it', async () => {
  const seen: string[] = [];
  // Both keys; the first one; both again.
  for (const variant of [2, 0, 2]) {
    active.set('keys', { id: 'one', variant });
    seen.push((await day()).join());
  }
  expect(seen).toEqual(['current,current', 'current,resolved', 'current,current']);
});

test('the proposal for a quarantined role is applied as long as the quarantine lasts, although its finding stays active', async () => {
  active.set('idle', { id: 'one', variant: 0 });
  const seen: string[] = [];
  for (const isQuarantined of [false, true, true, false]) {
    policies = { ...policies, isQuarantined };
    seen.push((await day()).join());
  }
  expect(seen).toEqual(['current', 'applied', 'applied', 'current']);
});

describe('a proposal that has expired from the bucket', () => {
  test('and that the overview still shows gets one more state, so that the notifier finds it gone', async () => {
    active.set('password', { id: 'one', variant: 0 });
    await day();
    active.set('password', { id: 'two', variant: 0 });
    await day();
    const shows = rows();
    const [prefix = ''] = stored.keys();
    const { serial = 0 } = states.get(prefix) ?? {};
    stored.clear();
    active.clear();
    await day(shows);
    expect(states.get(prefix)).toMatchObject({ state: 'current', serial: serial + 1 });
    states.clear();
    await day(shows);
    expect(states.get(prefix)).toMatchObject({ state: 'current', serial: 1 });
  });

  test('and that was settled before gets a state too, although nothing else points to it', async () => {
    active.set('password', { id: 'one', variant: 0 });
    await day();
    active.clear();
    await day();
    const shows = rows();
    const [prefix = ''] = stored.keys();
    expect(await day(shows)).toEqual(['resolved']);
    const { serial } = states.get(prefix) ?? {};
    stored.clear();
    await day(shows);
    expect([serial, states.get(prefix)]).toMatchObject([1, { state: 'resolved', serial: 2 }]);
  });

  test('is stored again while its finding is active, whatever the state of the earlier one', async () => {
    active.set('password', { id: 'one', variant: 0 });
    await day();
    active.clear();
    await day();
    stored.clear();
    active.set('password', { id: 'two', variant: 0 });
    expect(await day()).toEqual(['current']);
  });
});
