import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  PROPOSAL_OBJECT,
  PROPOSALS_PREFIX,
  REPORT_OBJECT,
  SHARED_PREFIX,
  STATE_OBJECT,
  WITHHELD_OBJECT,
} from '../../contract/object-keys.ts';
import { type ProposalState, renderState } from '../../core/lifecycle/proposal-state.ts';
import { withReadingBeside } from '../../core/proposal/last-use-reading.ts';
import type { Proposal } from '../../core/proposal/schema.ts';
import { byCodeUnit } from '../../core/model/order.ts';
import type { WithheldRecord } from '../../ports/proposals.ts';
import { AdapterError } from '../../ports/system.ts';
import { prefixOf, readProposalState, readStoredProposal, readWithheld } from '../../stored/proposal.ts';
import { replaceFile } from './folder-store.ts';
import { InputError } from './input-error.ts';
import { explain, readText } from './read-text.ts';

/** How many folders are between `proposals` or `shared` and a `proposal.json`: account, type, name, id. */
const DEPTH = 4;

/** Reads the proposals under `--out`, and writes their states. */
export class FolderRepository {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @throws InputError if the folder contains no proposals */
  static at(root: string): FolderRepository {
    const folder = path.join(root, PROPOSALS_PREFIX);
    try {
      if (!statSync(folder).isDirectory())
        throw new InputError(`${folder}: is a file where a folder is expected`);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(`${folder}: ${explain(error)}; give the folder that account wrote into`);
    }
    return new FolderRepository(root);
  }

  /** Opens a folder that may contain no proposals yet. */
  static in(root: string): FolderRepository {
    return new FolderRepository(root);
  }

  /** Prefixes of all proposals, sorted; empty if there are none. @throws InputError if a folder cannot be read */
  allPrefixes(): readonly string[] {
    return this.#hasFolder(PROPOSALS_PREFIX) ? this.#prefixesIn(PROPOSALS_PREFIX) : [];
  }

  /**
   * Prefixes of all proposals about principals, sorted, each with a slash at the end.
   * @throws InputError if there are no proposals and no withheld ones, or a folder cannot be read
   */
  prefixes(): readonly string[] {
    const found = this.#prefixesIn(PROPOSALS_PREFIX);
    if (found.length === 0 && this.withheldPrefixes().length === 0) {
      throw new InputError(`${path.join(this.#root, PROPOSALS_PREFIX)}: holds no proposals`);
    }
    return found;
  }

  /** Prefixes of withheld proposals, sorted; only a copy of a bucket has any. */
  withheldPrefixes(): readonly string[] {
    return this.#prefixesIn(PROPOSALS_PREFIX, WITHHELD_OBJECT);
  }

  /** @throws InputError that names the file */
  readWithheld(prefix: string): WithheldRecord {
    const file = path.join(this.#root, prefix, WITHHELD_OBJECT);
    const read = readWithheld(readText(file));
    if (!read.ok) throw new InputError(`${file}: ${read.problem}; copy it from the bucket again`);
    return read.value;
  }

  /**
   * Prefixes of all proposals about shared policies and groups, sorted; empty if there are none.
   * @throws InputError if a folder cannot be read
   */
  sharedPrefixes(): readonly string[] {
    return this.#hasFolder(SHARED_PREFIX) ? this.#prefixesIn(SHARED_PREFIX) : [];
  }

  /**
   * Reads a proposal, with the warnings that its state adds.
   * @throws InputError that names the file
   */
  read(prefix: string): Proposal {
    const file = path.join(this.#root, prefix, PROPOSAL_OBJECT);
    const read = readStoredProposal(readText(file));
    if (!read.ok) throw new InputError(`${file}: ${read.problem}; make the proposal again`);
    if (prefixOf(read.value) === prefix) return withReadingBeside(read.value, this.readState(prefix));
    const what = 'subject' in read.value ? 'subject' : 'principal';
    throw new InputError(`${file}: its ${what} and id do not belong in this folder; was it copied?`);
  }

  hasReport(prefix: string): boolean {
    return this.#has(prefix + REPORT_OBJECT);
  }

  /**
   * Reads the state of a proposal; undefined if it has none.
   * @throws InputError that names the file
   */
  readState(prefix: string): ProposalState | undefined {
    if (!this.#has(prefix + STATE_OBJECT)) return undefined;
    const file = path.join(this.#root, prefix, STATE_OBJECT);
    const read = readProposalState(readText(file));
    if (!read.ok) throw new InputError(`${file}: ${read.problem}; delete it, and run recheck`);
    return read.value;
  }

  /**
   * Writes the state of a proposal and keeps the stored dates of last use. A current proposal without such dates has
   * no state, so its file is removed.
   * @throws AdapterError that names the file
   */
  mark(prefix: string, state: ProposalState): void {
    const file = path.join(this.#root, prefix, STATE_OBJECT);
    try {
      const { lastUse } = this.#said(file);
      if (state.state === 'current' && lastUse === undefined) {
        rmSync(file, { force: true });
        return;
      }
      const text = renderState(lastUse === undefined ? state : { ...state, lastUse });
      if (!this.#has(prefix + STATE_OBJECT) || readFileSync(file, 'utf8') !== text) replaceFile(file, text);
    } catch (error) {
      throw new AdapterError(`${file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
    }
  }

  /** The stored state, as far as it can be read. */
  #said(file: string): Partial<ProposalState> {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return {};
    const read = readProposalState(readFileSync(file, 'utf8'));
    return read.ok ? read.value : {};
  }

  #prefixesIn(root: string, object = PROPOSAL_OBJECT): readonly string[] {
    let folders: readonly string[] = [root];
    for (let level = 0; level < DEPTH; level += 1) folders = folders.flatMap((at) => this.#foldersIn(at));
    // A run that was killed leaves folders without the file that commits them; they are not proposals.
    return folders.filter((at) => this.#has(at + object));
  }

  #hasFolder(key: string): boolean {
    return statSync(path.join(this.#root, key), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  #has(key: string): boolean {
    return statSync(path.join(this.#root, key), { throwIfNoEntry: false })?.isFile() === true;
  }

  #foldersIn(at: string): readonly string[] {
    const folder = path.join(this.#root, at);
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort(byCodeUnit)
        .map((name) => `${at}${name}/`);
    } catch (error) {
      throw new InputError(`${folder}: ${explain(error)}`);
    }
  }
}
