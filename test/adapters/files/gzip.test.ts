import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { FindingsFiles } from '../../../lambda/adapters/files/findings-files.ts';
import { readText } from '../../../lambda/adapters/files/read-text.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'gzip-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, bytes: Buffer): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

test('a gzip file is decompressed, whatever its name', () => {
  expect(readText(write('a.json.gz', gzipSync('{"ä": 1}')))).toBe('{"ä": 1}');
  expect(readText(write('b.json', Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"b":2}\n')])))).toBe(
    '{"a":1}\n{"b":2}\n',
  );
});

test('a damaged or truncated gzip file is named in the error', () => {
  const whole = gzipSync(Buffer.alloc(10_000, 'text '));
  const cut = write('cut.gz', whole.subarray(0, whole.length - 20));
  expect(() => readText(cut)).toThrow(
    `${cut}: compressed with gzip, and damaged or cut off; compress it again`,
  );
});

test('compressed findings in a folder are read, and so are JSON Lines', () => {
  const finding = (id: string): string =>
    JSON.stringify({
      id,
      resource: 'arn:aws:iam::123456789012:role/R',
      status: 'ACTIVE',
      findingType: 'UnusedIAMRole',
      findingDetails: [{ unusedIamRoleDetails: {} }],
    });
  const inner = mkdtempSync(path.join(folder, 'findings-'));
  writeFileSync(path.join(inner, 'a.jsonl.gz'), gzipSync(`${finding('1')}\n${finding('2')}\n`));
  writeFileSync(path.join(inner, 'b.json.gz'), gzipSync(finding('3')));
  writeFileSync(path.join(inner, 'c.jsonl.gz'), gzipSync(''));
  expect(FindingsFiles.from(inner, null).references.map(({ findingId }) => findingId)).toEqual([
    '1',
    '2',
    '3',
  ]);
});
