import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { codeOf } from './read-text.ts';

/**
 * Takes a lock: a file with the id of the process that holds it. The lock of a killed process does not block others.
 * @returns undefined if the lock was taken; otherwise the id of the process that holds it, or 0 if no living process
 * does and another attempt may succeed
 * @throws an error of the file system
 */
export function takeLock(lock: string): number | undefined {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
    return undefined;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const owner = ownerOf(lock);
  if (owner > 0 && lives(owner)) return owner;
  if (owner > 0) removeOf(owner, lock);
  return 0;
}

/** Releases a lock that this process has taken. */
export function releaseLock(lock: string): void {
  if (ownerOf(lock) === process.pid) unlinkSync(lock);
}

/**
 * Removes the lock of a dead process, but not one that another process has taken since: only one of several processes
 * can rename it.
 */
function removeOf(owner: number, lock: string): void {
  const aside = `${lock}.${String(process.pid)}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if (ownerOf(aside) !== owner) linkSync(aside, lock);
  } finally {
    unlinkSync(aside);
  }
}

/** 0 if unknown: the lock no longer exists, or its owner has not written its id yet. */
function ownerOf(lock: string): number {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(owner) ? owner : 0;
  } catch {
    return 0;
  }
}

function lives(pid: number): boolean {
  // A lock with this process's id is from an earlier process, as in containers, where ids are reused.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}
