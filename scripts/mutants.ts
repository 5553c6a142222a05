// `npm run mutants -- [--core 300] [--elsewhere 300] [--seed 1]`: how many small changes of the code do the unit tests
// notice? Places are drawn by the seed; Stryker makes every mutant that begins and ends there and runs the tests that
// reach it. The command line is left out: its tests run it from the build, in processes of their own.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import ts from 'typescript';
import { pick, seeded } from './bench/random.ts';

const { values } = parseArgs({
  options: {
    core: { type: 'string', default: '300' },
    elsewhere: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});

/** Expressions and blocks that a mutator changes as a whole. */
const MUTABLE = new Set([
  ts.SyntaxKind.BinaryExpression,
  ts.SyntaxKind.PrefixUnaryExpression,
  ts.SyntaxKind.ConditionalExpression,
  ts.SyntaxKind.CallExpression,
  ts.SyntaxKind.ArrowFunction,
  ts.SyntaxKind.Block,
  ts.SyntaxKind.TrueKeyword,
  ts.SyntaxKind.FalseKeyword,
  ts.SyntaxKind.ArrayLiteralExpression,
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.RegularExpressionLiteral,
]);

interface Place {
  readonly file: string;
  /** As Stryker writes it: `file:line:column-line:column`. */
  readonly range: string;
}

function placesUnder(folder: string): readonly Place[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort();
  return files.flatMap((name) => placesIn(path.posix.join(folder, name.split(path.sep).join('/'))));
}

function placesIn(file: string): readonly Place[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Place[] = [];
  const at = (position: number): string => {
    const { line, character } = source.getLineAndCharacterOfPosition(position);
    return `${String(line + 1)}:${String(character)}`;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (MUTABLE.has(node.kind))
      found.push({ file, range: `${file}:${at(node.getStart())}-${at(node.getEnd())}` });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const seed = Number(values.seed);
const everywhere = placesUnder('lambda');
const isCore = ({ file }: Place): boolean => file.startsWith('lambda/core/');
const groups = [
  { name: 'core', places: pick(everywhere.filter(isCore), Number(values.core), seeded(seed)) },
  {
    name: 'elsewhere',
    places: pick(
      everywhere.filter((place) => !isCore(place)),
      Number(values.elsewhere),
      seeded(seed),
    ),
  },
].filter(({ places }) => places.length > 0);

mkdirSync('build/mutants', { recursive: true });
for (const { name, places } of groups) {
  // A range that holds another would bring the mutants of both: only what lies exactly there is counted.
  const wanted = new Set(places.map(({ range }) => range));
  const results = await new Stryker({
    mutate: places.map(({ range }) => range),
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'vitest.mutants.config.ts' },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    // All tests run once before the first mutant, with coverage: minutes on an idle machine.
    dryRunTimeoutMinutes: 60,
    ignorePatterns: ['build', 'dist', 'refined', 'cdk.out', 'examples/report'],
    reporters: ['clear-text'],
    clearTextReporter: {
      allowColor: false,
      reportTests: false,
      reportMutants: false,
      reportScoreTable: false,
    },
    tempDirName: 'build/mutants/sandbox',
    disableTypeChecks: false,
  }).runMutationTest();
  const counted = results.filter(({ fileName, location: { start, end } }) =>
    wanted.has(
      `${path.relative('.', fileName).split(path.sep).join('/')}:${String(start.line)}:${String(start.column)}-${String(end.line)}:${String(end.column)}`,
    ),
  );
  const noticed = counted.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const survivors = counted.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  const judged = noticed + survivors.length;
  console.log(`${name}: ${String(noticed)} of ${String(judged)} mutants noticed (seed ${String(seed)})`);
  writeFileSync(
    `build/mutants/${name}.json`,
    `${JSON.stringify(
      survivors.map(({ fileName, location, mutatorName, replacement, status }) => ({
        file: path.relative('.', fileName),
        line: location.start.line,
        mutatorName,
        replacement,
        status,
      })),
      undefined,
      1,
    )}\n`,
  );
}
