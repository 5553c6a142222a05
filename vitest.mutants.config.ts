import { defineConfig } from 'vitest/config';

/** They play or enumerate for minutes. */
const SLOW = [
  'test/laws/{exhaustive,properties}/**/*.test.ts',
  'test/use-cases/{apply,lifecycle}/simulation.test.ts',
];
const isSlow = process.env['MUTANTS_TESTS'] === 'slow';

/** The unit tests that run the code in their own process: what Stryker can change there. */
export default defineConfig({
  test: {
    include: isSlow ? SLOW : ['test/**/*.test.ts'],
    exclude: [
      // The fuzzer takes the process's own output, which a thread does not have.
      'test/{integration,browser,cli,docs,fuzz,infra,architecture,load}/**',
      // They compare the text of the code, in which Stryker writes all mutants.
      'test/runtime/iam-calls.test.ts',
      'test/use-cases/lifecycle/mendings.test.ts',
      'node_modules/**',
      ...(isSlow ? [] : SLOW),
    ],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
