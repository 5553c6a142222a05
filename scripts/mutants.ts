// `npm run mutants -- [--core 300] [--elsewhere 300] [--seed 1] [--resume] [--tests quick,slow,commands]`: measures how many
// small changes of the code the unit tests detect. Places are drawn with the seed; Stryker makes every mutant that begins
// and ends there, and runs the tests that reach it: first the quick ones, then, on what these left, those that take longer.
// `--resume` takes the places and the results of the last run, and judges again what no test noticed then: a mutant that a
// test noticed once counts as noticed while the code of its place stays the same.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    tests: { type: 'string', default: 'quick,slow,commands' },
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

/** A place in the code, whatever lines and comments are around it. */
interface Place {
  readonly file: string;
  /** Its code, token by token. */
  readonly code: string;
  /** How many places before it in the file have the same code. */
  readonly nth: number;
}

/** A place, and where it is now. */
interface Located {
  readonly file: string;
  /** As Stryker writes it: `file:line:column-line:column`. */
  readonly range: string;
  readonly node: ts.Node;
}

function placesUnder(folder: string): readonly Located[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .sort();
  return files.flatMap((name) => placesIn(path.posix.join(folder, name.split(path.sep).join('/'))));
}

function placesIn(file: string): readonly Located[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Located[] = [];
  const at = (position: number): string => {
    const { line, character } = source.getLineAndCharacterOfPosition(position);
    return `${String(line + 1)}:${String(character)}`;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return;
    if (MUTABLE.has(node.kind))
      found.push({ file, range: `${file}:${at(node.getStart())}-${at(node.getEnd())}`, node });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The code of a node without comments and line breaks. */
function codeOf(node: ts.Node): string {
  const children = node.getChildren().filter((child) => !ts.isJSDoc(child));
  return children.length === 0
    ? node.getText()
    : children
        .map(codeOf)
        .filter((code) => code !== '')
        .join(' ');
}

/** The places of a file with their ranges: what they are recognised by when their lines have moved. */
function identitiesIn(file: string): readonly (Place & { readonly range: string })[] {
  const seen = new Map<string, number>();
  return placesIn(file).map(({ range, node }) => {
    const code = codeOf(node);
    const nth = seen.get(code) ?? 0;
    seen.set(code, nth + 1);
    return { file, code, nth, range };
  });
}

const isCore = ({ file }: { readonly file: string }): boolean => file.startsWith('lambda/core/');

/** Draws places of each group with the seed. */
function draw({ core, elsewhere, seed }: Sample): readonly Place[] {
  const everywhere = placesUnder('lambda');
  const drawn = [
    ...pick(everywhere.filter(isCore), core, seeded(seed)),
    ...pick(
      everywhere.filter((place) => !isCore(place)),
      elsewhere,
      seeded(seed),
    ),
  ];
  const identities = new Map(
    [...new Set(drawn.map(({ file }) => file))].flatMap(identitiesIn).map((place) => [place.range, place]),
  );
  return drawn.flatMap(({ range }) => {
    const place = identities.get(range);
    return place ? [{ file: place.file, code: place.code, nth: place.nth }] : [];
  });
}

/**
 * A Stryker plugin that leaves out the mutants inside a drawn place, unless they were drawn too: Stryker would make them
 * all, several times as many as are counted. Its processes load it themselves, so it is written out as a module.
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

interface Sample {
  readonly core: number;
  readonly elsewhere: number;
  readonly seed: number;
}

interface Mutant {
  /** Its place among those that were drawn. */
  readonly place: number;
  readonly mutatorName: string;
  readonly replacement: string | undefined;
  readonly status: string;
}

/** What `--resume` goes on from. */
interface Run {
  readonly sample: Sample;
  readonly places: readonly Place[];
  readonly mutants: readonly Mutant[];
}

const isNoticed = ({ status }: Mutant): boolean => status === 'Killed' || status === 'Timeout';
const isSurvivor = ({ status }: Mutant): boolean => status === 'Survived' || status === 'NoCoverage';
const nameOf = ({ place, mutatorName, replacement = '' }: Mutant): string =>
  `${String(place)} ${mutatorName} ${replacement}`;

/**
 * Runs some of the tests (see vitest.mutants.config.ts) on the mutants of these places, which are named by their ranges.
 * A range that contains another one does not count for it.
 */
async function judge(places: ReadonlyMap<string, number>, tests: string): Promise<readonly Mutant[]> {
  const ranges = [...places.keys()];
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
    // A busy machine must not pass for an endless loop, which counts as noticed.
    timeoutMS: 60_000,
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
  return results.flatMap(({ fileName, location: { start, end }, mutatorName, replacement, status }) => {
    const file = path.relative('.', fileName).split(path.sep).join('/');
    // Stryker's input counts columns from 0, its report from 1.
    const from = `${String(start.line)}:${String(start.column - 1)}`;
    const to = `${String(end.line)}:${String(end.column - 1)}`;
    const place = places.get(`${file}:${from}-${to}`);
    return place === undefined ? [] : [{ place, mutatorName, replacement, status }];
  });
}

const LAST = 'build/mutants/last.json';
const sample: Sample = {
  core: Number(values.core),
  elsewhere: Number(values.elsewhere),
  seed: Number(values.seed),
};
const last = values.resume ? readLast() : undefined;

function readLast(): Run {
  const run = existsSync(LAST) ? (JSON.parse(readFileSync(LAST, 'utf8')) as Run) : undefined;
  if (JSON.stringify(run?.sample) !== JSON.stringify(sample))
    throw new Error(`${LAST} is missing or of another sample; run this without --resume`);
  return run as Run;
}

const places = last?.places ?? draw(sample);
const keyOf = ({ file, code, nth }: Place): string => [file, code, nth].join('\n');
const numbers = new Map(places.map((place, number) => [keyOf(place), number]));
/** The ranges of the places that are still in the code, and their numbers. */
const ranges = new Map(
  [...new Set(places.map(({ file }) => file))]
    .filter((file) => existsSync(file))
    .flatMap(identitiesIn)
    .flatMap((place) => {
      const number = numbers.get(keyOf(place));
      return number === undefined ? [] : [[place.range, number] as const];
    }),
);
const present = new Set(ranges.values());

/** What nobody has noticed yet, by place. */
function placesOfSurvivors(mutants: readonly Mutant[]): ReadonlyMap<string, number> {
  const numbersOf = new Set(mutants.filter(isSurvivor).map(({ place }) => place));
  return new Map([...ranges].filter(([, number]) => numbersOf.has(number)));
}

let mutants: readonly Mutant[] | undefined = last?.mutants.filter(({ place }) => present.has(place));
for (const tests of values.tests.split(',')) {
  const judged = await judge(mutants ? placesOfSurvivors(mutants) : ranges, tests);
  const noticed = new Map(judged.filter(isNoticed).map((mutant) => [nameOf(mutant), mutant]));
  const all = mutants?.map((mutant) => noticed.get(nameOf(mutant)) ?? mutant) ?? judged;
  writeFileSync(LAST, JSON.stringify({ sample, places, mutants: all } satisfies Run));
  mutants = all;
}
const gone = places.length - present.size;
if (gone > 0) console.log(`${String(gone)} places have changed since they were drawn and do not count`);
for (const name of ['core', 'elsewhere'] as const) {
  const own = (mutants ?? []).filter(({ place }) => {
    const drawn = places[place];
    return drawn !== undefined && isCore(drawn) === (name === 'core');
  });
  const survivors = own.filter(isSurvivor);
  const judged = own.filter(isNoticed).length + survivors.length;
  console.log(
    `${name}: ${String(judged - survivors.length)} of ${String(judged)} mutants noticed (seed ${String(sample.seed)})`,
  );
  const rangeOf = new Map([...ranges].map(([range, number]) => [number, range]));
  const listed = survivors.map((mutant) => ({ range: rangeOf.get(mutant.place), ...mutant }));
  writeFileSync(`build/mutants/${name}.json`, `${JSON.stringify(listed, undefined, 1)}\n`);
}
