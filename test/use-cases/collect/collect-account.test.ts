import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CollectionFolder } from '../../../lambda/adapters/files/collection-folder.ts';
import type { AccountReader } from '../../../lambda/ports/collect.ts';
import { collectAccount, type CollectRequest } from '../../../lambda/use-cases/collect/collect-account.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Orders`;
const ANALYZER = `arn:aws:access-analyzer:eu-west-1:${ACCOUNT}:analyzer/unused`;
const NOW = '2026-11-29T12:00:00.000Z';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** One role, one finding about it, and one user. */
const reader: AccountReader = {
  accountId: ACCOUNT,
  detailsPage: () =>
    Promise.resolve({
      lists: { UserDetailList: [], GroupDetailList: [], RoleDetailList: [{ Arn: ROLE }], Policies: [] },
      marker: null,
    }),
  analyzers: () => Promise.resolve([]),
  findings: () => Promise.resolve([{ id: 'f-1', updatedAt: NOW, resource: ROLE }]),
  finding: () => Promise.resolve({ id: 'f-1', updatedAt: NOW, resource: ROLE, line: '{"id":"f-1"}' }),
  lastAccessed: () => Promise.resolve({ JobStatus: 'COMPLETED' }),
  users: () => Promise.resolve([{ UserName: 'ana' }]),
  credentials: () => Promise.resolve({ name: 'ana', line: '{"UserName":"ana"}' }),
};

/** The sections that a collection has, complete. */
async function sectionsOf(request: Partial<CollectRequest>): Promise<readonly string[]> {
  const { state, sections } = await collectAccount(
    {
      caller: `arn:aws:iam::${ACCOUNT}:user/ops`,
      region: 'eu-west-1',
      source: 'access-analyzer',
      unusedDays: 90,
      analyzerArn: ANALYZER,
      lastAccessed: false,
      maxAge: 0,
      ...request,
    },
    reader,
    new CollectionFolder(root, ACCOUNT, () => Date.parse(NOW)),
    { now: () => NOW, remainingMillis: () => Infinity },
  );
  expect(state).toBe('complete');
  return Object.entries(sections).flatMap(([name, section]) =>
    section?.state === 'complete' ? [`${name}: ${String(section.count)}`] : [],
  );
}

test.each<readonly [string, Partial<CollectRequest>, readonly string[]]>([
  ['an analyzer', {}, ['accountDetails: 1', 'findings: 1']],
  [
    'an analyzer, with the dates of last use',
    { lastAccessed: true },
    ['accountDetails: 1', 'findings: 1', 'lastAccessed: 1', 'credentials: 1'],
  ],
  [
    'reports of last use',
    { source: 'last-accessed', analyzerArn: null },
    ['accountDetails: 1', 'lastAccessed: 1', 'credentials: 1'],
  ],
])('a collection for findings of %s reads what these need', async (_, request, sections) => {
  expect(await sectionsOf(request)).toEqual(sections);
});
