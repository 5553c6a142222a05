import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { execute, useCommandLine } from '../cli/command.ts';

const cli = useCommandLine();
const README = readFileSync('README.md', 'utf8');
const out = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-readme-'));
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

/** Every command of the README's shell snippets, with continued lines joined and the prompt taken off. */
function commands(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(?:sh|console)\n(.*?)^```$/gms)].map(([, body = '']) => body);
  return blocks
    .flatMap((body) => body.replace(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/^\$ /, '').trim());
}

const OURS = /^(?:npx )?unused-access-refiner /;
const executable = commands(README).filter((line) => OURS.test(line) && line.includes('examples/'));

describe('the README', () => {
  test('shows at least one command that works on the examples', () => {
    expect(executable).not.toEqual([]);
  });

  test.each(executable)('shows a command that works: %s', async (line) => {
    const script = line
      .replace(OURS, `"${process.execPath}" "${cli.program}" `)
      .replace(/--out \S+/, `--out "${out}"`);
    const { status, stderr } = await execute('/bin/sh', ['-c', script], { cwd: process.cwd() });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  });

  test.each(['npm ci && npm start', 'npm ci && npm test'])('names the command %s', (command) => {
    expect(README).toContain(command);
  });
});
