import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { projectRoot } from '../../lib/config/project-root.ts';

const root = projectRoot();
const outdir = mkdtempSync(join(tmpdir(), 'refiner-app-'));

const cdkJson = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  app: string;
  context: Record<string, unknown>;
};

afterAll(() => {
  rmSync(outdir, { recursive: true, force: true });
});

function run(options: Record<string, string>) {
  return spawnSync('/bin/sh', ['-c', cdkJson.app], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, 'aws:cdk:bundling-stacks': [], ...options }),
    },
  });
}

describe('the app that cdk.json starts', () => {
  test('says what is wrong with an option in one sentence, and synthesises nothing', () => {
    const { status, stderr, stdout } = run({ unusedAccessAge: '0' });
    expect(stderr).toBe('option unusedAccessAge is "0"; give a whole number of days from 1 to 365\n');
    expect(stdout).toBe('');
    expect(status).toBe(1);
    expect(existsSync(join(outdir, 'manifest.json'))).toBe(false);
  });

  test('needs no credentials and no Region', () => {
    const { status, stderr } = run({ email: 'you@example.org' });
    expect([status, stderr]).toStrictEqual([0, '']);
    expect(existsSync(join(outdir, 'UnusedAccessRefiner.template.json'))).toBe(true);
  });
});
