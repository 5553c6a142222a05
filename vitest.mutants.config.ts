import { defineConfig } from 'vitest/config';

/** The value of MUTANTS_TESTS that chooses them, and the test files that take long. */
const STAGES: Readonly<Record<string, readonly string[]>> = {
  /** They draw their cases, of which a few are enough to notice most changes: see RUNS. */
  slow: [
    'test/laws/properties/{fit,laws,shared,verifier-teeth}.test.ts',
    'test/use-cases/{apply,lifecycle}/simulation.test.ts',
  ],
  /** Whole commands reach most of the code, and take minutes for a mutant that none of them notices. */
  commands: ['test/cli/**/*.test.ts'],
};
/** Go through every small case, and every policy of AWS: minutes for each mutant that they reach, so they are left out. */
const ENUMERATIONS = [
  'test/laws/exhaustive/**',
  'test/laws/properties/{fit-aws-managed,managed-policies}.test.ts',
];
/** How many cases the slow tests draw: seconds for each mutant that they reach. */
const RUNS = { LAWS_SHARE: '0.05', LIFECYCLE_SEEDS: '20', APPLY_SEEDS: '20' };
const stage = process.env['MUTANTS_TESTS'] ?? 'quick';
const chosen = STAGES[stage];
const isAboutCommands = stage === 'commands';

/** The tests that run the code in their own process: what Stryker can change there. */
export default defineConfig({
  plugins: [
    {
      name: 'processes',
      // Stryker asks for threads. A command needs the working directory and the output of a process.
      configureVitest({ project }) {
        if (isAboutCommands) project.config.pool = 'forks';
      },
    },
  ],
  test: {
    include: [...(chosen ?? ['test/**/*.test.ts'])],
    exclude: [
      // The fuzzer takes the process's own output, which a thread does not have.
      'test/{integration,browser,docs,fuzz,infra,architecture,load}/**',
      // They compare the text of the code, in which Stryker writes all mutants.
      'test/runtime/iam-calls.test.ts',
      'test/use-cases/lifecycle/mendings.test.ts',
      'node_modules/**',
      ...ENUMERATIONS,
      ...(chosen === undefined ? Object.values(STAGES).flat() : []),
    ],
    ...(isAboutCommands
      ? {
          // Builds the command that some of the tests start. There is no mutant in what is started.
          globalSetup: ['test/cli/global-setup.ts'],
          execArgv: ['--no-warnings'],
        }
      : {}),
    ...(stage === 'slow' ? { env: RUNS } : {}),
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
