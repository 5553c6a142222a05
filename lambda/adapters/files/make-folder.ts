import { mkdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from './read-text.ts';

/**
 * Makes a folder and the folders above it. Not with Node.js's `recursive`: where the file system has no place for new
 * folders (`/proc`), that one asks for ever.
 * @throws the file system's error
 */
export function makeFolder(folder: string): void {
  if (tryToMake(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder);
}

/** False when a folder above is missing. */
function tryToMake(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    refuseFile(folder, error);
    return true;
  }
}

/**
 * The same without waiting, for a folder whose parent is there or on the way to the top of the file system.
 * @returns whether it was not there before
 * @throws the file system's error
 */
export async function makeFolderSoon(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      makeFolder(folder);
      return true;
    }
    refuseFile(folder, error);
    return false;
  }
}

/** A file in the way is the same fault wherever in the path it is; Node.js 24 finds it here, earlier ones before. */
function refuseFile(folder: string, error: unknown): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) return;
  throw there === undefined ? error : Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
}
