import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readAccountExport } from '../../../lambda/adapters/files/account-export.ts';
import { openSource, reopenSource } from '../../../lambda/adapters/files/byte-source.ts';
import { FindingsFiles } from '../../../lambda/adapters/files/findings-files.ts';
import type { PrincipalRef } from '../../../lambda/core/model/principal.ts';
import { renderJson } from '../../../lambda/core/model/json.ts';
import { allow, attached, finding, inline, managed, policyArn, role, roleArn } from '../../cli/accounts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

function refOf(name: string): PrincipalRef {
  return { type: 'role', accountId: '123456789012', path: '/', name, arn: roleArn(name) };
}

/** Every grant of a role: its name and its document, or why it has none. */
async function grantsOf(file: string, name: string, block: number): Promise<unknown> {
  const answer = await readAccountExport(file, { block }).getPrincipal(refOf(name));
  if (answer.kind !== 'found') return answer.kind;
  return answer.principal.grants.map(({ name: policy, document }) => [
    policy,
    document.readable ? renderJson(document.value, 0) : document.problem,
  ]);
}

const WIDE = allow('s3:Get*');
const ENTRIES = [
  role('wïde', { RolePolicyList: [inline('A', WIDE), inline('B', 'PLACE')] }),
  role('next', { AttachedManagedPolicies: [attached(policyArn('Shared'))] }),
];
/** Compact, and as the command line prints it. */
const EXPORTS = [undefined, 4].map((indent) =>
  JSON.stringify(
    { RoleDetailList: ENTRIES, Policies: [managed(policyArn('Shared'), allow('sqs:*'))] },
    null,
    indent,
  ),
);
const ODD = '{"Version":"2012-10-17","Id":"é \\u00e9","__proto__":{"n":1.0},"Statement":[]}';

describe('an export that is read in pieces', () => {
  test.each([1, 7, 1000, 1_000_000])('gives the same documents in blocks of %i bytes', async (block) => {
    for (const text of EXPORTS) {
      const file = write('account.json', text.replace('"PLACE"', ODD));
      expect(await grantsOf(file, 'wïde', block)).toEqual([
        [
          'A',
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*"],"Resource":"*"}]}',
        ],
        ['B', '{"Version":"2012-10-17","Id":"é é","__proto__":{"n":1.0},"Statement":[]}'],
      ]);
      expect(await grantsOf(file, 'next', block)).toEqual([
        [
          'Shared',
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*"],"Resource":"*"}]}',
        ],
      ]);
    }
  });

  test('names the place of a key that stands twice in one document, which concerns that one only', async () => {
    const [text = ''] = EXPORTS;
    const file = write(
      'account.json',
      `{\n "X": 1,\n${text.slice(1).replace('"PLACE"', '{"é":1,"a":1,"a":2}')}`,
    );
    const line = text.slice(1).split('"PLACE"')[0] ?? '';
    const column = line.length + '{"é":1,"a":1,'.length + 1;
    const answer = await readAccountExport(file, { block: 5 }).getPrincipal(refOf('wïde'));
    if (answer.kind !== 'found') throw new Error(answer.kind);
    const documents = answer.principal.grants.map(({ document }) => document);
    expect(documents[0]).toMatchObject({ readable: true, value: { Version: '2012-10-17' } });
    expect(documents[1]).toMatchObject({
      readable: true,
      value: {
        problem: `the key "a" stands twice in one object (line 3, column ${String(column)})`,
      },
    });
  });

  test('has no limit to its size, and one to the size of an entry', () => {
    const filler = 'x'.repeat(100_000);
    const roles = Array.from({ length: 30 }, (_, n) => ({
      ...role(`role-${String(n)}`),
      Description: filler,
    }));
    const file = write('account.json', JSON.stringify({ RoleDetailList: roles }));
    const options = { block: 4096, largest: 1024 * 1024 };
    expect(readAccountExport(file, options).covers(refOf('role-29'))).toBe(true);
    write(
      'account.json',
      JSON.stringify({ RoleDetailList: [{ ...role('a'), Description: filler.repeat(11) }] }),
    );
    expect(() => readAccountExport(file, options)).toThrow(
      `${file}: the value at line 1 is larger than 1 MiB`,
    );
  });

  test.each([
    ['{"RoleDetailList":[{}', 'RoleDetailList[0].Arn: expected a string, found nothing'],
    ['{"RoleDetailList":[', 'not valid JSON: close bracket expected at line 1, column 20'],
    ['{"RoleDetailList":[]', 'not valid JSON: close brace expected at line 1, column 21'],
    ['{"RoleDetailList":[]}\n}', 'not valid JSON: end of file expected at line 2, column 1'],
    ['{"RoleDetailList":[],}', 'not valid JSON: property name expected at line 1, column 22'],
    ['[] []', 'not valid JSON: end of file expected at line 1, column 4'],
    [
      `{"Extra":[${'['.repeat(499)}${']'.repeat(499)}]}`,
      'nested more than 500 levels deep at line 1, column 509',
    ],
    [
      '{"RoleDetailList":[],"Extra":[{"x":1,"x":2}]}',
      'the key "x" stands twice in one object (line 1, column 38)',
    ],
  ])('is refused as one that is read at once: %s', (text, problem) => {
    const file = write('account.json', text);
    expect(() => readAccountExport(file, { block: 3 })).toThrow(`${file}: ${problem}`);
  });
});

describe('findings that are read in pieces', () => {
  test.each([1, 50, 1_000_000])('give the same answers in blocks of %i bytes', async (block) => {
    const pages = [
      finding(roleArn('b'), { s3: ['GetObject'] }, { nextToken: 'more' }),
      finding(roleArn('a'), { é: [] }),
      finding(roleArn('b'), { sqs: ['SendMessage'] }),
    ];
    const forms = [
      JSON.stringify(pages),
      pages.map((page) => JSON.stringify(page)).join('\n'),
      pages.map((page) => JSON.stringify(page, null, 4)).join(''),
    ];
    for (const form of forms) {
      const files = FindingsFiles.from(write('findings.json', form), null, { block });
      expect(files.incomplete).toEqual([]);
      expect(files.references.map(({ findingId }) => findingId)).toEqual(['finding-a', 'finding-b']);
      const shared = FindingsFiles.of(structuredClone(files.share(['finding-b'])));
      for (const source of [files, shared]) {
        const [, reference] = files.references;
        const answer = reference && (await source.getFinding(reference));
        expect(answer).toMatchObject({
          kind: 'found',
          finding: { details: { entries: [{ serviceNamespace: 's3' }, { serviceNamespace: 'sqs' }] } },
        });
      }
    }
  });

  test('are called after their place among several values only where there are several', () => {
    const good = JSON.stringify(finding(roleArn('a'), {}));
    const cases = [
      ['{"id":1}', 'id: expected a string, found a number'],
      [`{"id":1}\n${good}`, 'line 1, id: expected a string, found a number'],
      ['[{"id":1}]', '[0].id: expected a string, found a number'],
      [`[{"id":1}]\n${good}`, 'line 1 [0], id: expected a string, found a number'],
    ] as const;
    for (const [text, problem] of cases) {
      const file = write('findings.json', text);
      expect(() => FindingsFiles.from(file, null, { block: 2 })).toThrow(`${file}: ${problem}`);
    }
  });
});

describe('a file that somebody writes to', () => {
  const CHANGED = 'was changed while it was being read; run the command again when nothing writes to it';

  test('before its documents are asked for is refused rather than read wrongly', async () => {
    const file = write('account.json', EXPORTS[0] ?? '');
    const index = readAccountExport(file);
    appendFileSync(file, ' ');
    const refusal = { name: 'AdapterError', code: 'unavailable', message: `${file}: ${CHANGED}` };
    expect(() => index.getPrincipal(refOf('wïde'))).toThrow(expect.objectContaining(refusal) as Error);
    const findings = write('findings.json', JSON.stringify([finding(roleArn('a'), { s3: [] })]));
    const files = FindingsFiles.from(findings, null);
    write('findings.json', JSON.stringify([finding(roleArn('b'), { s3: [] })]));
    const [reference] = files.references;
    await expect(reference && files.getFinding(reference)).rejects.toMatchObject({
      code: 'unavailable',
      message: `${findings}: ${CHANGED}`,
    });
  });

  test('while it is gone through is refused', () => {
    const file = write('account.json', EXPORTS[0] ?? '');
    const source = openSource(file);
    appendFileSync(file, ' ');
    expect(() => {
      source.checkUnchanged();
    }).toThrow(`${file}: ${CHANGED}`);
  });

  test('or puts another in its place is refused by the thread that opens it again', () => {
    const file = write('account.json', '{"a":1}');
    const { handle } = openSource(file);
    expect(reopenSource(structuredClone(handle)).read(1, 4).toString()).toBe('"a"');
    renameSync(write('other.json', '{"b":1}'), file);
    expect(() => reopenSource(structuredClone(handle)).read(1, 4)).toThrow(`${file}: ${CHANGED}`);
  });
});

test('more files than a process may hold open are read again all the same', async () => {
  const many = mkdtempSync(path.join(folder, 'many-'));
  for (let n = 0; n < 200; n += 1) {
    const name = `role-${String(n).padStart(3, '0')}`;
    writeFileSync(
      path.join(many, `${name}.json`),
      JSON.stringify(finding(roleArn(name), { s3: ['GetObject'] })),
    );
  }
  const files = FindingsFiles.from(many, null);
  const answers = await Promise.all(files.references.map((reference) => files.getFinding(reference)));
  expect(answers.map((answer) => answer.kind === 'found' && answer.finding.resource)).toEqual(
    Array.from({ length: 200 }, (_, n) => roleArn(`role-${String(n).padStart(3, '0')}`)),
  );
});
