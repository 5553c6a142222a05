import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PROPOSAL_OBJECT } from '../../contract/object-keys.ts';
import { readingIn, withEarlierReading } from '../../core/proposal/last-use-reading.ts';
import type { DraftOf, Proposal } from '../../core/proposal/schema.ts';
import { AdapterError } from '../../ports/system.ts';
import type {
  FinishedProposal,
  FinishProposal,
  ProposalStore,
  StoredProposal,
} from '../../ports/proposals.ts';
import { renderProposal } from '../../core/proposal/to-json.ts';
import { prefixOf, readStoredProposal } from '../../stored/proposal.ts';
import { makeFolder } from './make-folder.ts';
import { codeOf, explain } from './read-text.ts';

/**
 * Errors that end a run, because no other proposal could be stored either. Any other error concerns one proposal only.
 */
const FATAL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG', 'EMFILE', 'ENFILE']);

/**
 * Proposals in a folder, under the same keys as in the bucket. `proposal.json` is written last, by renaming, so that a
 * run that is killed leaves no proposal without its other files. The files are always rendered, and for an existing
 * proposal compared one by one: its documents are the same, but an earlier version may have written another report,
 * and the dates of last use may have changed.
 *
 * Files are written synchronously, one after the other: they are small, and passing each to a thread of Node.js costs
 * several times as much as writing it (`npm run bench -- pairs`).
 */
export class FolderStore implements ProposalStore {
  readonly #root: string;
  /** Folders that this run has created or found. Most proposals share their parents. */
  readonly #folders = new Set<string>();

  constructor(root: string) {
    this.#root = path.normalize(root);
  }

  async put(draft: DraftOf<Proposal>, finish: FinishProposal): Promise<StoredProposal> {
    const prefix = prefixOf(draft);
    const { name } = 'subject' in draft ? draft.subject : draft.principal;
    // IAM allows these names, but in a file system they mean other folders.
    if (name === '.' || name === '..') {
      const message = `${name} cannot be the name of a folder, so its proposal has no place under ${this.#root}`;
      throw new AdapterError(message, 'permanent', 'invalid');
    }
    const finished = await finish();
    // Without the slash at the end, with which it would count as another folder.
    const folder = path.dirname(path.join(this.#root, prefix, PROPOSAL_OBJECT));
    return inFolder(folder, () => ({ prefix, ...this.#store(folder, finished) }));
  }

  #store(folder: string, { files, proposal, filesOf }: FinishedProposal): Omit<StoredProposal, 'prefix'> {
    const commit = path.join(folder, PROPOSAL_OBJECT);
    const own = new Set([folder]);
    try {
      const isNew = this.#make(folder);
      const known = isNew || !filesOf ? proposal : withWhatIsThere(proposal, commit);
      const isMerged = known !== proposal && filesOf !== undefined;
      const exists = !isNew && statSync(commit, { throwIfNoEntry: false }) !== undefined;
      for (const { name, body } of isMerged ? filesOf(known) : files) {
        const file = path.join(folder, name);
        const inner = path.dirname(file);
        this.#make(inner);
        own.add(inner);
        if (!exists) writeFileSync(file, body);
        else if (!holds(file, body)) replaceFile(file, body);
      }
      const text = renderProposal(known);
      if (!exists || !holds(commit, text)) replaceFile(commit, text);
      return { outcome: exists ? 'exists' : 'stored', ...(isMerged ? { lastUse: readingIn(known) } : {}) };
    } finally {
      // The proposal's own folders are forgotten: no other proposal uses them, and storing the same one again must
      // notice that they exist.
      for (const made of own) this.#folders.delete(made);
    }
  }

  /**
   * Creates a folder at most once in a run, parents first, so that no call fails.
   * @returns whether it did not exist before
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

/** @throws AdapterError that names the folder if the file system refuses */
function inFolder<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = `${folder}/: ${explain(error)}`;
    const code = FATAL.has(codeOf(error)) ? 'unavailable' : 'invalid';
    throw new AdapterError(message, 'permanent', code, { cause: error });
  }
}

/** Keeps an earlier last-use reading if this run has none. */
function withWhatIsThere(proposal: Proposal, file: string): Proposal {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true) return proposal;
  const stored = readStoredProposal(readFileSync(file, 'utf8'));
  // An unreadable file is replaced.
  return stored.ok && stored.value.proposalId === proposal.proposalId
    ? withEarlierReading(proposal, stored.value)
    : proposal;
}

function holds(file: string, body: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() === true && readFileSync(file, 'utf8') === body;
}

/**
 * Writes a file atomically: a reader sees the old text or the new one, never a part, and a failure leaves no partial
 * file.
 */
export function replaceFile(file: string, body: string, mode = 0o644): void {
  const temporary = `${file}.partial`;
  try {
    // With the encoding given, Node.js uses a faster path that opens, writes and closes in one step.
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
    // The temporary file was never created; the first error says why.
  }
}
