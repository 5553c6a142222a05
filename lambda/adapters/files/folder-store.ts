import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { proposalPrefix, PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import { AdapterError } from '../../ports/errors.ts';
import type { ProposalFile, ProposalStore, StoredProposal } from '../../ports/proposal-store.ts';
import { renderProposal } from '../../use-cases/proposal-files.ts';
import { explain } from './read-text.ts';

/**
 * Proposals in a folder, under the keys of the bucket. `proposal.json` comes last and by renaming, so that a run that
 * dies leaves none without its other files. A proposal that is there already is written again: the content is the
 * same, but an earlier version may have left another report.
 */
export class FolderStore implements ProposalStore {
  readonly #root: string;
  constructor(root: string) {
    this.#root = root;
  }

  put(proposal: Proposal, files: readonly ProposalFile[]): Promise<StoredProposal> {
    const prefix = proposalPrefix(proposal.principal, proposal.proposalId);
    const folder = path.join(this.#root, prefix);
    const commit = path.join(folder, PROPOSAL_OBJECT);
    try {
      const exists = existsSync(commit);
      const folders = new Set(files.map(({ name }) => path.dirname(path.join(folder, name))));
      for (const name of new Set([folder, ...folders])) mkdirSync(name, { recursive: true });
      for (const { name, body } of files) {
        const file = path.join(folder, name);
        if (exists) replaceFile(file, body);
        else writeFileSync(file, body);
      }
      replaceFile(commit, renderProposal(proposal));
      return Promise.resolve({ prefix, outcome: exists ? 'exists' : 'stored' });
    } catch (error) {
      const message = `${folder}: ${explain(error)}`;
      return Promise.reject(new AdapterError(message, 'permanent', 'unavailable', { cause: error }));
    }
  }
}

/** Writes a file so that a reader sees the old text or the new one, never a part. */
export function replaceFile(file: string, body: string): void {
  const temporary = `${file}.partial`;
  writeFileSync(temporary, body);
  renameSync(temporary, file);
}
