import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../lambda/adapters/files/input-error.ts';
import { readText } from '../../lambda/adapters/files/read-text.ts';
import { PROPOSAL_OBJECT } from '../../lambda/contract/object-keys.ts';

/** Where a proposal lies: a folder of this machine, or a prefix of a bucket. */
export interface ProposalFolder {
  /** As it was named, without a slash at its end. */
  readonly address: string;
  /** Reads a file of it; undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Names of the folders beside it. */
  siblings(): Promise<readonly string[]>;
  /** A file of a folder beside it. */
  readSibling(folder: string, name: string): Promise<string | undefined>;
}

/**
 * Opens a proposal by its address: a folder or an `s3://bucket/…/` address, or the `proposal.json` in it.
 * @throws InputError when there is no such folder
 */
export async function openProposalFolder(address: string): Promise<ProposalFolder> {
  const folder = folderOf(address);
  return folder.startsWith('s3://') ? inBucket(folder) : inFolder(folder);
}

function folderOf(address: string): string {
  const end = `/${PROPOSAL_OBJECT}`;
  const folder =
    address === PROPOSAL_OBJECT ? '.' : address.endsWith(end) ? address.slice(0, -end.length) : address;
  return folder.replace(/(?<=[^/])\/+$/, '');
}

function inFolder(folder: string): ProposalFolder {
  if (!existsSync(folder)) throw new InputError(`${folder}: no such folder`);
  if (!statSync(folder).isDirectory()) {
    throw new InputError(`${folder}: is a file where the folder of a proposal is expected`);
  }
  const parent = path.dirname(path.resolve(folder));
  const own = path.basename(path.resolve(folder));
  const read = (file: string): Promise<string | undefined> =>
    Promise.resolve(existsSync(file) ? readText(file) : undefined);
  return {
    address: folder,
    read: (name) => read(path.join(folder, name)),
    siblings: () =>
      Promise.resolve(
        readdirSync(parent, { withFileTypes: true }).flatMap((entry) =>
          entry.isDirectory() && entry.name !== own ? [entry.name] : [],
        ),
      ),
    readSibling: (sibling, name) => read(path.join(parent, sibling, name)),
  };
}

async function inBucket(folder: string): Promise<ProposalFolder> {
  const [, bucket, prefix] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(.+)$/.exec(folder) ?? [];
  if (bucket === undefined || prefix === undefined) {
    throw new InputError(`${folder}: not the address of a proposal; expected s3://bucket/proposals/…/`);
  }
  // The AWS SDK is loaded by the commands that need it: loading it takes longer than refining a role.
  const { objectsForCaller } = await import('../../lambda/adapters/aws/s3/objects.ts');
  const objects = objectsForCaller(bucket, process.env);
  const read = async (key: string): Promise<string | undefined> => (await objects.get(key))?.text;
  const slash = prefix.lastIndexOf('/');
  const parent = prefix.slice(0, slash + 1);
  const own = prefix.slice(slash + 1);
  return {
    address: folder,
    read: (name) => read(`${prefix}/${name}`),
    siblings: async () => {
      const keys = [...(await objects.list(parent)).keys()];
      const names = new Set(keys.map((key) => key.slice(parent.length).split('/')[0] ?? ''));
      return [...names].filter((name) => name !== own);
    },
    readSibling: (sibling, name) => read(`${parent}${sibling}/${name}`),
  };
}
