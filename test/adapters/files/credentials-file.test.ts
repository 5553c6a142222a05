import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCredentials, withPasswords } from '../../../lambda/adapters/files/credentials-file.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import type { PolicySource } from '../../../lambda/ports/policies.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'credentials-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const principals: PolicySource = {
  getPrincipal: (ref) =>
    Promise.resolve(
      ref.name === 'gone'
        ? { kind: 'gone' }
        : { kind: 'found', principal: { ref, tags: [], grants: [], boundaryArn: undefined } },
    ),
};

const userCalled = (name: string): PrincipalRef => ({
  arn: `arn:aws:iam::123456789012:user/${name}`,
  type: 'user',
  name,
  path: '/',
  accountId: '123456789012',
});

function write(...lines: readonly unknown[]): string {
  const file = path.join(folder, 'credentials.jsonl');
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return file;
}

test('a user has the time at which the password was set, if the file says so', async () => {
  const file = write(
    {
      UserName: 'ana',
      Arn: userCalled('ana').arn,
      LoginProfile: { UserName: 'ana', CreateDate: '2025-03-01T08:00:00+00:00' },
      AccessKeys: [],
    },
    { UserName: 'bea', Arn: userCalled('bea').arn, LoginProfile: null, AccessKeys: [] },
  );
  const source = withPasswords(principals, file);
  expect(await source.getPrincipal(userCalled('ana'))).toMatchObject({
    principal: { passwordCreatedAt: '2025-03-01T08:00:00+00:00' },
  });
  const bea = await source.getPrincipal(userCalled('bea'));
  expect(bea).not.toHaveProperty('principal.passwordCreatedAt');
  expect(await source.getPrincipal(userCalled('gone'))).toEqual({ kind: 'gone' });
});

test('nothing is added if there is no file, or it is empty', () => {
  expect(withPasswords(principals, undefined)).toBe(principals);
  expect(withPasswords(principals, path.join(folder, 'nowhere.jsonl'))).toBe(principals);
  expect(withPasswords(principals, write())).toBe(principals);
});

test('an invalid entry is named with its line', () => {
  expect(() => withPasswords(principals, write({ Arn: 'a' }, { Arn: 1 }))).toThrow(
    /credentials\.jsonl: line 2, Arn: expected a string/,
  );
});

test.each([
  ['both as they were read', { LoginProfile: null, AccessKeys: [] }, true],
  ['no word of the password', { AccessKeys: [] }, false],
  ['no word of the keys', { LoginProfile: null }, false],
  ['keys that are null', { LoginProfile: null, AccessKeys: null }, false],
])('a missing member means unknown, not "none": %s', (_, facts, isKnown) => {
  const credentialsOf = readCredentials(
    write({ Arn: userCalled('ana').arn, ...facts }),
    '2026-11-24T09:00:00.000Z',
  );
  expect(credentialsOf(userCalled('ana')) !== undefined).toBe(isKnown);
});
