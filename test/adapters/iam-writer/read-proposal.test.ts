import { expect, test } from 'vitest';
import { readProposal } from '../../../lambda/adapters/iam-writer/read-proposal.ts';
import { renderState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import { renderData } from '../../../lambda/core/proposal/to-json.ts';
import { PROPOSAL } from '../aws/proposals.ts';

const LAST_USE = { asOf: '2026-11-20T00:00:00.000Z', remarks: [] };
const later = { ...LAST_USE, asOf: '2026-11-21T00:00:00.000Z' };

/** What `apply` takes for the warnings of a proposal that says `own` and beside which `beside` stands. */
async function warningsWith(own: object, beside?: { readonly asOf: string; readonly warnings: string[] }) {
  const files: Readonly<Record<string, string>> = {
    'proposal.json': renderData({ ...PROPOSAL, ...own }),
    ...(beside === undefined
      ? {}
      : {
          'state.json': renderState({
            schemaVersion: 1,
            proposalId: PROPOSAL.proposalId,
            state: 'current',
            reason: 'r',
            lastUse: { ...beside, remarks: [] },
          }),
        }),
  };
  const { status } = await readProposal({
    address: 'p',
    read: (name) => Promise.resolve(files[name]),
    siblings: () => Promise.resolve([]),
    readSibling: () => Promise.resolve(undefined),
  });
  return status.warnings;
}

test.each([
  ['nothing', {}, undefined, []],
  ['what the proposal says', { warnings: ['stop'], lastUse: LAST_USE }, undefined, ['stop']],
  ['what a proposal of an earlier version says', { warnings: ['stop'] }, undefined, ['stop']],
  ['what AWS said later', {}, { ...later, warnings: ['sqs'] }, ['sqs']],
  [
    'what AWS said later, in its place',
    { warnings: ['stop'], lastUse: LAST_USE },
    { ...later, warnings: [] },
    [],
  ],
  [
    'not what AWS said before',
    { warnings: ['stop'], lastUse: later },
    { ...LAST_USE, warnings: [] },
    ['stop'],
  ],
])('apply is stopped by %s', async (_, own, beside, expected) => {
  expect(await warningsWith(own, beside)).toEqual(expected);
});
