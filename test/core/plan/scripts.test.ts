import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256 } from '../../../lambda/adapters/node.ts';
import { makeRemovalPlan } from '../../../lambda/core/plan/plan-removal.ts';
import { planFiles, renderScript } from '../../../lambda/core/plan/render-scripts.ts';
import { shellComment, shellOption, shellQuote } from '../../../lambda/core/plan/shell-quote.ts';
import { randomScenario } from '../../use-cases/apply/scenario.ts';

const USER = {
  arn: 'arn:aws:iam::123456789012:user/ana',
  type: 'user',
  name: 'ana',
  path: '/',
  accountId: '123456789012',
} as const;

test('the shell takes every script for a script', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scripts-'));
  try {
    const inputs = Array.from({ length: 25 }, (_, seed) => randomScenario(seed, [])).map((scenario) => ({
      ...scenario,
      principal: scenario.world.principal,
    }));
    const removals = (['remove-role', 'remove-access-key', 'remove-password'] as const).map((kind) => ({
      proposalId: '0'.repeat(32),
      principal: kind === 'remove-role' ? inputs[0]!.principal : USER,
      plan: makeRemovalPlan({ kind, principal: USER, accessKeyId: 'AKIAIOSFODNN7EXAMPLE', digest: sha256 }),
    }));
    for (const input of [...inputs, ...removals]) {
      for (const { name, body, contentType } of planFiles(input)) {
        if (contentType !== 'text/x-shellscript') continue;
        const file = join(folder, name);
        writeFileSync(file, body);
        const { status, stderr } = spawnSync('bash', ['-n', file], { encoding: 'utf8' });
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(body.split('\n')).toContain('set -euo pipefail');
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the calls of a script are those of the plan, written out', () => {
  const plan = makeRemovalPlan({
    kind: 'remove-access-key',
    principal: USER,
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    digest: sha256,
  });
  const script = renderScript({ proposalId: '0'.repeat(32), principal: USER, plan }, 'apply');
  expect(script).toContain(
    [
      '# ---- 1 of 1: set the access key AKIAIOSFODNN7EXAMPLE to Inactive ----',
      '# Why: nobody has used the key; deactivated, it can be activated again.',
      'aws iam update-access-key \\',
      '  --user-name ana \\',
      '  --access-key-id AKIAIOSFODNN7EXAMPLE \\',
      '  --status Inactive \\',
      '  >/dev/null',
    ].join('\n'),
  );
});

test('what cannot be taken back has a rollback script that says so and fails', () => {
  const plan = makeRemovalPlan({ kind: 'remove-password', principal: USER, digest: sha256 });
  const script = renderScript({ proposalId: '0'.repeat(32), principal: USER, plan }, 'rollback');
  const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^nothing to do: a deleted password cannot be put back/);
});

test('a name that begins with a dash does not pass for an option', () => {
  expect(shellOption('--policy-name', '-rf')).toBe('--policy-name=-rf');
  expect(shellOption('--policy-name', 'Orders')).toBe('--policy-name Orders');
});

test('no text can leave its word or its comment', () => {
  const texts = [
    "it's",
    '$(id)',
    '`id`',
    '"',
    '\\',
    'a b',
    '',
    "'; id; '",
    'a\nb',
    '*',
    '~',
    '#x',
    '-n',
    'a=b,c+d.e@f-_',
  ];
  for (const text of texts) {
    const { stdout } = spawnSync('bash', ['-c', `printf %s ${shellQuote(text)}`], { encoding: 'utf8' });
    expect(stdout).toBe(text);
  }
  expect(shellComment('a\nid\r\u2028b')).toBe('a id b');
});
