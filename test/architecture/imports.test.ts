import { describe, expect, test } from 'vitest';
import { allImports, importsOf, sourcesUnder, textOf, type Import } from './modules.ts';

/*
 * Imports go one way: functions → runtime → use-cases → ports ← adapters; the core knows only the core. Each rule names
 * what a folder may import; a new folder without a rule fails. The order inside the layers is in folders.test.ts.
 */

/** What each folder of `lambda` may import from the project, by path prefix. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  contract: ['lambda/contract/'],
  core: ['lambda/core/'],
  ports: ['lambda/ports/', 'lambda/core/', 'lambda/contract/'],
  report: ['lambda/report/', 'lambda/core/', 'lambda/ports/', 'lambda/contract/'],
  json: ['lambda/json/', 'lambda/core/'],
  stored: ['lambda/stored/', 'lambda/json/', 'lambda/core/', 'lambda/ports/', 'lambda/contract/'],
  'use-cases': ['lambda/use-cases/', 'lambda/core/', 'lambda/ports/', 'lambda/contract/'],
  adapters: [
    'lambda/adapters/',
    'lambda/stored/',
    'lambda/json/',
    'lambda/core/',
    'lambda/ports/',
    'lambda/contract/',
  ],
  runtime: [
    'package.json',
    'lambda/runtime/',
    'lambda/use-cases/',
    'lambda/adapters/',
    'lambda/stored/',
    'lambda/report/',
    'lambda/core/',
    'lambda/ports/',
    'lambda/contract/',
  ],
  functions: [
    'lambda/runtime/',
    'lambda/use-cases/',
    'lambda/adapters/',
    'lambda/report/',
    'lambda/core/',
    'lambda/ports/',
    'lambda/contract/',
  ],
};

const isPackage = ({ to }: Import): boolean => !/^(lambda|lib|bin|test|scripts|[^/]+\.(ts|json)$)/.test(to);
const show = ({ from, to }: Import): string => `${from} → ${to}`;

function folderOf(path: string): string {
  return path.split('/')[1] ?? '';
}

describe('imports', () => {
  const lambda = allImports('lambda');

  test('are found at all: an empty search would prove nothing', () => {
    expect(lambda.length).toBeGreaterThan(200);
    expect(new Set(sourcesUnder('lambda').map(folderOf))).toContain('core');
  });

  test('have a rule for every folder of lambda', () => {
    expect(
      [...new Set(sourcesUnder('lambda').map(folderOf))].filter((folder) => !(folder in MAY_IMPORT)),
    ).toEqual([]);
  });

  test('go one way within lambda', () => {
    const wrong = lambda.filter(
      (one) =>
        !isPackage(one) && !MAY_IMPORT[folderOf(one.from)]?.some((prefix) => one.to.startsWith(prefix)),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('of the core refer only to the core: no package, no Node.js, no other folder', () => {
    const wrong = lambda.filter(
      ({ from, to }) => from.startsWith('lambda/core/') && !to.startsWith('lambda/core/'),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('of fit/cover refer to nothing that is built on it', () => {
    const wrong = lambda.filter(
      ({ from, to }) => from.startsWith('lambda/core/fit/cover/') && /^lambda\/core\/fit\/[^/]+$/.test(to),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('of the contract do not exist', () => {
    const wrong = lambda.filter(
      ({ from, to }) => from.startsWith('lambda/contract/') && !to.startsWith('lambda/contract/'),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('of the verifier refer to nothing of the engine that it judges', () => {
    const allowed = /^lambda\/core\/(verify\/|model\/json\.ts$)/;
    const allowedTypes = /^lambda\/core\/(model|catalogue)\//;
    const verifier = lambda.filter(({ from }) => from.startsWith('lambda/core/verify/'));
    const wrong = verifier.filter(
      ({ to, isTypeOnly }) => !allowed.test(to) && !(isTypeOnly && allowedTypes.test(to)),
    );
    expect(verifier.length).toBeGreaterThan(3);
    expect(wrong.map(show)).toEqual([]);
  });

  test('of AWS SDK clients occur only in adapters', () => {
    const wrong = allImports('lambda', 'lib', 'bin').filter(
      ({ from, to }) => to.startsWith('@aws-sdk/') && !/^lambda\/adapters\/(aws|iam-writer)\//.test(from),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('of the file system occur, within lambda, only in adapters', () => {
    const wrong = lambda.filter(
      ({ from, to }) => /^(node:)?fs(\/|$)/.test(to) && !from.startsWith('lambda/adapters/'),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('of lib refer, within lambda, only to the contract', () => {
    const wrong = allImports('lib').filter(
      ({ to }) => to.startsWith('lambda/') && !to.startsWith('lambda/contract/'),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('do not lead from deployed code to the writer of IAM', () => {
    const deployed = ['lambda/functions/', 'lambda/runtime/', 'lib/', 'lambda/adapters/aws/'];
    const wrong = allImports('lambda', 'lib').filter(
      ({ from, to }) =>
        to.startsWith('lambda/adapters/iam-writer/') && deployed.some((prefix) => from.startsWith(prefix)),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  test('do not lead, directly or indirectly, from a function to the writer of IAM', () => {
    const ways = new Map<string, string[]>();
    for (const { from, to, isTypeOnly } of lambda) {
      if (!isTypeOnly) ways.set(from, [...(ways.get(from) ?? []), to]);
    }
    const reached = new Set(sourcesUnder('lambda').filter((path) => path.startsWith('lambda/functions/')));
    for (const path of reached) for (const next of ways.get(path) ?? []) reached.add(next);
    expect(reached.size).toBeGreaterThan(20);
    expect([...reached].filter((path) => path.startsWith('lambda/adapters/iam-writer/'))).toEqual([]);
  });

  test('of the reference evaluator refer to the core in a single file, which calls the engine', () => {
    const wrong = allImports('test/laws/oracle').filter(
      ({ from, to }) => to.startsWith('lambda/') && from !== 'test/laws/oracle/engine.ts',
    );
    expect(wrong.map(show)).toEqual([]);
  });
});

test('the code that renders reports uses no package but `diff`, and neither time nor locale', () => {
  const files = sourcesUnder('lambda/report');
  expect(files.length).toBeGreaterThan(20);
  expect(
    allImports('lambda/report')
      .filter((one) => isPackage(one) && one.to !== 'diff')
      .map(show),
  ).toEqual([]);
  for (const file of files) {
    expect(textOf(file), file).not.toMatch(
      /Date\.now|new Date|Math\.random|toLocale|localeCompare|\bIntl\b|\bprocess\.|\bawait\b/,
    );
  }
});

describe('the search for imports', () => {
  test('finds static, dynamic, re-exported and type imports, and resolves them', () => {
    const text = `
      import { a } from '../b/c.ts';
      import type { T } from './t.ts';
      import { type U, type V } from './u.ts';
      import 'node:fs';
      export * from './e.ts';
      export const x = () => import('../../d.ts');
      export type W = import('./w.ts').W;
    `;
    expect(importsOf('lambda/x/y.ts', text).map(({ to, isTypeOnly }) => [to, isTypeOnly])).toEqual([
      ['lambda/b/c.ts', false],
      ['lambda/x/t.ts', true],
      ['lambda/x/u.ts', true],
      ['node:fs', false],
      ['lambda/x/e.ts', false],
      ['d.ts', false],
      ['lambda/x/w.ts', true],
    ]);
  });
});

describe('tests', () => {
  const FOCUS = /\b(?:test|it|describe|suite)\s*\.\s*(?:skip|only|todo|fails)\b|\bfc\s*\.\s*skip\b/;

  test('are neither skipped nor singled out', () => {
    const wrong = sourcesUnder('test').filter(
      (path) =>
        !path.startsWith('test/architecture/') &&
        !path.startsWith('test/integration/') &&
        FOCUS.test(textOf(path)),
    );
    expect(wrong).toEqual([]);
  });

  test('that are skipped or singled out would be detected', () => {
    expect(['test.only(', 'describe.skip(', 'it . todo('].every((text) => FOCUS.test(text))).toBe(true);
    expect(FOCUS.test('test.each([')).toBe(false);
  });
});
