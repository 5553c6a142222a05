import { expect, test } from 'vitest';
import { renderState } from '../../lambda/core/lifecycle/proposal-state.ts';
import { principalFacts, readProposalState } from '../../lambda/stored/proposal.ts';
import { PROPOSAL } from '../adapters/aws/proposals.ts';

test('what AWS said later of its uses is read from beside a proposal, and told of it', () => {
  const lastUse = { asOf: '2026-11-21T00:00:00.000Z', warnings: ['stop'], remarks: [] };
  const { proposalId } = PROPOSAL;
  const text = renderState({ schemaVersion: 1, proposalId, state: 'current', reason: 'r', lastUse });
  const read = readProposalState(text);
  expect(read).toMatchObject({ ok: true, value: { lastUse } });
  const said = read.ok ? read.value : undefined;
  expect(principalFacts(PROPOSAL, said, '').warnings).toEqual(['stop']);
  expect(principalFacts(PROPOSAL, undefined, '').warnings).toBeUndefined();
  const own = { ...PROPOSAL, warnings: ['old'], lastUse: { ...lastUse, asOf: '2026-11-20T00:00:00.000Z' } };
  expect(principalFacts(own, said, '').warnings).toEqual(['stop']);
});
