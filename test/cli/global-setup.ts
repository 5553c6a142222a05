import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildCommandLine } from '../../scripts/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The command line, built once for all test files. */
    readonly commandLine: string;
  }
}

/** Builds inside of the checkout, so that the packages outside the bundle are found. */
export default async function setup(project: TestProject): Promise<() => void> {
  mkdirSync('build', { recursive: true });
  const folder = mkdtempSync(path.resolve('build', 'cli-test-'));
  await buildCommandLine(folder);
  project.provide('commandLine', path.join(folder, 'cli.mjs'));
  return () => {
    rmSync(folder, { recursive: true, force: true });
  };
}
