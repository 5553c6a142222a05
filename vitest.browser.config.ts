import { defineConfig } from 'vitest/config';

/** Tests in a real browser: each file starts one of its own, and one at a time is kinder to small machines. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'build/reports/browser.json' },
  },
});
