import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { OPTION_NAMES } from '../../lib/config/options.ts';
import { tables, withTables } from '../../scripts/generate/tables.ts';

describe('the README’s tables', () => {
  test('are what the options and the roles say now', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(withTables(readme, 'README.md'), 'run: npm run generate -- tables').toBe(readme);
  });

  test('have a row for each option', () => {
    const rows = tables().options.trim().split('\n').slice(2);
    expect(rows.map((row) => /^\| `(\w+)` \|/.exec(row)?.[1])).toStrictEqual([...OPTION_NAMES]);
  });

  test('show every action that a role holds', () => {
    const { permissions } = tables();
    for (const action of [
      'sts:AssumeRole',
      'iam:GetRolePolicy',
      's3:PutObject',
      'sns:Publish',
      'kms:Decrypt',
    ]) {
      expect(permissions).toContain(`\`${action}\``);
    }
    expect(permissions).toContain('| refine-finding | `access-analyzer:GetFinding` | the analyzer |');
  });

  test('stand between markers, and a missing marker is named', () => {
    const text =
      '<!-- options:begin -->\noutdated\n<!-- options:end -->\n<!-- permissions:begin -->\n<!-- permissions:end -->\nrest\n';
    const renewed = withTables(text, 'x.md');
    expect(renewed).not.toContain('outdated');
    expect(renewed.endsWith('<!-- permissions:end -->\nrest\n')).toBe(true);
    expect(withTables(renewed, 'x.md')).toBe(renewed);
    expect(() => withTables('# Nothing', 'x.md')).toThrow(
      'x.md has no place for the table of options; put <!-- options:begin --> and <!-- options:end --> on lines of their own',
    );
  });
});
