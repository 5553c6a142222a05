// `npm run mutants -- [--core 300] [--elsewhere 300] [--seed 1] [--resume]`: measures how many small changes of the code the unit
// tests detect. Places are drawn with the seed; Stryker makes every mutant that begins and ends there, and runs the
// tests that reach it. The command line is left out, because its tests run the build in separate processes.
// `--resume` takes what the quick tests detected in the last run with the same sample.
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
    resume: { type: 'boolean', default: false },
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

/**
 * A Stryker plugin that leaves out the mutants inside a drawn place, unless they were drawn too: Stryker would make them
 * all, several times as many as are counted. Its processes load it by itself, so it is written out as a module.
 */
function writeIgnorer(wanted: readonly string[]): string {
  const file = path.resolve('build/mutants/only-drawn.mjs');
  const ranges = wanted.map((range) => (/:(\d+):(\d+)-(\d+):(\d+)$/.exec(range) ?? []).slice(1).map(Number));
  writeFileSync(
    file,
    `const drawn = ${JSON.stringify(ranges)};
const before = (line, column, otherLine, otherColumn) => line < otherLine || (line === otherLine && column <= otherColumn);
const holds = (a, b) => before(a[0], a[1], b[0], b[1]) && before(b[2], b[3], a[2], a[3]);
function shouldIgnore({ node }) {
  if (!node.loc) return undefined;
  const { start, end } = node.loc;
  const own = [start.line, start.column, end.line, end.column];
  if (drawn.some((range) => holds(own, range))) return undefined;
  return drawn.some((range) => holds(range, own)) ? 'not drawn' : undefined;
}
export const strykerPlugins = [{ kind: 'Ignore', name: 'only-drawn', value: { shouldIgnore } }];
`,
  );
  return file;
}

mkdirSync('build/mutants', { recursive: true });

interface Mutant extends Place {
  readonly line: number;
  readonly mutatorName: string;
  readonly replacement: string | undefined;
  readonly status: string;
}

const isNoticed = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';
const isSurvivor = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';
const nameOf = ({ range, mutatorName, replacement = '' }: Mutant): string =>
  `${range} ${mutatorName} ${replacement}`;

/** Runs some of the tests on the mutants of these places. A range that contains another one does not count for it. */
async function judge(ranges: readonly string[], tests: 'quick' | 'slow'): Promise<readonly Mutant[]> {
  if (ranges.length === 0) return [];
  // The processes that Stryker starts read the configuration with this environment.
  process.env['MUTANTS_TESTS'] = tests;
  const results = await new Stryker({
    mutate: [...ranges],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner', writeIgnorer(ranges)],
    ignorers: ['only-drawn'],
    // Code that runs when a module is loaded is reached by every test, so each such mutant would run them all.
    ignoreStatic: true,
    vitest: { configFile: 'vitest.mutants.config.ts' },
    coverageAnalysis: 'perTest',
    concurrency: 2,
    // All tests run once before the first mutant, with coverage: minutes on an idle machine.
    dryRunTimeoutMinutes: 60,
    ignorePatterns: ['build', 'dist', 'refined', 'cdk.out'],
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: {
      allowColor: false,
      reportTests: false,
      reportMutants: false,
      reportScoreTable: false,
    },
    tempDirName: 'build/mutants/sandbox',
    disableTypeChecks: false,
  }).runMutationTest();
  const wanted = new Set(ranges);
  return results
    .map(({ fileName, location: { start, end }, mutatorName, replacement, status }): Mutant => {
      const file = path.relative('.', fileName).split(path.sep).join('/');
      // Stryker's input counts columns from 0, its report from 1.
      const from = `${String(start.line)}:${String(start.column - 1)}`;
      const to = `${String(end.line)}:${String(end.column - 1)}`;
      return { file, range: `${file}:${from}-${to}`, line: start.line, mutatorName, replacement, status };
    })
    .filter(({ range }) => wanted.has(range));
}

const QUICK = 'build/mutants/quick.json';
const drawn = new Set(groups.flatMap(({ places }) => places.map(({ range }) => range)));
const quick = values.resume
  ? (JSON.parse(readFileSync(QUICK, 'utf8')) as readonly Mutant[])
  : await judge([...drawn], 'quick');
if (quick.some(({ range }) => !drawn.has(range)))
  throw new Error(`${QUICK} is of another sample, or of other code; run this without --resume`);
writeFileSync(QUICK, JSON.stringify(quick));
// Laws and simulations take a minute for each mutant that they reach, so they only run on survivors of the other
// tests.
const slow = await judge([...new Set(quick.filter(isSurvivor).map(({ range }) => range))], 'slow');
const noticedLater = new Set(slow.filter(isNoticed).map(nameOf));
for (const { name, places } of groups) {
  const ranges = new Set(places.map(({ range }) => range));
  const own = quick.filter(({ range }) => ranges.has(range));
  const survivors = own.filter((mutant) => isSurvivor(mutant) && !noticedLater.has(nameOf(mutant)));
  const judged = own.filter((mutant) => isNoticed(mutant) || isSurvivor(mutant)).length;
  console.log(
    `${name}: ${String(judged - survivors.length)} of ${String(judged)} mutants noticed (seed ${String(seed)})`,
  );
  writeFileSync(`build/mutants/${name}.json`, `${JSON.stringify(survivors, undefined, 1)}\n`);
}
