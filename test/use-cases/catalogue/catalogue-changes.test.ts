import { beforeEach, describe, expect, test } from 'vitest';
import { type Catalogue, makeCatalogue } from '../../../lambda/core/catalogue/catalogue.ts';
import { asCatalogue, type KeptCatalogue } from '../../../lambda/core/catalogue/kept-catalogue.ts';
import type { ProposalState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import type { PrincipalProposal, RefineProposal } from '../../../lambda/core/proposal/schema.ts';
import type { ListedProposal } from '../../../lambda/ports/proposals.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
import { CatalogueChanges } from '../../../lambda/use-cases/catalogue/catalogue-changes.ts';
import { KEY_PROPOSAL, PROPOSAL } from '../../adapters/aws/proposals.ts';
import { keptCatalogue, reference } from '../kept-catalogues.ts';

const DAY = 86_400_000;
const [POLICY] = PROPOSAL.policies;
const EMBEDDED = makeCatalogue({ source: 'embedded', version: '1', date: '2026-10-01' }, [
  ['svc100', ['GetThing', 'PutThing']],
]);
const OLD = keptCatalogue('2026-10-10');
const GROWN = keptCatalogue(
  '2026-11-10',
  reference({ svc100: ['GetThing', 'GetNewThing', 'PutThing', '!Poll'] }),
);
const NAMES_IT = `the catalogue AWS Service Authorization Reference ${GROWN.origin.version} has further actions that its wildcards match: svc100:GetNewThing`;

/** A proposal that leaves `svc100:Get*`, made with this catalogue. */
function madeWith({ origin, serviceCount, actionCount }: Catalogue): RefineProposal {
  const document = (action: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
  });
  return {
    ...PROPOSAL,
    finding: { ...PROPOSAL.finding, unused: [{ serviceNamespace: 'svc100', actions: ['PutThing'] }] },
    catalogue: { ...origin, services: serviceCount, actions: actionCount },
    policies: [
      {
        ...POLICY!,
        before: document('svc100:*'),
        after: [{ name: 'Read', document: document('svc100:Get*') }],
        removed: ['svc100:PutThing'],
      },
    ],
  } as RefineProposal;
}

let inUse: Catalogue;
let since: number;
let stored: PrincipalProposal;
let kept: Map<string, KeptCatalogue>;
/** Whether the store does not answer. */
let isDown: boolean;
let calls: string[];
let catalogueChanges: CatalogueChanges;

beforeEach(() => {
  inUse = asCatalogue(GROWN);
  since = 100 * DAY;
  stored = madeWith(asCatalogue(OLD));
  kept = new Map([[OLD.origin.version, OLD]]);
  isDown = false;
  calls = [];
  catalogueChanges = new CatalogueChanges({
    catalogue: { load: () => Promise.resolve(inUse), since: () => Promise.resolve(since) },
    store: {
      version: (version) => {
        calls.push(`catalogue ${version}`);
        if (isDown) return Promise.reject(new AdapterError('no answer', 'retry', 'unavailable'));
        return Promise.resolve(kept.get(version));
      },
    },
    embedded: () => EMBEDDED,
    repository: {
      read: (prefix) => {
        calls.push(`read ${prefix}`);
        return Promise.resolve(stored);
      },
    },
  });
});

function listed(facts: Partial<ListedProposal> = {}): ListedProposal {
  return { prefix: 'p/', proposalId: PROPOSAL.proposalId, hasState: false, storedAt: 50 * DAY, ...facts };
}

function said(reason: string, facts: Partial<ProposalState> = {}): ProposalState {
  return { schemaVersion: 1, proposalId: PROPOSAL.proposalId, state: 'current', reason, ...facts };
}

function by({ origin: { version, date } }: KeptCatalogue) {
  return { version, date };
}

const ask = (one = listed(), state?: ProposalState) => catalogueChanges.about(one, PROPOSAL, state);

describe('a catalogue with new actions', () => {
  test('adds a remark with the new actions that a proposed wildcard matches', async () => {
    expect(await ask()).toEqual({
      catalogue: by(GROWN),
      changed: { reason: NAMES_IT, remark: 'catalogue-grew' },
    });
    expect(calls).toEqual(['read p/', `catalogue ${OLD.origin.version}`]);
  });

  test('adds no remark to a proposal that was stored after it, despite the state of an equal expired one', async () => {
    stored = madeWith(asCatalogue(GROWN));
    const news = said(NAMES_IT, { remark: 'catalogue-grew', catalogue: by(GROWN) });
    const nothing = `the catalogue AWS Service Authorization Reference ${GROWN.origin.version} knows no more that its wildcards match`;
    const again = listed({ hasState: true, storedAt: 200 * DAY, stateAt: 150 * DAY });
    expect(await ask(again, news)).toEqual({ catalogue: by(GROWN), changed: { reason: nothing } });
    // A worker that had read the expired one wrote it after the new one was stored.
    expect(await ask({ ...again, stateAt: 201 * DAY }, news)).toEqual({
      catalogue: by(GROWN),
      changed: { reason: nothing },
    });
  });

  test('is compared with the earlier one, which is read once in a process', async () => {
    await ask();
    await ask();
    expect(calls.filter((call) => call.startsWith('catalogue'))).toHaveLength(1);
  });

  test('is compared with the earlier one as soon as that can be read', async () => {
    isDown = true;
    await expect(ask()).rejects.toThrow('no answer');
    isDown = false;
    expect((await ask())?.changed?.reason).toBe(NAMES_IT);
  });

  test('is compared with the embedded one if the proposal was made with that', async () => {
    stored = madeWith(EMBEDDED);
    expect((await ask())?.changed?.reason).toBe(NAMES_IT);
    expect(calls).toEqual(['read p/']);
  });

  test('adds a remark with the numbers of actions if the earlier catalogue is not available', async () => {
    kept.clear();
    const differs = await ask();
    expect(differs?.changed?.remark).toBe('catalogue-grew');
    expect(differs?.changed?.reason).toMatch(/its policies grant 2 actions, it says \d+$/);
  });

  test('adds no remark twice', async () => {
    for (const earlier of [OLD, GROWN]) {
      const state = said(NAMES_IT, { remark: 'catalogue-grew', catalogue: by(earlier) });
      expect(await ask(listed({ hasState: true }), state)).toEqual({ catalogue: by(GROWN) });
    }
  });

  test('that shrinks again has its remark removed', async () => {
    const shrunk = { ...OLD, origin: { ...OLD.origin, date: '2026-11-20' } };
    inUse = asCatalogue(shrunk);
    const state = said('something', { remark: 'catalogue-grew', catalogue: by(GROWN) });
    expect((await ask(listed({ hasState: true }), state))?.changed).toEqual({
      reason: `the catalogue AWS Service Authorization Reference ${OLD.origin.version} knows no more that its wildcards match`,
    });
  });

  test('adds no remark if no wildcard matches a new action', async () => {
    inUse = asCatalogue(
      keptCatalogue('2026-11-10', reference({ svc101: ['GetThing', 'New', 'PutThing', '!Poll'] })),
    );
    expect((await ask())?.changed).toBeUndefined();
  });

  test('adds a remark even if a process with an older catalogue wrote the state', async () => {
    // An hour after the new catalogue was stored, by a process that began before.
    const state = said('what it was made from holds again', { catalogue: by(OLD) });
    const at = { hasState: true, stateAt: 100 * DAY + 3_600_000 };
    expect((await ask(listed(at), state))?.changed?.reason).toBe(NAMES_IT);
  });

  test('adds a remark even if the state does not name a catalogue', async () => {
    const at = { hasState: true, stateAt: 100 * DAY + 3_600_000 };
    expect((await ask(listed(at), said('the finding f-2 reports the same')))?.changed?.reason).toBe(NAMES_IT);
  });
});

describe('nothing is read from the store', () => {
  test.each([
    ['was stored more than a day after the catalogue', listed({ storedAt: 101 * DAY + 1 }), undefined],
    ['has no time', listed({ storedAt: undefined }), undefined],
    ['was judged by it', listed({ hasState: true }), said('it is so again', { catalogue: by(GROWN) })],
    [
      'was judged by a newer one',
      listed({ hasState: true }),
      said('it has grown more', { catalogue: { version: 'newer', date: '2026-11-11' } }),
    ],
  ])('about a proposal that %s', async (_, one, state) => {
    expect(await ask(one, state)).toBeUndefined();
    expect(calls).toEqual([]);
  });

  test('about a proposal to remove a key', async () => {
    expect(await catalogueChanges.about(listed(), KEY_PROPOSAL, undefined)).toBeUndefined();
    expect(calls).toEqual([]);
  });

  test('twice about a proposal that was stored within a day and may have been made with the earlier catalogue', async () => {
    await ask(listed({ storedAt: 101 * DAY }));
    expect(calls[0]).toBe('read p/');
  });
});
