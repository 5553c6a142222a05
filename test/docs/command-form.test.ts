import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

/** All that people read, and all that writes what they read. */
const READ = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];
const FOLDERS = ['docs', 'examples', 'bin', 'lambda', 'lib'];

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const files = [...READ, ...FOLDERS.flatMap(filesIn)];

/** Commands as `bin/cli.ts` registers them. */
const commands = [
  ...filesIn('bin/commands')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .matchAll(/(?:\.command\(|\badd\()'(\w+)/g),
].map(([, name = '']) => name);

/** Any other way to write a call of the command than the one that runs nothing but this project's own. */
const UNSAFE = new RegExp(
  `npx (?!--no-install )\\S*unused-access-refiner|(?<!npx --no-install )\\bunused-access-refiner (?:${commands.join('|')})\\b(?!:)`,
);

describe('the command', () => {
  test('are known', () => {
    expect(commands).toEqual(expect.arrayContaining(['account', 'apply', 'rollback', 'show']));
    expect(files.length).toBeGreaterThan(200);
  });

  test('is printed so that npx never runs what somebody else publishes under its name', () => {
    const found = files.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) => (UNSAFE.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test.each([
    'npx unused-access-refiner account',
    'npx -y unused-access-refiner account',
    'run `unused-access-refiner rollback`',
    'unused-access-refiner apply proposals/1',
  ])('is not printed as %s', (line) => {
    expect(line).toMatch(UNSAFE);
  });

  test('is printed in the intended form', () => {
    expect('npx --no-install unused-access-refiner apply x').not.toMatch(UNSAFE);
  });
});
