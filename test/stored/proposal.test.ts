import { expect, test } from 'vitest';
import { renderState } from '../../lambda/core/lifecycle/proposal-state.ts';
import type { SharedProposal } from '../../lambda/core/proposal/schema.ts';
import { principalFacts, readProposalState, sharedFacts } from '../../lambda/stored/proposal.ts';
import { PROPOSAL } from '../adapters/aws/proposals.ts';

test("a later reading of last use in the state is part of a proposal's facts", () => {
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

test('decisions in the state of a current proposal are part of its facts', () => {
  const { proposalId } = PROPOSAL;
  const decisions = ['accepted by ana on 2026-11-29: agreed'];
  const said = { schemaVersion: 1, proposalId, state: 'current', reason: 'r', decisions } as const;
  const read = readProposalState(renderState(said));
  expect(read).toEqual({ ok: true, value: said });
  expect(principalFacts(PROPOSAL, said, '').decisions).toEqual(decisions);
  const { finding, ...rest } = PROPOSAL;
  const { principal } = PROPOSAL;
  const shared: SharedProposal = {
    ...rest,
    kind: 'refine-shared-policy',
    subject: { ...principal, type: 'policy' },
    holders: { principals: 0, roles: [], users: [], groups: [] },
    unused: { services: [], actions: finding.unusedActions },
    findings: [],
    advice: {
      better: 'shared',
      reason: '',
      shared: { actions: 1, principals: 2 },
      separate: { actions: 0, copies: 0 },
    },
  };
  expect(sharedFacts(shared, said).decisions).toEqual(decisions);
  expect(principalFacts(PROPOSAL, { ...said, state: 'applied' }, '')).not.toHaveProperty('decisions');
  expect(principalFacts(PROPOSAL, { ...said, decisions: [] }, '')).not.toHaveProperty('decisions');
});
