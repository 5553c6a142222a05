import { configDefaults, defineConfig } from 'vitest/config';

/** Files that start what they need by themselves, and so may run beside the others. */
const OWN = ['access-analyzer-server', 'apply-*', 'collect', 'collect-*', 'doctor', 'load'].map(
  (name) => `test/integration/${name}.test.ts`,
);
/** `shared` or `own`, for two processes side by side; all files where it is not set. */
const part = process.env['INTEGRATION_PART'];

/** Most integration tests share one emulator with one deployment, so their files run one after the other. */
export default defineConfig({
  test: {
    include: part === 'own' ? OWN : ['test/integration/**/*.test.ts'],
    exclude: part === 'shared' ? [...configDefaults.exclude, ...OWN] : configDefaults.exclude,
    setupFiles: ['test/integration/harness/iam/each-test.ts'],
    globalSetup: part === 'own' ? [] : ['test/integration/harness/global-setup.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    // A sweep of 300 findings takes a minute on an idle machine and many on a busy one; nothing here asserts a time.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: `build/reports/integration${part === undefined ? '' : `-${part}`}.json` },
  },
});
