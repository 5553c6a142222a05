import { commandLine, runCommandLine } from '../../bin/program.ts';
import type { Ended } from './command.ts';

export interface Surroundings {
  /** The folder that relative paths start from; this process's own by default. */
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: NodeJS.ProcessEnv;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a command in this process: the same code as the built one, without its start. For what reads no standard input and
 * starts no thread. Runs that are asked for at once follow each other, since they share the process's output.
 */
export function runHere(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const run = last.then(() => runAlone(args, surroundings));
  last = run.catch(() => undefined);
  return run;
}

async function runAlone(args: readonly string[], { cwd, env = {} }: Surroundings): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const { exitCode } = process;
  const place = process.cwd();
  const variables = { ...process.env };
  const write = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array): boolean => {
      said[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  try {
    process.exitCode = 0;
    if (cwd !== undefined) process.chdir(cwd);
    Object.assign(process.env, env);
    await runCommandLine(commandLine(), args);
    return { status: Number(process.exitCode), ...said };
  } finally {
    process.stdout.write = write.stdout;
    process.stderr.write = write.stderr;
    process.chdir(place);
    for (const name of Object.keys(env)) {
      if (variables[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = variables[name];
    }
    process.exitCode = exitCode;
  }
}
