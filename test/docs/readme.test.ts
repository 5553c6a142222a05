import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execute, useCommandLine } from '../cli/command.ts';

const cli = useCommandLine();
const README = readFileSync('README.md', 'utf8');

/** What a reader's clone looks like from inside: the examples, and what the commands have written. */
const clone = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-readme-'));
symlinkSync(path.resolve('examples'), path.join(clone, 'examples'));
afterAll(() => {
  rmSync(clone, { recursive: true, force: true });
});

/** Every command of a page's shell snippets, with continued lines joined and the prompt taken off. */
function commands(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(?:sh|console)\n(.*?)^```$/gms)].map(([, body = '']) => body);
  return blocks
    .flatMap((body) => body.replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/^\$ /, '').trim());
}

const OURS = /^npx --no-install unused-access-refiner /;
/** The example account is nobody's, so its proposals cannot be applied. */
const NEEDS_AWS = /^(?:apply|rollback) /;

/** The commands that a reader can run without AWS, as printed. */
function runnable(file: string): readonly string[] {
  return commands(readFileSync(file, 'utf8')).filter(
    (line) =>
      OURS.test(line) && /\b(?:examples|refined)\//.test(line) && !NEEDS_AWS.test(line.replace(OURS, '')),
  );
}

async function run(line: string): Promise<{ readonly status: number | null; readonly stderr: string }> {
  const { status, stderr } = await execute('/bin/sh', ['-c', line], { cwd: clone });
  return { status, stderr: status === 0 ? '' : stderr };
}

// Each page takes it that the reader began with this, as the README tells him to.
beforeAll(async () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
  const started = await run(
    scripts.start.replace(/^node dist\/cli\.mjs /, `"${process.execPath}" "${cli.program}" `),
  );
  expect(started).toEqual({ status: 0, stderr: '' });
});

describe.each(['README.md', 'docs/command-line.md', 'examples/article/README.md'])('%s', (file) => {
  const lines = runnable(file);

  test('shows at least one command that works on the examples', () => {
    expect(lines).not.toEqual([]);
  });

  test.each(lines)('shows a command that works: %s', async (line) => {
    expect(await run(line.replace(OURS, `"${process.execPath}" "${cli.program}" `))).toEqual({
      status: 0,
      stderr: '',
    });
  });
});

describe('the README', () => {
  test.each(['npm ci && npm start', 'npm ci && npm test'])('names the command %s', (command) => {
    expect(README).toContain(command);
  });

  test('has the test command on a separate line, where .ci/run looks for it', () => {
    expect(README.split('\n')).toContain('npm ci && npm test');
  });

  test('can be read in five minutes', () => {
    expect(Buffer.byteLength(README)).toBeLessThanOrEqual(12_000);
  });
});
