import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { OPTION_NAMES } from '../../lib/config/options.ts';
import { renderTable, TABLE_FILES, withTable } from '../../scripts/generate/tables.ts';

describe('the generated tables', () => {
  test.each(['options', 'permissions'] as const)('are up to date: %s', (name) => {
    const text = readFileSync(new URL(`../../${TABLE_FILES[name]}`, import.meta.url), 'utf8');
    expect(withTable(text, name), 'run: npm run generate -- tables').toBe(text);
  });

  test('have a row for each option', () => {
    const rows = renderTable('options').trim().split('\n').slice(2);
    expect(rows.map((row) => /^\| `(\w+)` \|/.exec(row)?.[1])).toStrictEqual([...OPTION_NAMES]);
  });

  test('show every action that a role holds', () => {
    const permissions = renderTable('permissions');
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

  test('are between markers, and a missing marker is an error', () => {
    const text = '# Options\n<!-- options:begin -->\noutdated\n<!-- options:end -->\nrest\n';
    const renewed = withTable(text, 'options');
    expect(renewed).not.toContain('outdated');
    expect(renewed.startsWith('# Options\n<!-- options:begin -->\n\n| Option |')).toBe(true);
    expect(renewed.endsWith('<!-- options:end -->\nrest\n')).toBe(true);
    expect(withTable(renewed, 'options')).toBe(renewed);
    expect(() => withTable('# Nothing', 'options')).toThrow(
      'docs/options.md has no place for the table of options; put <!-- options:begin --> and <!-- options:end --> on lines of their own',
    );
    expect(() => withTable(text, 'permissions')).toThrow(
      'docs/permissions.md has no place for the table of permissions; put <!-- permissions:begin --> and <!-- permissions:end --> on lines of their own',
    );
  });
});
