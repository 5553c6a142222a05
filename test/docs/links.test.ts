import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));

/** A page's anchors, as GitHub makes them of its headings. */
function anchorsOf(file: string): ReadonlySet<string> {
  const text = readFileSync(file, 'utf8').replace(/^```.*?^```$/gms, '');
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** What is wrong with a link of a page; undefined where nothing is. */
function fault(page: string, link: string): string | undefined {
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? page : path.join(path.dirname(page), target);
  if (!existsSync(file)) return `${page}: ${link}: there is no ${file}`;
  if (anchor === undefined || statSync(file).isDirectory()) return undefined;
  return anchorsOf(file).has(anchor) ? undefined : `${page}: ${link}: there is no such heading`;
}

test('every link of the documents to a file or a heading of this repository leads there', () => {
  const links = pages.flatMap((page) =>
    [
      ...readFileSync(page, 'utf8')
        .replace(/^```.*?^```$/gms, '')
        .matchAll(/\]\(([^)\s]+)\)/g),
    ]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => ({ page, link })),
  );
  expect(links.length).toBeGreaterThan(60);
  expect(links.flatMap(({ page, link }) => fault(page, link) ?? [])).toStrictEqual([]);
});

test('every source file that a document names exists, except in decision records and the changelog', () => {
  const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => existsSync(file));
  const named = pages
    .filter((page) => !page.startsWith('docs/adr/') && page !== 'CHANGELOG.md')
    .flatMap((page) =>
      [...readFileSync(page, 'utf8').matchAll(/`([\w./-]+\.ts)`/g)].map(([, name = '']) => ({ page, name })),
    );
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter(({ name }) => !sources.some((file) => `/${file}`.endsWith(`/${name}`)))).toStrictEqual(
    [],
  );
});

test('every folder that docs/architecture.md names exists', () => {
  const text = readFileSync('docs/architecture.md', 'utf8');
  const folders = [...text.matchAll(/`((?:lambda|lib|bin|test)(?:\/[\w-]+)*)`/g)].map(
    ([, name = '']) => name,
  );
  expect(folders.length).toBeGreaterThan(20);
  expect(folders.filter((folder) => !existsSync(folder))).toStrictEqual([]);
});
