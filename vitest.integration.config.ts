import { configDefaults, defineConfig } from 'vitest/config';

const filesOf = (names: readonly string[]): string[] =>
  names.map((name) => `test/integration/${name}.test.ts`);
/** Files that start what they need by themselves, and so may run beside the others. */
const OWN = filesOf(['access-analyzer-server', 'apply-*', 'collect', 'collect-*', 'doctor', 'package']);
/** Files with many principals, which whatever looks at the same account would meet again. */
const MANY = filesOf(['bulk', 'load', 'sweep']);
/** Files of a minute and more each, to which the others give nothing. */
const LONG = filesOf(['catalogue', 'deployment-page', 'failures', 'finding-source']);
const PARTS: Readonly<Record<string, { readonly include: string[]; readonly exclude: string[] }>> = {
  shared: { include: filesOf(['**/*']), exclude: [...OWN, ...MANY, ...LONG] },
  long: { include: LONG, exclude: [] },
  many: { include: MANY, exclude: [] },
  own: { include: OWN, exclude: [] },
};
/** A key of `PARTS`, for processes side by side; all files where it is not set. */
const part = process.env['INTEGRATION_PART'] ?? '';
const { include, exclude } = PARTS[part] ?? { include: filesOf(['**/*']), exclude: [] };

/** Most integration tests share one emulator with one deployment, so their files run one after the other. */
export default defineConfig({
  test: {
    include,
    exclude: [...configDefaults.exclude, ...exclude],
    setupFiles: ['test/integration/harness/iam/each-test.ts'],
    globalSetup: part === 'own' ? [] : ['test/integration/harness/global-setup.ts'],
    fileParallelism: false,
    maxWorkers: 1,
    // A sweep of 300 findings takes a minute on an idle machine and many on a busy one; nothing here asserts a time.
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: `build/reports/integration${part === '' ? '' : `-${part}`}.json` },
  },
});
