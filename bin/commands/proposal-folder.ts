import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { readText } from '../../lambda/adapters/files/read-text.ts';
import { PROPOSAL_OBJECT, STATE_OBJECT, WITHHELD_OBJECT } from '../../lambda/contract/object-keys.ts';
import type { Decision } from '../../lambda/core/decision/decision.ts';
import { againstDecisions } from '../../lambda/core/proposal/against-decisions.ts';
import type { Result } from '../../lambda/core/pattern/result.ts';
import { AdapterError } from '../../lambda/ports/system.ts';
import { readProposalState, readStoredProposal } from '../../lambda/stored/proposal.ts';
import type { ProposalState } from '../../lambda/core/lifecycle/proposal-state.ts';
import { withReadingBeside } from '../../lambda/core/proposal/last-use-reading.ts';
import type { Proposal } from '../../lambda/core/proposal/schema.ts';

/** The folder of a proposal: on this machine, or a prefix of a bucket. */
export interface ProposalFolder {
  /** The given address, without a slash at the end. */
  readonly address: string;
  /** Reads a file in it or below it; undefined if there is none. */
  read(name: string): Promise<string | undefined>;
  /** Names of the folders in it. */
  folders(): Promise<readonly string[]>;
  /** Names of the folders beside it. */
  siblings(): Promise<readonly string[]>;
  /** Reads a file of a folder beside it; undefined if there is none. */
  readSibling(folder: string, name: string): Promise<string | undefined>;
}

/** Which of several proposals about one subject is wanted: the one to apply, or the one to roll back. */
type Wanted = 'current' | 'applied';

/**
 * Opens a proposal by its address: a folder or an `s3://bucket/…/` address, or the `proposal.json` in it. The address
 * may also be the folder of a principal, shared policy or group; then the newest wanted proposal in it is opened.
 * @param decisions a proposal that they reject is not the current one
 * @throws InputError if there is no such folder, or it is not clear which of several proposals is wanted
 */
export async function openProposalFolder(
  address: string,
  wanted: Wanted = 'current',
  decisions: readonly Decision[] = [],
): Promise<ProposalFolder> {
  const opened = await open(folderOf(address));
  const ids = (await opened.read(PROPOSAL_OBJECT)) === undefined ? await foldersIn(opened) : [];
  const proposals = ids.filter((id) => /^[0-9a-f]{32}$/.test(id));
  if (proposals.length === 0) return opened;
  return open(`${opened.address}/${await choose(opened, proposals, wanted, decisions)}`);
}

/** Empty if the caller may not list the bucket: the address may still name a proposal. */
async function foldersIn(place: ProposalFolder): Promise<readonly string[]> {
  try {
    return await place.folders();
  } catch (error) {
    if (error instanceof AdapterError && error.code === 'access-denied') return [];
    throw error;
  }
}

function open(folder: string): Promise<ProposalFolder> {
  return folder.startsWith('s3://') ? inBucket(folder) : Promise.resolve(inFolder(folder));
}

/** One of the proposals in the folder of a subject. */
interface Candidate {
  readonly id: string;
  readonly status: string;
  readonly isWanted: boolean;
  /** What the proposal is about: a user can have proposals about permissions, a password and keys. */
  readonly about: string;
  /** When its finding was last updated, or the newest of several. */
  readonly date: string;
}

/** @throws InputError if no proposal qualifies, or it is not clear which one is wanted */
async function choose(
  place: ProposalFolder,
  ids: readonly string[],
  wanted: Wanted,
  decisions: readonly Decision[],
): Promise<string> {
  const candidates: Candidate[] = [];
  for (const id of ids) candidates.push(await candidateOf(place, id, wanted, decisions));
  const found = candidates
    .filter(({ isWanted }) => isWanted)
    .sort((a, b) => Date.parse(b.date) - Date.parse(a.date));
  const [newest, next] = found;
  const listed = (some: readonly Candidate[]): string =>
    some.map(({ id, about, status }) => `${id} (${about}, ${status})`).join(', ');
  if (newest === undefined) {
    throw new InputError(
      `${place.address}: none of its proposals is ${wanted}: ${listed(candidates)}; give the folder of one`,
    );
  }
  const isClear =
    next === undefined ||
    (found.every(({ about }) => about === newest.about) && Date.parse(newest.date) > Date.parse(next.date));
  if (!isClear) {
    throw new InputError(
      `${place.address}: several of its proposals are ${wanted}: ${listed(found)}; give the folder of one`,
    );
  }
  return newest.id;
}

async function candidateOf(
  place: ProposalFolder,
  id: string,
  wanted: Wanted,
  decisions: readonly Decision[],
): Promise<Candidate> {
  const proposal = valueOf(
    readStoredProposal((await place.read(`${id}/${PROPOSAL_OBJECT}`)) ?? ''),
    `${place.address}/${id}/${PROPOSAL_OBJECT}`,
  );
  const text = await place.read(`${id}/${STATE_OBJECT}`);
  const said =
    text === undefined
      ? 'current'
      : valueOf(readProposalState(text), `${place.address}/${id}/${STATE_OBJECT}`).state;
  const [against] = againstDecisions(proposal, decisions);
  const isWithheld = (await place.read(`${id}/${WITHHELD_OBJECT}`)) !== undefined;
  const hasReceipt =
    (await place.read(`${id}/${RECEIPT}`)) !== undefined ||
    (place.address.startsWith('s3://') && existsSync(receiptInWorkingFolder(id)));
  const findings = 'subject' in proposal ? proposal.findings : [proposal.finding];
  const dates = findings.flatMap(({ updatedAt }) => updatedAt ?? []);
  return {
    id,
    status: [
      isWithheld && said === 'current' ? 'withheld' : said,
      ...(hasReceipt ? ['with a receipt'] : []),
      ...(against === undefined ? [] : [`but ${against}`]),
    ].join(', '),
    isWanted:
      wanted === 'current'
        ? said === 'current' && !isWithheld && against === undefined
        : hasReceipt || said === 'applied',
    about: proposal.kind === 'remove-access-key' ? `${proposal.kind} ${proposal.accessKeyId}` : proposal.kind,
    date: dates.toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? '',
  };
}

/** File name of the receipt in the folder of a proposal. */
export const RECEIPT = 'apply-receipt.json';

/** File name of the receipt of a proposal in a bucket, in the working folder. */
export function receiptInWorkingFolder(proposalId: string): string {
  return `apply-receipt-${proposalId}.json`;
}

/** @throws InputError that names the file */
function valueOf<T>(result: Result<T>, file: string): T {
  if (!result.ok) throw new InputError(`${file}: ${result.problem}; make the proposal again`);
  return result.value;
}

/** The error for a folder without a proposal. */
function noProposalIn(folder: string): InputError {
  return new InputError(
    `${folder}: holds no ${PROPOSAL_OBJECT}; give the folder of one proposal, ` +
      'proposals/<accountId>/<role|user>/<name>/<id> or shared/<accountId>/<policy|group>/<name>/<id>, or without the id',
  );
}

function folderOf(address: string): string {
  const end = `/${PROPOSAL_OBJECT}`;
  const folder =
    address === PROPOSAL_OBJECT ? '.' : address.endsWith(end) ? address.slice(0, -end.length) : address;
  return folder.replace(/(?<=[^/])\/+$/, '');
}

function inFolder(named: string): ProposalFolder {
  const folder = existsSync(named) ? named : belowOut(named);
  if (!statSync(folder).isDirectory()) {
    throw new InputError(`${folder}: is a file where the folder of a proposal is expected`);
  }
  const parent = path.dirname(path.resolve(folder));
  const own = path.basename(path.resolve(folder));
  const read = (file: string): Promise<string | undefined> =>
    Promise.resolve(existsSync(file) ? readText(file) : undefined);
  const foldersIn = (place: string): readonly string[] =>
    readdirSync(place, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  return {
    address: folder,
    read: (name) => read(path.join(folder, name)),
    folders: () => Promise.resolve(foldersIn(folder)),
    siblings: () => Promise.resolve(foldersIn(parent).filter((name) => name !== own)),
    readSibling: (sibling, name) => read(path.join(parent, sibling, name)),
  };
}

/**
 * Finds a proposal by its path below `--out`, as reports print it: `proposals/…` is looked up in each subfolder of the
 * working folder.
 * @throws InputError if it is in none of them, or in several
 */
function belowOut(named: string): string {
  const isKey = /^(?:proposals|shared)\//.test(named);
  const outs = readdirSync('.', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const found = isKey
    ? outs.map(({ name }) => path.join(name, named)).filter((folder) => existsSync(folder))
    : [];
  const [only, another] = found;
  if (only === undefined) throw new InputError(`${named}: no such folder`);
  if (another === undefined) return only;
  throw new InputError(`${named}: is in several folders here: ${found.join(', ')}; give one of them`);
}

async function inBucket(folder: string): Promise<ProposalFolder> {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(folder) ?? [];
  if (bucket === undefined || prefix === undefined) {
    throw new InputError(`${folder}: not the address of a proposal; expected s3://bucket/proposals/…/`);
  }
  // Only commands that need the AWS SDK load it: that takes longer than refining a role.
  const { objectsForCaller } = await import('../../lambda/adapters/aws/s3/objects.ts');
  const objects = objectsForCaller(bucket, process.env);
  const read = async (key: string): Promise<string | undefined> => (await objects.get(key))?.text;
  const slash = prefix.lastIndexOf('/');
  const parent = prefix.slice(0, slash + 1);
  const own = prefix.slice(slash + 1);
  const foldersIn = async (place: string): Promise<readonly string[]> => {
    const keys = [...(await objects.list(place)).keys()];
    return [...new Set(keys.map((key) => key.slice(place.length).split('/')[0] ?? ''))];
  };
  return {
    address: folder,
    read: (name) => read(`${prefix}/${name}`),
    folders: () => foldersIn(`${prefix}/`),
    siblings: async () => (await foldersIn(parent)).filter((name) => name !== own),
    readSibling: (sibling, name) => read(`${parent}${sibling}/${name}`),
  };
}

/** A stored proposal with its state. */
export interface FoundProposal {
  /** The proposal, with the warnings that its state adds. */
  readonly proposal: Proposal;
  readonly state: ProposalState | undefined;
  /** The given folder, without a slash at the end. */
  readonly address: string;
}

/**
 * Reads a proposal by its address: a folder or an `s3://bucket/…/` address, or the `proposal.json` in it.
 * @param decisions used to choose the current proposal if the address is the folder of a principal
 * @throws InputError if there is no proposal
 * @throws AdapterError if the bucket cannot be read
 */
export async function findProposal(
  address: string,
  decisions: readonly Decision[] = [],
): Promise<FoundProposal> {
  const opened = await openProposalFolder(address, 'current', decisions);
  const folder = opened.address;
  const text = await opened.read(PROPOSAL_OBJECT);
  if (text === undefined) throw noProposalIn(folder);
  const stateText = await opened.read(STATE_OBJECT);
  const proposal = valueOf(readStoredProposal(text), `${folder}/${PROPOSAL_OBJECT}`);
  const state =
    stateText === undefined ? undefined : valueOf(readProposalState(stateText), `${folder}/${STATE_OBJECT}`);
  return { proposal: withReadingBeside(proposal, state), state, address: folder };
}
