import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { createVitest } from 'vitest/node';
import { MENDINGS, type Mending } from '../test/use-cases/lifecycle/mendings.ts';
import { BUNDLED } from './build.ts';

/*
 * Reverts each fix of the life cycle on its own, while the code is loaded, and prints which tests fail: `npx tsx
 * scripts/undo-mendings.ts tests|seeds [fault …]`, the unit tests, or the first 300 seeds of the simulation and the one that is
 * named. It fails if tests or seeds that should fail do not.
 */
const SEEDS = 300;
const [by, ...faults] = process.argv.slice(2);
const mendings = MENDINGS.filter(({ fault }) => faults.length === 0 || faults.includes(fault));
const noticed = by === 'seeds' ? seeds : tests;
process.exitCode = (await noticed()) ? 0 : 1;

async function tests(): Promise<boolean> {
  let current: Mending | undefined;
  const undo = {
    name: 'undo-a-mending',
    enforce: 'pre' as const,
    transform: (code: string, id: string) =>
      current && id === path.resolve(current.file) ? undone(code, current) : undefined,
  };
  const vitest = await createVitest(
    'test',
    { config: 'vitest.mutants.config.ts', reporters: [{}], maxWorkers: 1, watch: false },
    { plugins: [undo] },
  );
  let isNoticed = true;
  for (const one of mendings) {
    current = one;
    vitest.invalidateFile(path.resolve(one.file));
    process.stdout.write(`${one.fault}: ${one.undone}\n`);
    for (const file of one.tests) {
      const { testModules } = await vitest.runTestSpecifications(await vitest.globTestSpecifications([file]));
      // Results that vitest keeps of earlier runs do not count.
      const failed = testModules
        .filter(({ moduleId }) => moduleId.endsWith(`/${file}`))
        .flatMap(({ children }) => [...children.allTests('failed')].map(({ fullName }) => fullName));
      if (failed.length === 0) isNoticed = false;
      process.stdout.write(`    ${file}: ${failed.length === 0 ? 'nothing fails' : failed.join(' | ')}\n`);
    }
    vitest.invalidateFile(path.resolve(one.file));
  }
  await vitest.close();
  return isNoticed;
}

async function seeds(): Promise<boolean> {
  let isNoticed = true;
  for (const one of mendings) {
    const outfile = 'build/undone.mjs';
    const load = { filter: new RegExp(`${one.file.replaceAll('.', '\\.')}$`) };
    await build({
      ...BUNDLED,
      entryPoints: ['scripts/simulate.ts'],
      outfile,
      plugins: [
        {
          name: 'undo-a-mending',
          setup: ({ onLoad }) => {
            onLoad(load, async ({ path: file }) => ({
              contents: undone(await readFile(file, 'utf8'), one),
              loader: 'ts',
            }));
          },
        },
      ],
    });
    const { bySeeds } = one;
    const seed =
      typeof bySeeds === 'number' ? await firstSeed(outfile, 1, bySeeds) : await firstSeed(outfile, SEEDS);
    if (bySeeds !== false && seed === undefined) isNoticed = false;
    process.stdout.write(`${one.fault}: ${one.undone}\n    ${seed ?? 'no seed fails'}\n`);
  }
  return isNoticed;
}

function undone(code: string, { passage, instead }: Mending): string {
  if (!code.includes(passage)) throw new Error(`there is no such passage: ${passage}`);
  return code.replace(passage, () => instead);
}

/** The first failing seed with its message; undefined if none fails. */
function firstSeed(file: string, count: number, first = 1): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('node', [file, 'lifecycle', String(count), String(first)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('\n')) child.kill();
    });
    child.on('close', () => {
      const [first] = said.split('\n');
      resolve(first === '' ? undefined : first);
    });
  });
}
