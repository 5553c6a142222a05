import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './read-text.ts';

/**
 * Makes a folder and the folders above it. Not with Node.js's `recursive`: where the file system has no place for new
 * folders (`/proc`), that one asks for ever.
 * @returns whether it was not there before
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

/** A file in the way is the same fault wherever in the path it is; Node.js 24 finds it here, earlier ones before. */
function refuseFile(folder: string, error: unknown): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there?.isDirectory() === true) return;
  throw there === undefined ? error : Object.assign(new Error(`${folder} is a file`), { code: 'ENOTDIR' });
}
