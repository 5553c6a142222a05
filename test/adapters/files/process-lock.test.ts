import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { releaseLock, takeLock } from '../../../lambda/adapters/files/process-lock.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'process-lock-'));
const lock = path.join(folder, 'lock');

beforeEach(() => {
  rmSync(lock, { force: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('is taken if it is free, names its owner, and is released', () => {
  expect(takeLock(lock)).toBeUndefined();
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid));
  releaseLock(lock);
  expect(existsSync(lock)).toBe(false);
});

test('stays with a living process, whoever else tries to take or release it', () => {
  writeFileSync(lock, String(process.ppid));
  expect(takeLock(lock)).toBe(process.ppid);
  releaseLock(lock);
  expect(readFileSync(lock, 'utf8')).toBe(String(process.ppid));
});

test.each([
  // No process has this number.
  ['was killed', '4194305'],
  ['had the same number', String(process.pid)],
])('of a process that %s is free at the second attempt', (_, owner) => {
  writeFileSync(lock, owner);
  expect(takeLock(lock)).toBe(0);
  expect(takeLock(lock)).toBeUndefined();
});

test('whose owner has not written its process id yet is not taken', () => {
  writeFileSync(lock, '');
  expect([takeLock(lock), takeLock(lock)]).toEqual([0, 0]);
  expect(existsSync(lock)).toBe(true);
});
