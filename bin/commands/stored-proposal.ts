import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { readText } from '../../lambda/adapters/files/read-text.ts';
import { PROPOSAL_OBJECT, STATE_OBJECT } from '../../lambda/contract/object-keys.ts';
import type { ProposalState } from '../../lambda/core/lifecycle/proposal-state.ts';
import type { Result } from '../../lambda/core/pattern/result.ts';
import type { Proposal, SharedProposal } from '../../lambda/core/proposal/schema.ts';
import { readProposalState, readStoredAny } from '../../lambda/stored/proposal.ts';

/** A proposal that somebody named, with what is said of it beside it. */
export interface FoundProposal {
  readonly proposal: Proposal | SharedProposal;
  readonly state: ProposalState | undefined;
  /** The folder as it was named, without a slash at its end. */
  readonly address: string;
}

/** Reads a file of the proposal's folder; undefined where there is none. */
type ReadFile = (name: string) => Promise<string | undefined>;

/**
 * Reads a proposal by its address: a folder or an `s3://bucket/…/` address, or the `proposal.json` in it.
 * @throws InputError when there is no proposal
 * @throws AdapterError when the bucket cannot be read
 */
export async function findProposal(address: string): Promise<FoundProposal> {
  const folder = folderOf(address);
  const read = folder.startsWith('s3://') ? await inBucket(folder) : inFolder(folder);
  const text = await read(PROPOSAL_OBJECT);
  if (text === undefined) {
    throw new InputError(
      `${folder}: holds no ${PROPOSAL_OBJECT}; give the folder of one proposal, ` +
        'proposals/<accountId>/<role|user>/<name>/<id> or shared/<accountId>/<policy|group>/<name>/<id>',
    );
  }
  const stateText = await read(STATE_OBJECT);
  return {
    proposal: valueOf(readStoredAny(text), `${folder}/${PROPOSAL_OBJECT}`),
    state:
      stateText === undefined
        ? undefined
        : valueOf(readProposalState(stateText), `${folder}/${STATE_OBJECT}`),
    address: folder,
  };
}

function folderOf(address: string): string {
  const end = `/${PROPOSAL_OBJECT}`;
  const folder =
    address === PROPOSAL_OBJECT ? '.' : address.endsWith(end) ? address.slice(0, -end.length) : address;
  return folder.replace(/(?<=[^/])\/+$/, '');
}

function inFolder(folder: string): ReadFile {
  if (!existsSync(folder)) throw new InputError(`${folder}: no such folder`);
  if (!statSync(folder).isDirectory()) {
    throw new InputError(`${folder}: is a file where the folder of a proposal is expected`);
  }
  return (name) => {
    const file = path.join(folder, name);
    return Promise.resolve(existsSync(file) ? readText(file) : undefined);
  };
}

async function inBucket(folder: string): Promise<ReadFile> {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(folder) ?? [];
  if (bucket === undefined || prefix === undefined) {
    throw new InputError(`${folder}: not the address of a proposal; expected s3://bucket/proposals/…/`);
  }
  // The AWS SDK is loaded by the commands that need it: loading it takes longer than refining a role.
  const { objectsForCaller } = await import('../../lambda/adapters/aws/s3/objects.ts');
  const objects = objectsForCaller(bucket, process.env);
  return async (name) => (await objects.get(`${prefix}/${name}`))?.text;
}

function valueOf<T>(result: Result<T>, file: string): T {
  if (!result.ok) throw new InputError(`${file}: ${result.problem}; make the proposal again`);
  return result.value;
}
