import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './read-text.ts';

/**
 * Creates a folder and its parents. Node.js's `recursive` is not used, because it loops forever in file systems that
 * allow no new folders (`/proc`).
 * @returns whether the folder did not exist before
 * @throws the file system's error
 */
export function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      refuseFile(folder, error);
      return false;
    }
    const parent = path.dirname(folder);
    if (parent !== folder) makeFolder(parent);
    mkdirSync(folder);
    return true;
  }
}

/**
 * Reports a file that is in the way with the same error wherever it is in the path; Node.js 24 reports it only here,
 * earlier versions before.
 */
function refuseFile(folder: string, error: unknown): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) return;
  throw there === undefined ? error : Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
}
