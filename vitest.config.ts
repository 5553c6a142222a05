import { accessSync, constants, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Tests write small files by the thousand, for which memory takes a tenth of a disk's time. */
const MEMORY = '/dev/shm';
if (process.env['TMPDIR'] === undefined && hasRoom(MEMORY)) process.env['TMPDIR'] = MEMORY;

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > 2 ** 31;
  } catch {
    return false;
  }
}

/** What all projects share. */
const COMMON = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // What Node.js and the SDK say of each other is not what a command says that runs in a test's process.
  execArgv: ['--no-warnings'],
};
const ELSEWHERE = ['test/integration/**', 'test/browser/**', 'node_modules/**'];
/** The CDK's library takes seconds to load, and its templates to synthesise: once for all that look at them. */
const INFRA = [
  'test/infra/**/*.test.ts',
  'test/docs/{deployment,runbook,tables}.test.ts',
  'test/report/iac/render-iac.test.ts',
];
/**
 * Files of many seconds. Projects begin in the order of their names, so these are under way before the many small files of
 * `shared`, and no processor is left to wait for the last of them.
 */
const LONG = [
  'test/fuzz/**/*.test.ts',
  'test/laws/{exhaustive,properties}/**/*.test.ts',
  'test/use-cases/{apply,lifecycle}/simulation.test.ts',
];
const testFiles = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`);
const containing = (text: RegExp): string[] =>
  testFiles.filter((file) => text.test(readFileSync(file, 'utf8')));
/** Files that replace modules, or what is there once a process: the environment, the context of a trace. */
const ALONE = [...containing(/\bvi\.(?:mock|stubEnv)\(/), 'test/runtime/tracing.test.ts'];
/** Files that put mocks in the place of the SDK's clients, for whoever makes one in that process. */
const MOCKED = containing(/\bmockClient\(/).filter((file) => !ALONE.includes(file));

export default defineConfig({
  test: {
    // By itself vitest leaves one processor free, which is half of a small machine.
    maxWorkers: '100%',
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'build/reports/unit.json' },
    globalSetup: ['test/cli/global-setup.ts'],
    // The files of a project share a process and what it has loaded, which is most of what a small file costs.
    projects: [
      { test: { ...COMMON, name: 'alone', include: ALONE } },
      { test: { ...COMMON, name: 'infra', include: INFRA, isolate: false } },
      { test: { ...COMMON, name: 'long', include: LONG, isolate: false } },
      { test: { ...COMMON, name: 'mocked', include: MOCKED, isolate: false } },
      {
        test: {
          ...COMMON,
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...ALONE, ...INFRA, ...LONG, ...MOCKED],
          isolate: false,
        },
      },
    ],
  },
});
