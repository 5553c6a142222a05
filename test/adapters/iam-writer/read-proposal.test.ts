import { describe, expect, test } from 'vitest';
import { readProposal } from '../../../lambda/adapters/iam-writer/read-proposal.ts';
import { renderState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import { renderData } from '../../../lambda/core/proposal/to-json.ts';
import { AdapterError } from '../../../lambda/ports/system.ts';
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

describe('newer proposals about the same role', () => {
  const OTHER = 'b'.repeat(32);
  const analysed = (updatedAt: string | null): string =>
    renderData({ ...PROPOSAL, finding: { ...PROPOSAL.finding, updatedAt } });
  const statusBeside = async (siblings: () => Promise<readonly string[]>, other?: string | null) => {
    const { status } = await readProposal({
      address: 'p',
      read: (name) =>
        Promise.resolve(name === 'proposal.json' ? analysed('2026-11-20T00:00:00Z') : undefined),
      siblings,
      readSibling: (folder, name) =>
        Promise.resolve(
          folder === OTHER && name === 'proposal.json' && other !== undefined ? analysed(other) : undefined,
        ),
    });
    return { newer: status.newer, unknown: status.unknown };
  };

  test.each<readonly [string, string | null | undefined, readonly object[]]>([
    ['a later date', '2026-11-21T00:00:00Z', [{ proposalId: OTHER, analysedAt: '2026-11-21T00:00:00Z' }]],
    ['the same date', '2026-11-20T00:00:00Z', []],
    ['an earlier date', '2026-11-19T00:00:00Z', []],
    ['no date', null, []],
  ])('are told by the date of their finding: %s', async (_, date, newer) => {
    expect(await statusBeside(() => Promise.resolve([OTHER, 'notes']), date)).toEqual({
      newer,
      unknown: [],
    });
  });

  test('are not known if these credentials may not list them', async () => {
    const refused = () => Promise.reject(new AdapterError('cannot list p', 'permanent', 'access-denied'));
    expect(await statusBeside(refused)).toEqual({
      newer: [],
      unknown: ['whether there is a newer proposal is not known: cannot list p'],
    });
    const failing = () => Promise.reject(new AdapterError('no answer', 'retry', 'unavailable'));
    await expect(statusBeside(failing)).rejects.toThrow('no answer');
  });
});
