import { defineConfig } from 'vitest/config';

/** The integration tests share one emulator with one deployment, so their files run one after the other. */
export default defineConfig({
  test: {
    include: ['test/integration/**/*.test.ts'],
    setupFiles: ['test/integration/harness/iam/each-test.ts'],
    globalSetup: ['test/integration/harness/global-setup.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    // A sweep of 300 findings takes a minute on an idle machine and many on a busy one; nothing here asserts a time.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'build/reports/integration.json' },
  },
});
