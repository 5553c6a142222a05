import { defineConfig } from 'vitest/config';

/** The unit tests that run the code in their own process: what Stryker can change there. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/{integration,browser,cli,docs,infra,architecture,load}/**', 'node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
