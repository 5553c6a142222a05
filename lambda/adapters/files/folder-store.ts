import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { readingIn, withEarlierReading } from '../../core/proposal/last-use-reading.ts';
import type { DraftOf, Proposal } from '../../core/proposal/schema.ts';
import { AdapterError } from '../../ports/system.ts';
import type { FinishProposal, ProposalFile, ProposalStore, StoredProposal } from '../../ports/proposals.ts';
import { renderProposal } from '../../core/proposal/to-json.ts';
import { prefixOf, readStoredProposal } from '../../stored/proposal.ts';
import { makeFolder } from './make-folder.ts';
import { codeOf, explain } from './read-text.ts';

/** What ends a run, since no other proposal could be stored either. Anything else concerns one proposal only. */
const FATAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE']);

/**
 * Proposals in a folder, under the keys of the bucket. `proposal.json` comes last and by renaming, so that a run that
 * dies leaves none without its other files. A proposal that is there already is looked at file by file: its documents
 * are the same, but an earlier version may have left another report, and AWS may say something else of its uses. So the
 * files are always made.
 *
 * It writes one file after the other: the files are small, and handing each to a thread of Node.js and waiting for it costs
 * several times what writing it does (`npm run bench -- pairs`).
 */
export class FolderStore implements ProposalStore {
  readonly #root: string;
  /** Folders that this run has made or found. Most proposals share them. */
  readonly #folders = new Set<string>();

  constructor(root: string) {
    this.#root = path.normalize(root);
  }

  async put(draft: DraftOf<Proposal>, finish: FinishProposal): Promise<StoredProposal> {
    const prefix = prefixOf(draft);
    const { name } = 'subject' in draft ? draft.subject : draft.principal;
    // IAM takes these names, and a file system takes them for other folders.
    if (name === '.' || name === '..') {
      const message = `${name} cannot be the name of a folder, so its proposal has no place under ${this.#root}`;
      throw new AdapterError(message, 'permanent', 'invalid');
    }
    const { files, proposal, filesOf } = await finish();
    const commit = path.join(this.#root, prefix, PROPOSAL_OBJECT);
    const known = inFolder(path.dirname(commit), () => withWhatIsThere(proposal, commit));
    if (known === proposal || !filesOf) {
      return { prefix, outcome: this.#write(commit, files, renderProposal(proposal)) };
    }
    const outcome = this.#write(commit, filesOf(known), renderProposal(known));
    return { prefix, outcome, lastUse: readingIn(known) };
  }

  #write(commit: string, files: readonly ProposalFile[], text: string): StoredProposal['outcome'] {
    // A name without a slash at its end: with one it would be another folder, to be made once more.
    const folder = path.dirname(commit);
    const own = new Set([folder]);
    const write = (): StoredProposal['outcome'] => {
      const isNew = this.#make(folder);
      const exists = !isNew && statSync(commit, { throwIfNoEntry: false }) !== undefined;
      for (const { name, body } of files) {
        const file = path.join(folder, name);
        const inner = path.dirname(file);
        this.#make(inner);
        own.add(inner);
        if (!exists) writeFileSync(file, body);
        else if (!holds(file, body)) replaceFile(file, body);
      }
      if (!exists || !holds(commit, text)) replaceFile(commit, text);
      return exists ? 'exists' : 'stored';
    };
    try {
      return inFolder(folder, write);
    } finally {
      // They contain nothing else of the run, and storing the same proposal again must find them.
      for (const made of own) this.#folders.delete(made);
    }
  }

  /**
   * Makes a folder once in a run, from the top, so that the file system is never asked in vain.
   * @returns whether it was not there before
   */
  #make(folder: string): boolean {
    if (this.#folders.has(folder)) return false;
    const parent = path.dirname(folder);
    if (folder !== this.#root && parent !== folder) this.#make(parent);
    const isNew = makeFolder(folder);
    this.#folders.add(folder);
    return isNew;
  }
}

/** @throws AdapterError that names the folder where the file system refuses */
function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = `${folder}/: ${explain(error)}`;
    const code = FATAL.has(codeOf(error)) ? 'unavailable' : 'invalid';
    throw new AdapterError(message, 'permanent', code, { cause: error });
  }
}

/** An earlier last-use reading is kept if this run has none. */
function withWhatIsThere(proposal: Proposal, file: string): Proposal {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return proposal;
  const stored = readStoredProposal(readFileSync(file, 'utf8'));
  // What cannot be read is replaced.
  return stored.ok && stored.value.proposalId === proposal.proposalId
    ? withEarlierReading(proposal, stored.value)
    : proposal;
}

function holds(file: string, body: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && readFileSync(file, 'utf8') === body;
}

/**
 * Writes a file atomically: a reader sees the old or the new text, never a part, and a failure leaves no partial
 * file.
 */
export function replaceFile(file: string, body: string, mode = 0o644): void {
  const temporary = `${file}.partial`;
  try {
    // Without the encoding Node.js takes a slower way that opens, writes and closes one by one.
    writeFileSync(temporary, body, { encoding: 'utf8', mode });
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
