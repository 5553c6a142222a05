import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DecisionsFile, readDecisionsFile } from '../../../lambda/adapters/files/decisions-file.ts';
import type { Decision } from '../../../lambda/core/decision/decision.ts';

let root = '';
let file = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
  file = path.join(root, 'team', 'decisions.json');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const keep = (action: string): Decision => ({
  decision: 'keep',
  about: '111122223333',
  keep: [action],
  reason: 'used at quarter ends',
  by: 'ana',
  on: '2026-11-29',
});
const [A, B, C] = [keep('s3:GetObject'), keep('s3:PutObject'), keep('sqs:SendMessage')];

describe('a file of decisions', () => {
  test('that is not there has no decisions', async () => {
    expect(readDecisionsFile(file)).toBeUndefined();
    expect(await new DecisionsFile(file).read()).toEqual({ decisions: [], version: undefined });
  });

  test('is made with its folder, and read again', async () => {
    const store = new DecisionsFile(file);
    expect(await store.write([A], undefined)).toBe(true);
    expect(readDecisionsFile(file)).toEqual([A]);
    const { decisions, version } = await store.read();
    expect(decisions).toEqual([A]);
    expect(await store.write([A, B], version)).toBe(true);
    expect(readDecisionsFile(file)).toEqual([A, B]);
    expect(readdirSync(path.dirname(file))).toEqual(['decisions.json']);
  });

  test('is not written by somebody who has not read what others wrote since', async () => {
    const [one, other] = [new DecisionsFile(file), new DecisionsFile(file)];
    await one.write([A], undefined);
    const { version } = await other.read();
    await one.write([A, B], version);
    expect(await other.write([A, C], version)).toBe(false);
    expect(await other.write([C], undefined)).toBe(false);
    expect(readDecisionsFile(file)).toEqual([A, B]);
  });

  test('is not written while another process holds its lock', async () => {
    mkdirSync(path.dirname(file));
    writeFileSync(`${file}.lock`, String(process.ppid));
    expect(await new DecisionsFile(file).write([A], undefined)).toBe(false);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(`${file}.lock`, 'utf8')).toBe(String(process.ppid));
  });

  test('that cannot be understood is refused with its place', async () => {
    mkdirSync(path.dirname(file));
    writeFileSync(file, JSON.stringify({ schemaVersion: 1, decisions: [{ ...A, on: 'yesterday' }] }));
    const message = `${file}: decisions.0.on: expected a day as 2026-11-29; see docs/decisions.md`;
    expect(() => readDecisionsFile(file)).toThrow(message);
    expect(() => new DecisionsFile(file).read()).toThrow(message);
  });

  test('that cannot be written is an error that names it', async () => {
    mkdirSync(file, { recursive: true });
    await expect(new DecisionsFile(file).write([A], undefined)).rejects.toMatchObject({
      decision: 'permanent',
      code: 'unavailable',
      message: `${file}: is a folder where a file is expected`,
    });
    expect(existsSync(`${file}.lock`)).toBe(false);
  });
});
