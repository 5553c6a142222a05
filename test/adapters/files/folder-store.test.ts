import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderStore, replaceFile } from '../../../lambda/adapters/files/folder-store.ts';
import { makeFolder } from '../../../lambda/adapters/files/make-folder.ts';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { buildRemoval } from '../../../lambda/core/proposal/build-removal.ts';
import type { FinishedProposal, ProposalFile } from '../../../lambda/ports/proposals.ts';
import type { RemovalProposal } from '../../../lambda/core/proposal/schema.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function proposalFor(name: string): RemovalProposal {
  return buildRemoval({
    kind: 'remove-role',
    principal: {
      arn: `arn:aws:iam::123456789012:role/${name}`,
      type: 'role',
      name,
      path: '/',
      accountId: '123456789012',
    },
    lastAccessed: undefined,
    finding: { id: 'f', analyzerArn: null, findingType: 'UnusedIAMRole', updatedAt: null },
    digest: sha256,
  });
}

const REPORT = { name: 'report.html', contentType: 'text/html', body: '<html>' } as const;
const DOCUMENT = { name: 'policies/0-A.before.json', contentType: 'application/json', body: '{}' } as const;

/** What to give to `put`: the proposal, and how it comes by its files. */
function withFiles(
  proposal: RemovalProposal,
  files: readonly ProposalFile[],
): [RemovalProposal, () => Promise<FinishedProposal>] {
  return [proposal, () => Promise.resolve({ proposal, files })];
}

describe('proposals in a folder', () => {
  test('are stored under the keys of the bucket, and are `exists` the second time', async () => {
    const store = new FolderStore(folder);
    const proposal = proposalFor('R');
    const prefix = `proposals/123456789012/role/R/${proposal.proposalId}/`;
    expect(await store.put(...withFiles(proposal, [REPORT, DOCUMENT]))).toEqual({
      prefix,
      outcome: 'stored',
    });
    expect(await new FolderStore(folder).put(...withFiles(proposal, [REPORT, DOCUMENT]))).toEqual({
      prefix,
      outcome: 'exists',
    });
    expect(readdirSync(path.join(folder, prefix)).sort()).toEqual([
      'policies',
      'proposal.json',
      'report.html',
    ]);
  });

  test('have no proposal.json if one of their files cannot be written', async () => {
    const proposal = proposalFor('R');
    const place = path.join(folder, `proposals/123456789012/role/R/${proposal.proposalId}`);
    mkdirSync(path.join(place, 'report.html'), { recursive: true });
    await expect(
      new FolderStore(folder).put(...withFiles(proposal, [DOCUMENT, REPORT])),
    ).rejects.toMatchObject({
      code: 'invalid',
      decision: 'permanent',
      message: `${place}/: is a folder where a file is expected`,
    });
    expect(readdirSync(place).sort()).toEqual(['policies', 'report.html']);
  });

  test('that are stored twice concurrently are written once, and are `exists` the second time', async () => {
    const store = new FolderStore(folder);
    const proposal = proposalFor('R');
    const both = await Promise.all([
      store.put(...withFiles(proposal, [REPORT, DOCUMENT])),
      store.put(...withFiles(proposal, [REPORT, DOCUMENT])),
    ]);
    expect(both.map(({ outcome }) => outcome)).toEqual(['stored', 'exists']);
  });

  test('are committed only after all their other files are written', async () => {
    const bodies = Array.from({ length: 40 }, (_, n) => ({
      ...DOCUMENT,
      name: `policies/${String(n)}.json`,
    }));
    const proposal = proposalFor('R');
    const place = path.join(folder, `proposals/123456789012/role/R/${proposal.proposalId}`);
    mkdirSync(path.join(place, 'policies/39.json'), { recursive: true });
    const store = new FolderStore(folder);
    await expect(store.put(...withFiles(proposal, bodies))).rejects.toMatchObject({ code: 'invalid' });
    expect(readdirSync(place)).toEqual(['policies']);
    expect(readdirSync(path.join(place, 'policies'))).toHaveLength(40);
    rmSync(path.join(place, 'policies/39.json'), { recursive: true });
    expect(await store.put(...withFiles(proposal, bodies))).toMatchObject({ outcome: 'stored' });
    expect(readdirSync(place).sort()).toEqual(['policies', 'proposal.json']);
  });

  test('get a lost file back, and correct files are not written', async () => {
    const proposal = proposalFor('R');
    await new FolderStore(folder).put(...withFiles(proposal, [REPORT, DOCUMENT]));
    const place = path.join(folder, `proposals/123456789012/role/R/${proposal.proposalId}`);
    rmSync(path.join(place, 'report.html'));
    writeFileSync(path.join(place, 'policies/0-A.before.json'), 'half');
    await new FolderStore(folder).put(...withFiles(proposal, [REPORT, DOCUMENT]));
    expect(readFileSync(path.join(place, 'report.html'), 'utf8')).toBe('<html>');
    expect(readFileSync(path.join(place, 'policies/0-A.before.json'), 'utf8')).toBe('{}');
  });

  test.each(['.', '..'])(
    'of a principal named %s cannot be stored, and nothing is written elsewhere',
    async (name) => {
      await expect(
        new FolderStore(folder).put(...withFiles(proposalFor(name), [REPORT])),
      ).rejects.toMatchObject({
        code: 'invalid',
      });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('with a name that the file system does not allow fail alone', async () => {
    await expect(
      new FolderStore(folder).put(...withFiles(proposalFor('x'.repeat(300)), [REPORT])),
    ).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('the name is longer than the file system takes') as unknown,
    });
  });
});

describe('replacing a file', () => {
  test('leaves no partial file behind if it fails', () => {
    const file = path.join(folder, 'target');
    mkdirSync(file);
    expect(() => {
      replaceFile(file, 'text');
    }).toThrow(/EISDIR/);
    expect(readdirSync(folder)).toEqual(['target']);
  });
});

describe('making a folder', () => {
  test('creates its parents, and accepts those that exist', () => {
    makeFolder(path.join(folder, 'a/b/c'));
    makeFolder(path.join(folder, 'a/b/c'));
    expect(readdirSync(path.join(folder, 'a/b'))).toEqual(['c']);
  });

  test('fails, instead of looping, if the file system allows no new folder', () => {
    expect(() => {
      makeFolder('/proc/unused-access-refiner/x');
    }).toThrow(/ENOENT|EACCES|EPERM|EROFS|ENOTSUP|EOPNOTSUPP/);
  });

  test('refuses a file in its place', () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(() => {
      makeFolder(path.join(folder, 'file'));
    }).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    expect(() => {
      makeFolder(path.join(folder, 'file/below'));
    }).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });
});
