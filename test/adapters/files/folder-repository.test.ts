import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderRepository } from '../../../lambda/adapters/files/folder-repository.ts';
import type { ProposalState } from '../../../lambda/core/lifecycle/proposal-state.ts';
import { PREFIX, PROPOSAL } from '../aws/proposals.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
  mkdirSync(path.join(root, PREFIX), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the state of a proposal', () => {
  const state = (facts: Partial<ProposalState>): ProposalState => ({
    schemaVersion: 1,
    proposalId: PROPOSAL.proposalId,
    state: 'current',
    reason: 'what it was made from holds again',
    ...facts,
  });
  const RESOLVED = state({ state: 'resolved', reason: 'the finding is RESOLVED' });
  const lastUse = { asOf: '2026-11-21T00:00:00.000Z', warnings: ['s3:GetObject was used'], remarks: [] };
  const file = () => path.join(root, PREFIX, 'state.json');

  test('is written beside it, and removed when it is current again', () => {
    const repository = FolderRepository.in(root);
    repository.mark(PREFIX, RESOLVED);
    expect(repository.readState(PREFIX)).toEqual(RESOLVED);
    repository.mark(PREFIX, state({}));
    expect(existsSync(file())).toBe(false);
    expect(repository.readState(PREFIX)).toBeUndefined();
  });

  test('keeps the dates of last use, even when it is current again', () => {
    const repository = FolderRepository.in(root);
    repository.mark(PREFIX, state({ state: 'resolved', lastUse }));
    repository.mark(PREFIX, RESOLVED);
    expect(repository.readState(PREFIX)).toEqual({ ...RESOLVED, lastUse });
    repository.mark(PREFIX, state({}));
    expect(repository.readState(PREFIX)).toEqual(state({ lastUse }));
  });

  test('is not written again if it says the same', () => {
    const repository = FolderRepository.in(root);
    repository.mark(PREFIX, RESOLVED);
    const { ino } = statSync(file());
    repository.mark(PREFIX, RESOLVED);
    expect(statSync(file()).ino).toBe(ino);
  });
});
