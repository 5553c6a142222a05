import { defineConfig } from 'vitest/config';

const ELSEWHERE = ['test/integration/**', 'test/browser/**', 'node_modules/**'];
/**
 * Tests of code without state: their files share one process and what it has loaded, which takes two fifths less of the
 * processor's time than a process for each.
 */
const PURE = [
  'test/core/{model,pattern,plan,catalogue,risk,refine}/**/*.test.ts',
  'test/report/**/*.test.ts',
];

export default defineConfig({
  test: {
    // By itself vitest leaves one processor free, which is half of a small machine.
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'build/reports/unit.json' },
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      {
        extends: true,
        test: {
          name: 'isolated',
          include: ['test/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...PURE],
          globalSetup: ['test/cli/global-setup.ts'],
        },
      },
    ],
  },
});
