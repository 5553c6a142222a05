import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { codeOf } from './read-text.ts';

/**
 * Takes a lock, a file with the id of the process that has it. Whoever was killed with it locks out nobody.
 * @returns undefined where it was taken; else the process that has it, or 0 where none lives and another try may succeed
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

/** Gives a lock back that this process has taken. */
export function releaseLock(lock: string): void {
  if (ownerOf(lock) === process.pid) unlinkSync(lock);
}

/** Removes the lock of a process that is dead, and not one that another has taken since: only one of several moves it. */
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

/** 0 where nobody can tell: there is none any more, or its owner has not written its id yet. */
function ownerOf(lock: string): number {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    return Number.isInteger(owner) ? owner : 0;
  } catch {
    return 0;
  }
}

function lives(pid: number): boolean {
  // A process has its own lock from an earlier life only, as in containers, whose processes have the same few ids.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}
