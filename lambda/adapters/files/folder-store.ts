import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { proposalPrefix, PROPOSAL_OBJECT, sharedPrefix } from '../../contract/object-keys.ts';
import type {
  DraftProposal,
  DraftShared,
  Proposal,
  RemovalProposal,
  SharedProposal,
} from '../../core/proposal/schema.ts';
import { AdapterError } from '../../ports/system.ts';
import type { FinishProposal, ProposalStore, StoredProposal } from '../../ports/proposals.ts';
import type { SharedProposalStore } from '../../ports/proposals.ts';
import { renderProposal } from '../../core/proposal/render-proposal.ts';
import { makeFolder } from './make-folder.ts';
import { codeOf, explain } from './read-text.ts';

/** What ends a run, since no other proposal could be stored either. Anything else concerns one proposal only. */
const FATAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE']);

/**
 * Proposals in a folder, under the keys of the bucket. `proposal.json` comes last and by renaming, so that a run that
 * dies leaves none without its other files. A proposal that is there already is looked at file by file: the content of
 * `proposal.json` is the same, but an earlier version may have left another report. So the files are always made.
 */
export class FolderStore implements ProposalStore, SharedProposalStore {
  readonly #root: string;
  /** Folders that this run has made already: most proposals differ in the last two parts of their path only. */
  readonly #made = new Set<string>();

  constructor(root: string) {
    this.#root = path.normalize(root);
  }

  put(
    { principal, proposalId }: DraftProposal | RemovalProposal,
    finish: FinishProposal,
  ): Promise<StoredProposal> {
    return this.#put(proposalPrefix(principal, proposalId), principal.name, finish);
  }

  putShared(
    { subject, proposalId }: DraftShared,
    finish: FinishProposal<SharedProposal>,
  ): Promise<StoredProposal> {
    return this.#put(sharedPrefix(subject, proposalId), subject.name, finish);
  }

  async #put(
    prefix: string,
    name: string,
    finish: FinishProposal<Proposal | SharedProposal>,
  ): Promise<StoredProposal> {
    const folder = path.join(this.#root, prefix);
    // IAM takes these names, and a file system takes them for other folders.
    if (name === '.' || name === '..') {
      const message = `${name} cannot be the name of a folder, so its proposal has no place under ${this.#root}`;
      throw new AdapterError(message, 'permanent', 'invalid');
    }
    const { files, proposal } = await finish();
    try {
      const commit = path.join(folder, PROPOSAL_OBJECT);
      const exists = statSync(commit, { throwIfNoEntry: false }) !== undefined;
      for (const { name: fileName, body } of files) {
        const file = path.join(folder, fileName);
        this.#make(path.dirname(file));
        if (!exists) writeFileSync(file, body);
        else if (!holds(file, body)) replaceFile(file, body);
      }
      this.#make(path.dirname(commit));
      const text = renderProposal(proposal);
      if (!exists || !holds(commit, text)) replaceFile(commit, text);
      return { prefix, outcome: exists ? 'exists' : 'stored' };
    } catch (error) {
      const message = `${folder}: ${explain(error)}`;
      const code = FATAL.has(codeOf(error)) ? 'unavailable' : 'invalid';
      throw new AdapterError(message, 'permanent', code, { cause: error });
    }
  }

  #make(folder: string): void {
    if (this.#made.has(folder)) return;
    // From the top, so that the file system is asked once for each folder and never in vain.
    const parent = path.dirname(folder);
    if (folder !== this.#root && parent !== folder) this.#make(parent);
    makeFolder(folder);
    this.#made.add(folder);
  }
}

function holds(file: string, body: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && readFileSync(file, 'utf8') === body;
}

/** Writes a file so that a reader sees the old text or the new one, never a part; a failure leaves no part behind. */
export function replaceFile(file: string, body: string, mode = 0o644): void {
  const temporary = `${file}.partial`;
  try {
    writeFileSync(temporary, body, { mode });
    renameSync(temporary, file);
  } catch (error) {
    remove(temporary);
    throw error;
  }
}

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made: the first error is the one that says why.
  }
}
