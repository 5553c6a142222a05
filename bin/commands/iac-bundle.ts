import path from 'node:path';
import { replaceFile } from '../../lambda/adapters/files/folder-store.ts';
import { makeFolder } from '../../lambda/adapters/files/make-folder.ts';
import { explain } from '../../lambda/adapters/files/read-text.ts';
import type { PrincipalProposal } from '../../lambda/core/proposal/schema.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { IAC_EXTENSION, type IacFormat, renderIac } from '../../lambda/report/iac/render-iac.ts';

/**
 * Writes the changes of a run as infrastructure as code, in one folder for each account:
 * `iac/<accountId>/<role|user>-<name>` with the extension of the format. A second proposal about the same principal
 * has its id in the name.
 */
export class IacBundle {
  readonly #root: string;
  readonly #format: IacFormat;
  /** The proposal in each file of this run. */
  readonly #holds = new Map<string, string>();

  constructor(out: string, format: IacFormat) {
    this.#root = path.join(out, 'iac');
    this.#format = format;
  }

  /**
   * Writes a proposal, except one to remove something, which has no form as code.
   * @throws AdapterError that names the file
   */
  add(proposal: PrincipalProposal): void {
    const { principal, proposalId } = proposal;
    if (proposal.kind !== 'refine-permissions') return;
    const name = path.join(principal.accountId, `${principal.type}-${principal.name}`);
    const isTaken = (this.#holds.get(name) ?? proposalId) !== proposalId;
    if (!isTaken) this.#holds.set(name, proposalId);
    const file = path.join(
      this.#root,
      `${name}${isTaken ? `.${proposalId}` : ''}${IAC_EXTENSION[this.#format]}`,
    );
    try {
      makeFolder(path.dirname(file));
      replaceFile(file, renderIac(proposal, this.#format));
    } catch (error) {
      throw new AdapterError(`${file}: ${explain(error)}`, 'permanent', 'unavailable', { cause: error });
    }
  }
}
