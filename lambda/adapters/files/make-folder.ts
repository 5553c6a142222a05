import { mkdirSync, statSync } from 'node:fs';
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
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return true;
    throw error;
  }
}
