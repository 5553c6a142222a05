import { commandLine, runCommandLine } from '../../bin/program.ts';
import type { Ended } from './command.ts';

/**
 * Runs a command in this process: the same code as the built one, without its start. For what reads no standard input and
 * starts no thread; one at a time.
 */
export async function runHere(args: readonly string[]): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const { exitCode } = process;
  const write = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array): boolean => {
      said[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    };
  }
  try {
    process.exitCode = 0;
    await runCommandLine(commandLine(), args);
    return { status: Number(process.exitCode), ...said };
  } finally {
    process.stdout.write = write.stdout;
    process.stderr.write = write.stderr;
    process.exitCode = exitCode;
  }
}
