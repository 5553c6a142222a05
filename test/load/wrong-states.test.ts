import { expect, test } from 'vitest';
import { renderProposal } from '../../lambda/core/proposal/to-json.ts';
import { renderState } from '../../lambda/core/lifecycle/proposal-state.ts';
import { renderIndexData } from '../../lambda/stored/overview.ts';
import { principalFacts } from '../../lambda/stored/proposal.ts';
import { PREFIX, PROPOSAL } from '../adapters/aws/proposals.ts';
import { wrongStates } from './wrong-states.ts';

/** One proposal, on finding 1: what is said of it, what the overview shows, and whether the finding has ended. */
function wrong({
  said,
  shown,
  hasEnded = false,
  isDead = false,
  untold = [],
}: {
  readonly said?: 'current' | 'resolved';
  readonly shown?: 'current' | 'resolved';
  readonly hasEnded?: boolean;
  readonly isDead?: boolean;
  readonly untold?: readonly string[];
}): readonly string[] {
  const { proposalId } = PROPOSAL;
  const stateOf = (state: 'current' | 'resolved') =>
    ({ schemaVersion: 1, proposalId, state, reason: '' }) as const;
  const rows = shown ? [principalFacts(PROPOSAL, stateOf(shown), '')] : [];
  const bodies = new Map([
    [`${PREFIX}proposal.json`, renderProposal(PROPOSAL)],
    ...(said ? [[`${PREFIX}state.json`, renderState(stateOf(said))] as const] : []),
    ['index.json', renderIndexData(rows)],
  ]);
  return wrongStates({
    objects: {
      keys: (prefix) => [...bodies.keys()].filter((key) => key.startsWith(prefix)),
      get: (key) => (bodies.has(key) ? ({ etag: key } as never) : undefined),
      read: ({ etag }) => Buffer.from(bodies.get(etag) ?? ''),
    },
    world: {
      indexOf: () => 1,
      hasEnded: () => hasEnded,
      principal: () => ({ expected: 'proposed' }) as never,
    },
    isDead: () => isDead,
    untold: new Set(untold),
  });
}

test('a proposal is right if bucket, overview and world agree', () => {
  expect(wrong({ shown: 'current' })).toEqual([]);
  expect(wrong({ said: 'current', shown: 'current' })).toEqual([]);
  expect(wrong({ said: 'resolved', shown: 'resolved', hasEnded: true })).toEqual([]);
});

test('a state that the world contradicts is wrong, unless the finding is a dead letter', () => {
  const problem = [`${PREFIX} is current, and its finding is not active`];
  expect(wrong({ shown: 'current', hasEnded: true })).toEqual(problem);
  expect(wrong({ shown: 'current', hasEnded: true, isDead: true })).toEqual([]);
  expect(wrong({ said: 'resolved', shown: 'resolved' })).toEqual([
    `${PREFIX} is settled, and its finding is active`,
  ]);
});

test('an overview that differs from the bucket is wrong, unless the notice is a dead letter', () => {
  const problem = [`${PREFIX} is settled, and the overview does not show it so`];
  expect(wrong({ said: 'resolved', shown: 'current', hasEnded: true })).toEqual(problem);
  expect(
    wrong({ said: 'resolved', shown: 'current', hasEnded: true, untold: [`${PREFIX}state.json`] }),
  ).toEqual([]);
  expect(wrong({})).toEqual([`${PREFIX} is current, and the overview does not show it so`]);
});
