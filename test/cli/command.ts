import { spawn, type SpawnOptions } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, inject } from 'vitest';
import { runHere, type Surroundings } from './in-process.ts';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandLine {
  /**
   * Runs the command in this process, in the folder of this test file. A start costs a hundred times what most commands
   * do, so only what is about the process is started.
   */
  run(args: readonly string[], surroundings?: Surroundings): Promise<Ended>;
  /** Starts the built command in a process of its own, for what reads standard input, starts threads or dies. */
  start(
    args: readonly string[],
    options?: { readonly input?: string | Buffer } & Surroundings,
  ): Promise<Ended>;
  /** The built command. */
  readonly program: string;
  /** A folder of this test file's own, gone afterwards. */
  readonly folder: string;
  /** Writes a file into the folder and returns its path; what is no string or buffer is written as JSON. */
  write(name: string, content: unknown): string;
}

/** The command line as users have it; what is started is bundled as `npm run prepare` bundles it (see global-setup.ts). */
export function useCommandLine(): CommandLine {
  const program = inject('commandLine');
  const folder = mkdtempSync(path.join(tmpdir(), 'unused-access-refiner-test-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    program,
    folder,
    run: (args, surroundings) => runHere(args, { cwd: folder, ...surroundings }),
    start: (args, { input = '', cwd = folder, env = {} } = {}) =>
      execute(process.execPath, [program, ...args], { cwd, env: { ...process.env, ...env } }, input),
    write: (name, content) => {
      const file = path.join(folder, name);
      const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
      writeFileSync(file, isRaw ? content : JSON.stringify(content));
      return file;
    },
  };
}

export function execute(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  input: string | Buffer = '',
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    // The program may end without having read its input.
    child.stdin.on('error', () => undefined);
    child.on('close', (status) => {
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
    child.stdin.end(input);
  });
}

/** The lines of a text; the last one must end with a line feed, which counts as no line. */
export function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
