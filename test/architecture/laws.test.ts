import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { sourcesUnder, textOf } from './modules.ts';

const page = readFileSync(new URL('../../docs/laws.md', import.meta.url), 'utf8');

/** The titles that the page's tables name: the last cell of a row, in backticks. */
const named = page
  .split('\n')
  .map((line) => /\| `([^`]+)` \|$/.exec(line)?.[1])
  .filter((title): title is string => title !== undefined);

/** Titles of tests in a folder: literal ones, those with a mode in them, and the names of case files. */
function titlesUnder(folder: string): readonly string[] {
  return sourcesUnder(folder)
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) =>
      [...textOf(path).matchAll(/\b(?:test|it)\(\s*(['`])((?:(?!\1).)+)\1/g)].map((found) => found[2] ?? ''),
    )
    .flatMap((title) =>
      title.includes('${mode}')
        ? ['shortest', 'least', 'enumerate'].map((mode) => title.replace('${mode}', mode))
        : [title],
    );
}

function caseNames(): readonly string[] {
  const files = [
    'documents',
    'everything',
    'modes',
    'not-action',
    'prefixes',
    'refused',
    'unknown-and-retained',
    'wildcards-elsewhere',
  ];
  return files.flatMap((name) => {
    const file = JSON.parse(textOf(`test/laws/cases/${name}.json`)) as {
      readonly cases: readonly { readonly name: string }[];
    };
    return file.cases.map((one) => one.name);
  });
}

describe('docs/laws.md', () => {
  test('names only tests that exist', () => {
    const titles = new Set([
      ...['laws', 'core', 'architecture'].flatMap((folder) => titlesUnder(`test/${folder}`)),
      ...caseNames(),
    ]);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((title) => !titles.has(title))).toEqual([]);
  });

  test('names every law that is tested as a property, every exhaustive search and every mode', () => {
    const laws = [
      ...titlesUnder('test/laws/exhaustive'),
      ...titlesUnder('test/laws/properties').filter((title) => title.startsWith('is refined exactly')),
      ...[...textOf('test/laws/properties/laws.test.ts').matchAll(/\btest\('([^']+)'/g)]
        .map((found) => found[1] ?? '')
        .filter((title) => !title.startsWith('agrees with')),
    ];
    expect(laws.length).toBeGreaterThan(25);
    expect(laws.filter((title) => !named.includes(title))).toEqual([]);
  });

  test('names no law twice', () => {
    expect(named.filter((title, index) => named.indexOf(title) !== index)).toEqual([]);
  });
});
