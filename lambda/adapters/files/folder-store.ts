import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import type { DraftOf, Proposal } from '../../core/proposal/schema.ts';
import { AdapterError } from '../../ports/system.ts';
import type { FinishProposal, ProposalFile, ProposalStore, StoredProposal } from '../../ports/proposals.ts';
import { renderProposal } from '../../core/proposal/render-proposal.ts';
import { prefixOf } from '../../stored/proposal.ts';
import { makeFolderSoon } from './make-folder.ts';
import { codeOf, explain } from './read-text.ts';

/** What ends a run, since no other proposal could be stored either. Anything else concerns one proposal only. */
const FATAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE']);

/**
 * Proposals in a folder, under the keys of the bucket. `proposal.json` comes last and by renaming, so that a run that
 * dies leaves none without its other files. A proposal that is there already is looked at file by file: the content of
 * `proposal.json` is the same, but an earlier version may have left another report. So the files are always made.
 *
 * Nothing waits for a single file: the files of one proposal are written side by side, and several proposals may be
 * under way at once.
 */
export class FolderStore implements ProposalStore {
  readonly #root: string;
  /** Folders that this run has made or found: true for one that was not there before. Most proposals share them. */
  readonly #folders = new Map<string, Promise<boolean>>();
  /** The proposals under way: the same one a second time comes after the first. */
  readonly #busy = new Map<string, Promise<unknown>>();

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
    const { files, proposal } = await finish();
    const earlier = this.#busy.get(prefix) ?? Promise.resolve();
    const written = earlier.then(() =>
      this.#write(path.join(this.#root, prefix), files, renderProposal(proposal)),
    );
    const settled = written.catch(() => undefined);
    this.#busy.set(prefix, settled);
    try {
      return { prefix, outcome: await written };
    } finally {
      if (this.#busy.get(prefix) === settled) this.#busy.delete(prefix);
    }
  }

  async #write(
    folder: string,
    files: readonly ProposalFile[],
    text: string,
  ): Promise<StoredProposal['outcome']> {
    try {
      const commit = path.join(folder, PROPOSAL_OBJECT);
      const isNew = await this.#make(path.dirname(commit));
      const exists = !isNew && statSync(commit, { throwIfNoEntry: false }) !== undefined;
      const write = async ({ name, body }: ProposalFile): Promise<void> => {
        const file = path.join(folder, name);
        await this.#make(path.dirname(file));
        if (!exists) await writeFile(file, body);
        else if (!holds(file, body)) replaceFile(file, body);
      };
      const outcomes = await Promise.allSettled(files.map(write));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
      if (!exists) await commitFile(commit, text);
      else if (!holds(commit, text)) replaceFile(commit, text);
      return exists ? 'exists' : 'stored';
    } catch (error) {
      const message = `${folder}: ${explain(error)}`;
      const code = FATAL.has(codeOf(error)) ? 'unavailable' : 'invalid';
      throw new AdapterError(message, 'permanent', code, { cause: error });
    } finally {
      // Nothing else of the run lies in them, and the same proposal again is to find them there.
      for (const name of [PROPOSAL_OBJECT, ...files.map((file) => file.name)]) {
        this.#folders.delete(path.dirname(path.join(folder, name)));
      }
    }
  }

  /** Makes a folder once in a run, from the top, so that the file system is never asked in vain. */
  #make(folder: string): Promise<boolean> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const parent = path.dirname(folder);
    const above = folder !== this.#root && parent !== folder ? this.#make(parent) : undefined;
    const made = (above ?? Promise.resolve()).then(() => makeFolderSoon(folder));
    this.#folders.set(folder, made);
    // A fault may pass (a full disk that was cleared), and the next proposal names it anew.
    made.catch(() => this.#folders.delete(folder));
    return made;
  }
}

function holds(file: string, body: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && readFileSync(file, 'utf8') === body;
}

/** As {@link replaceFile}, without waiting. */
async function commitFile(file: string, body: string): Promise<void> {
  const temporary = `${file}.partial`;
  try {
    await writeFile(temporary, body);
    await rename(temporary, file);
  } catch (error) {
    remove(temporary);
    throw error;
  }
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
