import { beforeEach, describe, expect, test } from 'vitest';
import { proposalPrefix } from '../../../lambda/contract/object-keys.ts';
import type { ProposalState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import type { PrincipalProposal, RefineProposal } from '../../../lambda/core/proposal/schema.ts';
import type { OpinionName } from '../../../lambda/contract/settings.ts';
import type { FindingReference } from '../../../lambda/ports/findings.ts';
import type { FinishProposal, WithheldRecord } from '../../../lambda/ports/proposals.ts';
import { OpinionBlock } from '../../../lambda/ports/opinions.ts';
import type { ProposeDependencies } from '../../../lambda/use-cases/propose/dependencies.ts';
import type { ProposeOutcome } from '../../../lambda/use-cases/propose/outcome.ts';
import type { Compared } from '../../../lambda/use-cases/catalogue/catalogue-changes.ts';
import { ProposalStates } from '../../../lambda/use-cases/lifecycle/order-of-readings.ts';
import { ProposalLifecycle } from '../../../lambda/use-cases/lifecycle/proposal-lifecycle.ts';
import { KEY_PROPOSAL, PROPOSAL } from '../../adapters/aws/proposals.ts';

const PROVENANCE = { findingId: 'f-1', runId: 'r', storedAt: 't', engineVersion: 'v' };
const A = 'a'.repeat(32);
const B = 'b'.repeat(32);
const REFERENCE = {
  analyzerArn: 'arn:analyzer',
  findingId: 'f-1',
  accountId: '111122223333',
  resource: PROPOSAL.principal.arn,
};
/** What the proposals rest on. */
const FINDING = { id: 'f-1', analyzerArn: PROPOSAL.finding.analyzerArn };
const [POLICY] = PROPOSAL.policies;

/** A proposal that found and leaves these actions. */
function proposal(proposalId: string, before: string, after: string, findingId = 'f-1'): RefineProposal {
  const document = (action: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
  });
  return {
    ...PROPOSAL,
    proposalId,
    finding: { ...PROPOSAL.finding, id: findingId },
    policies: [
      {
        ...POLICY!,
        before: document(before),
        after: [{ name: 'Read', document: document(after) }],
        removed: ['s3:GetBucketPolicy'],
      },
    ],
  };
}

let stored: Map<string, PrincipalProposal>;
let states: Map<string, ProposalState>;
/** What was asked and written, in its order. */
let events: string[];
/** The action that the role's one policy allows now; undefined when the role is gone. */
let allows: string | undefined;
let lifecycle: ProposalLifecycle;
/** By prefix: what AWS spoke against. */
let kept: Map<string, WithheldRecord>;
/** The second opinions that are asked for. */
let opinions: OpinionName[];
/** What the catalogue in use means for whatever is met again. */
let catalogueChanges: Compared | undefined;
/** What the next sweep is to look at. */
let reopened: string[];

beforeEach(() => {
  stored = new Map();
  kept = new Map();
  opinions = ['validate-policy', 'no-new-access'];
  states = new Map();
  events = [];
  allows = 's3:Get*';
  catalogueChanges = undefined;
  reopened = [];
  const short = (prefix: string): string => prefix.split('/').at(-2)?.charAt(0) ?? '';
  lifecycle = new ProposalLifecycle({
    store: {
      put: async ({ principal, proposalId }, finish) => {
        const prefix = proposalPrefix(principal, proposalId);
        const { proposal: complete } = await finish();
        events.push(`put ${proposalId.charAt(0)}`);
        stored.set(prefix, complete);
        return { prefix, outcome: 'stored' };
      },
    },
    repository: {
      list: (below) => {
        events.push(`list ${below.split('/').at(-2) ?? ''}`);
        return Promise.resolve({
          proposals: [...stored]
            .filter(([prefix]) => prefix.startsWith(below))
            .map(([prefix, { proposalId }]) => ({
              prefix,
              proposalId,
              hasState: states.has(prefix),
              stateVersion: versionOf(prefix),
            })),
          leftOver: [...states.keys()]
            .filter((prefix) => prefix.startsWith(below) && !stored.has(prefix))
            .map((prefix) => ({
              prefix,
              proposalId: prefix.split('/').at(-2) ?? '',
              hasState: true,
              stateVersion: versionOf(prefix),
            })),
          withheld: [...kept.keys()],
        });
      },
      read: (prefix) => {
        events.push(`read ${short(prefix)}`);
        return Promise.resolve(stored.get(prefix));
      },
      readState: (prefix) => {
        events.push(`state ${short(prefix)}`);
        return Promise.resolve(states.get(prefix));
      },
      findingOf: (prefix) => Promise.resolve(stored.get(prefix)?.finding.id),
      noteReopened: (prefix) => {
        reopened.push(prefix);
        return Promise.resolve();
      },
      mark: (prefix, state, version) => {
        if (version !== versionOf(prefix)) return Promise.resolve(undefined);
        events.push(`mark ${short(prefix)} ${state.state}`);
        states.set(prefix, state);
        return Promise.resolve(versionOf(prefix));
      },
      readWithheld: (prefix) => Promise.resolve(kept.get(prefix)),
      withhold: (prefix, record) => {
        kept.set(prefix, record);
        return Promise.resolve();
      },
    },
    opinions,
    policies: {
      getPrincipal: (ref) => {
        events.push('iam');
        if (allows === undefined) return Promise.resolve({ kind: 'gone' });
        const { policies } = proposal(A, allows, '');
        const document = { readable: true, value: policies[0]!.before } as const;
        return Promise.resolve({
          kind: 'found',
          principal: {
            ref,
            tags: [],
            boundaryArn: undefined,
            grants: [{ source: 'role-inline', name: 'Read', document }],
          },
        });
      },
    },
    catalogueChanges: { about: () => Promise.resolve(catalogueChanges) },
    noted: (_, { reason }) => events.push(`noted: ${reason}`),
  });
});

/** What is said of a proposal, as a store would name it. */
function versionOf(prefix: string): string | undefined {
  return states.has(prefix) ? JSON.stringify(states.get(prefix)) : undefined;
}

/** Stores a proposal that has no other files. */
function put(
  one: PrincipalProposal,
  finish: FinishProposal<PrincipalProposal> = () => Promise.resolve({ proposal: one, files: [] }),
) {
  return refineTo(
    async (store) => {
      const outcome = await store.put(one, finish, PROVENANCE);
      return outcome.outcome === 'withheld'
        ? { kind: 'skipped', resource: '', code: 'withheld', reason: outcome.reason }
        : { kind: 'proposed', proposal: one, stored: outcome, refused: [], decisions: [] };
    },
    { ...REFERENCE, findingId: one.finding.id, resource: one.principal.arn },
  );
}

async function refineTo(
  work: (store: ProposeDependencies['store']) => Promise<ProposeOutcome>,
  reference: FindingReference = REFERENCE,
): Promise<ProposeOutcome | undefined> {
  const [outcome] = await lifecycle.refine(reference, undefined, async (store) => [await work(store)]);
  return outcome;
}

/** A finding that comes to this. */
function conclude(outcome: ProposeOutcome) {
  return refineTo(() => Promise.resolve(outcome));
}

function outcomeOf(outcome: ProposeOutcome | undefined): string | undefined {
  return outcome?.kind === 'proposed' ? outcome.stored.outcome : outcome?.kind;
}

function placed(...proposals: readonly PrincipalProposal[]): void {
  for (const one of proposals) stored.set(proposalPrefix(one.principal, one.proposalId), one);
}

describe("AWS's later record of use of actions that a stored proposal removes", () => {
  const LATER = '2026-11-21T00:00:00.000Z';
  const own = { ...proposal(A, 's3:Get*', 's3:GetObject'), warnings: [] };
  const prefix = proposalPrefix(own.principal, A);
  /** Meets the proposal again, with such an answer of AWS. */
  const meet = (warnings: readonly string[] | undefined, asOf = LATER, isPartial?: true) =>
    refineTo(async (store) => {
      const reading = warnings && { asOf, ...(isPartial ? { isPartial } : {}), warnings, remarks: [] };
      const stored = await store.put(
        own,
        () => Promise.reject(new Error('in vain')),
        PROVENANCE,
        () => Promise.resolve(reading),
      );
      if (stored.outcome === 'withheld') throw new Error('it is not');
      return { kind: 'proposed', proposal: own, stored, refused: [], decisions: [] };
    });
  const saying = () => [states.get(prefix)?.state, states.get(prefix)?.lastUse?.warnings];

  test('is noted in its state once, and cleared only by a later answer', async () => {
    placed(own);
    await meet(undefined);
    await meet([]);
    expect(saying()).toEqual([undefined, undefined]);
    await meet(['stop']);
    expect(saying()).toEqual(['current', ['stop']]);
    events = [];
    await meet(['stop'], '2026-11-22T00:00:00.000Z');
    await meet(undefined);
    await meet([], '2026-11-20T00:00:00.000Z');
    await meet([], '2026-11-23T00:00:00.000Z', true);
    expect(events.filter((event) => event.startsWith('mark'))).toEqual([]);
    await meet([], '2026-11-23T00:00:00.000Z');
    expect(saying()).toEqual(['current', []]);
  });

  test('replaces the record in the proposal itself', async () => {
    placed({ ...own, warnings: ['stop'], lastUse: { asOf: '2026-11-20T00:00:00.000Z', remarks: [] } });
    await meet(['stop']);
    expect(saying()).toEqual([undefined, undefined]);
    await meet([]);
    expect(saying()).toEqual(['current', []]);
  });

  test('stays in every later state', async () => {
    placed(own);
    await meet(['stop']);
    catalogueChanges = {
      catalogue: { version: '2', date: '2026-11-22' },
      changed: { reason: 'its wildcards match one more', remark: 'catalogue-grew' },
    };
    await meet(undefined);
    expect(states.get(prefix)).toMatchObject({ remark: 'catalogue-grew', lastUse: { warnings: ['stop'] } });
    catalogueChanges = undefined;
    await meet(['stop', 'more'], '2026-11-22T00:00:00.000Z');
    expect(states.get(prefix)).toMatchObject({
      reason: 'its wildcards match one more',
      remark: 'catalogue-grew',
      lastUse: { warnings: ['stop', 'more'] },
    });
    await conclude({ kind: 'skipped', resource: '', code: 'not-active', reason: 'the finding is RESOLVED' });
    expect(saying()).toEqual(['resolved', ['stop', 'more']]);
  });
});

describe('a decision about a proposal', () => {
  const own = proposal(A, 's3:Get*', 's3:GetObject');
  const prefix = proposalPrefix(own.principal, A);
  const accepted = 'accepted by ana on 2026-11-29: agreed';
  /** Meets the proposal, or makes it, under such decisions. */
  const meet = async (decisions: readonly string[]) => {
    events = [];
    await refineTo(async (store) => {
      const stored = await store.put(own, () => Promise.resolve({ proposal: own, files: [] }), PROVENANCE);
      if (stored.outcome === 'withheld') throw new Error('it is not');
      return { kind: 'proposed', proposal: own, stored, refused: [], decisions };
    });
    return events.filter((event) => event.startsWith('mark')).length;
  };

  test('is added to its state once, and removed when the decision has ended', async () => {
    placed(own);
    expect(await meet([])).toBe(0);
    expect(await meet([accepted])).toBe(1);
    expect(states.get(prefix)).toMatchObject({ state: 'current', decisions: [accepted], serial: 1 });
    expect(await meet([accepted])).toBe(0);
    expect(await meet([accepted, 'kept by bob on 2026-11-30: used'])).toBe(1);
    expect(states.get(prefix)?.decisions).toEqual([accepted, 'kept by bob on 2026-11-30: used']);
    expect(await meet([])).toBe(1);
    expect(states.get(prefix)).toMatchObject({ state: 'current', serial: 3 });
    expect(states.get(prefix)).not.toHaveProperty('decisions');
  });

  test('is added to a new proposal at once', async () => {
    expect(await meet([accepted])).toBe(1);
    expect(states.get(prefix)).toMatchObject({ state: 'current', decisions: [accepted] });
  });

  test('stays in every later state of a current proposal, and in no settled one', async () => {
    placed(own);
    const catalogue = { version: '2', date: '2026-11-22' };
    const changed = { reason: 'its wildcards match one more', remark: 'catalogue-grew' } as const;
    catalogueChanges = { catalogue, changed };
    await meet([]);
    catalogueChanges = undefined;
    await meet([accepted]);
    expect(states.get(prefix)).toMatchObject({ ...changed, catalogue, decisions: [accepted] });
    catalogueChanges = { catalogue, changed: { ...changed, reason: 'its wildcards match two more' } };
    // One state says both.
    expect(await meet([accepted])).toBe(1);
    expect(states.get(prefix)).toMatchObject({
      reason: 'its wildcards match two more',
      decisions: [accepted],
    });
    catalogueChanges = undefined;
    await conclude({ kind: 'skipped', resource: '', code: 'not-active', reason: 'the finding is RESOLVED' });
    expect(states.get(prefix)?.state).toBe('resolved');
    expect(states.get(prefix)).not.toHaveProperty('decisions');
    await meet([accepted]);
    expect(states.get(prefix)).toMatchObject({ state: 'current', decisions: [accepted] });
  });
});

describe('storing a proposal', () => {
  test('takes one read if it already exists', async () => {
    placed(proposal(A, 's3:Get*', 's3:GetObject'));
    const outcome = await put(proposal(A, 's3:Get*', 's3:GetObject'));
    expect([outcomeOf(outcome), events]).toEqual(['exists', ['list Orders']]);
  });

  test('leaves an existing one current, and settles other current ones', async () => {
    placed(proposal(A, 's3:Get*', 's3:GetObject'), proposal(B, 's3:*', 's3:Put*'));
    await put(proposal(A, 's3:Get*', 's3:GetObject'));
    expect(events.filter((event) => event.startsWith('mark'))).toEqual(['mark b superseded']);
  });

  test('notes a catalogue change for an existing one, and leaves it current', async () => {
    const one = proposal(A, 's3:Get*', 's3:GetObject');
    placed(one);
    const changed = { reason: 'the catalogue has grown', remark: 'catalogue-grew' } as const;
    catalogueChanges = { catalogue: { version: '2', date: '2026-11-10' }, changed };
    const outcome = await put(one);
    expect([outcomeOf(outcome), events]).toEqual([
      'exists',
      ['list Orders', 'mark a current', 'noted: the catalogue has grown'],
    ]);
    expect([...states.values()]).toEqual([
      {
        schemaVersion: 1,
        proposalId: A,
        state: 'current',
        ...changed,
        finding: FINDING,
        catalogue: { version: '2', date: '2026-11-10' },
        serial: 1,
      },
    ]);
  });

  test('leaves earlier ones unchanged if its files cannot be made, because a second opinion may reject it', async () => {
    placed(proposal(A, 's3:*', 's3:PutObject'));
    const blocked = () => Promise.reject(new Error('AWS disagrees'));
    await expect(put(proposal(B, 's3:Get*', 's3:GetObject'), blocked)).rejects.toThrow('AWS disagrees');
    expect(events).toEqual(['list Orders']);
  });

  test('supersedes earlier ones about the same subject after it is stored, and names what changed', async () => {
    placed(proposal(A, 's3:*', 's3:PutObject'));
    await put(proposal(B, 's3:Get*', 's3:GetObject'));
    expect(events).toEqual([
      'list Orders',
      'put b',
      'list Orders',
      'read a',
      'mark a superseded',
      `noted: inline policy Read has another document; proposal ${B} supersedes it`,
    ]);
  });

  test('also supersedes one that was made from the same policies', async () => {
    placed(proposal(A, 's3:Get*', 's3:GetB*'));
    await put(proposal(B, 's3:Get*', 's3:GetObject'));
    expect(events).toContain(`noted: proposal ${B} supersedes it`);
  });

  test('marks an earlier one as applied if its documents are in place', async () => {
    placed(proposal(A, 's3:*', 's3:Get*'));
    await put(proposal(B, 's3:Get*', 's3:GetObject'));
    expect(events).toContain('mark a applied');
  });

  test('leaves alone those that are about another subject or already marked', async () => {
    const user = { ...KEY_PROPOSAL.principal };
    const password: PrincipalProposal = {
      ...KEY_PROPOSAL,
      kind: 'remove-password',
      proposalId: A,
      principal: user,
    };
    placed(password);
    await put({ ...KEY_PROPOSAL, proposalId: B });
    expect(events).toEqual(['list ana', 'put b', 'list ana', 'read a', 'read a']);
    events = [];
    const old = proposal('c'.repeat(32), 's3:*', 's3:Put*');
    placed(old);
    states.set(proposalPrefix(old.principal, old.proposalId), {
      schemaVersion: 1,
      proposalId: old.proposalId,
      state: 'resolved',
      reason: '',
    });
    await put(proposal(B, 's3:Get*', 's3:GetObject'));
    expect(events).toEqual(['list Orders', 'put b', 'list Orders', 'state c']);
  });

  test('makes one that is proposed again current, and supersedes those in between', async () => {
    const first = proposal(A, 's3:Get*', 's3:GetObject');
    placed(first);
    await put(proposal(B, 's3:*', 's3:Put*'));
    placed(proposal(B, 's3:*', 's3:Put*'));
    events = [];
    expect(outcomeOf(await put(first))).toBe('exists');
    expect(events.filter((event) => event.startsWith('mark'))).toEqual([
      'mark b superseded',
      'mark a current',
    ]);
    events = [];
    await put(first);
    expect(events).toEqual(['list Orders', 'state b', 'state a']);
  });
});

describe('a finding without a proposal', () => {
  const closed: ProposeOutcome = {
    kind: 'skipped',
    resource: REFERENCE.resource,
    code: 'not-active',
    reason: 'the finding is RESOLVED, not ACTIVE',
  };
  const unchanged: ProposeOutcome = {
    kind: 'unchanged',
    principal: PROPOSAL.principal,
    reason: 'none of its policies grants it',
    refused: [],
    residue: 0,
  };
  const gone = (what: 'finding' | 'principal'): ProposeOutcome => ({
    kind: 'gone',
    resource: REFERENCE.resource,
    what,
  });

  test.each<readonly [string, string | undefined, ProposeOutcome, string, string]>([
    ['resolved', 's3:Get*', closed, 'resolved', 'the finding is RESOLVED, not ACTIVE'],
    ['gone', 's3:Get*', gone('finding'), 'resolved', 'the finding is no longer there'],
    ['applied', 's3:GetObject', closed, 'applied', 'inline policy Read is as it proposes'],
    ['without its principal', undefined, gone('principal'), 'resolved', 'the principal is gone'],
    [
      'with nothing left to do',
      's3:Get*',
      unchanged,
      'superseded',
      'nothing is proposed any more: none of its policies grants it',
    ],
    [
      'rejected by somebody',
      's3:Get*',
      { ...closed, code: 'rejected', reason: 'its proposal was rejected by ana on 2026-11-29: why' },
      'superseded',
      'nothing is proposed any more: its proposal was rejected by ana on 2026-11-29: why',
    ],
    [
      'about policies that changed',
      's3:Put*',
      unchanged,
      'superseded',
      'inline policy Read has another document',
    ],
  ])('marks an earlier proposal for it: %s', async (_, now, outcome, state, reason) => {
    allows = now;
    placed(proposal(A, 's3:Get*', 's3:GetObject'));
    await conclude(outcome);
    expect([...states.values()].map((one) => [one.state, one.reason])).toEqual([[state, reason]]);
  });

  test('reads IAM only if there is an earlier proposal', async () => {
    await conclude(closed);
    placed(proposal(A, 's3:Get*', 's3:GetObject', 'another finding'));
    await conclude(closed);
    expect(events).toEqual(['list Orders', 'list Orders', 'read a']);
  });

  test('changes no state for excluded principals, and reads nothing if one was proposed', async () => {
    placed(proposal(A, 's3:Get*', 's3:GetObject'));
    await conclude({ ...closed, code: 'excluded' });
    await conclude({
      kind: 'proposed',
      proposal: PROPOSAL,
      stored: { prefix: '', outcome: 'exists' },
      refused: [],
      decisions: [],
    });
    expect([events, states.size]).toEqual([['list Orders', 'list Orders'], 0]);
  });

  test('changes no settled state while the principal is excluded, even if the overview shows the proposal', async () => {
    const there = proposal(A, 's3:Get*', 's3:GetObject');
    placed(there);
    const prefix = proposalPrefix(there.principal, A);
    states.set(prefix, { schemaVersion: 1, proposalId: A, state: 'resolved', reason: 'the role is gone' });
    const shown = [prefix];
    await refineTo(() => Promise.resolve({ ...closed, code: 'excluded' }), { ...REFERENCE, shown });
    expect(events).toEqual(['list Orders']);
  });

  test('writes states for proposals that the overview shows and that have expired, even if the principal is excluded', async () => {
    const [there, expired] = [proposal(A, 's3:Get*', 's3:GetObject'), proposal(B, 's3:*', 's3:GetObject')];
    placed(there);
    const shown = [there, expired].map((one) => proposalPrefix(one.principal, one.proposalId));
    await refineTo(() => Promise.resolve({ ...closed, code: 'excluded' }), { ...REFERENCE, shown });
    expect([...states.keys()]).toEqual([shown[1]]);
  });
});

describe("a proposal that AWS's check rejected", () => {
  const against = (opinion: OpinionName): OpinionBlock =>
    new OpinionBlock(proposal(A, 's3:Get*', 's3:GetObject'), opinion, 'CheckNoNewAccess: FAIL', undefined);
  const finish = () => {
    events.push('AWS is asked');
    return Promise.resolve({ proposal: proposal(A, 's3:Get*', 's3:GetObject'), files: [] });
  };

  test('is withheld without asking again, and an earlier proposal keeps its state', async () => {
    allows = 's3:*';
    placed(proposal(B, 's3:*', 's3:PutObject'));
    await lifecycle.withhold(against('no-new-access'));
    expect(await put(proposal(A, 's3:Get*', 's3:GetObject'), finish)).toMatchObject({
      code: 'withheld',
      reason: 'CheckNoNewAccess: FAIL',
    });
    expect([events, states.size]).toEqual([['list Orders', 'read b', 'iam'], 0]);
    expect([...kept.values()]).toEqual([
      { schemaVersion: 1, proposalId: A, opinion: 'no-new-access', reason: 'CheckNoNewAccess: FAIL' },
    ]);
  });

  test('is not the same one if its documents differ', async () => {
    await lifecycle.withhold(against('no-new-access'));
    await put(proposal(B, 's3:Get*', 's3:GetO*'), finish);
    expect(events).toEqual(['list Orders', 'AWS is asked', 'put b', 'list Orders']);
  });

  test('is checked again if that opinion is no longer requested, or the record was deleted', async () => {
    await lifecycle.withhold(against('validate-policy'));
    opinions.splice(0, 1);
    await put(proposal(A, 's3:Get*', 's3:GetObject'), finish);
    expect(events).toEqual(['list Orders', 'AWS is asked', 'put a', 'list Orders']);
  });

  test.each([
    ['s3:Get*', undefined],
    ['s3:Put*', 'superseded'],
    ['s3:GetObject', 'applied'],
  ])('lets the policies decide about an earlier one: %s', async (now, state) => {
    allows = now;
    placed(proposal(B, 's3:Get*', 's3:GetObject'));
    await conclude({
      kind: 'skipped',
      resource: REFERENCE.resource,
      code: 'withheld',
      reason: 'CheckNoNewAccess: FAIL',
    });
    expect([...states.values()].map((one) => one.state)).toEqual(state === undefined ? [] : [state]);
  });
});

describe('a reading that may change a state', () => {
  test('does not settle a role because its namesake under another path is gone', async () => {
    placed(proposal(A, 's3:Get*', 's3:GetObject'));
    const resource = 'arn:aws:iam::111122223333:role/old/Orders';
    const reference = { ...REFERENCE, findingId: 'f-0', resource };
    await refineTo(() => Promise.resolve({ kind: 'gone', resource, what: 'principal' }), reference);
    expect(states.size).toBe(0);
  });

  test('settles a proposal when the finding that it rests on now ends, not when another one ends', async () => {
    placed(proposal(A, 's3:Get*', 's3:GetObject'));
    await put(proposal(A, 's3:Get*', 's3:GetObject', 'f-2'));
    const gone: ProposeOutcome = { kind: 'gone', resource: REFERENCE.resource, what: 'finding' };
    await conclude(gone);
    expect([...states.values()].map(({ state }) => state)).toEqual(['current']);
    await refineTo(() => Promise.resolve(gone), { ...REFERENCE, findingId: 'f-2' });
    expect([...states.values()].map(({ state }) => state)).toEqual(['resolved']);
  });

  test('is repeated with new policies if a state was written after its policies were read', async () => {
    placed(proposal(B, 's3:*', 's3:Put*'));
    const isLiveOf: boolean[] = [];
    await lifecycle.refine(REFERENCE, 0, async (store, isLive) => {
      isLiveOf.push(isLive);
      const one = proposal(A, 's3:Get*', 's3:GetObject');
      const finish = () => Promise.resolve({ proposal: one, files: [] });
      const stored = await store.put(one, finish, PROVENANCE);
      if (stored.outcome === 'withheld') throw new Error('not here');
      return [{ kind: 'proposed', proposal: one, stored, refused: [], decisions: [] }];
    });
    expect(isLiveOf).toEqual([false, true]);
  });

  test.each([
    ['stores a competing proposal', false],
    ['settles a competitor of an existing proposal', true],
  ])('is repeated if another worker %s meanwhile', async (_, isThere) => {
    const one = proposal(A, 's3:Get*', 's3:GetObject');
    const rival = proposal(B, 's3:*', 's3:Put*');
    const settled = { schemaVersion: 1, proposalId: B, state: 'resolved', reason: 'by the other' } as const;
    if (isThere) placed(one, rival);
    let readings = 0;
    const meanwhile = (): void => {
      if (readings > 1) return;
      if (isThere) states.set(proposalPrefix(rival.principal, B), settled);
      else placed(rival);
    };
    await refineTo(async (store) => {
      readings += 1;
      if (isThere) meanwhile();
      const finish = () => {
        meanwhile();
        return Promise.resolve({ proposal: one, files: [] });
      };
      const stored = await store.put(one, finish, PROVENANCE);
      if (stored.outcome === 'withheld') throw new Error('not here');
      return { kind: 'proposed', proposal: one, stored, refused: [], decisions: [] };
    });
    expect(readings).toBe(2);
    expect(states.get(proposalPrefix(rival.principal, B))).toMatchObject(
      isThere ? settled : { state: 'superseded' },
    );
  });

  test('does not take the catalogue that an equal, expired proposal was compared with for that of a new one', async () => {
    const one = proposal(A, 's3:Get*', 's3:GetObject');
    const prefix = proposalPrefix(one.principal, A);
    const catalogue = { version: '2', date: '2026-02-01' };
    const left = {
      schemaVersion: 1,
      proposalId: A,
      state: 'current',
      reason: 'r',
      finding: FINDING,
      catalogue,
    } as const;
    states.set(prefix, left);
    await put(one);
    expect(states.get(prefix)).toEqual({
      schemaVersion: 1,
      proposalId: A,
      state: 'current',
      reason: 'the finding f-1 reports the same',
      finding: FINDING,
      serial: 1,
    });
  });

  test.each([
    ['before it was stored', 2_000, undefined],
    ['in the same second', 3_000, '2'],
    ['later', 4_000, '2'],
  ])(
    'takes the state of a proposal for compared with a catalogue or not: written %s',
    async (_, stateAt, version) => {
      const catalogue = { version: '2', date: '2026-02-01' };
      const said = { schemaVersion: 1, proposalId: A, state: 'current', reason: 'r', catalogue } as const;
      const listed = {
        prefix: 'p/',
        proposalId: A,
        hasState: true,
        stateVersion: '1',
        storedAt: 3_000,
        stateAt,
      };
      const unused = () => Promise.reject(new Error('not here'));
      const repository = {
        ...{ read: unused, mark: unused, noteReopened: unused },
        readState: () => Promise.resolve(said),
      };
      const parts = { repository, noted: () => undefined };
      const read = new ProposalStates({ proposals: [listed], leftOver: [] }, undefined, new Set(), parts);
      expect((await read.stateOf(listed))?.catalogue?.version).toBe(version);
    },
  );

  test('is repeated if another worker writes a state of the same proposal meanwhile', async () => {
    const one = proposal(A, 's3:Get*', 's3:GetObject');
    const prefix = proposalPrefix(one.principal, A);
    const said = { schemaVersion: 1, proposalId: A, state: 'current', reason: 'by the other' } as const;
    const left = { ...said, state: 'superseded', reason: 'of one that has expired' } as const;
    for (const before of [undefined, left]) {
      stored.clear();
      states.clear();
      if (before) states.set(prefix, before);
      for (const meanwhile of [undefined, said]) {
        stored.clear();
        let readings = 0;
        await refineTo(async (store) => {
          readings += 1;
          const finish = () => {
            if (meanwhile) states.set(prefix, meanwhile);
            return Promise.resolve({ proposal: one, files: [] });
          };
          const made = await store.put(one, finish, PROVENANCE);
          if (made.outcome === 'withheld') throw new Error('not here');
          return { kind: 'proposed', proposal: one, stored: made, refused: [], decisions: [] };
        });
        expect(readings).toBe(meanwhile ? 2 : 1);
      }
    }
  });
});
